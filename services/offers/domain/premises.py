"""What a preview was made of, so that what is confirmed is what was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from services.contracts.premises import Premises


def premises(asked: str, come: Iterable[object]) -> Premises:
    """What a preview stands for: what is `asked`, and all that would come of it, in this order."""
    told = hashlib.sha256()
    for each in come:
        told.update(f"{each!r}\n".encode(errors="backslashreplace"))
    return Premises(hashlib.sha256(asked.encode(errors="backslashreplace")).hexdigest(), told.hexdigest())
