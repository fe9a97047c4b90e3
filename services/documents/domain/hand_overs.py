"""Documents of who was handed over to the student records: given once, and taken back when their place is lost (ADR 115).

One record for each application. It says of each document what is wanted, with a revision that grows, as of people.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from services.contracts.backoff import Backoff

PAUSES: Final = Backoff(timedelta(minutes=1), timedelta(hours=1))
"""Between two tries with one document, while no answer comes."""
GIVEN_UP_AFTER: Final = timedelta(days=7)
NO_ANSWER: Final = "no-answer"
DAMAGED: Final = "document-damaged"
"""Its bytes are not those that were given any more, or are not there."""
UNREADABLE: Final = "document-unreadable"
"""Where bytes are kept has not given them for a week: they may be as well as ever."""
LEAST_TRIES: Final = 3
"""At reading bytes, before a document is given up for it: two bad moments a week apart are no week without it."""
QUARANTINED: Final = "document-quarantined"
"""It is kept from everybody: something was found in it, or it is about to go."""
OWN_REASONS: Final = frozenset({NO_ANSWER, DAMAGED, UNREADABLE, QUARANTINED})
"""Reasons that are no text of theirs."""
BEGINS: Final = time(22, 45)
ENDS: Final = time(6)
"""Of the night in which documents go, by the institution's clock."""


Chosen = Collection[str] | None
"""The pieces of which documents go, all if it names none; None: the institution wants no document to go."""


