"""The clocks that a setting names; those that a rehearsal moves are believed at once (ADR 32)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis import urls

SOON = timedelta(minutes=5)
"""Longer than a test takes."""


def test_only_a_clock_that_somebody_sets_is_believed_whatever_it_shows() -> None:
    assert [urls.open_clock(url).by_hand for url in ("system:", "offset:+0", "offset:+3600", "offset:-5")] == [
        False,
        False,
        True,
        True,
    ]


def test_a_file_moves_the_clock_forth_and_back_and_it_goes_on_from_there(tmp_path: Path) -> None:
    file = tmp_path / "now"
    file.write_text("2027-03-01T04:00:00+01:00\n")
    clock = urls.open_clock(f"file:{file}")
    began = clock.now()
    assert timedelta() <= began - datetime(2027, 3, 1, 3, tzinfo=UTC) < SOON
    assert began.tzinfo is UTC and clock.by_hand
    an_hour_ago = file.stat().st_mtime - 3600
    os.utime(file, (an_hour_ago, an_hour_ago))
    assert timedelta(hours=1) <= clock.now() - datetime(2027, 3, 1, 3, tzinfo=UTC) < timedelta(hours=1) + SOON
    file.write_text("2026-12-01T00:00:00Z")
    assert timedelta() <= clock.now() - datetime(2026, 12, 1, tzinfo=UTC) < SOON


@pytest.mark.parametrize("written", ["", "tomorrow", "2027-03-01T04:00:00", "9999-12-31T23:59:59-23:00", "\u00e9"])
def test_what_is_written_badly_is_refused_first_and_passed_over_later(tmp_path: Path, written: str) -> None:
    file = tmp_path / "now"
    file.write_text(written, encoding="utf-8")
    with pytest.raises(urls.UnusableUrl):
        urls.open_clock(f"file:{file}")
    file.write_text("2027-03-01T04:00:00Z")
    clock = urls.open_clock(f"file:{file}")
    file.write_text(written, encoding="utf-8")
    os.utime(file, (1, 1))
    assert timedelta() <= clock.now() - datetime(2027, 3, 1, 4, tzinfo=UTC) < SOON
    file.unlink()
    assert timedelta() <= clock.now() - datetime(2027, 3, 1, 4, tzinfo=UTC) < SOON


@pytest.mark.parametrize(
    "url", ["", "system", "system:x", "bogus", "offset:", "offset:abc", f"offset:+{10**14}", "file:/no"]
)
def test_what_is_no_clock_is_said_by_the_name_of_the_setting(url: str) -> None:
    with pytest.raises(urls.UnusableUrl) as refused:
        urls.open_clock(url)
    assert refused.value.port == "clock"
