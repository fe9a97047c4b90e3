"""What the pages of an application show of what the university has done in its candidate's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.contracts.api.in_place_views import ActView
from services.contracts.instants import instant


def shown(act: ActView, moment: Callable[[datetime], str]) -> Mapping[str, Any]:
    """One act: what was done, when, and why; and whether it is so no more."""
    said = {"action": act.action, "label": act.label, "at": moment(instant(act.at)), "reason": act.reason}
    return {**said, "undone": act.undone}
