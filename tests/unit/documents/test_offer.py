"""What an upload must be before its bytes are read."""

from __future__ import annotations

import pytest

from services.contracts.refusals import Refusal
from services.documents.domain.refusals import (
    CONTENT_MISMATCH,
    EMPTY,
    FILENAME_INVALID,
    IMAGE_TOO_LARGE,
    TOO_LARGE,
    TYPE_NOT_ALLOWED,
)
from services.documents.domain.uploads import (
    EXTENSIONS,
    JPEG,
    OTHER_EXTENSIONS,
    PDF,
    PNG,
    Offer,
    Rules,
    check_content,
    check_offer,
    image_too_large,
    too_large,
)

RULES = Rules((PDF, JPEG), 5 * 2**20, 60_000_000)


def refused(offer: Offer, rules: Rules = RULES) -> Refusal:
    with pytest.raises(Refusal) as caught:
        check_offer(offer, rules)
    return caught.value


def test_a_file_of_the_largest_size_is_taken_and_one_byte_more_is_not() -> None:
    """Acceptance 48."""
    assert check_offer(Offer(PDF, "cv.pdf", RULES.max_bytes), RULES) == "cv.pdf"
    refusal = refused(Offer(PDF, "cv.pdf", RULES.max_bytes + 1))
    assert refusal.slug is TOO_LARGE
    assert refusal.members == {"max_bytes": 5 * 2**20}


def test_a_size_that_is_not_told_is_counted_later() -> None:
    assert check_offer(Offer(JPEG, "photo.JPG", None), RULES) == "photo.JPG"


def test_an_empty_file_is_refused_at_once() -> None:
    assert refused(Offer(PDF, "cv.pdf", 0)).slug is EMPTY


@pytest.mark.parametrize("media_type", [PNG, "application/zip", "application/octet-stream", "", "text/html"])
def test_other_types_are_refused_with_those_that_are_taken(media_type: str) -> None:
    """Acceptance 49."""
    refusal = refused(Offer(media_type, "cv.pdf", 9))
    assert refusal.slug is TYPE_NOT_ALLOWED
    assert refusal.members == {"allowed": [PDF, JPEG]}


@pytest.mark.parametrize(("media_type", "name"), [(PDF, "document.pdf"), (JPEG, "document.jpg")])
def test_a_file_without_a_name_is_named_after_its_type(media_type: str, name: str) -> None:
    assert check_offer(Offer(media_type, None, 9), RULES) == name


@pytest.mark.parametrize(
    "name",
    [
        "relevé de notes.pdf",
        'l’été "cité" d\'Anaïs (1).pdf',
        "成绩单.pdf",
        "e\u0301te\u0301.PDF",
        "a" * 251 + ".pdf",
        "cv",
        "releve 2.5",
        "M. Dupont",
        ".pdf",
        "v1.2.final",
        "100 %.pdf",
        "..pdf",
    ],
)
def test_a_name_is_taken_as_it_is(name: str) -> None:
    """Acceptance 59."""
    assert check_offer(Offer(PDF, name, 9), RULES) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * 252 + ".pdf",
        "../cv.pdf",
        "a/cv.pdf",
        "C:\\cv.pdf",
        "cv\0.pdf",
        "cv\n.pdf",
        "cv\x7f.pdf",
        "cv\x85.pdf",
        ".",
        "..",
        " ",
        "cv\u202efdp.exe",
        "cv\u2066.pdf",
        "cv\ud800.pdf",
    ],
)
def test_a_name_that_could_have_an_effect_is_refused(name: str) -> None:
    """Acceptance 59."""
    refusal = refused(Offer(PDF, name, 9))
    assert refusal.slug is FILENAME_INVALID
    assert refusal.members == {"max_length": 255}


@pytest.mark.parametrize("name", ["cv.docx", "cv.exe", "cv.PNG", "cv.jpg", "cv.pdf.exe", "page.html"])
def test_a_name_that_promises_another_type_is_refused(name: str) -> None:
    """Acceptance 49."""
    assert refused(Offer(PDF, name, 9)).slug is CONTENT_MISMATCH


@pytest.mark.parametrize("recognised", [None, JPEG, "application/zip"])
def test_bytes_of_another_type_are_refused(recognised: str | None) -> None:
    """Acceptance 49."""
    check_content(PDF, PDF)
    with pytest.raises(Refusal) as caught:
        check_content(recognised, PDF)
    assert caught.value.slug is CONTENT_MISMATCH


def test_limits_are_told() -> None:
    refusal = image_too_large(Rules((PDF,), 9, 60_000_000))
    assert refusal.slug is IMAGE_TOO_LARGE
    assert refusal.members == {"max_pixels": 60_000_000, "max_megapixels": 60}
    assert too_large(Rules((PDF,), 2 * 2**20, 9)).members == {"max_bytes": 2 * 2**20}


def test_no_extension_promises_two_things() -> None:
    known = [extension for extensions in EXTENSIONS.values() for extension in extensions]
    assert len(known) == len(set(known))
    assert OTHER_EXTENSIONS.isdisjoint(known)
