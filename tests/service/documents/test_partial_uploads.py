"""Uploads that go on where they were cut off: nothing that came is sent twice, and nothing of them stays for ever."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountErased
from services.documents.repository.documents import BEGUN
from services.documents.repository.partials import PARTIALS
from tests.parameters import hear
from tests.service.documents.client import claims, get, keys, nothing_stays, part, rows, stored, tell
from tests.service.documents.test_retention import pass_days
from tests.unit.documents import files

PARTIAL = "/api/documents/uploads/partial"
MAX = 5 * 2**20
LEAST = 65536
CONTENT = files.pdf_of(300_000)


async def begin(
    suite: Suite, length: int = len(CONTENT), account: str = "ann", key: str | None = None, **other: Any
) -> tuple[int, dict[str, Any]]:
    """Announce a file; answer status and body."""
    body = {"length": length, "media_type": "application/pdf", "filename": "cv.pdf"} | other
    sent = suite.bearer(account) | ({} if key is None else {"Idempotency-Key": key})
    async with suite.client.post(PARTIAL, json=body, headers=sent) as response:
        answer = await response.json()
        if response.status == 201:
            assert response.headers["Location"] == f"{PARTIAL}/{answer['id']}"
        return response.status, answer


async def begun(suite: Suite, length: int = len(CONTENT), **other: Any) -> str:
    """The id of an upload that must be begun."""
    status, answer = await begin(suite, length, **other)
    assert (status, answer["offset"]) == (201, 0), answer
    return str(answer["id"])


async def send(
    suite: Suite, id: str, offset: int, content: Any, *, last: bool = False, account: str = "ann", **headers: Any
) -> tuple[int, dict[str, Any]]:
    """Send a piece; answer status and body."""
    usual = {"Content-Type": "application/partial-upload", "Upload-Offset": str(offset)}
    sent = {**suite.bearer(account), **usual, "Upload-Complete": "?1" if last else "?0", **headers}
    body = io.BytesIO(content) if isinstance(content, bytes) else content
    async with suite.client.patch(f"{PARTIAL}/{id}", data=body, headers=sent) as response:
        return response.status, await response.json(content_type=None)


async def look(suite: Suite, id: str, account: str = "ann") -> tuple[int, Mapping[str, str]]:
    """Ask how far it is."""
    async with suite.client.head(f"{PARTIAL}/{id}", headers=suite.bearer(account)) as response:
        return response.status, response.headers


async def give_up(suite: Suite, id: str, account: str = "ann") -> int:
    async with suite.client.delete(f"{PARTIAL}/{id}", headers=suite.bearer(account)) as response:
        return response.status


def other(header: str, value: str) -> dict[str, Any]:
    return {header: value}


async def partials(suite: Suite) -> int:
    return await suite.service("documents").service.ports.store.count(PARTIALS.name, {})


async def test_pieces_become_the_document_that_one_upload_would_be(tmp_path: Path) -> None:
    """Each piece may meet another process: all that is known of it stands in the store."""
    async with run_suite(tmp_path, services=("documents",)) as suite:
        id = await begun(suite)
        assert await send(suite, id, 0, CONTENT[:100_000]) == (200, (await send(suite, id, 100_000, b""))[1])
    async with run_suite(tmp_path, services=("documents",)) as suite:
        status, headers = await look(suite, id)
        assert (status, headers["Upload-Offset"], headers["Upload-Complete"]) == (204, "100000", "?0")
        assert headers["Upload-Length"] == "300000"
        status, answer = await send(suite, id, 100_000, CONTENT[100_000:])
        assert (status, answer["offset"], "upload" in answer) == (200, 300_000, False)
        status, answer = await send(suite, id, 300_000, b"", last=True)
        assert status == 200
        made = answer["upload"]
        whole = await stored(suite, CONTENT)
        assert {**made, "document": "", "receipt": ""} == {**whole, "document": "", "receipt": ""}
        assert (await claims(suite, made["receipt"]))["filename"] == "cv.pdf"
        assert (await get(suite, made["document"]))[1] == CONTENT
        # Whoever has not heard the answer asks again, and gets the same; there is nothing to go on with.
        assert await send(suite, id, 300_000, b"", last=True) == (200, answer)
        assert (await look(suite, id))[1]["Upload-Complete"] == "?1"
        status, problem = await send(suite, id, 100_000, CONTENT[100_000:], last=True)
        assert (status, problem["slug"], problem["offset"]) == (409, "wrong-offset", 300_000)
        assert (await send(suite, id, 300_000, b"more"))[1]["slug"] == "inconsistent-length"
        assert len(await keys(suite)) == len(await rows(suite)) == 2, "no piece stays"


async def test_a_photo_comes_in_pieces_to_be_a_page_like_any_other(suite: Suite) -> None:
    photo = files.jpeg(900, 900)
    id = await begun(suite, len(photo), media_type="image/jpeg", filename="p.jpg", use="part")
    status, answer = await send(suite, id, 0, photo, last=True)
    assert status == 200
    assert "receipt" not in answer["upload"]
    await part(suite, photo)
    kept = {(row["part"], row["sha256"], row["media_type"]) for row in await rows(suite)}
    assert len(kept) == 1, "as by one upload"


async def test_what_came_before_the_line_broke_is_kept(suite: Suite) -> None:
    content = files.pdf_of(2_000_000)
    id = await begun(suite, len(content))
    _, writer = await asyncio.open_connection("127.0.0.1", suite.host.settings.port)
    lines = {
        **suite.bearer("ann"),
        "Host": "localhost",
        "Content-Type": "application/partial-upload",
        "Content-Length": str(len(content)),
        "Upload-Offset": "0",
        "Upload-Complete": "?1",
    }
    head = f"PATCH {PARTIAL}/{id} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(head.encode() + b"\r\n" + content[:1_200_000])
    await writer.drain()
    incoming = suite.host.settings.data / "objects" / "incoming"
    async with asyncio.timeout(120):
        while not any(file.stat().st_size >= 2**19 for file in incoming.iterdir()):
            await asyncio.sleep(0.01)
        writer.close()
        while not (safe := int((await look(suite, id))[1]["Upload-Offset"])):
            await asyncio.sleep(0.01)
    assert 2**19 <= safe <= 1_200_000
    status, answer = await send(suite, id, safe, content[safe:], last=True)
    assert status == 200
    assert (await get(suite, answer["upload"]["document"]))[1] == content


async def test_a_piece_that_stalls_is_ended_and_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came before is kept, if it had come by then."""
    monkeypatch.setenv("PARVIS_DOCUMENTS_UPLOAD_GRACE_SECONDS", "0.5")
    monkeypatch.setenv("PARVIS_DOCUMENTS_UPLOAD_BYTES_PER_SECOND", f"{2**30}")
    async with run_suite(tmp_path, services=("documents",)) as suite:
        id, go = await begun(suite), asyncio.Event()

        async def stalling() -> AsyncIterator[bytes]:
            yield CONTENT[:100_000]
            await go.wait()

        status, problem = await send(suite, id, 0, stalling())
        go.set()
        assert (status, problem["slug"]) == (408, "too-slow")
        safe = int((await look(suite, id))[1]["Upload-Offset"])
        assert safe in (0, *range(LEAST, 100_001))


