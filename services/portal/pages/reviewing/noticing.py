"""What the page of a list has shown of its files, so that it can be told how many of them have changed."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from services.contracts.api.review import ReviewRow
from services.portal.pages.reviewing.narrowing import Narrowed
from services.portal.paths import REVIEW

CHANGES: Final = f"{REVIEW}/changements"
SEEN: Final = "vu"
_SIGN: Final = 4
"""Characters that tell files, and what is said of one, apart."""
_MOST: Final = 200
AS_SEEN: Final = re.compile(rf"([A-Za-z0-9_-]{{{2 * _SIGN}}}){{0,{_MOST}}}", re.ASCII)


def address_of(asked: Narrowed, rows: Sequence[ReviewRow]) -> str:
    """Where the page of a list asks that shows these rows."""
    query = asked.address(place=asked.place).partition("?")[2]
    return f"{CHANGES}?{query}&{urlencode({SEEN: ''.join(map(_token, rows))})}"


def changed(seen: str, rows: Sequence[ReviewRow]) -> int:
    """How many files of a list are there no more, are new, or say something else than when it was `seen`.

    One that has gone and the one that has come up in its place are one.
    """
    tokens = [seen[start : start + 2 * _SIGN] for start in range(0, len(seen), 2 * _SIGN)]
    before = {token[:_SIGN]: token for token in tokens}
    now = {token[:_SIGN]: token for token in map(_token, rows)}
    others = sum(1 for id in before.keys() & now.keys() if before[id] != now[id])
    return others + max(len(before.keys() - now.keys()), len(now.keys() - before.keys()))


def _token(row: ReviewRow) -> str:
    return _digest(row.id) + _digest(row.model_dump_json())


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())[:_SIGN].decode()
