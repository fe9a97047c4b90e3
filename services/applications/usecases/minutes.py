"""What is decided on the files of a meeting, written down for good when it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import pending
from services.applications.domain.meetings import Label, Line, Meeting, Minutes, Recused
from services.applications.domain.model import Application
from services.applications.domain.votes import Ballot
from services.applications.usecases.app import App
from services.chassis.texts.catalogues import catalogues
from services.contracts.languages import LANGUAGES


async def minutes_of(app: App, id: str, meeting: Meeting, convened: Mapping[str, str]) -> Minutes:
    """The minutes as things stand: of each file what is entered, or where nothing is, what counts, and how it was voted."""
    there = {saved.id: saved.state for saved in await app.applications.of_ids(meeting.files)} if meeting.files else {}
    entered = await app.decisions.of_ids(meeting.files)
    ballots = {} if meeting.plan.voting is None else await app.ballots.of_files(id, meeting.files)
    said = await app.recusals.of_files(meeting.files)
    names = {**await app.staff.names({*meeting.present, *(each.member for each in said)}), **convened}
    titles = {
        code: offer.programme.title for code, offer in (await app.programmes.of_all(meeting.plan.programmes)).items()
    }
    return Minutes(
        tuple(
            _voted(_line(file, application, pending(application, entered.get(file))), ballots.get(file))
            for file in meeting.files
            if (application := there.get(file)) is not None
        ),
        {code: titles.get(code, {"fr": code}) for code in meeting.plan.programmes},
        tuple(sorted(names.get(each, each) for each in meeting.present)),
        tuple(sorted(name for each, name in convened.items() if each not in meeting.present)),
        tuple(Recused(each.member, names.get(each.member, each.member), each.file) for each in said),
    )


def _line(id: str, application: Application, entered: EnteredDecision | None) -> Line:
    counting = None if application.decision is None else application.decision.entered
    decided = entered or counting
    if decided is None:
        return Line(id, application.file_number, application.programme.code)
    return Line(
        id,
        application.file_number,
        application.programme.code,
        decided.kind.value,
        _label(decided),
        decided.rank,
        decided.reason_label,
        tuple(each.label for each in decided.conditions),
        group=None if decided.group is None else decided.group.label,
    )


def _voted(line: Line, ballot: Ballot | None) -> Line:
    return line if ballot is None or ballot.tally is None else replace(line, votes=ballot.tally.counts)


def _label(decided: EnteredDecision) -> Label:
    return decided.label or {each: catalogues().text(f"applications.word.{decided.kind}", each) for each in LANGUAGES}
