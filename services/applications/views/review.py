"""What staff see of files, each as far as they reach."""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.applications.domain.copies import ProfileCopy, ProgrammeCopy
from services.applications.domain.deadline import effective_deadline
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import pending
from services.applications.domain.grouping import groups_for
from services.applications.domain.listing import decided_of, waiting_of
from services.applications.domain.model import Application, Milestone, Piece
from services.applications.domain.offering import has_given_way
from services.applications.domain.reach import Reach, is_reached, recused_from
from services.applications.domain.sheets import Note, Sheet
from services.applications.domain.states import FileState, LetterKind
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.boards import BoardCopies
from services.applications.repository.campaigns import ClosedCampaigns
from services.applications.repository.cards import CardCopies
from services.applications.repository.decisions import DecisionRepository
from services.applications.repository.languages import LanguageCopies
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.sheets import SheetRepository
from services.applications.repository.staff import StaffCopies
from services.applications.repository.submissions import Submissions
from services.applications.views.decisions import decided_by_staff, groups_shown
from services.applications.views.fees import fees_view
from services.applications.views.forms import filled_view, question_view
from services.applications.views.listing import decided_row
from services.applications.views.pieces import document_view, held_view
from services.applications.views.pre_enrolments import PreEnrolmentViews
from services.applications.views.wording import text_in, word
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.events.closed_accounts import ClosedAccounts
from services.chassis.service.parameters import ParameterCopy
from services.chassis.store.rows import UnreadableRow, tell
from services.contracts.actors import Acting, staff_id
from services.contracts.api import behalf
from services.contracts.api import review as api
from services.contracts.api.sheets import NoteView
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND


@dataclass(frozen=True, slots=True)
class ReviewViews:
    """The questions that staff ask."""

    applications: ApplicationRepository
    programmes: ProgrammeCopies
    boards: BoardCopies
    cards: CardCopies
    submissions: Submissions
    decisions: DecisionRepository
    sheets: SheetRepository
    staff: StaffCopies
    closed_accounts: ClosedAccounts
    parameters: ParameterCopy
    pre_enrolments: PreEnrolmentViews
    closed: ClosedCampaigns
    languages: LanguageCopies

    async def one(self, actor: Actor, id: str, language: str) -> api.ReviewView:
        """The file of that id; raises NOT_FOUND."""
        reaches = await self.programmes.reaches(actor)
        for reach in reaches:
            if (saved := await self.applications.reached(id, reach)) is not None:
                return await self._shown(reaches, saved, language)
        raise NOT_FOUND()

    async def shown(self, actor: Actor, saved: Versioned[Application], language: str) -> api.ReviewView:
        """A file as staff see it, with what they keep beside it."""
        return await self._shown(await self.programmes.reaches(actor), saved, language)

    async def _shown(self, reaches: Sequence[Reach], saved: Versioned[Application], language: str) -> api.ReviewView:
        application = saved.state
        card = await self.cards.of(application.account)
        steps = card.steps if card is not None else {}
        profile = steps
        if application.submissions:
            profile = await self._submitted_profile(application)
        offer = await self.programmes.of(application.programme.code)
        sheet, sheet_unreadable = await self._sheet(saved.id)
        recused = saved.id in recused_from(reaches)
        entered = None if recused else await self.decisions.entered(saved.id)
        row = _row(saved, language, steps.get("identity", {}), offer, entered)
        names = await self.staff.names(_who(application, sheet, entered))
        letters = await self.boards.letters_of(None if offer is None else offer.commission)
        view = _view(saved, language, row, profile, entered=entered, names=names, sheet=sheet, letters=letters)
        more = {
            "second_person": self.parameters.in_force.applications.decided_by == "two",
            "enrolment_code": await self.pre_enrolments.code_of(saved),
            "pre_enrolment": await self.pre_enrolments.for_staff(saved, language),
            "route": None if offer is None else offer.route,
            "taken_over_by": await self._taken_over_by(application),
            "closed_account": await self._closed_account(reaches, application),
            "recused": recused,
            "email": (await self.languages.emails([application.account])).get(application.account),
            "campaign_over": await self.closed.holds(application.campaign),
            "groups": groups_shown(groups_for(application, offer) or (), language),
            "sheet_unreadable": sheet_unreadable,
        }
        return view.model_copy(update=more)

    async def _closed_account(self, reaches: Sequence[Reach], application: Application) -> api.ClosedAccountView | None:
        closed = await self.closed_accounts.of(application.account)
        if closed is None:
            return None
        there = [row async for row in self.applications.rows_of(closed.kept)]
        seen = any(is_reached(reaches, row["programme"]["code"], FileState(row["state"])) for row in there)
        return api.ClosedAccountView(since=instant_text(closed.since), goes_on_with=closed.kept if seen else None)

    async def _taken_over_by(self, application: Application) -> str | None:
        if not has_given_way(application, Acting("service:applications")):
            return None
        of = application.account, application.programme.code, application.campaign
        own = await self.applications.own(*of)
        return None if own is None else own.id

    async def _submitted_profile(self, application: Application) -> Mapping[str, Any]:
        """As it was handed over; nothing where that cannot be read: an act of staff that is kept must not look undone."""
        try:
            submitted = await self.submissions.of(Actor(application.account), application.submissions[-1])
        except UnreadableRow as error:
            tell("applications", error)
            return {}
        return submitted.profile

    async def _sheet(self, id: str) -> tuple[Versioned[Sheet] | None, bool]:
        """What staff keep beside a file, and whether that cannot be read: what was done to the file is done all the same."""
        try:
            return await self.sheets.get(id), False
        except UnreadableRow as error:
            tell("applications", error)
            return None, True


