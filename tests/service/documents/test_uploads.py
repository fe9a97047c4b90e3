"""Uploads over HTTP: what is taken, what is refused and how, and that nothing stays of what is refused."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext, EventRef
from services.chassis.http import consistency
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountErased
from services.contracts.events.applications import PieceDeposited
from tests.parameters import hear
from tests.service.documents.client import (
    UPLOADS,
    claims,
    events,
    get,
    keys,
    nothing_stays,
    put,
    refused,
    rows,
    stored,
)
from tests.unit.documents import files

MAX = 5 * 2**20
JPEG = "image/jpeg"
PNG = "image/png"


async def in_chunks(content: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


# --- what is taken ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [
        (files.pdf(), "application/pdf", "cv.pdf"),
        (files.jpeg(), JPEG, "photo.jpeg"),
        (files.png(), PNG, "scan.png"),
        (files.pdf(), "Application/PDF; charset=binary", "cv.pdf"),
    ],
    ids=["pdf", "jpeg", "png", "parameter"],
)
async def test_a_good_file_is_stored_and_its_receipt_says_what(
    suite: Suite, content: bytes, media_type: str, name: str
) -> None:
    """Acceptance 49."""
    answer = await stored(suite, content, media_type=media_type, name=name)
    digest = hashlib.sha256(content).hexdigest()
    plain = media_type.partition(";")[0].lower()
    told = [] if plain == "application/pdf" else ["low-resolution"]  # of pictures of some dots
    assert [each["slug"] for each in answer.pop("warnings", [])] == told
    assert answer == {
        "document": answer["document"],
        "sha256": digest,
        "size": len(content),
        "media_type": plain,
        "receipt": answer["receipt"],
    }
    said = await claims(suite, answer["receipt"])
    now = int(suite.clock.now().timestamp())
    assert [each["slug"] for each in said.pop("warnings", [])] == told
    assert said == {
        "iss": "parvis/documents",
        "sub": "ann",
        "document": answer["document"],
        "sha256": digest,
        "size": len(content),
        "media_type": plain,
        "filename": name,
        "iat": now,
        "exp": now + 5 * 86400,
    }
    assert await events(suite) == [
        (
            "documents.document.stored.v1",
            {
                "document": answer["document"],
                "account": "ann",
                "sha256": digest,
                "size": len(content),
                "media_type": plain,
            },
        )
    ]


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
async def test_the_largest_file_is_taken_and_one_byte_more_is_refused(suite: Suite, chunked: bool) -> None:
    """Acceptance 48."""
    too_much = files.pdf_of(MAX + 1)
    status, problem, _ = await put(suite, in_chunks(too_much) if chunked else too_much)
    assert (status, problem["slug"], problem["max_bytes"]) == (413, "too-large", MAX)
    assert "5\N{NARROW NO-BREAK SPACE}Mo" in problem["detail"]
    await nothing_stays(suite)
    whole = files.pdf_of(MAX)
    answer = await stored(suite, in_chunks(whole) if chunked else whole)
    assert answer["size"] == MAX
    assert (await get(suite, answer["document"]))[1] == whole


async def test_an_announced_size_beyond_the_limit_is_refused_before_a_byte_is_read(suite: Suite) -> None:
    status, head, body = await raw(suite, {"Content-Type": "application/pdf", "Content-Length": str(10**12)}, [])
    assert status == 413
    assert b"too-large" in body
    assert b"application/problem+json" in head


# --- what is refused --------------------------------------------------------------------------------------------


BAD_FILES = [
    (
        files.docx(),
        "application/vnd.ms-word",
        "cv.docx",
        "type-not-allowed",
    ),
    (files.exe(), "application/octet-stream", "cv.exe", "type-not-allowed"),
    (files.heic(), "image/heic", "IMG_0001.HEIC", "heic-not-yet"),
    (files.heic(), JPEG, "IMG_0001.jpg", "heic-not-yet"),
    (files.pdf(), "multipart/form-data; boundary=x", "cv.pdf", "type-not-allowed"),
    (files.docx(), "application/pdf", "cv.pdf", "content-mismatch"),
    (files.exe(), "application/pdf", "cv.pdf", "content-mismatch"),
    (b"GIF89a" + files.pdf(), "application/pdf", "cv.pdf", "content-mismatch"),
    (files.jpeg() + files.archive(), JPEG, "photo.jpg", "content-mismatch"),
    (files.encrypted_pdf(), "application/pdf", "cv.pdf", "encrypted"),
    (files.pdf(9)[:900], "application/pdf", "cv.pdf", "damaged"),
    (files.jpeg(640, 480)[:9000], JPEG, "photo.jpg", "damaged"),
    (files.bomb_pdf(64 * 2**20)[:-90], "application/pdf", "cv.pdf", "damaged"),
    (files.png_that_claims(60_000, 60_000), PNG, "scan.png", "image-too-large"),
    (b"", "application/pdf", "cv.pdf", "empty"),
]


async def test_a_bad_file_is_refused_with_its_reason(suite: Suite) -> None:
    """Acceptance 49."""
    for content, media_type, name, refusal in BAD_FILES:
        status, slug = await refused(suite, content, media_type, name)
        assert (slug, name) == (refusal, name)
        assert status == (415 if refusal in ("type-not-allowed", "heic-not-yet") else 422)
    assert await events(suite) == []


async def test_an_empty_body_of_unannounced_size_is_refused(suite: Suite) -> None:
    assert await refused(suite, in_chunks(b"")) == (422, "empty")


async def test_active_content_is_refused_with_a_way_out(suite: Suite) -> None:
    def print_at_once(made: Any) -> None:
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("this.print()"))

    status, problem, _ = await put(suite, files.pdf_with(print_at_once))
    assert (status, problem["slug"]) == (422, "active-content")
    assert "Enregistrer au format PDF" in problem["detail"]
    await nothing_stays(suite)


async def test_a_name_with_an_effect_is_refused_and_not_repeated(suite: Suite) -> None:
    """Acceptance 59."""
    for name in ("..", "a\\", "cv\0.pdf", "a" * 252 + ".pdf"):
        status, problem, _ = await put(suite, files.pdf(), name=name)
        assert (status, problem["slug"], problem["max_length"]) == (422, "filename-invalid", 255)
        assert name == ".." or name not in str(problem)
        await nothing_stays(suite)


async def test_headers_are_checked_first(suite: Suite) -> None:
    for header, value, refusal in (
        ("X-Filename", "UTF-8''%", (422, "filename-invalid")),
        ("X-Filename", "UTF-8''%E9.pdf", (422, "filename-invalid")),
        ("Content-Encoding", "gzip", (415, "unsupported-encoding")),
        ("Idempotency-Key", "x" * 256, (400, "invalid-header")),
    ):
        assert await refused(suite, files.pdf(), name=None, **{header: value}) == refusal


async def test_nobody_uploads_in_nobodys_name(suite: Suite) -> None:
    async with suite.client.put(UPLOADS, data=files.pdf(), headers={"Content-Type": "application/pdf"}) as response:
        assert response.status == 401
    await nothing_stays(suite)


async def test_refusals_are_told_in_both_languages(suite: Suite) -> None:
    for language, title in (("fr", "Fichier vide"), ("en", "Empty file")):
        _, problem, headers = await put(suite, b"", **{"Accept-Language": language})
        assert headers["Content-Language"] == language
        assert problem["title"] == title


# --- slow, gone, many -------------------------------------------------------------------------------------------


async def raw(
    suite: Suite, headers: dict[str, str], sent: list[bytes], *, pause: float = 0, leave: bool = False
) -> tuple[int, bytes, bytes]:
    """Speak HTTP by hand, for what no well-behaved client does; answer status, head and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", suite.host.settings.port)
    try:
        lines = {"Host": "localhost", "Connection": "close", **suite.bearer("ann"), **headers}
        head = f"PUT {UPLOADS} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(head.encode() + b"\r\n")
        for part in sent:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if leave:
            return 0, b"", b""
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return int(answer.split()[1]), answer, await reader.readexactly(length)
    finally:
        writer.close()


