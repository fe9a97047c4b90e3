"""Tests speak to loopback only: the guard of tests/conftest.py is awake and refuses nothing else."""

import asyncio
import socket

import pytest

OUTSIDE = "192.0.2.1"  # RFC 5737: an address that nobody owns


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match=r"loopback only"):
        client.connect((OUTSIDE, 80))


def test_a_datagram_to_another_machine_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(RuntimeError, match=r"loopback only"):
        client.sendto(b"hello", (OUTSIDE, 53))


def test_a_name_that_is_not_this_machine_is_not_even_looked_up() -> None:
    with pytest.raises(RuntimeError, match=r"loopback only"):
        socket.getaddrinfo("parvis.example", 443)


async def test_asyncio_is_held_to_it_too() -> None:
    with pytest.raises(RuntimeError, match=r"loopback only"):
        await asyncio.open_connection(OUTSIDE, 80)


async def test_loopback_is_free() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("localhost", port)
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()
