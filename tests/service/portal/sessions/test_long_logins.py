"""Logins may be long for what they bring along, and strangers send them too."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.portal.paths import LARGEST_LOGIN, LOGIN, LOGIN_CODE, LOGIN_RECOVERY
from tests.service.portal.browser import Browser
from tests.service.portal.people import without_a_catalogue
from tests.service.portal.sessions.own_page import with_a_form

HEAD = "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{length}\r\n\r\na"


@pytest.mark.parametrize(
    "length", ["Content-Length: 20", f"Content-Length: {LARGEST_LOGIN}", "Transfer-Encoding: chunked"]
)
async def test_a_login_that_does_not_come_takes_nobody_s_place(tmp_path: Path, clock: FixedClock, length: str) -> None:
    async with without_a_catalogue(tmp_path, clock, partial(with_a_form, []), max_in_flight=8) as suite:
        port, writers = int(suite.url.rpartition(":")[2]), list[asyncio.StreamWriter]()
        for path in (LOGIN, LOGIN_CODE, LOGIN_RECOVERY) * 4:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HEAD.format(path=path, length=length).encode())
            await writer.drain()
            writers.append(writer)
        async with Browser(suite.url) as browser:
            page = await browser.open(LOGIN)
            assert page.status == 200
            wrong = await browser.send(page.forms[0], login="ZZ99ZZ99", password="wrong")
            assert wrong.status == 422
        for writer in writers:
            writer.transport.abort()
