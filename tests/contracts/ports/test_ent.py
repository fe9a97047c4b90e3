"""What every ENT does for who comes from it: by two protocols, the development ENT and servers that others have written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
import pytest

from services.chassis import urls
from services.chassis.ports import Ent, EntRefused
from services.chassis.testing import run_suite
from services.portal.wiring import pages
from tests.contracts.ports.conftest import adapters
from tests.ents import OTHER, VISIT
from tests.servers.ent import PAGE, PASSWORD, USER
from tests.service.portal.browser import Page

MOST_STEPS = 20


@dataclass(frozen=True)
class EntPlace:
    """An ENT, the page that it sends people back to, and what somebody answers to its questions."""

    ent: Ent
    page: str
    answers: Mapping[str, str]
    family_name: str

    async def log_in(self, address: str) -> str:
        """The ticket or code with which a browser comes back that is sent to the address."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            method, fields = "GET", None
            for _ in range(MOST_STEPS):
                async with browser.request(method, address, data=fields, allow_redirects=False) as response:
                    if 300 <= response.status < 400:
                        method, fields, address = "GET", None, urljoin(address, response.headers["Location"])
                        if address.startswith(self.page):
                            query = parse_qs(urlsplit(address).query)
                            return (query.get("ticket") or query["code"])[0]
                        continue
                    form = Page(response, await response.text()).forms[0]
                method, address, fields = "POST", urljoin(address, form.action), form.fields | dict(self.answers)
        raise AssertionError("the ENT never sends anybody back")


Open = Callable[[pytest.FixtureRequest, Path], AbstractAsyncContextManager[EntPlace]]


def development(url: str) -> Open:
    """The development ENT, by one of its protocols."""

    @asynccontextmanager
    async def opened(request: pytest.FixtureRequest, data: Path) -> AsyncIterator[EntPlace]:
        async with run_suite(data, services=(), pages=pages, ent=url) as suite:
            ent = urls.open_ent(url, suite.clock, public=suite.url, inside=suite.url)
            yield EntPlace(ent, f"{suite.url}/connexion/ent/retour", {"person": "amartin"}, "Martin")
            await ent.close()

    return opened


def written_by_others(name: str) -> Open:
    """A server of the catalogue."""

    @asynccontextmanager
    async def opened(request: pytest.FixtureRequest, data: Path) -> AsyncIterator[EntPlace]:
        ent = urls.open_ent(request.getfixturevalue(name).url, urls.open_clock("system:"))
        answers = {"username": USER, "login": USER, "password": PASSWORD}
        yield EntPlace(ent, PAGE, answers, "Durand")
        await ent.close()

    return opened


ENTS: dict[str, Open] = {
    "development": development("development:"),
    "development:oidc": development("development:oidc"),
    "mamacas": written_by_others("mamacas"),
    "oidcprovider": written_by_others("oidcprovider"),
}


@pytest.fixture(params=adapters(ENTS))
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EntPlace]:
    async with ENTS[request.param](request, tmp_path) as opened:
        yield opened


async def test_who_comes_back_is_known_each_time_by_the_same_name(place: EntPlace) -> None:
    """Acceptance 11."""
    await place.ent.ping()
    people = []
    for each in (VISIT, OTHER):
        visit = replace(each, page=place.page)
        people.append(await place.ent.person(visit, await place.log_in(await place.ent.login_address(visit))))
    assert people[0].subject == people[1].subject
    assert people[0].family_name == place.family_name


async def test_a_proof_is_good_once_for_the_visit_that_it_was_given_for(place: EntPlace) -> None:
    """Replay, a proof for another browser, and one that nobody gave (issue: bad input)."""
    visit, other = replace(VISIT, page=place.page), replace(OTHER, page=place.page)
    used = await place.log_in(await place.ent.login_address(visit))
    await place.ent.person(visit, used)
    stolen = await place.log_in(await place.ent.login_address(other))
    for proof in (used, stolen, "ST-1-nobody-gave-this"):
        with pytest.raises(EntRefused) as refusal:
            await place.ent.person(visit, proof)
        assert refusal.value.denial == "ticket"
