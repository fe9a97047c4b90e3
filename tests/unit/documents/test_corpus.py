"""Every kind of document, whole and with a part zeroed, cut out or doubled: only what still looks the same is taken."""

from __future__ import annotations

import io
from collections.abc import Callable

import img2pdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat

from services.documents.usecases.inspection.findings import Finding, Notice, Noticed
from services.documents.usecases.inspection.tasks import inspect
from services.documents.usecases.receiving import HEAD_BYTES, recognise
from tests.unit.documents import kinds
from tests.unit.documents.kinds import KINDS

PIXELS = 10_000_000
PLACES = ((0.05, 0.35), (0.35, 0.65), (0.6, 0.9), (0.42, 0.55))
Harm = Callable[[bytes, int, int], bytes]


def zeroed(content: bytes, start: int, stop: int) -> bytes:
    return content[:start] + bytes(stop - start) + content[stop:]


def cut(content: bytes, start: int, stop: int) -> bytes:
    return content[:start] + content[stop:]


def doubled(content: bytes, start: int, stop: int) -> bytes:
    return content[:stop] + content[start:]


def media_type(content: bytes) -> str:
    return recognise(content[:HEAD_BYTES]) or ""


def looks(content: bytes) -> list[Image.Image]:
    """What people see of it, small."""
    if media_type(content) == "application/pdf":
        with pypdfium2.PdfDocument(content) as pdf:
            return [page.render(scale=0.25, grayscale=True).to_pil() for page in pdf]
    with Image.open(io.BytesIO(content)) as image:
        return [image.convert("L").resize((200, 280))]


def look_alike(one: list[Image.Image], other: list[Image.Image]) -> bool:
    return len(one) == len(other) and all(
        left.size == right.size and ImageStat.Stat(ImageChops.difference(left, right)).mean[0] < 1.5
        for left, right in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_one_is_taken_without_a_word(kind: str) -> None:
    """Acceptance 106."""
    verdict = inspect(KINDS[kind], media_type(KINDS[kind]), PIXELS)
    assert (verdict.finding, verdict.why, verdict.warnings) == (None, "", ())


@pytest.mark.parametrize("harm", [zeroed, cut, doubled])
@pytest.mark.parametrize("kind", KINDS)
def test_one_of_which_a_part_is_wrong_is_refused_unless_nobody_sees_it(kind: str, harm: Harm) -> None:
    """Acceptance 106.

    What is wrong within one scan of a progressive JPEG may decode to another picture without a word: libjpeg reads on from a
    wrong run of empty blocks, and passes over what is left of the scan. Only a decoder that says so could tell.
    """
    whole = KINDS[kind]
    for start, stop in PLACES:
        content = harm(whole, int(len(whole) * start), int(len(whole) * stop))
        finding = inspect(content, media_type(whole), PIXELS).finding
        assert finding in (None, Finding.DAMAGED), (start, stop)
        assert finding or "progressive" in kind or look_alike(looks(whole), looks(content)), (start, stop)


def test_a_hole_in_what_is_encrypted_is_seen_whatever_the_key() -> None:
    """Acceptance 106.

    Decrypted, a hole is the same sixteen bytes over and over, which with some keys are a picture without fault.
    """
    whole = KINDS["scan, restricted"]
    content = zeroed(whole, int(len(whole) * 0.6), int(len(whole) * 0.9))
    verdict = inspect(content, "application/pdf", PIXELS)
    assert (verdict.finding, verdict.why) == (Finding.DAMAGED, "hole in what is encrypted")


@pytest.mark.parametrize(
    ("share", "finding", "warnings"),
    [
        (0.85, Finding.DAMAGED, ()),
        (0.95, None, (Noticed(Notice.CUT_SHORT),)),
        (0.999, None, ()),
    ],
)
@pytest.mark.parametrize("kind", ["photo", "photo, own tables", "photo, restarts", "photo, four inks", "picture"])
def test_a_tenth_of_the_rows_may_be_missing_at_the_end(
    kind: str, share: float, finding: Finding | None, warnings: tuple[Noticed, ...]
) -> None:
    content = KINDS[kind][: int(len(KINDS[kind]) * share)]
    verdict = inspect(content, media_type(content), PIXELS)
    assert (verdict.finding, verdict.warnings) == (finding, warnings)


@pytest.mark.parametrize("kind", ["photo", "photo, progressive", "photo, restarts", "picture", "picture, palette"])
def test_a_whole_picture_without_its_end_mark_is_taken(kind: str) -> None:
    ending = 2 if media_type(KINDS[kind]) == "image/jpeg" else 12
    verdict = inspect(KINDS[kind][:-ending], media_type(KINDS[kind]), PIXELS)
    assert (verdict.finding, verdict.warnings) == (None, ())


@pytest.mark.parametrize(
    "behind", [bytes(9000), b"\r\n" * 4000, b"<!DOCTYPE html><html><body>Portail</body></html>" * 60]
)
@pytest.mark.parametrize("kind", ["text", "text, linearised", "text, object streams", "scan", "hybrid"])
def test_what_portals_put_behind_a_pdf_is_no_damage(kind: str, behind: bytes) -> None:
    assert inspect(KINDS[kind] + behind, "application/pdf", PIXELS).finding is None


@pytest.mark.parametrize("before", [b"\r\n", b"\xef\xbb\xbf", b"HTTP/1.1 200 OK\r\n\r\n", b" " * 1000])
def test_what_stands_before_a_pdf_is_no_damage(before: bytes) -> None:
    content = before + KINDS["text"]
    assert media_type(content) == "application/pdf"
    assert inspect(content, "application/pdf", PIXELS).finding is None


def test_from_the_first_1024_bytes_on_it_is_no_pdf() -> None:
    assert media_type(b" " * 1019 + KINDS["text"]) == "application/pdf"
    assert media_type(b" " * 1020 + KINDS["text"]) == ""


def test_blank_pages_are_named_and_white_pictures_too() -> None:
    white, sheet = io.BytesIO(), kinds.photo("L")
    Image.new("L", (300, 400), 255).save(white, "JPEG")
    made = img2pdf.convert([sheet, white.getvalue(), sheet])
    assert made is not None
    verdict = inspect(made, "application/pdf", PIXELS)
    assert (verdict.finding, verdict.warnings) == (None, (Noticed(Notice.BLANK_PAGE, 2),))
