"""Meetings of boards, each within the reach of who asks: of one of whose programmes some lie beyond it there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.applications.domain import meetings, recusals
from services.applications.domain.concealing import is_concealed
from services.applications.domain.meeting_states import MeetingAction, MeetingState, meeting_after
from services.applications.domain.meetings import Act, Meeting, Plan
from services.applications.domain.reach import Reach
from services.applications.domain.recusals import Recusal
from services.applications.domain.states import FileState
from services.applications.domain.voting import Way, rules
from services.applications.repository.meetings import named
from services.applications.repository.recusals import id_of
from services.applications.usecases.app import App
from services.applications.usecases.minutes import minutes_of
from services.applications.usecases.review import reached_within
from services.applications.usecases.votes import open_votes
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.contracts.actors import Role
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, FieldError
from services.contracts.refusals.applications import FILE_NOT_READY, VOTES_OPEN

Asked = tuple[Way | None, int | None]
"""How a meeting is to vote, and its quorum; what is not said stays as it is."""


async def plan(
    app: App, actor: Actor, commission: str, said: Plan, command: CommandContext, *, asked: Asked = (None, None)
) -> Outcome[Meeting]:
    """Plan a meeting on some programmes of a board; sent again under its key it is the same one.

    Raises INVALID_FIELDS, ACTION_FORBIDDEN, KEY_REUSED.
    """
    role = await _check_programmes(app, actor, commission, said)
    said = replace(said, voting=rules(None, *asked))
    meeting = meetings.plan(commission, said, app.moment(command).day, _act(command), role=role)
    id = app.ids.new() if command.key is None else named(command.acting.actor, command.key)
    return await app.meetings.add(id, Decision(meeting), _of_staff(command))


async def change(
    app: App, actor: Actor, id: str, said: Plan, command: CommandContext, *, asked: Asked = (None, None)
) -> Outcome[Meeting]:
    """Plan a meeting otherwise, how it votes where that is asked for.

    Raises NOT_FOUND, INVALID_FIELDS, STALE_VERSION, BUSY, and as the domain does.
    """
    saved, reach = await app.convening.reached(actor, id)
    await _check_programmes(app, actor, saved.state.commission, said)
    there = await app.applications.of_ids(saved.state.files) if saved.state.files else []
    kept = {each.state.programme.code for each in there}
    today = app.moment(command).day

    def decide(at: Meeting) -> Meeting:
        if at.files != saved.state.files:  # what came since may be of a programme that is not to be on it any more
            raise BUSY(retry_after=1)
        planned = replace(said, voting=rules(at.plan.voting, *asked))
        return meetings.change(at, planned, kept, today, role=reach.role)

    return await _change(app, id, command, decide)


async def _check_programmes(app: App, actor: Actor, commission: str, said: Plan) -> Role:
    """The role in which the actor reaches all these, which are to be the board's; raises INVALID_FIELDS."""
    codes = await app.programmes.within(None, {commission})
    for reach in await app.programmes.reaches(actor):
        if all(code in codes and reach.holds(code) for code in said.programmes):
            return reach.role
    raise INVALID_FIELDS(fields=[FieldError("programmes", "beyond-reach")])


async def add(app: App, actor: Actor, id: str, files: Sequence[str], command: CommandContext) -> Outcome[Meeting]:
    """Put files on a meeting that are ready for a decision, all or none.

    Raises NOT_FOUND for the meeting and for files beyond reach, FILE_NOT_READY, TOO_MANY_FILES, WRONG_STATE, BUSY.
    """
    saved, reach = await app.convening.reached(actor, id)
    meetings.add(saved.state, files, role=reach.role)  # its limit, before files are read
    there = {each.id: each.state for each in await app.applications.of_ids(tuple({*files}))}
    for file in files:
        application = there.get(file)
        if application is None or not reach.holds(application.programme.code) or not reach.is_seen(application.state):
            raise NOT_FOUND()
        on_it = application.programme.code in saved.state.plan.programmes
        if file not in saved.state.files and (
            not on_it or application.state is not FileState.COMPLETE or is_concealed(application)
        ):
            raise FILE_NOT_READY(file_number=application.file_number)
    for file, application in there.items():
        await app.meetings.note(id, file, application.account)

    def decide(at: Meeting) -> Meeting:
        if at.plan != saved.state.plan:  # its programmes may be others since
            raise BUSY(retry_after=1)
        return meetings.add(at, files, role=reach.role)

    outcome = await _change(app, id, command, decide)
    for account in {each.account for each in there.values()}:
        if await app.cards.is_erased(account):  # since we looked
            await app.cards.erase(account, command.now)
    return outcome


async def remove(app: App, actor: Actor, id: str, file: str, command: CommandContext) -> Outcome[Meeting]:
    """Take a file off a meeting; raises NOT_FOUND, WRONG_STATE, ACTION_FORBIDDEN, BUSY."""
    _, reach = await app.convening.reached(actor, id)
    return await _change(app, id, command, lambda at: meetings.remove(at, file, role=reach.role))


