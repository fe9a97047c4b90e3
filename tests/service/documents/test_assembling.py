"""Several photos become one PDF, over HTTP (acceptance 49, 60)."""

from __future__ import annotations

import asyncio
import hashlib
import io
from pathlib import Path

import pikepdf
import pytest

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountErased
from services.documents.domain.uploads import assembled_filename
from tests.parameters import hear
from tests.service.documents.client import PARTS, assemble, claims, events, get, keys, part, put, rows, stored
from tests.unit.documents import files

RED = files.photo("JPEG", 64, 48, "red", exif=files.where_taken())
GREEN = files.photo("HEIF", 48, 64, "lime", exif=files.where_taken())
BLUE = files.photo("PNG", 64, 48, "blue")


async def swept(suite: Suite) -> None:
    """What waits for the sweep is taken away."""
    timer = next(each for each in suite.service("documents").service.timers if each.name == "unfinished")
    await timer.run(CommandContext(now=suite.clock.now(), correlation="test", actor=OPERATOR))


async def test_photos_and_a_pdf_become_one_pdf_that_can_be_attached(suite: Suite) -> None:
    """Acceptance 60: in the order that was asked for, with a receipt as of any upload."""
    red, blue, scan = await part(suite, RED, name="IMG_1.JPG"), await part(suite, BLUE), await part(suite, files.pdf())
    green = await part(suite, GREEN, "image/heic", name="IMG_2.HEIC")
    status, answer = await assemble(suite, [green, scan, red, blue])
    assert status == 201
    receipt = await claims(suite, answer["receipt"])
    assert (receipt["filename"], receipt["media_type"]) == ("IMG_2.pdf", "application/pdf")
    assert receipt["document"] == answer["document"]
    _, made, headers = await get(suite, answer["document"])
    assert headers["Content-Type"] == "application/pdf"
    assert hashlib.sha256(made).hexdigest() == answer["sha256"] == receipt["sha256"]
    first, _, third, fourth = files.pages_of(made)
    assert [page.getpixel((300, 300)) for page in (first, third, fourth)] == [(0, 255, 1), (254, 0, 0), (0, 0, 254)]
    assert first.height > first.width


async def test_parts_are_let_go_once_they_are_assembled(suite: Suite) -> None:
    parts = [await part(suite, RED), await part(suite, BLUE, "image/png")]
    own = (await stored(suite, files.pdf()))["document"]
    _, answer = await assemble(suite, [*parts, own])
    for id in parts:
        assert (await get(suite, id))[0] == 404
    assert (await get(suite, own))[0] == (await get(suite, answer["document"]))[0] == 200
    await swept(suite)
    assert len(await keys(suite)) == 2
    told = [(data["document"], data["reason"]) for type, data in await events(suite) if type.endswith("erased.v1")]
    assert sorted(told) == sorted((id, "assembled") for id in parts)
    assert (await assemble(suite, parts))[1]["slug"] == "document-erased"


async def test_a_part_that_is_in_a_pdf_already_is_answered_as_before(suite: Suite) -> None:
    """Acceptance 120: who sends all of it twice, one after the other, gets one PDF."""
    sent = {"Idempotency-Key": "once"}
    first = await put(suite, RED, "image/jpeg", "red.jpg", path=PARTS, **sent)
    assert (await assemble(suite, [first[1]["document"]]))[0] == 201
    again = await put(suite, RED, "image/jpeg", "red.jpg", path=PARTS, **sent)
    assert (again[0], again[1]) == (201, first[1])
    assert (await get(suite, first[1]["document"]))[0] == 404
    await swept(suite)
    gone = await put(suite, RED, "image/jpeg", "red.jpg", path=PARTS, **sent)
    assert (gone[0], gone[1]["slug"]) == (410, "document-erased")


async def test_a_part_tells_what_came_and_keeps_what_is_needed(suite: Suite) -> None:
    """Acceptance 49: HEIC as a photo to be converted; nothing of where it was taken is kept."""
    status, answer, _ = await put(suite, GREEN, "image/heic", "photo.heic", path=PARTS)
    assert (status, answer) == (
        201,
        {
            "document": answer["document"],
            "sha256": hashlib.sha256(GREEN).hexdigest(),
            "size": len(GREEN),
            "media_type": "image/heic",
        },
    )
    _, kept, headers = await get(suite, answer["document"])
    assert headers["Content-Type"] == "image/jpeg"
    assert b"Exif" not in kept
    status, problem, _ = await put(suite, GREEN, "image/heic", "photo.heic")
    assert (status, problem["slug"]) == (415, "heic-not-yet")


async def test_a_bad_photo_is_refused_as_a_part_too(suite: Suite) -> None:
    for content, slug in (
        (files.heic(), "damaged"),
        (files.jpeg(640, 480)[:9000], "damaged"),
        (files.encrypted_pdf(), "encrypted"),
        (files.docx(), "type-not-allowed"),
        (files.png_that_claims(60_000, 60_000), "image-too-large"),
    ):
        _, problem, _ = await put(suite, content, "application/octet-stream", path=PARTS)
        assert problem["slug"] == slug
    assert (await rows(suite), await keys(suite)) == ([], [])
    status, problem, _ = await put(suite, RED, "image/jpeg", path=PARTS.replace("part", "whole"))
    assert status == 422


