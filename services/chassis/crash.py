"""Crash points: labels at which a rehearsal kills the process, as power failure would."""

from __future__ import annotations

import os
import signal

_label, _, _count = os.environ.get("PARVIS_CRASH_AT", "").partition("#")
_left = int(_count or 1)


def crash_point(label: str) -> None:
    """Die here by SIGKILL if `PARVIS_CRASH_AT` is `label` or `label#n` and this is the n-th passage; else nothing.

    Labels are literals, so that `tests/faults` finds every one of them in the code. Refused in production.
    """
    global _left  # noqa: PLW0603 - one process, one crash
    if label == _label:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
