"""What the trail of a file says, in words of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.contracts.actors import ActorKind
from services.contracts.api.review import ReviewView
from services.contracts.api.sheets import AuditEntry
from services.contracts.instants import instant
from services.portal.pages.reviewing.showing import Showing

ACTIONS: Final = (
    *("open", "deposit", "remove", "declare_not_applicable", "declare_applicable", "answer", "fill_in", "submit"),
    *("change_form", "hold", "release"),
    *("cancel", "remind", "extend", "validate", "refuse", "remark", "judge", "tell_verdicts", "tell_acts"),
    *("mark_submitted", "remind_of_submission", "remind_of_forms", "remind_of_pieces"),
    *(
        "offer",
        "take_back_offer",
        "mark_incomplete",
        "mark_complete",
        "reopen",
        "lapse",
        "enter_decision",
        "delete_decision",
        "validate_decision",
    ),
    *(
        "accept",
        "withdraw",
        "remind_of_answer",
        "lapse_place",
        "tell_enrolment",
        "meet_condition",
        "fail_condition",
        "reopen_condition",
        "tell_conditions",
        "remind_of_conditions",
        "promote",
        "leave_waitlist",
        "pass_over",
        "lose_mail",
        "tell_anew",
        "send_mail_again",
        "request_pre_enrolment",
        "complete_pre_enrolment",
        "refuse_pre_enrolment",
        "retry_pre_enrolment",
        "cancel_pre_enrolment",
        "add_note",
        "set_tags",
        "assign",
        "set_fees",
        "set_enrolment_code",
        "recuse",
        "take_back_recusal",
        "change",
    ),
)
"""What is done to files; of what a newer release calls otherwise pages say that something was changed."""


@dataclass(frozen=True, slots=True)
class TrailShowing:
    """Makes what the page of a file's trail shows."""

    showing: Showing
    view: ReviewView

    def entry(self, entry: AuditEntry) -> Mapping[str, Any]:
        """One change: what, when, who, in whose place, and the words of it."""
        showing = self.showing
        action = entry.action if entry.action in ACTIONS else "change"
        behalf = entry.on_behalf_of and showing.who(entry.on_behalf_of, entry.on_behalf_of_name)
        return {
            "action": showing.text(showing.language, f"review.action.{action}"),
            "instant": entry.at,
            "at": showing.moment(instant(entry.at)),
            "who": showing.who(entry.actor, entry.actor_name),
            "behalf": behalf or "",
            "mail": entry.mail,
            "lines": [line for line in self._lines(entry.before, entry.after) if line],
        }

    def _lines(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
        showing, labels = self.showing, {piece.code: piece.label for piece in self.view.pieces}
        if (state := after.get("state")) is not None:
            yield " → ".join(showing.state(each) for each in (before.get("state"), state) if each)
        if before.get("submission_deadline") and (day := after.get("submission_deadline")) is not None:
            yield showing.text(showing.language, "review.deadline_now", deadline=showing.day(day))
        if before.get("pieces"):
            for code, piece in (after.get("pieces") or {}).items():
                said = [(piece or {}).get("comment"), ((piece or {}).get("document") or {}).get("filename")]
                yield " – ".join([labels.get(code, code), *(each for each in said if each)])
        yield str(after.get("reason") or "")
        yield from (str(text) for text in (after.get("notes") or {}).values() if text)
        yield ", ".join(after.get("tags") or ())
        yield from self._fees(before.get("fees") or {}, after.get("fees") or {})
        if (code := (after.get("pre_enrolment") or {}).get("own_code", "")) != "":
            yield code or "–"
        conditions = () if self.view.decision is None else self.view.decision.conditions
        labels = {str(each.number): each.label for each in conditions}
        for number, found in ((after.get("decision") or {}).get("followed") or {}).items():
            if (found or {}).get("state") is not None:
                yield " – ".join(part for part in (labels.get(number, number), (found or {}).get("reason")) if part)
        if "assignee" in after:
            yield self._assignee(after["assignee"])
        if (decided := (after.get("entered") or {}).get("comment")) is not None:
            yield str(decided)

    def _fees(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
        """What was said of fees, and what is now; what was unsaid is a dash."""
        showing = self.showing
        for name in ("regime", "exemption", "amount"):
            if name in before or name in after:
                said = [str(each.get(name) or "–") for each in (before, after)]
                told = map(showing.amount, said) if name == "amount" else said
                label = showing.text(showing.language, f"review.{name}")
                yield showing.text(showing.language, "site.labelled", label=label, said=" → ".join(told))

    def _assignee(self, account: str | None) -> str:
        """Who looks after the file from now on; the name is that of today's view."""
        if account is None:
            return self.showing.text(self.showing.language, "review.nobody")
        name = self.view.assignee_name if account == self.view.assignee else None
        return self.showing.who(f"{ActorKind.STAFF}:{account}", name)
