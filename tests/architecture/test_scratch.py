"""Tests write in memory where there is room for them, and never against what somebody has set."""

from __future__ import annotations

from pathlib import Path

from tests.scratch import best, has_room


def test_room_is_what_is_free(tmp_path: Path) -> None:
    assert has_room(tmp_path, 1)
    assert not has_room(tmp_path, 2**62)
    assert not has_room(tmp_path / "not there", 0)


def test_nothing_is_chosen_that_is_not_there_or_against_what_is_set(tmp_path: Path) -> None:
    assert best({}, tmp_path / "not there") is None
    assert best({"TMPDIR": "/var/tmp"}, tmp_path) is None
