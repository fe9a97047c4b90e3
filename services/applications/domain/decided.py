"""What the institution calls decisions and the reasons for them: what can be chosen, what is kept of it (acceptance 123)."""

from __future__ import annotations

from dataclasses import dataclass

from services.applications.domain.states import DecisionKind, Label
from services.contracts.conditions import ListedCondition
from services.contracts.decision_reasons import DecisionReason
from services.contracts.decision_types import DecisionType
from services.contracts.refusals import INVALID_FIELDS, FieldError


@dataclass(frozen=True, slots=True)
class TypeAsDecided:
    """What the institution called a decision when it was entered, and how it told that it can be contested.

    What it calls it later changes nothing of it (acceptance 123).
    """

    code: str
    label: Label
    appeal: Label | None = None


@dataclass(frozen=True, slots=True)
class ReasonAsDecided:
    """What the institution called the reason of a decision when it was entered, whatever it calls it later."""

    code: str
    label: Label


@dataclass(frozen=True, slots=True)
class GroupAsDecided:
    """In which group of a programme's list somebody is, as it was called when that was entered, whatever it is later."""

    code: str
    label: Label


@dataclass(frozen=True, slots=True)
class TypesInForce:
    """The types that staff can choose now, and what is said under a decision of those that can be contested."""

    types: tuple[DecisionType, ...]
    appeal: Label | None = None
    reasons: tuple[DecisionReason, ...] | None = None
    """The institution's own, of which one must be given; None: one says why in words."""

    conditions: tuple[ListedCondition, ...] = ()
    """The institution's own texts of conditions; one may write others."""

    def chosen(self, code: str | None, kind: DecisionKind | None) -> DecisionType:
        """The type of that code, or the first one of the kind; raises INVALID_FIELDS."""
        if code is None and kind is None:
            raise INVALID_FIELDS(fields=[FieldError("kind", "required")])
        for each in self.types:
            if each.code == code or (code is None and each.kind == kind):
                if kind not in (None, each.kind):
                    raise INVALID_FIELDS(fields=[FieldError("type", "not-of-kind")])
                return each
        raise INVALID_FIELDS(fields=[FieldError("kind" if code is None else "type", "unknown-decision-type")])

    def unasked(self, kind: DecisionKind) -> TypeAsDecided | None:
        """The first type of a kind that wants no reason, for a decision that nobody enters; None: the kind's own words."""
        found = (self.as_decided(each) for each in self.types if each.kind == kind and not each.reasoned)
        return next(found, None)

    def as_decided(self, of: DecisionType) -> TypeAsDecided:
        """What is kept of a type with a decision."""
        label = {"fr": of.fr, "en": of.en} if of.en else {"fr": of.fr}
        return TypeAsDecided(of.code, label, self.appeal if of.appeal else None)

    def listed(self, code: str | None, kind: str) -> ReasonAsDecided | None:
        """What is kept of the reason of that code with a decision of a kind; None where one writes why, or does not say.

        Raises INVALID_FIELDS for one that is not in the list, or serves for other kinds.
        """
        if code is None or self.reasons is None:
            return None
        for each in self.reasons:
            if each.code == code and each.serves(kind):
                return ReasonAsDecided(each.code, {"fr": each.fr, "en": each.en} if each.en else {"fr": each.fr})
        raise INVALID_FIELDS(fields=[FieldError("reason", "unknown-decision-reason")])
