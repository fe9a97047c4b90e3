"""Signatures of letters: what is taken as one, which letters carry it, that a made letter keeps its own, and none at all."""

from __future__ import annotations

import io
import json
from typing import Any

import pikepdf
import pytest
from PIL import Image

from services.chassis.service.integrity import violations
from services.chassis.testing import Suite
from services.contracts.api.documents import encode_filename
from services.contracts.api.signatures import LARGEST_SIGNATURE, MOST_PIXELS
from services.contracts.events.commissions import AlertsPart, CommissionChanged, LettersPart
from services.contracts.events.offers import ProgrammePublished, TextPart
from services.documents.domain.signing import MOST
from services.documents.repository.signing import SIGNATURES
from services.documents.usecases.signing import key_of
from tests.service.documents.client import paper, tell, words
from tests.service.documents.test_letters import REJECTED, told
from tests.service.documents.test_staff_reading import programme

SIGNATURE = "/api/documents/signatures/JURY"
SAMPLE = "/api/documents/letter-templates/admission/fr/sample"


def drawn(width: int = 400, height: int = 100, format: str = "PNG", ink: int = 0) -> bytes:
    """A stroke on a transparent ground, with words about the picture that nobody is to read."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    picture.paste((ink, 0, 0, 255), (10, height // 2, width - 10, height // 2 + 5))
    exif = Image.Exif()
    exif[0x010F] = "SECRET-PHONE"
    made = picture if format == "PNG" else picture.convert("RGB")
    made.save(out := io.BytesIO(), format, exif=exif)
    return out.getvalue()


def staff(suite: Suite, role: str = "manager") -> dict[str, str]:
    return suite.bearer("kim", kind="staff", grants=[{"role": role, "centres": ["SEE"]}])


async def put(suite: Suite, content: bytes, role: str = "manager", path: str = SIGNATURE) -> tuple[int, Any]:
    headers = staff(suite, role) | {"Content-Type": "image/png", "X-Filename": encode_filename("Signature.png")}
    async with suite.client.put(path, data=io.BytesIO(content), headers=headers) as response:
        return response.status, await response.json()


async def says(suite: Suite, version: int, **letters: Any) -> None:
    """The board of Ann's programme says this of its letters."""
    usual = {"kinds": ["admission", "rejection"], "signatory": "Zoé Faure", "function": "Présidente du jury"}
    part = LettersPart.model_validate(usual | letters)
    event = CommissionChanged(
        part="commission:JURY",
        commission="JURY",
        version=version,
        label=TextPart(fr="Jury"),
        letters=part,
        alerts=AlertsPart(on=[]),
    )
    await tell(suite, event, service="offers")


async def decides(suite: Suite) -> None:
    """It decides on the programme of Ann's file."""
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")