async def hold(app: App, actor: Actor, id: str, present: Sequence[str], command: CommandContext) -> Outcome[Meeting]:
    """Say that a meeting takes place, and who is there; said again it is so.

    Raises NOT_FOUND, ACTION_FORBIDDEN, WRONG_STATE, INVALID_FIELDS, STALE_VERSION, BUSY.
    """
    saved, reach = await app.convening.reached(actor, id)
    if saved.state.state is MeetingState.HELD and saved.state.present == tuple(sorted({*present})):
        meeting_after(saved.state.state, MeetingAction.HOLD, reach.role)
        return Outcome(saved)
    convened = await app.convening.convened(saved.state)
    act = _act(command)
    return await _change(app, id, command, lambda at: meetings.hold(at, present, convened, act, role=reach.role))


async def close(app: App, actor: Actor, id: str, command: CommandContext) -> Outcome[Meeting]:
    """Close a meeting with the minutes of what is decided on its files now; closed, it stays as it is.

    Raises NOT_FOUND, WRONG_STATE, ACTION_FORBIDDEN, VOTES_OPEN, BUSY.
    """
    saved, reach = await app.convening.reached(actor, id)
    meeting, act = saved.state, _act(command)
    if meeting.minutes is not None:
        meetings.close(meeting, meeting.minutes, act, role=reach.role)
        await app.ballots.forget_open(id)
        return Outcome(saved)
    meeting_after(meeting.state, MeetingAction.CLOSE, reach.role)
    await _check_votes(app, id, meeting)
    minutes = await minutes_of(app, id, meeting, await app.convening.convened(meeting))
    await _check_votes(app, id, meeting)  # again: while all files were read somebody may have voted

    def decide(at: Meeting) -> Decision[Meeting]:
        if at.minutes is None and at != meeting:  # what was put on it since is not in these minutes
            raise BUSY(retry_after=1)
        return Decision(*meetings.close(at, minutes, act, role=reach.role))

    outcome = _there(await app.meetings.change(id, decide, _of_staff(command)))
    await app.ballots.forget_open(id)  # nobody can close them any more: else of secret ones the names would stay
    return outcome


async def _check_votes(app: App, id: str, meeting: Meeting) -> None:
    if meeting.plan.voting is not None and (count := await open_votes(app, id, meeting)):
        raise VOTES_OPEN(count=count)


async def recuse(app: App, actor: Actor, id: str, command: CommandContext, *, file: str, member: str | None) -> None:
    """Have a member of the board, or oneself, take no part in a file of a meeting from now on; said again it is so.

    Raises NOT_FOUND, ACTION_FORBIDDEN, WRONG_STATE, INVALID_FIELDS, BUSY.
    """
    saved, reach = await app.convening.reached(actor, id)
    whose = await _on_it(app, saved.state, file, reach)
    given = Recusal(whose, file, member or actor.id, id, command.now, command.acting)
    own, state = given.member == actor.id, saved.state.state
    convened = given.member in await app.convening.convened(saved.state)

    def decide(there: Recusal) -> Decision[Recusal]:
        return Decision(recusals.recuse(there, given, state, role=reach.role, own=own, convened=convened))

    none = Recusal(whose, file, given.member, id, command.now, command.acting, ended=True)
    await app.recusals.change_or_add(id_of(file, given.member), none, decide, _of_staff(command))
    if await app.cards.is_erased(whose):  # since we looked; it goes with the rest
        await app.cards.erase(whose, command.now)


async def take_back_recusal(
    app: App, actor: Actor, id: str, command: CommandContext, *, file: str, member: str
) -> None:
    """Let a member take part in a file again; raises NOT_FOUND, ACTION_FORBIDDEN, OWN_RECUSAL, WRONG_STATE, BUSY."""
    saved, reach = await app.convening.reached(actor, id)
    await reached_within(app, [reach], file)

    def decide(there: Recusal) -> Decision[Recusal]:
        if there.meeting != id:  # one that was said here is taken back here, also when the file is on it no more
            meetings.check_on(saved.state, file)
        return Decision(recusals.take_back(there, saved.state.state, role=reach.role, own=member == actor.id))

    if await app.recusals.change(id_of(file, member), decide, _of_staff(command)) is None:
        raise NOT_FOUND()


async def _on_it(app: App, meeting: Meeting, file: str, reach: Reach) -> str:
    """Whose a file of the meeting is; raises NOT_FOUND."""
    meetings.check_on(meeting, file)
    return (await reached_within(app, [reach], file))[0].state.account


async def _change(app: App, id: str, command: CommandContext, decide: Callable[[Meeting], Meeting]) -> Outcome[Meeting]:
    return _there(await app.meetings.change(id, lambda at: Decision(decide(at)), _of_staff(command)))


def _there(outcome: Outcome[Meeting] | None) -> Outcome[Meeting]:
    if outcome is None:
        raise NOT_FOUND()
    return outcome


def _act(command: CommandContext) -> Act:
    return Act(command.now, command.acting)


def _of_staff(command: CommandContext) -> CommandContext:
    return replace(command, personal=False)
