"""Pages of mails of which few are kept: each looks at so many, and none is lost or shown twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.events.aggregates import Versioned
from services.chassis.ports import Sort, Where
from services.mailer.domain.delivery import Delivery, Letter
from services.mailer.domain.priority import Priority
from services.mailer.repository.pages import MOST_READ, READ_AT_ONCE, Place, kept, merged, place_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHERES: tuple[Where, ...] = ({"of_centre": "SEE"}, {"of_centre": "DROIT"})


def mail(number: int) -> Versioned[Delivery]:
    kind, at = "answer-due" if number % 1201 == 7 else "pieces-judged", NOON - timedelta(minutes=number // 3)
    letter = Letter("Objet", "Texte", "")
    delivery = Delivery("a1", kind, "fr", "zoe@example.org", "Zoé", Priority.BULK, letter, created_at=at, due_at=None)
    return Versioned(f"d{number:06d}", delivery, 1)


@pytest.mark.parametrize("limit", [1, 2, 51])
async def test_each_page_looks_at_so_many_and_together_they_have_all(limit: int) -> None:
    rows = {
        "SEE": sorted(map(mail, range(0, 6000, 2)), key=place_of, reverse=True),
        "DROIT": sorted(map(mail, range(9, 6000, 30)), key=place_of, reverse=True),
    }
    looked = 0

    async def listed(where: Where, *, sort: Sort, limit: int, after: Place | None) -> list[Versioned[Delivery]]:
        nonlocal looked
        behind = [each for each in rows[str(where["of_centre"])] if after is None or place_of(each) < after]
        looked += len(behind[:limit])
        return behind[:limit]

    found: list[Versioned[Delivery]] = []
    after: Place | None = None
    while True:
        looked = 0
        page, until = await merged(listed, WHERES, lambda mail: mail.kind == "answer-due", limit + 1, after)
        assert looked <= MOST_READ + len(WHERES) * READ_AT_ONCE
        assert len(page) <= limit + 1
        found += page[:limit]
        after = place_of(page[limit - 1]) if len(page) > limit else until
        if after is None:
            break
    wanted = [each for run in rows.values() for each in run if each.state.kind == "answer-due"]
    assert len(wanted) >= 3
    assert found == sorted(wanted, key=place_of, reverse=True)


async def test_behind_a_full_page_nothing_is_looked_at() -> None:
    """Whoever has the last one that is kept is not made to wait for all older ones."""
    looked = 0

    async def listed(where: Where, *, sort: Sort, limit: int, after: Place | None) -> list[Versioned[Delivery]]:
        nonlocal looked
        page = [each for each in map(mail, range(0, 3000, 3)) if after is None or place_of(each) < after][:limit]
        looked += len(page)
        return page

    assert [each.id for each in (await kept(listed, {}, lambda mail: mail.created_at == NOON, 1, None))[0]] == [
        "d000000"
    ]
    assert looked == READ_AT_ONCE
