"""Votes on the files of a meeting: given by members who are there, closed by who leads it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from services.applications.domain import votes
from services.applications.domain.meeting_states import MeetingAction, MeetingState, meeting_after
from services.applications.domain.meetings import Act, Meeting, check_on
from services.applications.domain.votes import Ballot, Room
from services.applications.domain.voting import Choice
from services.applications.repository.ballots import id_of
from services.applications.repository.taking_part import taking_part
from services.applications.usecases.app import App
from services.applications.usecases.review import reached_within
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision
from services.contracts.actors import Role


async def vote(app: App, actor: Actor, id: str, command: CommandContext, *, file: str, choice: Choice) -> None:
    """Vote on a file of a meeting that takes place, in the place of one's vote before.

    Raises NOT_FOUND, ACTION_FORBIDDEN, WRONG_STATE, NO_VOTE, NO_VOTER, NOT_PRESENT, RECUSED, VOTE_CLOSED, BUSY.
    """
    saved, reach = await app.convening.reached(actor, id)
    meeting = saved.state
    check_on(meeting, file)
    begun = Ballot((await reached_within(app, [reach], file))[0].state.account, id, file)
    room = Room(await app.convening.convened(meeting), {actor.id} if file in reach.recused else ())

    def decide(there: Ballot) -> Decision[Ballot]:
        return Decision(votes.cast(there, meeting, actor.id, choice, room, role=reach.role))

    # Members vote at the same address: only one's own later vote is in the way of an earlier one.
    own = hashlib.sha256(f"{command.written}\n{actor.id}".encode()).hexdigest()
    given = replace(taking_part(command, file, reach), personal=False, written=own)
    await app.ballots.change_or_add(id_of(id, file), begun, decide, given)
    await _check_in_time(app, id, file, reach.role)
    await _forget_again(app, begun.account, command)


async def close(app: App, actor: Actor, id: str, command: CommandContext, *, file: str) -> None:
    """Close the votes on a file, for good; votes of who is recused by then do not count. Closed, they stay as they are.

    Raises NOT_FOUND, ACTION_FORBIDDEN, WRONG_STATE, NO_VOTE, RECUSED, BUSY.
    """
    saved, reach = await app.convening.reached(actor, id)
    meeting = saved.state
    check_on(meeting, file)
    begun = Ballot((await reached_within(app, [reach], file))[0].state.account, id, file)
    room = await room_of(app, meeting, file)
    act = Act(command.now, command.acting)

    def decide(there: Ballot) -> Decision[Ballot]:
        return Decision(votes.close(there, meeting, room, act, role=reach.role))

    given = replace(taking_part(command, file, reach), personal=False)
    await app.ballots.change_or_add(id_of(id, file), begun, decide, given)
    await _forget_again(app, begun.account, command)


async def room_of(app: App, meeting: Meeting, file: str) -> Room:
    """Who may vote on a file."""
    said = await app.recusals.of_files([file])
    return Room(await app.convening.convened(meeting), {each.member for each in said})


async def open_votes(app: App, id: str, meeting: Meeting) -> int:
    """On how many files of the meeting there are votes that are not closed."""
    there = await app.ballots.of_files(id, meeting.files)
    return sum(ballot.tally is None for ballot in there.values())


async def _check_in_time(app: App, id: str, file: str, role: Role) -> None:
    """Raise WRONG_STATE where the meeting was closed meanwhile without seeing this vote, which goes."""
    saved = await app.meetings.get(id)
    if saved is None or saved.state.state is not MeetingState.CLOSED:
        return
    await app.ballots.forget_open(id)
    if await app.ballots.get(id_of(id, file)) is None:
        meeting_after(saved.state.state, MeetingAction.VOTE, role)


async def _forget_again(app: App, account: str, command: CommandContext) -> None:
    if await app.cards.is_erased(account):  # since we looked; it goes with the rest
        await app.cards.erase(account, command.now)