async def test_of_two_pieces_for_one_place_one_is_kept(suite: Suite) -> None:
    id = await begun(suite)
    half, go = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield CONTENT[:100_000]
        half.set()
        await go.wait()
        yield CONTENT[100_000:200_000]

    slow = asyncio.create_task(send(suite, id, 0, slowly()))
    await half.wait()
    assert (await send(suite, id, 0, CONTENT[:150_000]))[0] == 200
    go.set()
    status, problem = await slow
    assert (status, problem["slug"], problem["offset"]) == (409, "wrong-offset", 150_000)
    assert len(await keys(suite)) == 1
    both = await asyncio.gather(*(send(suite, id, 150_000, CONTENT[150_000:], last=True) for _ in range(2)))
    (made,) = {answer["upload"]["document"] for status, answer in both if status == 200}
    assert (await get(suite, made))[1] == CONTENT
    assert len(await keys(suite)) == len(await rows(suite)) == 1


# --- limits -----------------------------------------------------------------------------------------------------


async def test_what_would_be_refused_whole_is_refused_before_a_byte_comes(suite: Suite) -> None:
    """Acceptance 48."""
    for length, slug in ((MAX + 1, "too-large"), (0, "empty"), (-1, "invalid-fields")):
        assert (await begin(suite, length))[1]["slug"] == slug
    assert (await begin(suite, filename="a\nb"))[1]["slug"] == "filename-invalid"
    assert (await begin(suite, media_type="multipart/mixed"))[1]["slug"] == "type-not-allowed"
    id = await begun(suite, MAX)
    assert (await send(suite, id, 0, files.pdf_of(MAX), last=True))[1]["upload"]["size"] == MAX


