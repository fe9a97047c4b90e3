"""How a board votes on a file, and what comes of votes: the most of those that say yes, no or later (ADR 113)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from services.contracts.limits import MOST_MEMBERS
from services.contracts.refusals import INVALID_FIELDS, FieldError


class Choice(StrEnum):
    """What a member says of a file; on which of the two waiting lists is decided when the result is entered."""

    FAVOURABLE = "favourable"
    WAITLIST = "waitlist"
    UNFAVOURABLE = "unfavourable"
    ABSTENTION = "abstention"


class Unclear(StrEnum):
    """Why votes propose nothing."""

    QUORUM = "quorum"
    NO_VOTES = "no-votes"
    TIE = "tie"


Way = Literal["none", "secret", "open"]
"""How a meeting is asked to vote: of a secret vote nobody is ever told who gave it."""


@dataclass(frozen=True, slots=True)
class Voting:
    """The rules of a meeting that votes: whether names are never told, and how many are to vote on a file at least."""

    secret: bool
    quorum: int = 1


@dataclass(frozen=True, slots=True)
class Counts:
    """How many voted for what."""

    favourable: int = 0
    waitlist: int = 0
    unfavourable: int = 0
    abstention: int = 0

    @property
    def voters(self) -> int:
        """How many voted, those who abstained too."""
        return self.favourable + self.waitlist + self.unfavourable + self.abstention


PROPOSING: Final = (Choice.FAVOURABLE, Choice.WAITLIST, Choice.UNFAVOURABLE)


def counted(votes: Iterable[Choice]) -> Counts:
    """How many of the votes are for what."""
    found = Counter(votes)
    return Counts(*(found[choice] for choice in Choice))


def proposed(counts: Counts, quorum: int) -> Choice | Unclear:
    """What more voted for than for anything else, or why there is none. Who abstains counts for the quorum alone."""
    if counts.voters < quorum:
        return Unclear.QUORUM
    each = {choice: int(getattr(counts, choice.value)) for choice in PROPOSING}
    most = max(each.values())
    if most == 0:
        return Unclear.NO_VOTES
    first, *others = (choice for choice, count in each.items() if count == most)
    return Unclear.TIE if others else first


def rules(there: Voting | None, way: Way | None, quorum: int | None) -> Voting | None:
    """The rules that are asked for, what is not said being as it is; raises INVALID_FIELDS."""
    if way is None:
        way = "none" if there is None else "secret" if there.secret else "open"
    if way == "none":
        if quorum is not None:
            raise INVALID_FIELDS(fields=[FieldError("quorum", "without-vote")])
        return None
    said = quorum if quorum is not None else 1 if there is None else there.quorum
    if not 1 <= said <= MOST_MEMBERS:
        raise INVALID_FIELDS(fields=[FieldError("quorum", "too-big", {"max": MOST_MEMBERS})])
    return Voting(way == "secret", said)