async def test_a_client_that_dribbles_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DOCUMENTS_UPLOAD_GRACE_SECONDS", "0.2")
    async with run_suite(tmp_path, services=("documents",)) as suite:
        headers = {"Content-Type": "application/pdf", "Content-Length": "100000"}
        status, _, body = await raw(suite, headers, [b"%"] * 4, pause=0.1)
        assert status == 408
        assert b"too-slow" in body
        await nothing_stays(suite)


async def test_a_client_that_takes_for_ever_is_refused_whatever_its_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARVIS_DOCUMENTS_UPLOAD_SECONDS", "0.3")
    monkeypatch.setenv("PARVIS_DOCUMENTS_UPLOAD_BYTES_PER_SECOND", "1")
    async with run_suite(tmp_path, services=("documents",)) as suite:
        headers = {"Content-Type": "application/pdf", "Content-Length": "5000000"}
        status, _, _ = await raw(suite, headers, [bytes(20000)] * 5, pause=0.1)
        assert status == 408
        await nothing_stays(suite)


async def test_a_client_that_leaves_half_way_leaves_nothing(suite: Suite) -> None:
    for length in ({"Content-Length": "1000000"}, {"Transfer-Encoding": "chunked"}):
        part = b"c350\r\n" + bytes(50000) if "Transfer-Encoding" in length else bytes(50000)
        await raw(suite, {"Content-Type": "application/pdf", **length}, [part], leave=True)
    await stored(suite, files.pdf())
    async with asyncio.timeout(120):
        while list((suite.host.settings.data / "objects" / "incoming").iterdir()):
            await asyncio.sleep(0.01)
    assert len(await rows(suite)) == len(await keys(suite)) == 1