async def test_a_length_that_was_not_true_is_found_out(suite: Suite) -> None:
    async def unannounced(content: bytes) -> AsyncIterator[bytes]:
        yield content

    id = await begun(suite)
    for body in (CONTENT + b"x", unannounced(CONTENT + b"x")):
        assert (await send(suite, id, 0, body))[1]["slug"] == "inconsistent-length"
    for body in (CONTENT[:-1], unannounced(CONTENT[:-1]), b""):
        status, problem = await send(suite, id, 0, body, last=True)
        assert (status, problem["slug"], problem["length"]) == (422, "inconsistent-length", 300_000)
    assert (await look(suite, id))[1]["Upload-Offset"] == "0"
    assert await keys(suite) == []


async def test_a_piece_has_its_least_size_but_for_the_last(suite: Suite) -> None:
    id = await begun(suite)
    status, problem = await send(suite, id, 0, CONTENT[: LEAST - 1])
    assert (status, problem["slug"], problem["min_bytes"]) == (422, "piece-too-small", LEAST)
    assert (await send(suite, id, 0, CONTENT[:LEAST]))[0] == 200
    assert (await send(suite, id, LEAST, CONTENT[LEAST:-1]))[0] == 200
    assert (await send(suite, id, 299_999, CONTENT[-1:], last=True))[0] == 200


async def test_headers_say_where_a_piece_begins_and_whether_it_is_the_last(suite: Suite) -> None:
    id = await begun(suite)
    wrong: list[dict[str, Any]] = [
        {"Upload-Offset": "-1"},
        {"Upload-Offset": ""},
        {"Upload-Complete": "1"},
        {"Upload-Complete": ""},
    ]
    for headers in wrong:
        status, problem = await send(suite, id, 0, CONTENT, **headers)
        assert (status, problem["slug"]) == (400, "invalid-header")
    status, problem = await send(suite, id, 0, CONTENT, **other("Content-Type", "application/pdf"))
    assert (status, problem["slug"], "application/partial-upload" in problem["detail"]) == (
        415,
        "piece-type-wrong",
        True,
    )
    assert (await send(suite, id, 0, CONTENT, **other("Content-Encoding", "gzip")))[1]["slug"] == "unsupported-encoding"


async def test_so_many_are_open_and_no_more_however_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DOCUMENTS_OPEN_UPLOADS", "2")
    async with run_suite(tmp_path, services=("documents",)) as suite:
        answers = await asyncio.gather(*(begin(suite) for _ in range(6)))
        slugs = sorted(answer.get("slug", "") for _, answer in answers)
        assert slugs == ["", "", *["too-many-open-uploads"] * 4]
        open_ones = [answer["id"] for status, answer in answers if status == 201]
        assert (await begin(suite, account="bob"))[0] == 201
        assert await give_up(suite, open_ones[0]) == 204
        assert await give_up(suite, open_ones[0]) == 404
        assert (await send(suite, await begun(suite), 0, CONTENT, last=True))[0] == 200
        assert (await begin(suite))[0] == 201, "what was taken in is not open"


