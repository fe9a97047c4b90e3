"""What an upload must be before its bytes are read."""

from __future__ import annotations

import pytest

from services.contracts.refusals import ErrorCode, RefusedError
from services.contracts.refusals.documents import (
    CONTENT_MISMATCH,
    EMPTY,
    FILENAME_INVALID,
    HEIC_NOT_YET,
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
    DeclaredUpload,
    Rules,
    check_offer,
    default_filename,
    download_filename,
    image_too_large,
    media_type_of,
    too_large,
)

RULES = Rules((PDF, JPEG), 5 * 2**20, 60_000_000)


def refused(offer: DeclaredUpload, rules: Rules = RULES) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        check_offer(offer, rules)
    return caught.value


def test_a_file_of_the_largest_size_is_taken_and_one_byte_more_is_not() -> None:
    """Acceptance 48."""
    assert check_offer(DeclaredUpload(PDF, "cv.pdf", RULES.max_bytes), RULES) == "cv.pdf"
    refusal = refused(DeclaredUpload(PDF, "cv.pdf", RULES.max_bytes + 1))
    assert refusal.slug is TOO_LARGE
    assert refusal.members == {"max_bytes": 5 * 2**20}


def test_a_size_that_is_not_told_is_counted_later() -> None:
    assert check_offer(DeclaredUpload(JPEG, "photo.JPG", None), RULES) == "photo.JPG"


def test_an_empty_file_is_refused_at_once() -> None:
    assert refused(DeclaredUpload(PDF, "cv.pdf", 0)).slug is EMPTY


@pytest.mark.parametrize("media_type", ["multipart/form-data", "message/rfc822"])
def test_what_comes_wrapped_is_refused_with_what_is_taken(media_type: str) -> None:
    refusal = refused(DeclaredUpload(media_type, "cv.pdf", 9))
    assert refusal.slug is TYPE_NOT_ALLOWED
    assert refusal.members == {"allowed": [PDF, JPEG]}


@pytest.mark.parametrize(("media_type", "name"), [(PDF, "document.pdf"), (JPEG, "document.jpg")])
def test_a_file_without_a_name_is_named_after_its_type(media_type: str, name: str) -> None:
    assert check_offer(DeclaredUpload(media_type, None, 9), RULES) is None
    assert default_filename(media_type) == name


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
    assert check_offer(DeclaredUpload(PDF, name, 9), RULES) == name


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("primary:Download/relevé.pdf", "relevé.pdf"),
        ("image:1641", "image:1641"),
        ("C:\\Users\\ann\\cv.pdf", "cv.pdf"),
        ("../cv.pdf", "cv.pdf"),
        ("\u2068relevé\u2069.pdf", "relevé.pdf"),
        ("cv\u202efdp.exe", "cvfdp.exe"),
        ("\ufeffcv\u200b.pdf", "cv.pdf"),
    ],
)
def test_paths_and_invisible_marks_that_systems_add_are_dropped(sent: str, name: str) -> None:
    """Acceptance 59, 106."""
    assert check_offer(DeclaredUpload(PDF, sent, 9), RULES) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * 252 + ".pdf",
        "cv\0.pdf",
        "cv\n.pdf",
        "cv\x7f.pdf",
        "cv\x85.pdf",
        ".",
        "..",
        " ",
        "a/",
        "\u2066",
        "cv\ud800.pdf",
    ],
)
def test_a_name_that_could_have_an_effect_is_refused(name: str) -> None:
    """Acceptance 59."""
    refusal = refused(DeclaredUpload(PDF, name, 9))
    assert refusal.slug is FILENAME_INVALID
    assert refusal.members == {"max_length": 255}


# --- by content -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "announced", [PDF, JPEG, "image/jpg", "application/x-pdf", "application/octet-stream", "text/html", ""]
)
@pytest.mark.parametrize("recognised", [PDF, JPEG])
def test_content_decides_whatever_was_announced(recognised: str, announced: str) -> None:
    """Acceptance 49, 106."""
    assert media_type_of(recognised, announced, RULES) == recognised


@pytest.mark.parametrize(
    ("recognised", "announced", "slug"),
    [
        (None, PDF, CONTENT_MISMATCH),
        ("application/zip", "application/x-pdf", CONTENT_MISMATCH),
        ("application/zip", "image/jpg", CONTENT_MISMATCH),
        ("application/zip", "application/zip", TYPE_NOT_ALLOWED),
        (None, "application/octet-stream", TYPE_NOT_ALLOWED),
        (None, "", TYPE_NOT_ALLOWED),
        (PNG, PNG, TYPE_NOT_ALLOWED),
        (PNG, JPEG, TYPE_NOT_ALLOWED),
        ("image/heic", JPEG, HEIC_NOT_YET),
        ("image/heif", "", HEIC_NOT_YET),
    ],
)
def test_other_contents_are_refused(recognised: str | None, announced: str, slug: ErrorCode) -> None:
    """Acceptance 49."""
    with pytest.raises(RefusedError) as caught:
        media_type_of(recognised, announced, RULES)
    assert caught.value.slug is slug
    assert caught.value.members == ({} if slug is CONTENT_MISMATCH else {"allowed": [PDF, JPEG]})


@pytest.mark.parametrize(
    ("media_type", "name", "given"),
    [
        (PDF, "relevé 2.5", "relevé 2.5"),
        (PDF, "cv.PDF", "cv.PDF"),
        (PDF, "bulletin www.ecole.com", "bulletin www.ecole.com.pdf"),
        (PDF, "notes.key", "notes.key.pdf"),
        (PDF, "page.html", "page.html.pdf"),
        (PDF, "cv.exe. ", "cv.exe. .pdf"),
        (PDF, "photo.jpg", "photo.jpg.pdf"),
        (JPEG, "photo.pdf", "photo.pdf.jpg"),
        (PNG, "photo.jpg", "photo.jpg"),
        (JPEG, "photo.png", "photo.png"),
    ],
)
def test_a_file_is_given_out_under_a_name_that_only_its_own_programs_open(
    media_type: str, name: str, given: str
) -> None:
    assert download_filename(name, media_type) == given


def test_limits_are_told() -> None:
    refusal = image_too_large(Rules((PDF,), 9, 60_000_000))
    assert refusal.slug is IMAGE_TOO_LARGE
    assert refusal.members == {"max_pixels": 60_000_000, "max_megapixels": 60}
    assert too_large(Rules((PDF,), 2 * 2**20, 9)).members == {"max_bytes": 2 * 2**20}


def test_no_extension_promises_two_things() -> None:
    known = [extension for extensions in EXTENSIONS.values() for extension in extensions]
    assert len(known) == len(set(known))
    assert OTHER_EXTENSIONS.isdisjoint(known)