async def test_a_body_that_is_not_http_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DOCUMENTS_UPLOAD_GRACE_SECONDS", "0.3")
    async with run_suite(tmp_path, services=("documents",)) as suite:
        headers = {"Content-Type": "application/pdf", "Transfer-Encoding": "chunked"}
        status, _, _ = await raw(suite, headers, [b"5\r\n%PDF-\r\n", b"not a length\r\n\r\n"], pause=0.05)
        assert status in {400, 408}
        await nothing_stays(suite)


async def test_twenty_at_once(suite: Suite) -> None:
    contents = [files.pdf_of(200_000 + n) for n in range(20)]
    answers = await asyncio.gather(
        *(stored(suite, content, account=f"person-{n}") for n, content in enumerate(contents))
    )
    assert len({answer["document"] for answer in answers}) == 20
    for n, answer in enumerate(answers):
        assert answer["sha256"] == hashlib.sha256(contents[n]).hexdigest()
        assert (await get(suite, answer["document"], f"person-{n}"))[1] == contents[n]
    assert len(await keys(suite)) == 20


async def test_more_at_once_than_there_are_places_are_asked_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acceptance 100, the part on what is more than there is room for."""
    monkeypatch.setenv("PARVIS_DOCUMENTS_UPLOADS_AT_ONCE", "2")
    async with run_suite(tmp_path, services=("documents",)) as suite:
        content = files.pdf_of(9000)
        stalled, go = asyncio.Semaphore(0), asyncio.Event()

        async def held() -> AsyncIterator[bytes]:
            yield content[:4000]
            stalled.release()
            await go.wait()
            yield content[4000:]

        async def stalls(account: str) -> int:
            """A place that another's upload has just had may be free a moment later."""
            while (status := (await put(suite, held(), account=account))[0]) == 503:
                await asyncio.sleep(0.01)
            return status

        waiting = [asyncio.create_task(stalls(account)) for account in ("ann", "bob")]
        for _ in waiting:
            await stalled.acquire()
        # Both have their places when their heads are read, and that may be later than they send the first of their bodies.
        async with asyncio.timeout(120):
            while (given := await put(suite, content))[0] != 503:
                await asyncio.sleep(0.01)
        status, problem, headers = given
        assert problem["slug"] == "busy", status
        assert int(headers["Retry-After"]) > 0
        go.set()
        assert await asyncio.gather(*waiting) == [201, 201]
        await stored(suite, content)


async def test_stalled_uploads_of_one_account_or_network_leave_places_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acceptance 108: of 18 places an account gets two, and a network nine."""
    monkeypatch.setenv("PARVIS_DOCUMENTS_UPLOADS_AT_ONCE", "18")
    async with run_suite(tmp_path, services=("documents",)) as suite:
        content = files.pdf_of(9000)
        stalled, go = asyncio.Semaphore(0), asyncio.Event()

        async def held() -> AsyncIterator[bytes]:
            yield content[:4000]
            stalled.release()
            await go.wait()
            yield content[4000:]

        async def refused_once_full(account: str) -> None:
            """The one past the share is refused with its head, whatever of its body comes."""
            while True:
                status, problem, headers = await put(suite, content, account=account, **near)
                if status == 429:
                    break
            assert problem["slug"] == "too-many-at-once"
            assert int(headers["Retry-After"]) > 0

        async def stalls(account: str) -> None:
            """A place that another's upload has just had may be free a moment later."""
            while (await put(suite, held(), account=account, **near))[0] == 429:
                pass

        near = {"X-Forwarded-For": "192.0.2.7"}
        hostile = [asyncio.create_task(stalls("mallory")) for _ in range(2)]
        for _ in hostile:
            await stalled.acquire()
        await refused_once_full("mallory")
        await stored(suite, content, account="ann", **near)
        hostile += [asyncio.create_task(stalls(f"m-{n}")) for n in range(7)]
        for _ in range(7):
            await stalled.acquire()
        await refused_once_full("bob")
        await stored(suite, content, account="ann", **{"X-Forwarded-For": "198.51.100.7"})
        go.set()
        await asyncio.gather(*hostile)


