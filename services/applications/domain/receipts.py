"""Digests by which a receipt proves what it is about (product, section 8, point 1)."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def receipt_digest(receipt: str) -> str:
    """SHA-256 in hexadecimal of a signed receipt, by which others may speak of it."""
    return hashlib.sha256(receipt.encode()).hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 in hexadecimal of the value's canonical JSON (RFC 8785); raises ValueError for what is not JSON."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
