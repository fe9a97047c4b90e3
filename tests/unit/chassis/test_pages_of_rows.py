"""A page shows so many things, looks at so many rows, and says behind which one the next begins."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from services.chassis.store.rows import page_of


async def rows(shown: str, ends: list[str]) -> AsyncGenerator[tuple[int, str | None], None]:
    """A row for each letter; of a dot nothing is shown."""
    try:
        for number, letter in enumerate(shown):
            yield number, None if letter == "." else letter
    finally:
        ends.append("closed")


@pytest.mark.parametrize(
    ("shown", "found", "last"),
    [
        ("", "", None),
        ("ab", "ab", None),
        ("ab..", "ab", None),
        ("abc", "ab", 1),
        ("ab.c", "ab", 2),
        ("a....", "a", None),
        ("a.....", "a", 4),
        ("......", "", 4),
    ],
)
async def test_a_page_of_two_things_looks_at_five_rows(shown: str, found: str, last: int | None) -> None:
    ends: list[str] = []
    assert await page_of(rows(shown, ends), 2, 5) == ([*found], last)
    assert ends == ["closed"]