async def test_open_ones_count_as_files_that_wait(suite: Suite) -> None:
    await hear(suite, {"documents.loose_per_account": 2})
    await stored(suite, files.pdf())
    id = await begun(suite)
    assert (await begin(suite))[1]["slug"] == "too-many-uploads"
    assert (await send(suite, id, 0, CONTENT, last=True))[0] == 200
    assert (await begin(suite))[1]["slug"] == "too-many-uploads"


async def test_the_same_key_begins_one_and_tells_how_far_it_is(suite: Suite) -> None:
    first = await asyncio.gather(*(begin(suite, key="once") for _ in range(3)))
    (id,) = {answer["id"] for status, answer in first if status == 201}
    await send(suite, id, 0, CONTENT[:LEAST])
    status, answer = await begin(suite, key="once")
    assert (status, answer["id"], answer["offset"]) == (201, id, LEAST)
    assert (await begin(suite, 1000, key="once"))[1]["slug"] == "idempotency-key-reused"
    assert await partials(suite) == 1


# --- others', and what goes -------------------------------------------------------------------------------------


async def test_to_others_it_is_not_there(suite: Suite) -> None:
    id = await begun(suite)
    assert (await send(suite, id, 0, CONTENT, account="bob"))[0] == 404
    assert (await look(suite, id, "bob"))[0] == await give_up(suite, id, "bob") == 404
    assert (await begin(suite, key="k"))[1]["id"] != (await begin(suite, account="bob", key="k"))[1]["id"]
    assert (await look(suite, "0" * 26))[0] == 404


@pytest.mark.parametrize("pieces", [1, 2])
async def test_nothing_stays_of_what_will_never_be_taken(suite: Suite, pieces: int) -> None:
    """By its first bytes, or once it was looked into."""
    content = files.exe() + bytes(200_000) if pieces == 1 else files.encrypted_pdf() + bytes(200_000)
    id = await begun(suite, len(content))
    status, problem = await send(suite, id, 0, content[:100_000])
    if pieces == 2:
        assert status == 200
        status, problem = await send(suite, id, 100_000, content[100_000:], last=True)
        assert problem["slug"] in ("encrypted", "damaged")
    assert 415 <= status <= 422
    assert (await look(suite, id))[0] == 404
    assert await partials(suite) == 0
    await nothing_stays(suite)


async def test_an_open_one_goes_after_its_day_and_not_before(suite: Suite) -> None:
    id = await begun(suite)
    await send(suite, id, 0, CONTENT[:LEAST])
    await pass_days(suite, 1 - 0.001)
    assert (await send(suite, id, LEAST, CONTENT[LEAST : 2 * LEAST]))[0] == 200
    suite.clock.advance(days=0.001)  # type: ignore[attr-defined] # the clock of a suite stands still
    assert (await look(suite, id))[0] == 404
    assert (await send(suite, id, 2 * LEAST, CONTENT[2 * LEAST :], last=True))[0] == 404
    await pass_days(suite, 0.05)
    assert await partials(suite) == 0
    await nothing_stays(suite)


async def test_with_its_owner_all_of_it_goes(suite: Suite) -> None:
    """Acceptance 21: also of what is on its way."""
    id, other = await begun(suite), await begun(suite)
    await send(suite, other, 0, CONTENT[:LEAST])

    async def slowly() -> AsyncIterator[bytes]:
        yield CONTENT[:100_000]
        await tell(suite, AccountErased(account="ann", campaign="2026"), service="accounts")
        yield CONTENT[100_000:]

    assert (await send(suite, id, 0, slowly(), last=True))[0] == 404
    assert (await begin(suite))[0] == 410
    assert await partials(suite) == 0
    await nothing_stays(suite)
    assert await suite.service("documents").service.ports.store.count(BEGUN.name, {}) == 0
