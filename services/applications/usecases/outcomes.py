"""What a meeting has come to, entered file by file as any decision is: what one refuses is in no other's way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.applications.domain.decisions import pending
from services.applications.domain.meeting_states import MeetingAction, meeting_after
from services.applications.domain.outcomes import Came, Ranked, Wanted, ranked, says_the_same, with_rest
from services.applications.domain.reach import Reach
from services.applications.repository.decisions import Entry
from services.applications.repository.taking_part import taking_part
from services.applications.usecases import decisions, review
from services.applications.usecases.app import App
from services.applications.usecases.one_by_one import UNDONE, in_turn, refusal_of
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.contracts.refusals import NOT_FOUND


@dataclass(frozen=True, slots=True)
class _Meeting:
    """The files of a meeting that may be decided on, of one programme, within a reach."""

    files: Sequence[str]
    programme: str
    reach: Reach


async def enter(
    app: App, actor: Actor, id: str, command: CommandContext, *, programme: str, wanted: Sequence[Wanted], first: int
) -> list[Came]:
    """Enter the outcome of a meeting for a programme, in order; sent again under its key nothing is entered twice.

    Raises NOT_FOUND, ACTION_FORBIDDEN, WRONG_STATE, INVALID_FIELDS, BUSY; what refuses one file stands with that.
    """
    saved, reach = await app.convening.reached(actor, id)
    meeting_after(saved.state.state, MeetingAction.ENTER_OUTCOME, reach.role)
    async with in_turn(app, actor):
        return [await _came(app, actor, (id, programme), each, command) for each in ranked(wanted, first)]


async def _came(app: App, actor: Actor, of: tuple[str, str], each: Ranked, command: CommandContext) -> Came:
    try:
        # For each anew: others close the meeting, take files off it and say who has no part meanwhile.
        saved, reach = await app.convening.reached(actor, of[0])
        meeting_after(saved.state.state, MeetingAction.ENTER_OUTCOME, reach.role)
        return await _enter(app, _Meeting(saved.state.files, of[1], reach), each, command)
    except UNDONE as error:
        return Came(each.file, "refused", refusal=refusal_of(error))


async def _enter(app: App, meeting: _Meeting, each: Ranked, command: CommandContext) -> Came:
    reach = meeting.reach
    saved, _ = await review.reached_within(app, [reach], each.file)
    if each.file not in meeting.files or saved.state.programme.code != meeting.programme:
        raise NOT_FOUND()
    there = await app.decisions.get(each.file)
    if there is not None and (known := app.decisions.earlier(there, decisions.of_staff(command))) is not None:
        return _said(each, known)
    reach.check_part(each.file)
    is_over = await app.closed.holds(saved.state.campaign)
    review.check_campaign(saved.state, over=is_over, deciding=True)
    seen = None if there is None else pending(saved.state, there.state.entered)
    counting = None if saved.state.decision is None else saved.state.decision.entered
    kept = seen or counting
    said = with_rest(each.said, kept)
    if kept is not None and says_the_same(said, kept):  # nor is what counts already entered anew
        return Came(each.file, "unchanged", kept.rank)
    offer = await app.programmes.of(saved.state.programme.code)
    decide = decisions.entering(app, command, saved.state, reach, said, offer=offer, instead_of=each.instead_of)
    outcome = await decisions.enter_on(
        app,
        saved,
        taking_part(command, saved.id, reach),
        decide,
        lambda before, after: {"changed": before.entered != after.entered},
    )
    return _said(each, outcome)


def _said(each: Ranked, outcome: Outcome[Entry]) -> Came:
    changed = outcome.answer is not None and outcome.answer["changed"]
    return Came(each.file, "changed" if changed else "unchanged", each.said.rank)
