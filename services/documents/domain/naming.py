"""How a file that never changes is named: another one for the same thing has another name."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = 16
"""Of the digest, which stand in the name."""


def named(of: str, sha256: str, ending: str) -> str:
    """The name of the file with that digest, a SHA-256 in hexadecimal, for what has that code."""
    return f"{of}.{sha256[:_DIGITS]}.{ending}"
