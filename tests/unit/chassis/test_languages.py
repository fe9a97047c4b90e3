"""Accept-Language, by RFC 9110."""

from __future__ import annotations

import pytest

from services.chassis.languages import preferred


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("en", "en"),
        ("en-GB", "en"),
        ("EN-us", "en"),
        ("de", "fr"),
        ("de, en;q=0.1", "en"),
        ("fr;q=0.8, en", "en"),
        ("fr, en", "fr"),
        ("en;q=0.5, fr;q=0.5", "fr"),
        ("en;q=0", "fr"),
        ("fr;q=0, *", "en"),
        ("*", "fr"),
        ("fr;q=0, en;q=0", "fr"),
        ("en;q=0.001", "en"),
        ("en;q=1.001", "fr"),
        ("en;q=0.0001", "fr"),
        ("en ; q=0.9 , fr ; q=0.3", "en"),
        ("en;level=1", "fr"),
        ("\x00en", "fr"),
        ("en" + " " * 510, "en"),
        ("en" + " " * 511, "fr"),
    ],
)
def test_the_language_that_suits_best_and_french_when_in_doubt(accept: str | None, language: str) -> None:
    assert preferred(accept) == language
