"""Crash points: labels at which a rehearsal kills the process, as power failure would."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import cache
from itertools import count


def failpoint(label: str) -> None:
    """Die here by SIGKILL if `PARVIS_CRASH_AT` is `label` or `label#n` and this is the n-th passage; else nothing.

    Labels are literals, so that `tests/faults` finds every one of them in the code. Refused in production.
    """
    ordered, passages = _order()
    if label == ordered and next(passages) == 0:
        os.kill(os.getpid(), signal.SIGKILL)


@cache
def _order() -> tuple[str, Iterator[int]]:
    """The label and how many passages are left after each; asked of the environment at the first crash point."""
    label, _, number = os.environ.get("PARVIS_CRASH_AT", "").partition("#")
    return label, count(int(number or 1) - 1, -1)
