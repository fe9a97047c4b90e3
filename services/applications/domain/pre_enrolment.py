"""Pre-enrolment: who has accepted a place is handed over to the student records, and called off by whatever ends that.

One record for each application follows its place, whoever has changed that (acceptance 87).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.applications.domain.events import (
    EnrolmentCodeSet,
    PreEnrolmentCancelled,
    PreEnrolmentCompleted,
    PreEnrolmentEvent,
    PreEnrolmentRefused,
    PreEnrolmentRequested,
    PreEnrolmentRetried,
)
from services.applications.domain.pre_enrolment_states import (
    STANDING,
    PreEnrolmentAction,
    PreEnrolmentState,
    pre_enrolment_after,
    retried,
)
from services.applications.domain.states import Party
from services.contracts.backoff import Backoff
from services.contracts.refusals import STALE_VERSION
from services.contracts.refusals.applications import CODE_HANDED_OVER, NOTHING_REFUSED

PAUSES: Final = Backoff(timedelta(minutes=1), timedelta(hours=1))
"""Between two tries with one person, while no answer comes."""
GIVEN_UP_AFTER: Final = timedelta(days=7)
"""From the first try without an answer: then staff are told that it is refused, and may have it tried anew."""
NO_ANSWER: Final = "no-answer"
"""The reason that is no text of theirs: they have never answered."""
CAMPAIGN_OVER: Final = "campaign-over"
"""The same: they were never told, for they were connected after the campaign had come to an end."""


def key_of(application: str) -> str:
    """What the record of an application is known by elsewhere."""
    return f"{application}.pre-enrolment"


@dataclass(frozen=True, slots=True)
class Named:
    """By what the student records know whom they let go of, once nothing else of them may be left (ADR 79)."""

    code: str = ""
    file_number: str = ""
    programme_title: str = ""
    centre: str = ""


@dataclass(frozen=True, slots=True)
class PreEnrolment:
    """Whose it is, for which place, as it was `named` when asked, and how far it is; `since` when it is in that state.

    `revision` grows with what is asked of the student records, so that they know the newest. `due`: when that is tried
    next; None: it is settled. `failures` are the tries without an answer, `silent_since` when the first of them was,
    `reason` is why it was refused. `tried`: they may know of it.
    """

    account: str
    programme: str
    campaign: str
    named: Named = Named()
    state: PreEnrolmentState | None = None
    since: datetime | None = None
    revision: int = 0
    due: datetime | None = None
    failures: int = 0
    silent_since: datetime | None = None
    reason: str = ""
    tried: bool = False
    own_code: str = ""
    """What staff have put in place of the code that is made of the prefix and the file number; empty: nothing."""
    keeps_code: bool = False
    """Whether this keeps `own_code` from other people: one of a person's does."""

    @property
    def code(self) -> str:
        """Under which they know it."""
        return self.named.code

    @property
    def calls_off(self) -> bool:
        """Whether they are still to be told to let go of somebody."""
        return self.state is PreEnrolmentState.CANCELLED and self.due is not None


Changed = tuple[PreEnrolment, tuple[PreEnrolmentEvent, ...]]
"""A pre-enrolment after a step, and what has happened."""


def code_of(prefix: str, file_number: str) -> str:
    """By what the student records know who is to come (acceptance 87)."""
    return f"{prefix}{file_number}"


def stands(record: PreEnrolment | None) -> bool:
    """Whether it was asked for, and not called off."""
    return record is not None and record.state in STANDING


def follow(record: PreEnrolment, named: Named, now: datetime, *, accepted: bool) -> Changed:
    """Ask for it where its place is accepted, call it off where that is so no more; the same again changes nothing."""
    if accepted is stands(record):
        return record, ()
    action = PreEnrolmentAction.REQUEST if accepted else PreEnrolmentAction.CANCEL
    asked = _asked(record, pre_enrolment_after(record.state, action), named, now)
    return asked, (PreEnrolmentRequested() if accepted else PreEnrolmentCancelled(),)


def taken(record: PreEnrolment, revision: int, now: datetime) -> Changed:
    """The student records have done what this revision asks; of an older one, or told again, it changes nothing."""
    if record.state is None or record.due is None or record.revision != revision:
        return record, ()
    settled = _answered(record)
    if record.state is not PreEnrolmentState.WAITING:
        return settled, ()
    after = pre_enrolment_after(record.state, PreEnrolmentAction.COMPLETE)
    return replace(settled, state=after, since=now), (PreEnrolmentCompleted(),)


def refused(record: PreEnrolment, revision: int, reason: str, now: datetime) -> Changed:
    """The student records do not do what this revision asks; staff see why. One that was called off stays so."""
    if record.state is None or record.due is None or record.revision != revision:
        return record, ()
    after = pre_enrolment_after(record.state, PreEnrolmentAction.REFUSE)
    return replace(_answered(record), state=after, since=now, reason=reason), (PreEnrolmentRefused(),)


