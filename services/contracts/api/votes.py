"""Votes of a board's meeting on its files: what is said, and what they came to once they are closed (ADR 113)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.api.basics import Body, View
from services.contracts.api.meetings import MeetingStateName, VotingName

ChoiceName = Literal["favourable", "waitlist", "unfavourable", "abstention"]
ProposedName = Literal["favourable", "waitlist", "unfavourable"]


class VoteBody(Body):
    """What one says of a file; the last that one said is one's vote."""

    vote: ChoiceName


class VoteCounts(View):
    """How many voted for what."""

    favourable: int
    waitlist: int
    unfavourable: int
    abstention: int


class NamedVote(View):
    """Who voted for what."""

    member: str
    name: str
    vote: ChoiceName


class FileVotes(View):
    """The votes on a file; what they are is told once they are closed, and before that one's own."""

    file: str
    closed: bool
    mine: Annotated[ChoiceName | None, Field(description="One's own; of a secret vote only until it is closed.")] = None
    voted: Annotated[
        int | None, Field(description="How many votes count, to who leads the meeting also before they are closed.")
    ] = None
    set_aside: Annotated[
        int | None,
        Field(
            description="How many do not count, of members who are recused or left the board since; told to whom `voted` is."
        ),
    ] = None
    counts: VoteCounts | None = None
    proposed: Annotated[
        ProposedName | None,
        Field(description="What more voted for than for anything else, if there were enough votes."),
    ] = None
    unclear: Annotated[
        Literal["quorum", "no-votes", "tie"] | None, Field(description="Why closed votes propose nothing.")
    ] = None
    names: Annotated[
        list[NamedVote] | None, Field(description="Of an open vote, to who leads the meeting and who is convened.")
    ] = None


class MeetingVotes(View):
    """How a meeting votes, and on its files in their order: on those within reach in which one has part."""

    meeting: str
    state: MeetingStateName
    voting: VotingName
    quorum: Annotated[int, Field(description="How many are to vote on a file at least, abstentions included.")]
    present: Annotated[int, Field(description="How many who are convened are there.")]
    votes: Annotated[bool, Field(description="Whether one may vote oneself, as somebody who is convened and there.")]
    leads: Annotated[bool, Field(description="Whether one closes votes.")]
    items: list[FileVotes]
