"""B19: pages of the portal beside the calls of the API that each of them makes, and what a first visit weighs.

The portal is a client of the public API: a page can be no faster than the calls behind it. Which these are is not told here
but heard: in the first life of the suite the portal reaches its API through a listener, by which each page is opened twice,
the second time counting. In its second life it reaches it as it always does. Over one connection each page is asked for
again and again, and then the same calls without the portal, one after the other: the bare limit is the sum of their times.
The last lines are the bytes that a browser takes which has never been here: the page, packed as servers send it, with all
its styles, scripts and pictures.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web

from services.chassis.settings import Settings
from tests.candidate import PASSWORD, Candidate, Mailbox
from tests.load.bench import Bench
from tests.load.examined import FAVOURABLE, Sort, laid
from tests.load.figures import Figure, beside, bound
from tests.load.rest import until_idle
from tests.load.wire import rate, request
from tests.processes import SuiteProcess
from tests.service.portal.browser import Page

TITLE = "Pages, against the calls of the API behind each, and the weight of a first visit"

MOST_TIMES: Final = 3.0
MOST_KILOBYTES: Final = 100.0
FILES: Final = 2_000
STAFF: Final = "kim@univ.example"
HOP: Final = {"host", "connection", "accept-encoding", "content-length", "transfer-encoding", "traceparent"}
_PARTS: Final = re.compile(r'<(?:link[^>]+rel="(?:stylesheet|icon)"[^>]+href|script[^>]+src|img[^>]+src)="(/[^"]+)"')


@dataclass(frozen=True)
class Call:
    """A call that the portal has made."""

    method: str
    path: str
    headers: Mapping[str, str]
    status: int

    @property
    def content(self) -> bytes:
        """The same call, to be made again."""
        return request(self.method, self.path, self.headers)


class Listener:
    """Sends on to the suite what the portal asks of its API, and writes it down."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.to = ""
        self._client: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Its address."""
        app = web.Application(client_max_size=2**25)
        app.router.add_route("*", "/{path:.*}", self._pass)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as self._client:
                yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _pass(self, asked: web.Request) -> web.Response:
        assert self._client is not None
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in HOP}
        body = await asked.read()
        async with self._client.request(asked.method, self.to + asked.path_qs, headers=headers, data=body) as answer:
            self.calls.append(Call(asked.method, asked.path_qs, headers, answer.status))
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
            kept.pop("Content-Encoding", None)
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B19; three minutes."""
    settings = Settings(data=bench.folder / "var")
    (files,) = await laid(settings, [Sort("M1-LIST", bench.many(FILES), FAVOURABLE)])
    suite, listener = SuiteProcess(settings.data, fresh=True), Listener()
    try:
        async with listener.listening() as address, aiohttp.ClientSession() as client:
            listener.to = suite.base
            await suite.start(api_url=address)
            zoe = Candidate(client, suite.base, Mailbox(settings.data / "mail"))
            await zoe.goes_the_whole_way()
            piece = next(each["code"] for each in zoe.pieces if not each["conditional"])
            one = f"/candidatures/{zoe.ledger.application}"
            await zoe.opens(await zoe.finds("informatique"))
            staff = await suite.parvis("staff", "add", STAFF, "--role", "manager")
            assert staff.returncode == 0, staff.stderr
            kim = Candidate(client, suite.base, zoe.mailbox)
            kim.address = STAFF
            await kim.validates()
            programme = await zoe.finds("energie solaire")
            nobody, candidate, manager = "", await _logged_in(suite, zoe), await _logged_in(suite, kim)
            pages = {
                "home": ("/", nobody),
                "catalogue, searched": ("/formations?q=informatique", nobody),
                "programme": (f"/formations/{programme}", nobody),
                "my applications": ("/candidatures", candidate),
                "an application": (one, candidate),
                "a piece": (f"{one}/pieces/{piece}/apercu", candidate),
                "staff: list": ("/gestion", manager),
                "staff: a file": (f"/gestion/{files[0].application}", manager),
                "staff: its decision": (f"/gestion/{files[0].application}/decision", manager),
            }
            behind = {}
            for what, (path, cookies) in pages.items():
                for _ in "12":
                    listener.calls.clear()
                    await _opened(client, suite, path, cookies)
                behind[what] = list(listener.calls)
            await suite.stop()
        await suite.start()
        await until_idle(suite.pid)
        figures = [await _compared(bench, suite, what, *pages[what], behind[what]) for what in pages]
        weights = [("home", "/"), ("catalogue", "/formations"), ("log-in", "/connexion")]
        return [*figures, *[await _weighed(suite, what, path) for what, path in weights]]
    finally:
        await suite.stop()


async def _compared(
    bench: Bench, suite: SuiteProcess, what: str, path: str, cookies: str, calls: Sequence[Call]
) -> Figure:
    """The page beside its calls, of which there may be none."""
    page = [request("GET", path, {"Accept": "text/html", "Cookie": cookies})]
    assert all(call.status == 200 for call in calls), (what, calls)

    async def own() -> float:
        return 1000 / await rate(suite.port, page, seconds=bench.seconds / 2, connections=1)

    async def bare() -> float:
        asked = [call.content for call in calls]
        return 1000 * len(asked) / await rate(suite.port, asked, seconds=bench.seconds / 2, connections=1)

    mine, theirs = await bench.in_turns(own, bare)
    counted = f"{len(calls)} call{'s' if len(calls) > 1 else ''}"
    return beside(f"{what} ({counted})", mine, theirs, " ms", MOST_TIMES)


async def _weighed(suite: SuiteProcess, what: str, path: str) -> Figure:
    """Kilobytes of bodies as they come over the line."""
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip, br"}
    async with aiohttp.ClientSession(suite.base) as reading, reading.get(path, headers=headers) as answer:
        parts = dict.fromkeys(_PARTS.findall(await answer.text()))
    assert parts, path
    async with aiohttp.ClientSession(suite.base, auto_decompress=False) as client:
        total = 0
        for each in (path, *parts):
            async with client.get(each, headers=headers) as answer:
                answer.raise_for_status()
                total += len(await answer.read())
    return bound(f"first visit, {what}, {1 + len(parts)} answers", [total / 1000], None, " kB", MOST_KILOBYTES)


async def _logged_in(suite: SuiteProcess, person: Candidate) -> str:
    """The cookies of somebody who has logged in on the page for it."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(suite.base, cookie_jar=jar, headers={"Accept": "text/html"}) as client:
        async with client.get("/connexion") as answer:
            form = Page(answer, await answer.text()).forms[0]
        typed = form.fields | {"login": person.ledger.login, "password": PASSWORD}
        async with client.post(form.action, data=typed, headers={"Sec-Fetch-Site": "same-origin"}) as answer:
            answer.raise_for_status()
    return "; ".join(f"{each.key}={each.value}" for each in jar)


async def _opened(client: aiohttp.ClientSession, suite: SuiteProcess, path: str, cookies: str) -> None:
    headers = {"Accept": "text/html", "Accept-Language": "fr", "Cookie": cookies}
    async with client.get(suite.base + path, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 200, (path, answer.status, await answer.text())
