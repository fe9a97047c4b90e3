"""The copy of a programme is read once as long as its row is the same, and never from an earlier one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.deadline import Move
from services.applications.repository.deadlines import DEADLINES, DeadlineCopies
from services.applications.repository.programmes import MOST_KNOWN, PROGRAMMES, ProgrammeCopies
from services.chassis.ports import Get
from services.chassis.store.sqlite import SqliteStore
from tests.unit.applications.builders import offer


def programme(number: int) -> ProgrammeCopy:
    one = offer()
    return replace(one, programme=replace(one.programme, code=f"M{number}"))


async def test_what_is_kept_anew_or_moved_is_read_anew_also_beyond_what_is_remembered(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "applications.sqlite")
    await store.prepare([PROGRAMMES, DEADLINES])
    copies = ProgrammeCopies(store)
    many = [programme(number) for number in range(MOST_KNOWN + 1)]
    await asyncio.gather(*(copies.keep(each, 1) for each in many))
    for _ in range(2):
        assert [await copies.of(each.programme.code) for each in many] == many

    later = replace(many[0], information={"fr": "Le jury se réunit en mai.", "en": "The board meets in May."})
    await copies.keep(later, 2)
    assert await copies.versioned("M0") == (later, 2)

    day = later.submission_deadline + timedelta(days=3)
    await DeadlineCopies(store).keep(later.campaign, [Move("programme", "M0", day)], 1)
    moved = (replace(later, submission_deadline=day), 2)
    for campaign in (later.campaign, "2026"):
        (row,), found = await copies.beside([Get(PROGRAMMES.name, "M1")], "M0", campaign)
        assert row is not None
        assert (row["_id"], found) == ("M1", moved)
        assert await copies.beside([Get(PROGRAMMES.name, "nowhere")], "M0", campaign) == ([None], moved)
    assert await copies.of("M1") == many[1]
    await store.close()
