"""The words that pages of staff have for days, people, decisions and fees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.actors import ActorKind
from services.contracts.api.bulk import DecisionInBrief
from services.contracts.api.condition_views import StaffConditionView
from services.contracts.api.fees import FeesView
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.portal.showing import COLOURS, Text


@dataclass(frozen=True, slots=True)
class Saying:
    """Says things in one language, by the clock of `zone`, to the member of staff `reader`."""

    text: Text
    zone: ZoneInfo
    language: Language
    reader: str

    def said(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """A decision that is about to be entered, as the API has taken it."""
        meeting = given.get("appointment")
        return {
            "label": given["label"],
            "reason": given.get("reason"),
            "comment": given.get("comment"),
            "group": given.get("group"),
            "when": meeting and self._meeting(meeting["day"], meeting["time"]),
            "place": meeting and meeting["place"],
            "conditions": [self._in_one(label, until) for label, until in given.get("conditions", ())],
        }

    def _in_one(self, label: str, until: str | None) -> str:
        """A condition with the day by which it is to be met."""
        return (
            label if until is None else f"{label} – {self.text(self.language, 'condition.until', day=self.day(until))}"
        )

    def fees(self, fees: FeesView) -> Mapping[str, str]:
        """What is said of fees, each as people read it; empty where nothing is."""
        amount = fees.amount and self.text(self.language, "review.amount_of", amount=self.amount(fees.amount))
        regime, exemption = fees.regime, fees.exemption
        return {
            "regime": "" if regime is None else regime.label,
            "exemption": "" if exemption is None else exemption.label,
            "amount": amount or "",
        }

    def amount(self, amount: str) -> str:
        """Euros as people write them."""
        return amount.replace(".", ",") if self.language == "fr" else amount

    def _meeting(self, day: str, at: str) -> str:
        return self.moment(datetime.combine(date.fromisoformat(day), time.fromisoformat(at), self.zone))

    def condition(self, condition: StaffConditionView) -> Mapping[str, Any]:
        """A condition of an admission, and who has found what of it."""
        at = condition.marked_at and self.moment(instant(condition.marked_at))
        by = condition.marked_by and self.who(condition.marked_by, condition.marked_by_name)
        return {
            "number": condition.number,
            "label": condition.label,
            "until": condition.until and self.day(condition.until),
            "state": condition.state,
            "state_label": condition.state_label,
            "colour": COLOURS.get(condition.state, ""),
            "on": condition.on and self.day(condition.on),
            "reason": condition.reason,
            "seen": condition.marked_at or "",
            "marked": at and self.text(self.language, "review.condition_marked", at=at, who=by),
        }

    def who(self, actor: str, name: str | None) -> str:
        """Whoever acted, as the reader knows them."""
        kind, _, id = actor.partition(":")
        if kind == ActorKind.STAFF:
            return self.text(self.language, "review.by_you") if id == self.reader else name or self.staff
        of_candidate = kind == ActorKind.ACCOUNT
        return self.text(self.language, "review.by_candidate" if of_candidate else "review.by_service")

    @property
    def staff(self) -> str:
        """Somebody of staff of whom no more is known."""
        return self.text(self.language, "review.by_staff")

    def decided(self, decision: str) -> str:
        """What lists are narrowed to by decisions, in words."""
        if decision == "none":
            return self.text(self.language, "review.undecided")
        if decision == "entered":
            return self.text(self.language, "review.to_validate")
        return catalogues().text(f"applications.word.{decision}", self.language)

    def answered(self, answer: str) -> str:
        """An answer to a place, in words."""
        if answer == "none":
            return self.text(self.language, "review.unanswered_place")
        return self.text(self.language, f"answer.given_{answer}")

    def conditions(self, state: str) -> str:
        """How the conditions of a place stand together, in words."""
        return self.text(self.language, f"review.conditions_are_{state}")

    def brief(self, decision: DecisionInBrief) -> str:
        """A decision in one line, with its rank, and whether it counts."""
        label = decision.label
        if decision.rank is not None:
            label = self.text(self.language, "review.ranked", label=label, rank=decision.rank)
        if decision.group is not None:
            label = self.text(self.language, "review.grouped", label=label, group=decision.group)
        if decision.conditions:
            label = self.text(self.language, "review.conditional", label=label, count=decision.conditions)
        if decision.validated:
            return self.text(self.language, "review.brief_validated", label=label)
        return self.text(self.language, "review.brief_entered", label=label)

    def state(self, state: str) -> str:
        """The word for a state of files."""
        return catalogues().text(f"applications.word.{state}", self.language)

    def day(self, day: str) -> str:
        """A day as people write it."""
        return formats.day(date.fromisoformat(day), self.language)

    def moment(self, at: datetime) -> str:
        """An instant with its hour, and whose hour that is."""
        return formats.moment(at, self.language, self.zone, catalogues().text(MOMENT, self.language))