def person_view(card: ProfileCopy) -> behalf.Person:
    """Who somebody is for whom staff want to open an application."""
    identity = card.steps.get("identity", {})
    return behalf.Person(
        account=card.account,
        file_number=card.file_number,
        campaign=card.campaign,
        family_name=identity.get("family_name"),
        given_name=identity.get("given_name"),
        missing=list(card.missing),
    )


def _who(application: Application, sheet: Versioned[Sheet] | None, entered: EnteredDecision | None) -> set[str]:
    """All of staff whom a view of the file names."""
    acted = [past.by.actor for past in application.history]
    if entered is not None:
        acted.append(entered.by.actor)
    if (decision := application.decision) is not None:
        acted += [decision.entered.by.actor, decision.by.actor]
        acted += [each.by.actor for each in decision.followed if each.by is not None]
    acted += [piece.judged.by.actor for piece in application.pieces if piece.judged is not None]
    found = set[str]()
    if sheet is not None:
        acted += [note.by.actor for note in sheet.state.notes]
        found.add(sheet.state.assignee or "")
    return (found | {staff_id(actor) for actor in acted}) - {""}


def _view(
    saved: Versioned[Application],
    language: str,
    row: Mapping[str, Any],
    profile: Mapping[str, Any],
    *,
    entered: EnteredDecision | None,
    names: Mapping[str, str],
    sheet: Versioned[Sheet] | None,
    letters: AnyOf[LetterKind],
) -> api.ReviewView:
    application = saved.state
    kept = sheet.state if sheet is not None else Sheet(application.account)
    return api.ReviewView(
        **{name: value for name, value in row.items() if name != "answer"},
        pieces=[_piece(piece, language, names) for piece in application.pieces],
        forms=[filled_view(filled, language) for filled in application.forms],
        questions=[question_view(answer, language) for answer in application.answers],
        profile=dict(profile),
        history=[_milestone(past, language, names) for past in application.history],
        notes=[_note(note, names) for note in kept.notes],
        tags=list(kept.tags),
        assignee=kept.assignee,
        assignee_name=names.get(kept.assignee or ""),
        fees=fees_view(kept.fees, language),
        fees_version=kept.fees_version,
        sheet_version=0 if sheet is None else sheet.version,
        **decided_by_staff(application, pending(application, entered), language, names, letters),
        version=saved.version,
    )


def _row(
    saved: Versioned[Application],
    language: str,
    identity: Mapping[str, Any],
    offer: ProgrammeCopy | None,
    entered: EnteredDecision | None,
) -> dict[str, Any]:
    application = saved.state
    submissions = application.submissions
    # As candidates see it; of a file that is in nobody's hands the day stays what it was.
    day = effective_deadline(application, offer) if application.is_editable else application.submission_deadline
    return {
        "id": saved.id,
        "account": application.account,
        "file_number": application.file_number,
        "family_name": identity.get("family_name"),
        "given_name": identity.get("given_name"),
        "programme": application.programme.code,
        "campaign": application.campaign,
        "title": text_in(application.programme.title, language),
        "state": application.state.value,
        "state_label": word(application.state, language),
        "opened_at": instant_text(application.opened_at),
        "submitted_at": instant_text(submissions[-1].submitted_at) if submissions else None,
        "submission_deadline": day.isoformat(),
        "waiting": waiting_of(application),
        "entered": pending(application, entered) is not None,
        **decided_row(decided_of(application).value, _called(application), language),
    }


def _called(application: Application) -> Mapping[str, str] | None:
    of = None if application.decision is None else application.decision.entered.type
    return None if of is None else of.label


def _note(note: Note, names: Mapping[str, str]) -> NoteView:
    by = note.by.actor
    return NoteView(id=note.id, text=note.text, at=instant_text(note.at), by=by, by_name=names.get(staff_id(by)))


def _piece(piece: Piece, language: str, names: Mapping[str, str]) -> api.ReviewPiece:
    judged = piece.judged if piece.held is None else None
    return api.ReviewPiece(
        code=piece.requirement.code,
        label=text_in(piece.requirement.label, language),
        state=piece.state.value,
        state_label=word(piece.state, language),
        document=document_view(piece.document, language),
        comment=piece.comment if piece.held is None else None,
        comment_code=piece.comment_code if piece.held is None else None,
        registrar=held_view(piece, language),
        judged_at=instant_text(judged.at) if judged else None,
        judged_by=judged.by.actor if judged else None,
        judged_by_name=names.get(staff_id(judged.by.actor)) if judged else None,
    )


def _milestone(past: Milestone, language: str, names: Mapping[str, str]) -> api.ReviewMilestone:
    return api.ReviewMilestone(
        at=instant_text(past.at),
        state=past.state.value,
        label=word(past.state, language),
        actor=past.by.actor,
        actor_name=names.get(staff_id(past.by.actor)),
        on_behalf_of=past.by.on_behalf_of,
        on=past.on.isoformat() if past.on else None,
        reason=past.reason or None,
    )
