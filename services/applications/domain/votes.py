"""The votes on one file of a meeting, until who leads it closes them; who is to have no part in it has none (ADR 113)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from services.applications.domain.meeting_states import MeetingAction, meeting_after
from services.applications.domain.meetings import Act, Meeting, check_on
from services.applications.domain.states import Party
from services.applications.domain.voting import Choice, Counts, Unclear, Voting, counted, proposed
from services.contracts.refusals.applications import NO_VOTE, NO_VOTER, NOT_PRESENT, RECUSED, VOTE_CLOSED


@dataclass(frozen=True, slots=True)
class Tally:
    """What votes came to when they were closed; `set_aside` are those that did not count, for their members have no part."""

    counts: Counts
    quorum: int
    set_aside: int
    closed: Act


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes on a `file` of an `account`, by the member who gave each; closed, those of a secret vote are nobody's."""

    account: str
    meeting: str
    file: str
    votes: Mapping[str, Choice] = field(default_factory=dict)
    tally: Tally | None = None

    @property
    def proposed(self) -> Choice | Unclear | None:
        """What the votes propose, or why nothing; None while they are not closed."""
        return None if self.tally is None else proposed(self.tally.counts, self.tally.quorum)


@dataclass(frozen=True, slots=True)
class Room:
    """Who may vote on a file: of the `convened` those who are not `recused`; who is not there is said by the meeting."""

    convened: Collection[str]
    recused: Collection[str]

    def counting(self, ballot: Ballot) -> dict[str, Choice]:
        """The votes that count as things stand; whoever has left the room has voted all the same."""
        return {
            member: choice
            for member, choice in ballot.votes.items()
            if member in self.convened and member not in self.recused
        }


def voting_of(meeting: Meeting) -> Voting:
    """The rules by which it votes; raises NO_VOTE where it does not."""
    if meeting.plan.voting is None:
        raise NO_VOTE()
    return meeting.plan.voting


def cast(ballot: Ballot, meeting: Meeting, member: str, choice: Choice, room: Room, *, role: Party) -> Ballot:
    """Give a member's vote, in the place of the one before; there are never more than are convened.

    Raises ACTION_FORBIDDEN, WRONG_STATE, NO_VOTE, NOT_FOUND, NO_VOTER, NOT_PRESENT, RECUSED, VOTE_CLOSED.
    """
    meeting_after(meeting.state, MeetingAction.VOTE, role)
    voting_of(meeting)
    check_on(meeting, ballot.file)
    if member not in room.convened:
        raise NO_VOTER()
    if member not in meeting.present:
        raise NOT_PRESENT()
    if member in room.recused:
        raise RECUSED()
    if ballot.tally is not None:
        raise VOTE_CLOSED()
    kept = {each: vote for each, vote in ballot.votes.items() if each in room.convened}
    return replace(ballot, votes={**kept, member: choice})


def close(ballot: Ballot, meeting: Meeting, room: Room, act: Act, *, role: Party) -> Ballot:
    """Close the votes with what counts now; closed already they stay as they are.

    Raises ACTION_FORBIDDEN, WRONG_STATE, NO_VOTE, NOT_FOUND.
    """
    meeting_after(meeting.state, MeetingAction.CLOSE_VOTE, role)
    voting = voting_of(meeting)
    check_on(meeting, ballot.file)
    if ballot.tally is not None:
        return ballot
    counting = room.counting(ballot)
    tally = Tally(counted(counting.values()), voting.quorum, len(ballot.votes) - len(counting), act)
    return replace(ballot, votes={} if voting.secret else counting, tally=tally)
