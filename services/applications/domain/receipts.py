"""Digests by which a receipt proves what it is about (product, section 8, point 1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def receipt_digest(receipt: str) -> str:
    """SHA-256 in hexadecimal of a signed receipt, by which others may speak of it."""
    return hashlib.sha256(receipt.encode()).hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 in hexadecimal of the value's canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def canonical_json(value: Any) -> bytes:
    """The one way to write a JSON value of texts, integers, booleans, null, arrays and objects (RFC 8785).

    Raises TypeError for numbers with a fraction, which no profile holds, and for what is not JSON.
    """
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


def _ordered(value: Any) -> Any:
    match value:
        case Mapping():
            # RFC 8785 sorts names by UTF-16 code units, which differs from Python's order beyond the basic plane.
            return {name: _ordered(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
        case list() | tuple():
            return [_ordered(item) for item in value]
        case None | str() | bool() | int():
            return value
        case _:
            raise TypeError(f"not written canonically: {type(value).__name__}")
