"""What staff have done in a candidate's place, without who they were."""

from __future__ import annotations

from collections.abc import Sequence

from services.applications.domain.asked import AnswerAction
from services.applications.domain.hands import Act
from services.applications.domain.in_place import undone
from services.applications.domain.model import Application
from services.applications.domain.states import Label
from services.applications.repository.cards import CardCopies
from services.applications.views.wording import text_in
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.contracts.api.applications import ApplicationView
from services.contracts.api.in_place import FileInPlace, FilesToFillIn, FileToFillIn
from services.contracts.api.in_place_views import ActView
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND


async def seen_by_staff(cards: CardCopies, whose: Actor, view: ApplicationView) -> FileInPlace:
    """What a candidate sees, with whose it is; raises NOT_FOUND of who is gone."""
    card = await cards.of(whose.account)
    if card is None:
        raise NOT_FOUND()
    identity = card.steps.get("identity", {})
    return FileInPlace(
        account=whose.account,
        file_number=card.file_number,
        family_name=identity.get("family_name"),
        given_name=identity.get("given_name"),
        application=view,
    )


def to_fill_in(found: Sequence[Versioned[Application]], language: str) -> FilesToFillIn:
    """Files that staff may fill in, by their programmes."""
    items = [FileToFillIn(id=saved.id, title=text_in(saved.state.programme.title, language)) for saved in found]
    return FilesToFillIn(items=items)


def acts_of(application: Application, language: str) -> list[ActView]:
    """All that is kept with the file, the newest last, in one language."""
    pieces = {piece.requirement.code: piece.requirement.label for piece in application.pieces}
    questions = {answer.question.code: answer.question.label for answer in application.answers}
    gone = undone(application)
    return [
        _act(
            act,
            questions if act.action in (AnswerAction.ANSWER, AnswerAction.TAKE_BACK) else pieces,
            language,
            is_undone=any(act is each for each in gone),
        )
        for act in application.in_place.acts
    ]


def _act(act: Act, labels: dict[str, Label], language: str, *, is_undone: bool) -> ActView:
    label = labels.get(act.what)
    said = {
        "at": instant_text(act.at),
        "action": act.action,
        "what": act.what,
        "reason": act.reason,
        "undone": is_undone,
    }
    return ActView.model_validate(said | {"label": text_in(label, language) if label else act.what})