def pictures(pdf: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [bytes(each.read_raw_bytes()) for page in opened.pages for each in page.get_images().values()]


async def sample(suite: Suite, role: str = "manager", **signers: str) -> tuple[int, bytes]:
    body = {"commission": "JURY", "signatory": "Zoé Faure", "function": "Présidente du jury"} | signers
    async with suite.client.post(SAMPLE, json=body, headers=staff(suite, role)) as response:
        return response.status, await response.read()


async def test_letters_carry_signatory_and_picture_and_one_that_was_made_keeps_its_own(suite: Suite) -> None:
    """A letter is archived as it was given; what the picture says of itself is in none."""
    status, kept = await put(suite, drawn())
    assert (status, kept["signature"]) == (200, f"JURY.{kept['sha256'][:16]}.jpg"), kept
    assert await put(suite, drawn()) == (200, kept), "twice is once"
    await decides(suite)
    await says(suite, 1, signature=kept["signature"])
    await told(suite)
    first = (await paper(suite, "letter"))[1]
    said = words(first)
    assert "Zoé Faure" in said and "Présidente du jury" in said and "Le service des candidatures" not in said
    (picture,) = pictures(first)
    assert b"SECRET-PHONE" not in picture
    with pikepdf.open(io.BytesIO(first)) as opened:
        assert opened.open_metadata()["pdfuaid:part"] == "1"
        assert "Signature de Zoé Faure" in alternatives(opened)
    other = (await put(suite, drawn(ink=255)))[1]["signature"]
    assert other != kept["signature"]
    await says(suite, 2, signature=other, signatory="Ali Roy")
    assert (await paper(suite, "letter"))[1] == first, "made is made"
    await told(suite, decision="d2")
    newer = (await paper(suite, "letter"))[1]
    assert "Ali Roy" in words(newer) and pictures(newer) != [picture]


def alternatives(pdf: pikepdf.Pdf) -> list[str]:
    """What is said of pictures to who does not see them."""
    return [str(each["/Alt"]) for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/Alt" in each]


async def test_a_board_may_give_no_letter_and_is_asked_before_one_is_made(suite: Suite) -> None:
    await decides(suite)
    await told(suite, REJECTED)
    assert (await paper(suite, "letter"))[0] == 200, "as long as it says nothing"
    await says(suite, 1, kinds=["admission"])
    status, body, _ = await paper(suite, "letter")
    assert (status, json.loads(body)["slug"]) == (409, "no-letter")
    await told(suite)
    assert (await paper(suite, "letter"))[0] == 200
    await says(suite, 2, kinds=[])
    assert (await paper(suite, "letter"))[0] == 409


async def test_a_picture_that_is_not_there_makes_no_letter_without_it(suite: Suite) -> None:
    await decides(suite)
    await says(suite, 1, signature=f"JURY.{'0' * 16}.jpg")
    await told(suite)
    assert (await paper(suite, "letter"))[0] == 503


async def test_a_picture_that_is_lost_is_found_by_who_verifies(suite: Suite) -> None:
    documents, other = suite.service("documents").service, f"JURY.{'0' * 16}.jpg"
    kept = (await put(suite, drawn()))[1]
    await says(suite, 1, signature=kept["signature"])
    assert not [line async for line in violations(documents, {}) if "sign" in line]
    await documents.ports.objects.delete(key_of(kept["sha256"]))
    await says(suite, 2, signature=other)
    assert [line async for line in violations(documents, {}) if "sign" in line] == [
        f"documents: signature {kept['signature']}: its bytes are not there",
        f"documents: commission JURY signs with {other}, which nobody has put: its letters are not made",
    ]


async def test_staff_see_the_letter_before_anybody_gets_one(suite: Suite) -> None:
    """With a signature of that board alone, and for who may keep the catalogue."""
    kept = (await put(suite, drawn(format="JPEG"), "registrar"))[1]
    status, pdf = await sample(suite, signature=kept["signature"])
    assert status == 200
    assert "Camille Martin" in words(pdf) and "Présidente du jury" in words(pdf)
    assert len(pictures(pdf)) == 1
    for wrong in ({"commission": "OTHER"}, {"signature": f"JURY.{'0' * 16}.jpg"}):
        status, body = await sample(suite, **({"signature": kept["signature"]} | wrong))
        assert status == 422, wrong
        assert json.loads(body)["fields"][0]["slug"] == "unknown-signature"
    assert (await sample(suite, "commission"))[0] == 403
    assert (await put(suite, drawn(), "support"))[0] == 403


@pytest.mark.parametrize(
    ("content", "status", "slug"),
    [
        (b"%PDF-1.7 nothing", 415, "type-not-allowed"),
        (drawn()[:200], 422, "damaged"),
        (drawn(2000, MOST_PIXELS // 2000 + 1), 422, "image-too-large"),
        (drawn(2000, MOST_PIXELS // 2000), 200, None),
        (b"\0" * (LARGEST_SIGNATURE + 1), 413, "too-large"),
    ],
    ids=["a PDF", "cut off", "one row too many", "as large as may be", "one byte too many"],
)
async def test_what_is_no_picture_of_a_signature_is_refused(
    suite: Suite, content: bytes, status: int, slug: str | None
) -> None:
    found, answer = await put(suite, content)
    assert (found, answer.get("slug")) == (status, slug), answer


async def test_there_is_an_end_to_their_number(suite: Suite) -> None:
    store = suite.service("documents").service.ports.store
    row = {
        "version": 1,
        "commission": "X",
        "sha256": "0" * 64,
        "size": 1,
        "at": "2027-01-01T00:00:00.000Z",
        "by": "staff:kim",
    }
    rows = [row | {"_id": f"X.{number:016x}.jpg"} for number in range(MOST - 1)]
    for start in range(0, len(rows), 1000):
        await store.append(SIGNATURES.name, rows[start : start + 1000])
    status, kept = await put(suite, drawn())
    assert status == 200
    assert (await put(suite, drawn(ink=255)))[1]["slug"] == "too-many-signatures"
    assert await put(suite, drawn()) == (200, kept)
