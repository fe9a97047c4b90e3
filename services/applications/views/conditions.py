"""Conditions of an admission, as candidates and as staff see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.applications.domain.conditioned import Condition, Followed
from services.applications.domain.conditions import begun
from services.applications.domain.decision_model import EnteredDecision, ValidatedDecision
from services.applications.views.wording import text_in, word
from services.contracts.actors import staff_id
from services.contracts.api.condition_views import ConditionView, StaffConditionView
from services.contracts.instants import instant_text


def conditions_shown(decision: ValidatedDecision, language: str) -> list[ConditionView]:
    """Those of a decision that counts, as its candidate sees them."""
    return [ConditionView(**shown) for shown in _shown(decision.entered.conditions, decision.followed, language)]


def conditions_for_staff(
    decision: EnteredDecision, followed: Sequence[Followed] | None, language: str, names: Mapping[str, str]
) -> list[StaffConditionView]:
    """The same as staff see them; of a decision that is only entered nothing is `followed`."""
    found = begun(decision.conditions) if followed is None else followed
    return [
        StaffConditionView(
            **shown,
            code=condition.code,
            marked_at=None if each.at is None else instant_text(each.at),
            marked_by=None if each.by is None else each.by.actor,
            marked_by_name=None if each.by is None else names.get(staff_id(each.by.actor)),
        )
        for shown, condition, each in zip(
            _shown(decision.conditions, found, language), decision.conditions, found, strict=True
        )
    ]


def _shown(conditions: Sequence[Condition], followed: Sequence[Followed], language: str) -> list[dict[str, Any]]:
    return [
        {
            "number": each.number,
            "label": text_in(condition.label, language),
            "until": None if condition.until is None else condition.until.isoformat(),
            "state": each.state.value,
            "state_label": word(f"condition_{each.state}", language),
            "on": None if each.on is None else each.on.isoformat(),
            "reason": each.reason,
        }
        for condition, each in zip(conditions, followed, strict=True)
    ]