async def test_so_many_unattached_documents_and_no_more(suite: Suite) -> None:
    await hear(suite, {"documents.loose_per_account": 3})
    content = files.pdf()
    for n in range(3):
        await stored(suite, content, **{"Idempotency-Key": f"upload-{n}"})
    status, problem, _ = await put(suite, files.pdf())
    assert (status, problem["slug"], problem["max"]) == (409, "too-many-uploads", 3)
    await stored(suite, files.pdf(), account="bob")
    await stored(suite, content, **{"Idempotency-Key": "upload-2"})
    assert len(await rows(suite)) == 4


# --- the same upload again --------------------------------------------------------------------------------------


async def test_the_same_key_and_bytes_give_the_same_document_and_receipt(suite: Suite) -> None:
    content = files.pdf()
    first = await put(suite, content, **{"Idempotency-Key": "lost-answer"})
    suite.clock.advance(minutes=5)  # type: ignore[attr-defined] # the clock of a suite stands still
    again = await put(suite, content, **{"Idempotency-Key": "lost-answer"})
    assert first[0] == again[0] == 201
    assert first[1] == again[1]
    assert first[2]["Parvis-Seen"].split(".")[0]
    assert len(await keys(suite)) == len(await rows(suite)) == len(await events(suite)) == 1


async def test_the_same_key_with_other_bytes_is_refused(suite: Suite) -> None:
    await stored(suite, files.pdf(1), **{"Idempotency-Key": "key"})
    status, problem, _ = await put(suite, files.pdf(2), **{"Idempotency-Key": "key"})
    assert (status, problem["slug"]) == (422, "idempotency-key-reused")
    assert len(await keys(suite)) == 1


async def test_the_same_key_of_another_person_is_another_key(suite: Suite) -> None:
    ann = await stored(suite, files.pdf(), **{"Idempotency-Key": "key"})
    bob = await stored(suite, files.pdf(), account="bob", **{"Idempotency-Key": "key"})
    assert ann["document"] != bob["document"]


async def test_one_key_twenty_times_at_once_is_one_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DOCUMENTS_UPLOADS_AT_ONCE", "1024")
    content = files.pdf_of(50_000)
    async with run_suite(tmp_path, services=("documents",)) as suite:
        answers = await asyncio.gather(*(stored(suite, content, **{"Idempotency-Key": "tap"}) for _ in range(20)))
        assert len({str(answer) for answer in answers}) == 1
        assert len(await keys(suite)) == len(await rows(suite)) == len(await events(suite)) == 1


async def test_one_key_with_two_contents_at_once_is_one_document(suite: Suite) -> None:
    both = await asyncio.gather(*(put(suite, files.pdf(n), **{"Idempotency-Key": "tap"}) for n in (1, 2)))
    assert sorted(status for status, _, _ in both) == [201, 422]
    assert len(await keys(suite)) == len(await rows(suite)) == 1


async def test_without_a_key_every_upload_is_a_document(suite: Suite) -> None:
    assert (await stored(suite, files.pdf()))["document"] != (await stored(suite, files.pdf()))["document"]


async def test_a_key_whose_document_was_erased_meanwhile_says_so(tmp_path: Path) -> None:
    content = files.pdf()
    async with run_suite(tmp_path, services=("documents",)) as suite:
        await stored(suite, content, **{"Idempotency-Key": "old"})
        later = suite.clock.now() + timedelta(days=8)
    async with run_suite(tmp_path, services=("documents",), clock=FixedClock(later)) as suite:
        await suite.vouch("applications")
        for timer in suite.service("documents").service.timers:
            while await timer.run(CommandContext(now=later, correlation="test", actor=OPERATOR)):
                pass
        assert await keys(suite) == []
        status, problem, _ = await put(suite, content, **{"Idempotency-Key": "old"})
        assert (status, problem["slug"]) == (410, "document-erased")


async def test_an_upload_waits_for_no_event_of_others(tmp_path: Path) -> None:
    """A candidate who has just deposited a piece uploads the next one, though the news of that is under way."""
    async with run_suite(tmp_path, services=("documents",), catch_up_seconds=0.5) as suite:
        events = [EventRef(f"applications.applications.a.{n}", PieceDeposited.TYPE) for n in range(3)]
        mark = consistency.write(events, suite.clock.now())
        id = (await stored(suite, files.pdf(), **{"Parvis-Seen": mark}))["document"]
        headers = suite.bearer("ann") | {"Parvis-Seen": mark}
        async with suite.client.get(f"/api/documents/documents/{id}", headers=headers) as response:
            assert response.status == 200
        erased = consistency.write([EventRef("accounts.accounts.ann.9", AccountErased.TYPE)], suite.clock.now())
        headers = suite.bearer("ann") | {"Parvis-Seen": erased}
        async with suite.client.get(f"/api/documents/documents/{id}", headers=headers) as response:
            assert (response.status, (await response.json())["slug"]) == (503, "catching-up")
