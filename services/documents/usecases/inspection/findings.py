"""What an inspection may find; the words that the inspector and the suite exchange."""

from __future__ import annotations

from enum import Enum


class Finding(Enum):
    """What is wrong with a file."""

    MISMATCH = "content-mismatch"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    ACTIVE = "active-content"
    TOO_MANY_PIXELS = "image-too-large"