async def test_sent_twice_is_assembled_once(suite: Suite) -> None:
    parts = [await part(suite, RED), await part(suite, BLUE)]
    (_, first), (_, second) = await asyncio.gather(*(assemble(suite, parts, key="once") for _ in range(2)))
    assert first == second == (await assemble(suite, parts, key="once"))[1]
    await swept(suite)
    assert len(await keys(suite)) == 1
    _, problem = await assemble(suite, parts[:1], key="once")
    assert problem["slug"] == "idempotency-key-reused"


async def test_the_same_photos_give_the_same_pdf(suite: Suite) -> None:
    ids = [(await stored(suite, content, media_type="image/jpeg"))["document"] for content in (RED, BLUE)]
    first, second = [(await assemble(suite, ids))[1] for _ in range(2)]
    assert first["sha256"] == second["sha256"]
    assert first["document"] != second["document"]
    assert (await assemble(suite, ids[::-1]))[1]["sha256"] != first["sha256"]


async def test_the_pdf_fits_where_it_is_to_go_or_is_refused_and_nothing_is_lost(suite: Suite) -> None:
    """Acceptance 48, 60: with what to do."""
    parts = [await part(suite, files.jpeg(600, 600)) for _ in range(2)]
    status, problem = await assemble(suite, parts, 2048)
    assert (status, problem["slug"], problem["max_bytes"]) == (422, "pages-do-not-fit", 2048)
    assert "Enlevez" in problem["detail"]
    assert len(await keys(suite)) == 2
    status, answer = await assemble(suite, parts, 400_000)
    assert status == 201
    assert answer["size"] <= 400_000


async def test_each_limit_holds_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At it and one past it: bytes of a part, number of parts, bytes of all; and no PDF is larger than an upload."""
    scan = files.pdf_of(3000)
    for name, value in {"PART_MAX_BYTES": 3000, "ASSEMBLY_PARTS": 2, "ASSEMBLY_BYTES": 6000}.items():
        monkeypatch.setenv(f"PARVIS_DOCUMENTS_{name}", str(value))
    async with run_suite(tmp_path, services=("documents",)) as suite:
        await hear(suite, {"documents.max_bytes": 2500})
        status, problem, _ = await put(suite, files.pdf_of(3001), path=PARTS)
        assert (status, problem["slug"], problem["max_bytes"]) == (413, "too-large", 3000)
        large = [await part(suite, scan, "application/pdf") for _ in range(2)]
        small = [await part(suite, RED) for _ in range(3)]
        _, problem = await assemble(suite, small)
        assert (problem["slug"], problem["max"]) == ("too-many-parts", 2)
        _, problem = await assemble(suite, large, 10**9)
        assert (problem["slug"], problem["max_bytes"]) == ("pages-do-not-fit", 2500)
        assert (await assemble(suite, small[:2]))[0] == 201
    monkeypatch.setenv("PARVIS_DOCUMENTS_ASSEMBLY_BYTES", "5999")
    async with run_suite(tmp_path, services=("documents",)) as suite:
        _, problem = await assemble(suite, large)
        assert (problem["slug"], problem["max_bytes"]) == ("parts-too-large", 5999)


async def test_parts_count_among_what_waits_but_do_not_stand_in_the_way(suite: Suite) -> None:
    await hear(suite, {"documents.loose_per_account": 2})
    parts = [await part(suite, RED) for _ in range(2)]
    _, problem, _ = await put(suite, BLUE, "image/png", path=PARTS)
    assert problem["slug"] == "too-many-uploads"
    assert (await assemble(suite, parts))[0] == 201


async def test_nobody_assembles_what_is_not_theirs(suite: Suite) -> None:
    """Acceptance 62."""
    theirs = await part(suite, RED)
    foreign = await assemble(suite, [theirs], account="bob")
    none = await assemble(suite, ["0" * 26], account="bob")
    assert foreign[0] == none[0] == 404
    assert foreign[1]["slug"] == none[1]["slug"]
    assert (await assemble(suite, []))[0] == 422
    assert (await get(suite, theirs))[0] == 200


async def test_parts_go_with_their_account(suite: Suite) -> None:
    await part(suite, RED)
    await suite.publish(AccountErased(account="ann", campaign="2026"), "accounts")
    await suite.settle()
    assert await keys(suite) == []


async def test_a_restricted_pdf_among_the_parts_becomes_pages_as_any_other(suite: Suite) -> None:
    restricted = await part(suite, files.encrypted_pdf(user=""), "application/pdf")
    _, answer = await assemble(suite, [restricted, await part(suite, RED)])
    _, made, _ = await get(suite, answer["document"])
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert (pdf.is_encrypted, len(pdf.pages)) == (False, 2)


@pytest.mark.parametrize(
    ("first", "name"),
    [
        ("IMG_0001.HEIC", "IMG_0001.pdf"),
        ("relevé 2.5", "relevé 2.5.pdf"),
        ("scan.pdf", "scan.pdf"),
        ("a" * 255, "a" * 251 + ".pdf"),
        ("photo.jpeg. ", "photo.pdf"),
    ],
)
def test_it_is_called_as_its_first_part(first: str, name: str) -> None:
    assert assembled_filename(first) == name
