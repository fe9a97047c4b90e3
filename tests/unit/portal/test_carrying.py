"""A file goes from the page of a preview to the one that confirms it, and no larger one comes back."""

from __future__ import annotations

import base64
import zlib

import pytest

from services.portal.pages.carrying import packed, unpacked


def test_a_file_comes_back_as_it_went_up_to_its_limit() -> None:
    content = bytes(range(256)) * 8
    assert unpacked(packed(content), len(content)) == content
    assert unpacked(packed(content), len(content) - 1) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "é", "AAAA", packed(b"")),
        packed(b"whole" * 50)[:-8],
        base64.urlsafe_b64encode(zlib.compress(b"one") + b"more").decode()[:9],
    ],
)
def test_what_is_none_of_ours_is_nothing(text: str) -> None:
    assert unpacked(text, 100_000) is None
