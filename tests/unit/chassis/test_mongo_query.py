"""Which indexes a server is still to be given, by what it says that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from services.chassis.ports import Index
from services.chassis.store.mongo_query import not_held

BY_STATE = Index("by_state", ("state",))
EMAIL = Index("email", ("email",), unique=True)
FILLED = {"email": {"$type": ["string", "number", "bool"]}}
SEARCHED = {"v": 2, "key": {"state": 1, "_id": 1}, "name": "by_state"}
UNIQUE = {"v": 2, "key": {"email": 1}, "name": "email", "unique": True, "partialFilterExpression": FILLED}
# What FerretDB says besides.
STORED = {"storageEngine": {"enableOrderedIndex": True}}


@pytest.mark.parametrize(
    ("held", "missing"),
    [
        ((), ["by_state", "email"]),
        ((SEARCHED, UNIQUE), ["email"]),
        ((SEARCHED | STORED, UNIQUE | STORED), ["email"]),
        ((SEARCHED,), ["email"]),
        ((SEARCHED, UNIQUE | {"unique": False}), ["email"]),
        ((SEARCHED, UNIQUE | {"partialFilterExpression": {}}), ["email"]),
        ((SEARCHED | {"key": {"_id": 1, "state": 1}}, UNIQUE), ["by_state", "email"]),
        ((SEARCHED | {"key": {"state": -1, "_id": 1}}, UNIQUE), ["by_state", "email"]),
        ((SEARCHED | {"name": "other"}, UNIQUE), ["by_state", "email"]),
        ((SEARCHED | {"unique": True}, UNIQUE), ["by_state", "email"]),
    ],
)
def test_only_what_is_there_as_declared_is_left_alone(held: tuple[Mapping[str, Any], ...], missing: list[str]) -> None:
    """And of that no unique one, which another process may still be building."""
    assert [options["name"] for options in not_held((BY_STATE, EMAIL), held)] == missing
