"""Scanners: what clamd says in full is believed, anything else is no verdict."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.chassis import urls
from services.chassis.ports import ScannerUnavailable
from services.chassis.scanner.clamd import ClamdScanner
from tests.servers.clamd import EICAR, SIGNATURE, STREAM_LIMIT, Clamd
from tests.servers.proxy import Proxy


@asynccontextmanager
async def speaker(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server on which every conversation ends with `answer`: its URL, and what it was sent."""
    heard: list[bytes] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(command := await reader.readline())
        if command == b"nINSTREAM\n":
            content = b""
            while size := int.from_bytes(await reader.readexactly(4)):
                content += await reader.readexactly(size)
            heard.append(content)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(converse, "127.0.0.1", 0) as server:
        yield f"clamd://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [(b"stream: OK\n", None), (b"stream: Eicar-Test-Signature FOUND\n", "Eicar-Test-Signature")],
)
async def test_a_verdict(tmp_path: Path, answer: bytes, verdict: str | None) -> None:
    content = bytes(range(256)) * 1000
    (tmp_path / "file").write_bytes(content)
    async with speaker(answer) as (url, heard):
        scanner = urls.open_scanner(url)
        assert await scanner.scan(tmp_path / "file") == verdict
        await scanner.close()
    assert heard == [b"nINSTREAM\n", content]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: ERROR\n",
        b"stream: something went wrong ERROR\n",
        b"INSTREAM size limit exceeded. ERROR\n",
        b"OK\n",
        b"other: OK\n",
        b"stream: but OK\n",
        b"\xff\xfe\n",
        b"x" * 100_000,
    ],
    ids=repr,
)
async def test_anything_else_is_no_verdict(tmp_path: Path, answer: bytes) -> None:
    """A document that could not be scanned is never taken for clean (acceptance 58)."""
    (tmp_path / "file").write_bytes(b"content")
    async with speaker(answer) as (url, _):
        with pytest.raises(ScannerUnavailable):
            await urls.open_scanner(url).scan(tmp_path / "file")


async def test_no_server_and_no_file_are_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    async with speaker(b"stream: OK\n") as (url, _):
        with pytest.raises(ScannerUnavailable):
            await urls.open_scanner(url).scan(tmp_path / "missing")
    with pytest.raises(ScannerUnavailable):
        await urls.open_scanner(url).scan(tmp_path / "file")
    with pytest.raises(ScannerUnavailable):
        await urls.open_scanner(url).ping()


@pytest.mark.parametrize(("answer", "works"), [(b"PONG\n", True), (b"PANG\n", False), (b"", False)])
async def test_ping(answer: bytes, works: bool) -> None:
    async with speaker(answer) as (url, heard):
        scanner = urls.open_scanner(url)
        if works:
            await scanner.ping()
        else:
            with pytest.raises(ScannerUnavailable):
                await scanner.ping()
    assert heard == [b"nPING\n"]


@pytest.mark.parametrize(("serves", "warned"), [(True, [("no-scanner", "warning")]), (False, [])])
async def test_without_a_scanner_who_takes_documents_warns_of_it(
    tmp_path: Path, serves: bool, warned: list[tuple[str, str]]
) -> None:
    with capture_logs() as logs:
        scanner = urls.open_scanner("none:", serves=serves)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == warned
    assert await scanner.scan(tmp_path / "anything") is None
    await scanner.ping()
    await scanner.close()


async def test_clamd_finds_what_its_signatures_name(clamd: Clamd, tmp_path: Path) -> None:
    scanner = urls.open_scanner(clamd.url)
    await scanner.ping()
    for name, content, verdict in (
        ("clean", b"%PDF-1.7\n" + b"x" * 200_000, None),
        ("empty", b"", None),
        ("infected", EICAR, f"{SIGNATURE}.UNOFFICIAL"),
        ("infected-across-chunks", b"x" * (64 * 1024 - 20) + EICAR + b"x" * 100_000, f"{SIGNATURE}.UNOFFICIAL"),
    ):
        (tmp_path / name).write_bytes(content)
        assert await scanner.scan(tmp_path / name) == verdict, name
    await scanner.close()


async def test_what_clamd_takes_whole_is_scanned_and_one_byte_more_is_no_verdict(clamd: Clamd, tmp_path: Path) -> None:
    scanner = urls.open_scanner(clamd.url)
    (tmp_path / "file").write_bytes(b"x" * STREAM_LIMIT)
    assert await scanner.scan(tmp_path / "file") is None
    (tmp_path / "file").write_bytes(b"x" * (STREAM_LIMIT + 1))
    with pytest.raises(ScannerUnavailable):
        await scanner.scan(tmp_path / "file")


@pytest.mark.parametrize("fault", [Proxy.blackhole, Proxy.cut, Proxy.lose_answers])
async def test_a_wire_that_fails_is_no_verdict(clamd: Clamd, tmp_path: Path, fault: Callable[[Proxy], None]) -> None:
    (tmp_path / "file").write_bytes(b"content")
    async with Proxy.before(clamd.url) as proxy:
        scanner = ClamdScanner("127.0.0.1", proxy.port, timeout=0.5)
        fault(proxy)
        with pytest.raises(ScannerUnavailable):
            await scanner.scan(tmp_path / "file")
        with pytest.raises(ScannerUnavailable):
            await scanner.ping()
        proxy.restore()
        assert await ClamdScanner("127.0.0.1", proxy.port).scan(tmp_path / "file") is None
