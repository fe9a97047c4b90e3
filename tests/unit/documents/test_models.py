"""Which bytes of a model are asked for (RFC 9110 section 14)."""

from __future__ import annotations

import pytest

from services.documents.domain.models import wanted_range


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-99", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=99-", (99, 100)),
        ("bytes=99-4000", (99, 100)),
        ("bytes=-1", (99, 100)),
        ("bytes=-4000", (0, 100)),
        ("bytes=100-", None),
        ("bytes=-0", None),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
    ],
)
def test_one_range_is_taken_and_anything_else_is_the_whole(header: str | None, part: tuple[int, int] | None) -> None:
    assert wanted_range(header, 100) == part
