"""Files of which their candidates know nothing: they were opened to offer a place that is not decided yet (ADR 78, 88)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.applications.domain.model import Application
from services.applications.domain.states import FileState

_CONCEALED: Final = ((FileState.COMPLETE,), (FileState.COMPLETE, FileState.CANCELLED))


def concealed(states: Sequence[str], *, told: bool) -> bool:
    """Whether a candidate knows nothing of a file that came into these states: it was opened to offer a place.

    Once something of it was `told` that stays so: it was submitted, or a decision on it counts. One that was given up
    before is told of never (acceptance 46).
    """
    return not told and tuple(states) in _CONCEALED


def is_concealed(application: Application) -> bool:
    """Whether its candidate knows nothing of it."""
    told = bool(application.submissions) or application.decision is not None
    return concealed([milestone.state for milestone in application.history], told=told)
