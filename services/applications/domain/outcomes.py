"""What a meeting has come to for a programme, as an order of files: who waits has the ranks in that order (ADR 102)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import Said
from services.applications.domain.states import DecisionKind
from services.contracts.limits import HIGHEST_RANK
from services.contracts.premises import Result
from services.contracts.refusals import INVALID_FIELDS, FieldError, RefusedError


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be entered on a file: of which kind, of which type, why, at which rank, if said; over the decision that was
    seen there, if said; of or in the `group` of that code.
    """

    file: str
    kind: DecisionKind
    type: str | None = None
    reason: str | None = None
    instead_of: str | None = None
    rank: int | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """The same as it is entered."""

    file: str
    said: Said
    instead_of: str | None


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one file."""

    file: str
    result: Result
    rank: int | None = None
    refusal: RefusedError | None = None


def ranked(wanted: Sequence[Wanted], first: int) -> list[Ranked]:
    """What is entered on each, in order: who waits by rank has what is said, or the next of the group from `first` on.

    Raises INVALID_FIELDS for a file or a rank that is named twice, and for ranks beyond the highest.
    """
    if len({each.file for each in wanted}) < len(wanted):
        raise INVALID_FIELDS(fields=[FieldError("items", "repeated")])
    named = [(each.group, each.rank) for each in wanted if each.rank is not None]
    if len({*named}) < len(named):
        raise INVALID_FIELDS(fields=[FieldError("items", "repeated")])
    free = {group: _free(group, named, first) for group in {each.group for each in wanted}}
    found = [_entered(each, free[each.group]) for each in wanted]
    if any(each.said.rank is not None and each.said.rank > HIGHEST_RANK for each in found):
        raise INVALID_FIELDS(fields=[FieldError("first_rank", "too-big", {"max": HIGHEST_RANK})])
    return found


def with_rest(said: Said, there: EnteredDecision | None) -> Said:
    """The same, where it has no word for something, with what is said so far in a decision of the same kind: its type, what
    is written beside it, and why where a kind needs no reason. Conditions stay whatever the kind.
    """
    if there is None:
        return said
    said = replace(said, kept=there.conditions)
    if there.kind is not said.kind:
        return said
    type, reason = said.type or there.type_code, said.reason
    if reason is None and said.kind is not DecisionKind.UNFAVOURABLE:
        reason = there.reason_said
    return replace(said, type=type, reason=reason, comment=there.comment, appointment=there.appointment)


def says_the_same(said: Said, there: EnteredDecision) -> bool:
    """Whether that decision says so already."""
    told = said.kind, said.type, said.reason, said.rank, said.comment, said.appointment, said.group
    known = there.kind, there.type_code, there.reason_said, there.rank, there.comment, there.appointment
    return told == (*known, there.group_code)


def _free(group: str | None, named: Container[tuple[str | None, int]], first: int) -> Iterator[int]:
    return (rank for rank in count(first) if (group, rank) not in named)


def _entered(each: Wanted, free: Iterator[int]) -> Ranked:
    unsaid = each.kind is DecisionKind.RANKED_WAITLIST and each.rank is None
    rank = next(free) if unsaid else each.rank
    return Ranked(each.file, Said(each.kind, each.type, each.reason, rank, group=each.group), each.instead_of)
