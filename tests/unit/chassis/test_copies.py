"""Whoever keeps a copy says all of it each time, so that nothing stays that is there no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.chassis.events.copies import Copies
from services.chassis.ports import Collection
from services.chassis.store.sqlite import SqliteStore

PLACES = Collection("places")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"name": "A"}, "groups"),
        ({"name": "A", "mail": "a@x.example"}, "groups"),
        ({"name": "A", "groups": [], "extra": 1}, "extra"),
        ({}, "groups"),
    ],
)
async def test_a_copy_of_which_not_all_is_said_is_not_kept(tmp_path: Path, content: dict[str, Any], named: str) -> None:
    store = SqliteStore(tmp_path / "copies.sqlite")
    await store.prepare([PLACES])
    copies = Copies(store, PLACES, ("name", "groups"), lasting=("mail",))
    whole = {"name": "A", "groups": ["G"], "mail": "a@x.example"}
    await copies.put("a", 1, whole)
    for flat in (False, True):
        with pytest.raises(ValueError, match=named):
            await copies.put("a", 2, content, flat=flat)
    assert await copies.get("a") == {"_id": "a", "version": 1, **whole}

    await copies.put("a", 2, {"name": "B", "groups": []})
    assert await copies.get("a") == {"_id": "a", "version": 2, "name": "B", "groups": [], "mail": "a@x.example"}
    await store.close()


async def test_a_mark_is_put_on_what_is_there_alone_and_not_on_what_is_newer(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "copies.sqlite")
    await store.prepare([PLACES])
    copies = Copies(store, PLACES, ("name", "gone"))
    await copies.mark("a", 1, gone=True)
    assert await copies.get("a") is None
    await copies.put("a", 2, {"name": "A", "gone": False})
    await copies.mark("a", 1, gone=True)
    assert (await copies.get("a") or {})["gone"] is False
    await copies.mark("a", 3, gone=True)
    assert await copies.get("a") == {"_id": "a", "version": 3, "name": "A", "gone": True}
    await store.close()
