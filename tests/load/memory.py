"""Memory of a process and its children."""

from __future__ import annotations

import psutil

MEGABYTE = 1e6


def megabytes(pid: int) -> float:
    """What the process and its children hold, shared pages counted once (PSS), in MB."""
    root = psutil.Process(pid)
    total = 0
    for process in [root, *root.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / MEGABYTE
