"""What the inspector finds in real files (acceptance 49). The parsers run here in the test's own process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from services.documents.usecases.inspection.findings import Finding
from services.documents.usecases.inspection.tasks import inspect
from tests.unit.documents import files

PIXELS = 1_000_000


def look(content: bytes, media_type: str = "application/pdf", max_pixels: int = PIXELS) -> Finding | None:
    return inspect(content, media_type, max_pixels).finding


# --- PDF --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        files.pdf(),
        files.pdf(40),
        files.pdf(3, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        files.pdf(3, linearize=True),
        files.pdf_of(200_000),
        files.pdf() + b"\n",
    ],
    ids=["plain", "40 pages", "object streams", "linearised", "image", "newline behind"],
)
def test_a_good_pdf(content: bytes) -> None:
    assert look(content) is None


def test_a_pdf_without_pages_is_damaged() -> None:
    assert look(files.saved(pikepdf.new())) is Finding.DAMAGED


@pytest.mark.parametrize(
    ("user", "finding"), [("secret", Finding.ENCRYPTED), ("", None)], ids=["password", "restricted"]
)
def test_a_protected_pdf(user: str, finding: Finding | None) -> None:
    """Acceptance 106: what opens without a password is taken, whatever its maker forbids."""
    assert look(files.encrypted_pdf(user)) is finding


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("how", [{}, {"linearize": True}], ids=["plain", "linearised"])
def test_a_truncated_pdf_is_damaged(share: float, how: dict[str, Any]) -> None:
    whole = files.pdf(20, content=b"0 0 m 9 9 l S " * 40, **how)
    assert look(whole) is None
    assert look(whole[: int(len(whole) * share)]) is Finding.DAMAGED


def test_a_pdf_with_a_wrong_cross_reference_that_readers_repair_is_taken() -> None:
    whole = files.pdf(2)
    at = whole.rindex(b"startxref\n") + len(b"startxref\n")
    assert look(whole[:at] + b"7\n%%EOF\n") is None


def test_a_pdf_whose_page_cannot_be_decoded_is_damaged() -> None:
    def spoil(made: pikepdf.Pdf) -> None:
        content = made.make_stream(b"")
        content.write(b"this was never deflated", filter=Name.FlateDecode)
        made.pages[0].obj.Contents = Array([content])

    assert look(files.pdf_with(spoil, compress_streams=False)) is Finding.DAMAGED


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(5000), b"%PDF-1.7\n%%EOF\n"])
def test_a_signature_is_not_a_pdf(content: bytes) -> None:
    assert look(content) is Finding.DAMAGED


def test_a_pdf_that_is_an_archive_too() -> None:
    assert look(files.pdf() + files.archive()) is Finding.MISMATCH


# --- what acts --------------------------------------------------------------------------------------------------


def _script(made: pikepdf.Pdf) -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def on_open(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = _script(made)


def in_names(made: pikepdf.Pdf) -> None:
    made.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([pikepdf.String("a"), made.make_indirect(_script(made))]))
    )


def on_page(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.AA = Dictionary(O=_script(made))


def in_annotation_chain(made: pikepdf.Pdf) -> None:
    link = Dictionary(S=Name.URI, URI=pikepdf.String("https://example.org"), Next=Array([_script(made)]))
    annotation = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=link)
    made.pages[0].obj.Annots = Array([made.make_indirect(annotation)])


def script_as_stream(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = Dictionary(S=Name.Rendition, JS=made.make_stream(b"app.alert(1)"))


def launch(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = made.make_indirect(Dictionary(S=Name.Launch, F=pikepdf.String("calc.exe")))


def rich_media(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=[0, 0, 9, 9])])


def attach(made: pikepdf.Pdf, name: str, content: bytes) -> None:
    made.attachments[name] = content


def program_by_name(made: pikepdf.Pdf) -> None:
    attach(made, "facture.pdf.exe", b"harmless bytes")


def program_by_content(made: pikepdf.Pdf) -> None:
    attach(made, "facture.xml", files.exe())


def form_that_must_be_drawn(made: pikepdf.Pdf) -> None:
    made.Root.NeedsRendering = True
    made.Root.AcroForm = Dictionary(XFA=made.make_stream(b"<xdp/>"), Fields=Array())


def form_with_script(made: pikepdf.Pdf) -> None:
    parts = [pikepdf.String("template"), made.make_stream(b"<xfa:script contentType='x'>1</xfa:script>")]
    made.Root.AcroForm = Dictionary(XFA=Array(parts), Fields=Array())


@pytest.mark.parametrize(
    "act",
    [
        on_open,
        in_names,
        on_page,
        in_annotation_chain,
        script_as_stream,
        launch,
        rich_media,
        program_by_name,
        program_by_content,
        form_that_must_be_drawn,
        form_with_script,
    ],
)
@pytest.mark.parametrize("packed", [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate])
def test_active_content(act: Callable[[pikepdf.Pdf], None], packed: pikepdf.ObjectStreamMode) -> None:
    assert look(files.pdf_with(act, object_stream_mode=packed)) is Finding.ACTIVE


def test_a_disguised_name_is_still_a_script() -> None:
    content = files.pdf_with(on_open).replace(b"/JavaScript", b"/J#61vaScript")
    assert b"/JavaScript" not in content
    assert look(content) is Finding.ACTIVE


def attached_data(made: pikepdf.Pdf) -> None:
    attach(made, "factur-x.xml", b"<?xml version='1.0'?><a/>")


def still_form(made: pikepdf.Pdf) -> None:
    made.Root.AcroForm = Dictionary(XFA=made.make_stream(b"<xdp>description</xdp>"), Fields=Array())


def words(made: pikepdf.Pdf) -> None:
    made.docinfo["/Title"] = "about /JavaScript and /Launch"


def link(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=pikepdf.String("x")))])


@pytest.mark.parametrize("harmless", [attached_data, still_form, words, link])
def test_what_does_not_act_is_left_alone(harmless: Callable[[pikepdf.Pdf], None]) -> None:
    assert look(files.pdf_with(harmless)) is None


# --- images -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (files.jpeg(), "image/jpeg"),
        (files.jpeg(640, 480, progressive=True), "image/jpeg"),
        (files.jpeg(1, 1), "image/jpeg"),
        (files.jpeg() + bytes(400), "image/jpeg"),
        (files.png(), "image/png"),
        (files.png(mode="RGBA"), "image/png"),
        (files.png(mode="1"), "image/png"),
    ],
)
def test_a_good_image(content: bytes, media_type: str) -> None:
    assert look(content, media_type) is None


@pytest.mark.parametrize(("pixels", "finding"), [(64 * 48, None), (64 * 48 - 1, Finding.TOO_MANY_PIXELS)])
@pytest.mark.parametrize(("content", "media_type"), [(files.jpeg(), "image/jpeg"), (files.png(), "image/png")])
def test_the_limit_of_pixels_is_inclusive(
    content: bytes, media_type: str, pixels: int, finding: Finding | None
) -> None:
    assert look(content, media_type, max_pixels=pixels) is finding


def test_an_image_bomb_is_refused_by_its_header() -> None:
    assert look(files.png_that_claims(65_000, 65_000), "image/png") is Finding.TOO_MANY_PIXELS


@pytest.mark.parametrize("share", [0.05, 0.5, 0.85])
@pytest.mark.parametrize(
    ("whole", "media_type"),
    [
        (files.jpeg(640, 480), "image/jpeg"),
        (files.png_of_noise(640, 480), "image/png"),
    ],
    ids=["jpeg", "png"],
)
def test_a_truncated_image_is_damaged(whole: bytes, media_type: str, share: float) -> None:
    assert look(whole[: int(len(whole) * share)], media_type) is Finding.DAMAGED


def test_an_image_with_a_wrong_checksum_is_damaged() -> None:
    content = bytearray(files.png())
    content[content.index(b"IDAT") + 6] ^= 1
    assert look(bytes(content), "image/png") is Finding.DAMAGED


def test_an_image_that_promises_more_than_it_holds_is_damaged() -> None:
    assert look(files.png_that_claims(900, 900), "image/png") is Finding.DAMAGED


@pytest.mark.parametrize(
    "content",
    [files.jpeg() + files.archive(), files.jpeg(comment=b"%PDF-1.7 1 0 obj")],
    ids=["archive behind", "PDF within"],
)
def test_an_image_that_is_something_else_too(content: bytes) -> None:
    assert look(content, "image/jpeg") is Finding.MISMATCH
