"""The proxy's faults are what their names say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.servers.proxy import Proxy

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """Answers each line with itself, and keeps what it has heard."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self.heard.append(line)
                writer.write(line)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self.ended.set()
            writer.close()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    async with server, Proxy("127.0.0.1", server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def is_reset(streams: Streams) -> bool:
    try:
        await asyncio.wait_for(streams[0].readexactly(1), 10)
    except ConnectionError:
        return True
    except asyncio.IncompleteReadError:
        return False
    raise AssertionError("there was an answer")


async def ask(streams: Streams, line: bytes) -> bytes:
    streams[1].write(line)
    return await asyncio.wait_for(streams[0].readline(), 10)


async def silent(streams: Streams) -> bool:
    try:
        await asyncio.wait_for(streams[0].readline(), 0.3)
    except TimeoutError:
        return True
    return False


async def test_bytes_pass_both_ways(proxy: Proxy) -> None:
    async with connected(proxy) as client:
        assert await ask(client, b"hello\n") == b"hello\n"
        assert (proxy.accepted, proxy.open) == (1, 1)
        client[1].write_eof()
        assert await client[0].read() == b""


async def test_a_url_goes_through_the_proxy(proxy: Proxy) -> None:
    assert proxy.through("amqp://guest:guest@127.0.0.1:5672/t") == f"amqp://guest:guest@127.0.0.1:{proxy.port}/t"
    assert proxy.through("s3+http://a:b@127.0.0.1:1/bucket") == f"s3+http://a:b@127.0.0.1:{proxy.port}/bucket"
    assert proxy.through("mongodb://127.0.0.1:1") == f"mongodb://127.0.0.1:{proxy.port}"
    with pytest.raises(ValueError, match="no host and port"):
        Proxy.before("sqlite:")


async def test_cut_resets_old_and_new_connections(proxy: Proxy) -> None:
    async with connected(proxy) as client:
        await ask(client, b"hello\n")
        proxy.cut()
        assert await is_reset(client)
    async with connected(proxy) as new:
        assert await is_reset(new)
    proxy.restore()
    async with connected(proxy) as client:
        assert await ask(client, b"again\n") == b"again\n"


async def test_drop_spares_new_connections(proxy: Proxy) -> None:
    async with connected(proxy) as client, connected(proxy) as other:
        await ask(client, b"hello\n")
        await ask(other, b"hello\n")
        proxy.drop()
        assert await is_reset(client)
        assert await is_reset(other)
    async with connected(proxy) as new:
        assert await ask(new, b"hello\n") == b"hello\n"


async def test_blackhole_holds_bytes_back_and_restore_lets_them_flow(proxy: Proxy, echo: Echo) -> None:
    async with connected(proxy) as client:
        await ask(client, b"hello\n")
        proxy.blackhole()
        client[1].write(b"held back\n")
        async with connected(proxy) as new:
            new[1].write(b"new\n")
            assert await silent(client)
            assert await silent(new)
            assert echo.heard == [b"hello\n"]
            proxy.restore()
            assert await asyncio.wait_for(client[0].readline(), 10) == b"held back\n"
            assert await asyncio.wait_for(new[0].readline(), 10) == b"new\n"


async def test_lost_answers_leave_the_deed_done(proxy: Proxy, echo: Echo) -> None:
    async with connected(proxy) as client:
        proxy.lose_answers()
        client[1].write(b"do it\n")
        assert await silent(client)
        assert echo.heard == [b"do it\n"]
        proxy.restore()
        assert await is_reset(client)


async def test_half_open_tells_the_server_only(proxy: Proxy, echo: Echo) -> None:
    async with connected(proxy) as client:
        await ask(client, b"hello\n")
        proxy.half_open()
        await asyncio.wait_for(echo.ended.wait(), 10)
        client[1].write(b"anybody there?\n")
        assert await silent(client)
        assert echo.heard == [b"hello\n"]
        async with connected(proxy) as new:
            assert await ask(new, b"hello\n") == b"hello\n"


async def test_delay_keeps_the_order(proxy: Proxy, echo: Echo) -> None:
    async with connected(proxy) as client:
        proxy.delay(0.2)
        client[1].write(b"one\n")
        assert echo.heard == []
        client[1].write(b"two\n")
        assert [await client[0].readline(), await client[0].readline()] == [b"one\n", b"two\n"]


async def test_a_server_that_is_down_ends_the_connection(echo: Echo) -> None:
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with Proxy("127.0.0.1", port) as proxy, connected(proxy) as client:
        assert await is_reset(client)


async def test_a_client_that_does_not_read_is_held_back_and_loses_nothing(proxy: Proxy) -> None:
    # More than the sockets on the way may hold between them, on any machine.
    line, times = b"x" * (2**15 - 1) + b"\n", 4096
    async with connected(proxy) as client:

        async def write() -> None:
            for _ in range(times):
                client[1].write(line)
                await client[1].drain()

        writing = asyncio.create_task(write())
        await asyncio.sleep(0.5)
        assert not writing.done()
        for _ in range(times):
            assert await asyncio.wait_for(client[0].readexactly(len(line)), 30) == line
        await writing


async def test_what_is_diverted_goes_to_another_server_until_all_is_well_again(proxy: Proxy, echo: Echo) -> None:
    other = Echo()
    server = await asyncio.start_server(other.serve, "127.0.0.1", 0)
    async with server, connected(proxy) as before:
        assert await ask(before, b"one\n") == b"one\n"
        proxy.divert("127.0.0.1", server.sockets[0].getsockname()[1])
        assert await is_reset(before)
        async with connected(proxy) as elsewhere:
            assert await ask(elsewhere, b"two\n") == b"two\n"
            proxy.restore()
            assert await is_reset(elsewhere)
        async with connected(proxy) as after:
            assert await ask(after, b"three\n") == b"three\n"
    assert (echo.heard, other.heard) == ([b"one\n", b"three\n"], [b"two\n"])
