"""Instants as people read them, remembered as what they are and not as what their clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from services.chassis.texts import formats
from services.chassis.texts.catalogues import catalogues

PARIS = ZoneInfo("Europe/Paris")


def written(at: datetime, language: str, zone: tzinfo) -> str:
    return formats.moment(at, language, zone, "d MMM HH:mm").replace("\N{NO-BREAK SPACE}", " ")


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    """Two of them are equal to Python, which looks at their clock; people wait an hour between them."""
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=fold) for fold in (0, 1))
    assert first == second
    assert [formats.moment(at, "fr", PARIS, "HH:mm xxx") for at in (first, second)] == ["02:30 +02:00", "02:30 +01:00"]


def test_one_instant_is_written_by_the_clock_of_each_zone() -> None:
    at = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    same = at.astimezone(PARIS)
    assert at == same
    for instant in (at, same):
        assert written(instant, "fr", UTC) == "1er mars 23:59"
        assert written(instant, "fr", PARIS) == "2 mars 00:59"
        assert written(instant, "en", PARIS) == "2 Mar 00:59"
    assert written(at + timedelta(minutes=1), "fr", UTC) == "2 mars 00:00"


def test_a_text_wants_every_figure_that_it_names() -> None:
    assert catalogues().text("portal.formation.code", "fr", code="M1{x}").endswith("M1{x}")
    with pytest.raises(KeyError, match="code"):
        catalogues().text("portal.formation.code", "fr")
