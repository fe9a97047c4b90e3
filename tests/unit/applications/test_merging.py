"""Runs of rows that are in order become one, and no more rows are looked at than may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from services.applications.domain.listing import Pile, Row
from services.applications.repository.listing import Found, Place
from services.applications.repository.merging import Fetch, merged

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def row(number: int) -> Found:
    shown = Row(Pile.SUBMITTED, "a", "C", "P", "2027", {}, f"{number:03}", "", "", NOW, NOW, NOW, date(2027, 4, 1), 0)
    return f"{number:03}", shown, (f"{number:03}", f"{number:03}")


def run(numbers: Sequence[int], asked: list[int]) -> Fetch:
    async def fetch(limit: int, after: Place | None) -> Sequence[Found]:
        rows = [row(number) for number in numbers if after is None or (f"{number:03}",) * 2 > after][:limit]
        asked.append(len(rows))
        return rows

    return fetch


@pytest.mark.parametrize(
    ("few", "most", "expected", "left"),
    [
        (set[int](), 99, [], "098"),
        (set[int](), 100, [], None),
        ({3, 50}, 51, ["003", "050"], None),
        ({3, 50}, 50, ["003"], "049"),
        ({3, 4, 5}, 100, ["003", "004"], None),
    ],
)
async def test_where_few_are_wanted_a_page_ends_after_so_many_and_says_where(
    few: set[int], most: int, expected: list[str], left: str | None
) -> None:
    """Two filters of which one holds for hardly any file read no more for a page than others do."""
    asked: list[int] = []
    runs = [run(range(0, 100, 2), asked), run(range(1, 100, 2), asked)]
    found = await merged(runs, 1, 2, None, lambda each: int(each.number) in few, most=most)
    assert [id for id, _, _ in found.rows] == expected
    assert found.left == (None if left is None else (left, left))
    assert sum(asked) <= most + 4, "some are read ahead"


async def test_what_is_left_is_found_from_there_on() -> None:
    found: list[str] = []
    place: Place | None = None
    while True:
        runs = [run(range(0, 100, 3), []), run(range(1, 100, 3), [])]
        page = await merged(runs, 1, 5, place, lambda each: int(each.number) % 10 == 0, most=7)
        found += [id for id, _, _ in page.rows]
        if page.left is None:
            break
        place = page.left
    assert found == [f"{number:03}" for number in range(0, 100, 10) if number % 3 != 2]