def unanswered(record: PreEnrolment, revision: int, now: datetime) -> Changed:
    """No answer has come: it is tried again after a pause, and given up after `GIVEN_UP_AFTER`."""
    if record.state is None or record.due is None or record.revision != revision:
        return record, ()
    since, failures = record.silent_since or now, record.failures + 1
    if now - since >= GIVEN_UP_AFTER:
        return refused(record, revision, NO_ANSWER, now)
    due = now + PAUSES.after(failures)
    return replace(record, failures=failures, silent_since=since, due=due, tried=True), ()


def is_past(record: PreEnrolment, closed_at: datetime | None) -> bool:
    """Whether the student records could not be told of it before its campaign was closed: staff alone have it told."""
    if closed_at is None or record.since is None or not waits_untried(record):
        return False
    return record.since <= closed_at


def waits_untried(record: PreEnrolment) -> bool:
    """Whether nobody has tried to tell the student records of it yet."""
    return record.state is PreEnrolmentState.WAITING and not record.tried


def passed_over(record: PreEnrolment, revision: int, now: datetime) -> Changed:
    """Nobody is told of it, since its campaign was over before there was anybody to tell; staff see why."""
    changed, told = refused(record, revision, CAMPAIGN_OVER, now)
    return replace(changed, tried=record.tried), told


def retry(record: PreEnrolment, named: Named, now: datetime, *, role: Party, lost: bool = False) -> Changed:
    """Ask anew for what was refused, or was `lost` after it was taken; what waits for its next try has that now.

    Raises ACTION_FORBIDDEN, NOTHING_REFUSED.
    """
    after = retried(record.state, role)
    if record.due is not None:
        return replace(record, due=min(record.due, now)), ()
    if not record.reason and not (lost and record.state is PreEnrolmentState.DONE):
        raise NOTHING_REFUSED()
    return _asked(record, after, named, now), (PreEnrolmentRetried(),)


def set_code(
    record: PreEnrolment, code: str, named: Named, now: datetime, *, seen: str, keeps: bool, told: bool
) -> Changed:
    """Give it a code of its own, or by an empty one that of `named`; who waits to be handed over is asked for anew.

    `seen` is the code that was looked at. Raises STALE_VERSION, and CODE_HANDED_OVER once the student records have taken
    somebody under another one.
    """
    if seen != code_in_force(record, named.code):
        raise STALE_VERSION()
    if code == record.own_code:
        return record, ()
    if record.state is PreEnrolmentState.DONE:
        raise CODE_HANDED_OVER()
    given = replace(record, own_code=code, keeps_code=keeps and code != "")
    if record.state is PreEnrolmentState.WAITING:
        given = replace(_asked(given, record.state, named, now), tried=record.tried)
    return given, (EnrolmentCodeSet(code or named.code, told),)


def take_code(record: PreEnrolment, code: str) -> Changed:
    """Give it the code that staff gave the offer of the same place, where they gave it none and nobody is asked for."""
    if record.own_code or record.state is not None or not code:
        return record, ()
    return replace(record, own_code=code), (EnrolmentCodeSet(code, told=False),)


def give_code_up(record: PreEnrolment, code: str) -> Changed:
    """Leave this code to another record of the same person; it keeps it from nobody any more."""
    if record.own_code != code or not code or record.state is not None:
        return record, ()
    return replace(record, own_code="", keeps_code=False), (EnrolmentCodeSet(record.code, told=False),)


def keep_code(record: PreEnrolment) -> Changed:
    """Keep its own code from other people."""
    return replace(record, keeps_code=record.own_code != ""), ()


def described_anew(record: PreEnrolment, now: datetime) -> Changed:
    """Ask anew for who waits, of whom something else is to be told: what one revision says may be known already."""
    if record.state is not PreEnrolmentState.WAITING:
        return record, ()
    return replace(record, revision=max(record.revision + 1, int(now.timestamp())), due=now), ()


def code_in_force(record: PreEnrolment | None, made: str) -> str:
    """Under which code somebody is known, or will be; `made` is that of the prefix and the file number."""
    if record is None:
        return made
    if record.state in (PreEnrolmentState.WAITING, PreEnrolmentState.DONE):
        return record.code
    return record.own_code or (record.code if record.state is PreEnrolmentState.REFUSED else "") or made


def _asked(record: PreEnrolment, state: PreEnrolmentState, named: Named, now: datetime) -> PreEnrolment:
    """After a restore the record is older than what the student records know: the second makes it newer again.

    They let go of somebody under the code by which they were asked to take them.
    """
    if state is PreEnrolmentState.CANCELLED:
        named = replace(named, code=record.code or named.code)
    elif record.own_code:
        named = replace(named, code=record.own_code)
    revision = max(record.revision + 1, int(now.timestamp()))
    asked = replace(record, state=state, named=named, since=now, revision=revision, due=now)
    return replace(asked, failures=0, silent_since=None, reason="")


def _answered(record: PreEnrolment) -> PreEnrolment:
    return replace(record, due=None, failures=0, silent_since=None, reason="", tried=True)
