"""A file's name in headers: RFC 8187 on the way in, RFC 6266 on the way out (acceptance 59)."""

from __future__ import annotations

import pytest
from aiohttp.multipart import content_disposition_filename, parse_content_disposition
from hypothesis import example, given
from hypothesis import strategies as st

from services.contracts.api.documents import attachment, decode_filename, encode_filename

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255)


@given(NAMES)
def test_what_is_encoded_is_decoded(name: str) -> None:
    header = encode_filename(name)
    assert header.isascii()
    assert header.isprintable()
    assert decode_filename(header) == name


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
@example(";;")
def test_a_client_finds_the_name_unchanged(name: str) -> None:
    """Read by aiohttp's client, which is not what wrote it."""
    kind, parameters = parse_content_disposition(attachment(name))
    assert kind == "attachment"
    assert content_disposition_filename(parameters) == name
    assert parameters["filename"].isascii()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("cv.pdf", "cv.pdf"),
        ("my cv (1).pdf", "my cv (1).pdf"),
        ("UTF-8''cv.pdf", "cv.pdf"),
        ("utf-8'fr'relev%C3%A9%20de%20notes.pdf", "relevé de notes.pdf"),
        ("UTF-8''%e2%82%ac", "€"),
        ("UTF-8''a%2Fb", "a/b"),
        ("l'oeuvre d'art.pdf", "l'oeuvre d'art.pdf"),
    ],
)
def test_names_that_are_understood(header: str, name: str) -> None:
    assert decode_filename(header) == name


@pytest.mark.parametrize(
    "header",
    [
        "",
        "relevé.pdf",
        "UTF-8''relev%E9.pdf",
        "UTF-8''100%.pdf",
        "UTF-8''a b",
        "UTF-8'cv.pdf",
        "UTF-8''%ed%a0%80",
        "cv\t.pdf",
        "UTF-8''\udce9",
    ],
)
def test_names_that_are_not(header: str) -> None:
    with pytest.raises(ValueError, match=r"extended|codec"):
        decode_filename(header)


def test_a_quote_cannot_end_the_ascii_name() -> None:
    assert attachment('a"b\\c%20é.pdf') == (
        "attachment; filename=\"a_b_c_20_.pdf\"; filename*=UTF-8''a%22b%5Cc%2520%C3%A9.pdf"
    )