class HandedState(StrEnum):
    """How far the student records are with one document."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    CALLED_OFF = "called-off"
    """They are to drop what they may have; then nothing is left of it here."""


@dataclass(frozen=True, slots=True)
class Handed:
    """One document and what is wanted of it; `tried`: they may have it. Otherwise as in a pre-enrolment."""

    document: str
    piece: str
    state: HandedState
    since: datetime
    revision: int
    due: datetime | None = None
    failures: int = 0
    silent_since: datetime | None = None
    reason: str = ""
    tried: bool = False


@dataclass(frozen=True, slots=True)
class HandOver:
    """Whose documents they are, and whether its person `stands` as handed over; `account` is empty once it is erased."""

    account: str
    campaign: str
    programme: str
    stands: bool = False
    documents: tuple[Handed, ...] = ()
    claimed_until: datetime | None = None

    @property
    def due(self) -> datetime | None:
        """From when on there is something to do; not before who does it now has had the time for it."""
        dues = [each.due for each in self.documents if each.due is not None]
        return None if not dues else max(min(dues), self.claimed_until or min(dues))

    @property
    def is_over(self) -> bool:
        """Whether nothing is left that anybody need know."""
        return not self.stands and not self.documents


def follow(record: HandOver, wanted: Mapping[str, str], now: datetime) -> HandOver:
    """Want these documents, each with its piece, as long as the person stands; what is wanted no more is called off.

    What was never tried is let go of without a word.
    """
    wanted = wanted if record.stands else {}
    kept = [found for each in record.documents if (found := _followed(each, wanted, now)) is not None]
    known = {each.document for each in kept}
    new = [_asked_first(document, piece, now) for document, piece in wanted.items() if document not in known]
    return replace(record, documents=tuple(sorted((*kept, *new), key=lambda each: (each.piece, each.document))))


def erased(record: HandOver, now: datetime) -> HandOver:
    """Its person is forgotten: nothing more goes, and what may be there is to be dropped."""
    gone = follow(replace(record, stands=False), {}, now)
    left = tuple(replace(each, piece="", reason="") for each in gone.documents if each.due is not None)
    return replace(gone, account="", documents=left)


def due(record: HandOver, now: datetime, chosen: Chosen) -> list[Handed]:
    """What is to be told now: first what is to be dropped, whatever is wanted since, then of pieces that were chosen."""
    found = [each for each in record.documents if _is_due(each, now) and goes(each, chosen)]
    return sorted(found, key=lambda each: each.state is not HandedState.CALLED_OFF)


def passed_over(record: HandOver, now: datetime, until: datetime, chosen: Chosen) -> HandOver:
    """The end of a round: at what is of no piece that was chosen it is looked again that night, others may be by then."""
    later = tuple(
        replace(each, due=until) if _is_due(each, now) and not goes(each, chosen) else each for each in record.documents
    )
    return replace(record, documents=later, claimed_until=None)


def goes(each: Handed, chosen: Chosen) -> bool:
    """Whether they are told of it, by what the institution wants now."""
    if each.state is HandedState.CALLED_OFF:
        return True
    return chosen is not None and (not chosen or each.piece in chosen)


def may_be_there(each: Handed) -> bool:
    """Whether nobody can say if they have it: they were to drop it, or it was given and they have not answered."""
    if each.state is HandedState.REFUSED:
        return each.reason == NO_ANSWER
    return each.tried and each.state is not HandedState.DONE


def trying(record: HandOver, asked: Handed) -> HandOver:
    """They may have it from now on."""
    return _with(record, asked, lambda each: replace(each, tried=True))


def taken(record: HandOver, asked: Handed, now: datetime) -> HandOver:
    """They have done what this revision asks; of an older one, or told again, it changes nothing."""

    def step(each: Handed) -> Handed | None:
        if each.state is HandedState.CALLED_OFF:
            return None
        return replace(_settled(each), state=HandedState.DONE, since=now, tried=True)

    return _with(record, asked, step)


def refused(record: HandOver, asked: Handed, reason: str, now: datetime) -> HandOver:
    """They, or we, do not do what this revision asks. One that was called off stays so; of who is gone nothing stays."""

    def step(each: Handed) -> Handed | None:
        if each.state is not HandedState.CALLED_OFF:
            return replace(_settled(each), state=HandedState.REFUSED, since=now, reason=reason)
        return replace(_settled(each), since=now, reason=reason) if record.account else None

    return _with(record, asked, step)


def unanswered(record: HandOver, asked: Handed, now: datetime, *, reason: str = NO_ANSWER) -> HandOver:
    """No answer has come: it is tried again after a pause, and given up a week after the first such try, for the reason."""
    since = asked.silent_since or now
    tried = asked.failures + 1 >= LEAST_TRIES or reason != UNREADABLE
    if tried and now - since >= GIVEN_UP_AFTER:
        return refused(record, asked, reason, now)
    due_at, failures = now + PAUSES.after(asked.failures + 1), asked.failures + 1
    return _with(
        record, asked, lambda each: replace(each, due=due_at, failures=failures, silent_since=since, tried=True)
    )


def retried(record: HandOver, now: datetime) -> HandOver:
    """Ask anew for what was refused; what waits for its next try has that in the coming night."""
    return replace(record, documents=tuple(_retried(each, now) for each in record.documents))


def is_night(now: datetime, zone: ZoneInfo) -> bool:
    """Whether documents go now."""
    local = now.astimezone(zone).time()
    return local >= BEGINS or local < ENDS


def night_of(now: datetime, zone: ZoneInfo) -> str:
    """The night in which an instant is, by the day on which it began."""
    local = now.astimezone(zone)
    return str(local.date() if local.time() >= BEGINS else local.date() - timedelta(days=1))


def next_night(now: datetime, zone: ZoneInfo) -> datetime:
    """The next time that a night begins."""
    local = now.astimezone(zone)
    begins = datetime.combine(local.date(), BEGINS, zone)
    if begins <= local:
        begins = datetime.combine(local.date() + timedelta(days=1), BEGINS, zone)
    return begins.astimezone(now.tzinfo)


def _followed(each: Handed, wanted: Mapping[str, str], now: datetime) -> Handed | None:
    called_off = each.state is HandedState.CALLED_OFF
    if each.document not in wanted:
        if called_off:
            return each
        return _asked(each, HandedState.CALLED_OFF, now) if each.tried else None
    return _asked(replace(each, piece=wanted[each.document]), HandedState.WAITING, now) if called_off else each


def _asked_first(document: str, piece: str, now: datetime) -> Handed:
    return Handed(document, piece, HandedState.WAITING, now, int(now.timestamp()), due=now)


def _asked(each: Handed, state: HandedState, now: datetime) -> Handed:
    revision = max(each.revision + 1, int(now.timestamp()))
    return replace(_settled(each), state=state, since=now, revision=revision, due=now)


def _settled(each: Handed) -> Handed:
    return replace(each, due=None, failures=0, silent_since=None, reason="")


def _retried(each: Handed, now: datetime) -> Handed:
    if each.due is not None:
        return replace(each, due=min(each.due, now))
    again = HandedState.WAITING if each.state is HandedState.REFUSED else each.state
    return _asked(each, again, now) if each.reason else each


def _is_due(each: Handed, now: datetime) -> bool:
    return each.due is not None and each.due <= now


def _with(record: HandOver, asked: Handed, step: Callable[[Handed], Handed | None]) -> HandOver:
    """The record with a step of the one that was asked for, if that is still what is wanted."""
    is_it = (asked.document, asked.revision)
    changed = (
        step(each) if (each.document, each.revision) == is_it and each.due is not None else each
        for each in record.documents
    )
    return replace(record, documents=tuple(each for each in changed if each is not None))
