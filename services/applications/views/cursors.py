"""Where the next page of a list begins, as clients send it back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import orjson

from services.contracts.refusals import INVALID_FIELDS, FieldError


def cursor_of(place: Sequence[str | None]) -> str:
    """A place in the order of a list, in letters that stand in any address."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def place_in(cursor: str | None, field: str) -> list[str] | None:
    """What `cursor_of` wrote; raises INVALID_FIELDS, for that field, for anything else."""
    if cursor is None:
        return None
    try:
        place = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        if not isinstance(place, list) or not place:
            raise ValueError(cursor)
        if not all(isinstance(each, str) and "\x00" not in each for each in place):
            raise ValueError(cursor)
    except (binascii.Error, ValueError):
        raise malformed(field) from None
    return place


def malformed(field: str) -> Exception:
    """The refusal of a cursor that nothing has written."""
    return INVALID_FIELDS(fields=[FieldError(field, "malformed")])
