"""What is written down of every change of a file: who, when, what it was and what it became (acceptance 94).

Entries of one document are a chain: each carries the digest of the one before. What people typed stands in an entry as a
salted digest; the values and the salt lie beside it, and go with the person without breaking the chain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.applications.domain import events, form_events, held_events, sheets
from services.applications.domain.condition_states import ACTIONS
from services.applications.domain.mail_lost import MailLost, MailSentAgain, ToldAnew
from services.applications.domain.receipts import digest_of
from services.applications.domain.reminded import Reminded

Entry = Mapping[str, Any]
"""One entry as JSON."""

BESIDE: Final = frozenset({"_id", "version", "account", "salt", "personal", "sha256"})
"""What stands beside an entry and is not part of what its digest is of."""
OPEN: Final = frozenset(
    {
        *("state", "programme", "submission_deadline", "on", "id", "sha256", "size", "media_type"),
        *("submitted_at", "received_at", "gone_at", "receipt_sha256", "assignee", "kind"),
    }
)
"""Members that name nobody; of all others, also of those that only a newer release knows, the digest is kept."""
ERASE: Final = "erase"
"""The last action of a file: its person is forgotten."""

_VERDICTS: Final[Mapping[events.Verdict, str]] = {"validated": "validate", "refused": "refuse", "none": "remark"}
_ACTIONS: Final[Mapping[type[Any], str]] = {
    events.Opened: "open",
    events.OpenedComplete: "offer",
    events.OfferTakenBack: "take_back_offer",
    events.Deposited: "deposit",
    events.Removed: "remove",
    events.Answered: "answer",
    events.FilledIn: "fill_in",
    form_events.FormChanged: "change_form",
    events.DeadlineExtended: "extend",
    events.SubmissionDue: "remind",
    events.AnswerDue: "remind_of_answer",
    events.EnrolmentInstructed: "tell_enrolment",
    events.ConditionsTold: "tell_conditions",
    events.ConditionsDue: "remind_of_conditions",
    events.Submitted: "submit",
    events.Cancelled: "cancel",
    events.VerdictsGathered: "tell_verdicts",
    events.ActsTold: "tell_acts",
    events.MarkedIncomplete: "mark_incomplete",
    events.MarkedComplete: "mark_complete",
    events.Reopened: "reopen",
    events.Decided: "validate_decision",
    events.Accepted: "accept",
    events.Withdrawn: "withdraw",
    events.LeftWaitlist: "leave_waitlist",
    events.PassedOver: "pass_over",
    MailLost: "lose_mail",
    ToldAnew: "tell_anew",
    MailSentAgain: "send_mail_again",
    events.PreEnrolmentRequested: "request_pre_enrolment",
    events.PreEnrolmentCompleted: "complete_pre_enrolment",
    events.PreEnrolmentRefused: "refuse_pre_enrolment",
    events.PreEnrolmentRetried: "retry_pre_enrolment",
    events.PreEnrolmentCancelled: "cancel_pre_enrolment",
    events.EnrolmentCodeSet: "set_enrolment_code",
    sheets.NoteAdded: "add_note",
    sheets.TagsChanged: "set_tags",
    sheets.Assigned: "assign",
    sheets.FeesSet: "set_fees",
}


def action_of(happened: Sequence[Any]) -> str | None:
    """What was done, in the words of the table of states where it has one; None if nothing was but telling it again."""
    verdicts = {_VERDICTS[each.verdict] for each in happened if isinstance(each, events.Judged)}
    told = [each for each in happened if not isinstance(each, events.ToldAgain)]
    if not told:
        return None
    match last := told[-1]:
        case events.Judged():
            return verdicts.pop() if len(verdicts) == 1 else "judge"
        case events.Marked() | held_events.PieceHeld():
            return _of_piece(last)
        case events.Withdrawn("day") | events.Decided(because="rank") | events.ConditionMarked() | Reminded():
            return _of_rest(last)
        case events.MarkedSubmitted(because):
            return "lapse" if because == "day" else "mark_submitted"
        case _:
            plain = re.sub(r"(?<!^)(?=[A-Z])", "_", type(last).__name__).lower()
            return _ACTIONS.get(type(last), plain)


def _of_piece(happened: events.Marked | held_events.PieceHeld) -> str:
    match happened:
        case events.Marked(_, not_applicable):
            return "declare_not_applicable" if not_applicable else "declare_applicable"
        case held_events.PieceHeld(_, held):
            return "hold" if held else "release"


def _of_rest(happened: events.Withdrawn | events.Decided | events.ConditionMarked | Reminded) -> str:
    match happened:
        case Reminded(about):
            return f"remind_of_{about.value}"
        case events.Withdrawn():
            return "lapse_place"
        case events.Decided():
            return "promote"
        case events.ConditionMarked(_, _, state):
            return ACTIONS[state].value


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What two pictures of one document say otherwise, as each of them says it; a member that one lacks is null there."""
    was: dict[str, Any] = {}
    now: dict[str, Any] = {}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            old, new = difference(old, new)
        if old != new:
            was[name], now[name] = old, new
    return was, now


def sealed(value: Any, salt: str, personal: dict[str, Any], name: str = "") -> Any:
    """The value with digests in place of what people typed; `personal` gets what each of them stands for."""
    if isinstance(value, Mapping):
        return {each: sealed(inner, salt, personal, each) for each, inner in value.items()}
    if value is None or name in OPEN:
        return value
    digest = _digest(salt, value)
    personal[digest] = value
    return digest


def unsealed(value: Any, personal: Mapping[str, Any]) -> Any:
    """What was `sealed`; a digest stands for itself where the person is forgotten."""
    if isinstance(value, Mapping):
        return {each: unsealed(inner, personal) for each, inner in value.items()}
    return personal.get(value, value) if isinstance(value, str) else value


def chained(entry: Entry, before: Entry | None) -> dict[str, Any]:
    """The entry with its number, the digest of the one before and its own."""
    whole = dict(entry)
    whole["number"] = before["number"] + 1 if before is not None else 1
    whole["previous"] = before["sha256"] if before is not None else ""
    return whole | {"sha256": _digest_of_entry(whole)}


def without_person(entry: Entry) -> dict[str, Any]:
    """The entry without what people typed; its digest is the same."""
    return {name: value for name, value in entry.items() if name not in ("account", "salt", "personal")}


def first_broken(entries: Iterable[Entry]) -> str | None:
    """The first entry of a chain that is not as it was written, and why; None if all are."""
    before: Entry | None = None
    for entry in entries:
        number = before["number"] + 1 if before is not None else 1
        if entry["number"] != number:
            return f"entry {number} is missing"
        if entry["previous"] != (before["sha256"] if before is not None else ""):
            return f"entry {number} does not follow the one before"
        if entry["sha256"] != _digest_of_entry(entry):
            return f"entry {number} was changed"
        personal = entry.get("personal", {})
        if any(digest != _digest(entry.get("salt", ""), value) for digest, value in personal.items()):
            return f"entry {number} shows other values than were written"
        before = entry
    return None


def _digest(salt: str, value: Any) -> str:
    return f"sha256:{digest_of([salt, value])}"


def _digest_of_entry(entry: Entry) -> str:
    return digest_of({name: value for name, value in entry.items() if name not in BESIDE})
