"""The browser's session: sealed, prolonged by whoever asks, ended everywhere, and nothing typed is lost with it (ADR 51)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web

from services.chassis.clock import FixedClock
from services.chassis.host.host import Host
from services.chassis.testing import Suite, run_suite
from services.contracts.api.accounts import Address
from services.contracts.api.endpoints import accounts as endpoints
from services.portal.api import accepted
from services.portal.rendering import language_of, see_other
from services.portal.visits import MAX_COOKIE_CHARACTERS, MAX_SEEN_CHARACTERS, Visit
from services.portal.wiring import kit, pages
from tests.service.portal.browser import Browser, Form
from tests.service.portal.people import PASSWORD, an_account, log_in

Taken = list[dict[str, str]]

ADDRESS = {"lines": ["4 rue du Puits"], "postcode": "66000", "city": "Perpignan", "country": "FR"}


def with_a_form(taken: Taken, site: web.Application, host: Host) -> None:
    """The portal and a page more, as anybody would write one: it shows who asks, takes a form, and gives an address."""
    pages(site, host)
    rendering, api = kit(site, host)

    async def show(request: web.Request) -> web.StreamResponse:
        asked = await api.ask(request, language_of(request), endpoints.ME)
        me = accepted(asked)
        page = rendering.login(request, login=me.file_number)
        page.headers["Mine"] = me.file_number
        return page

    async def take(request: web.Request) -> web.StreamResponse:
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request)
        body = Address.model_validate(ADDRESS)
        given = await api.ask(request, language_of(request), endpoints.GIVE_ADDRESS, body=body)
        accepted(given)
        taken.append(dict(form))
        return see_other("/mine")

    async def missing(request: web.Request) -> web.StreamResponse:
        address = await api.ask(request, language_of(request), endpoints.ADDRESS)
        accepted(address)
        raise AssertionError("nobody has given one")

    site.add_routes(
        [
            web.get("/mine", rendering.guarded(show)),
            web.post("/mine", rendering.guarded(take)),
            web.post("/mine/alone", rendering.guarded(take, signed_in=True)),
            web.get("/missing", rendering.guarded(missing)),
        ]
    )


@pytest.fixture
def taken() -> Taken:
    return []


@pytest.fixture
async def suite(tmp_path: Path, clock: FixedClock, taken: Taken) -> AsyncIterator[Suite]:
    own = partial(with_a_form, taken)
    async with run_suite(tmp_path, services=("accounts", "offers", "mailer"), clock=clock, pages=own) as suite:
        await suite.settle()
        yield suite


@pytest.fixture
async def browser(suite: Suite) -> AsyncIterator[Browser]:
    async with Browser(suite.url) as browser:
        yield browser


@pytest.fixture
async def number(suite: Suite, browser: Browser) -> str:
    """Somebody is logged in; the file number."""
    login = await an_account(suite)
    await log_in(browser)
    return login


async def mine(browser: Browser, path: str = "/mine") -> Form:
    """The form of the page of these tests, which goes to `path`."""
    form = (await browser.open("/mine")).forms[0]
    form.action = path
    return form


async def test_the_cookie_tells_nothing_fits_and_no_script_reads_it(browser: Browser, number: str) -> None:
    page = await browser.open("/mine")
    assert page.headers["Mine"] == number
    sealed = browser.cookie("session")
    assert sealed is not None
    assert len(sealed) < MAX_COOKIE_CHARACTERS / 2
    assert sealed.count(".") == 4
    assert (await browser.open("/connexion?next=/mine")).path == "/mine", "who is logged in need not do it again"


async def test_cookies_of_production_are_of_this_host_and_of_tls_alone(tmp_path: Path, clock: FixedClock) -> None:
    async with run_suite(
        tmp_path,
        services=("accounts", "offers", "mailer"),
        clock=clock,
        pages=pages,
        public_url="https://candidatures.univ.test",
    ) as suite:
        await suite.settle()
        await an_account(suite)
        fields = {"form_token": "x" * 43, "login": "zoe@example.org", "password": PASSWORD}
        headers = {"Cookie": f"__Host-form={'x' * 43}", "Sec-Fetch-Site": "same-origin"}
        async with suite.client.post("/connexion", data=fields, headers=headers, allow_redirects=False) as response:
            assert response.status == 303
            given = response.cookies
    assert set(given) == {"__Host-session", "__Host-device"}
    for cookie in given.values():
        assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax")
        assert cookie["secure"]
        assert cookie["httponly"]
    assert given["__Host-session"]["max-age"] == "", "it ends with the browser"
    assert int(given["__Host-device"]["max-age"]) == 400 * 86400


@pytest.mark.parametrize(
    "forged",
    ["", "x", "a.b.c.d.e", "....", "eyJhbGciOiJub25lIn0....", "é", "eyJhbGciOiJkaXIifQ.x.x.x.x", "WzFd.x.x.x.x"],
)
async def test_a_cookie_that_the_portal_has_not_sealed_is_nobodys(browser: Browser, number: str, forged: str) -> None:
    browser.keep_cookies(session=forged, seen=forged, device="é" * 300)
    page = await browser.open("/mine")
    assert (page.path, page.heading) == ("/connexion?next=/mine", "Connexion")


async def test_what_is_sealed_for_one_use_is_nothing_for_another(browser: Browser, number: str) -> None:
    session = browser.cookie("session")
    assert session is not None
    browser.keep_cookies(session="", seen=session)
    assert (await browser.open("/mine")).heading == "Connexion"


async def test_a_session_goes_on_beyond_the_ten_minutes_of_its_token(
    suite: Suite, browser: Browser, number: str, clock: FixedClock
) -> None:
    for _ in range(4):
        before = browser.cookie("session")
        clock.advance(minutes=11)
        assert (await browser.open("/mine")).headers["Mine"] == number
        assert browser.cookie("session") != before


async def test_tabs_a_double_click_and_replicas_that_prolong_at_the_same_time_all_get_through(
    suite: Suite, browser: Browser, number: str, clock: FixedClock
) -> None:
    """An old refresh token that comes back is theft to accounts; the key that is made of it says that it is not."""
    old = browser.cookie("session")
    assert old is not None
    clock.advance(minutes=11)
    seen = await asyncio.gather(*(browser.open("/mine") for _ in range(6)))
    assert [page.headers["Mine"] for page in seen] == [number] * 6
    clock.advance(seconds=30)
    async with Browser(suite.url) as late:
        late.keep_cookies(session=old)
        assert (await late.open("/mine")).headers["Mine"] == number, "the answer with the next cookie had been lost"
    assert (await browser.open("/mine")).headers["Mine"] == number


async def test_a_prolonged_session_goes_out_with_refusals_and_pages_that_are_missing(
    suite: Suite, browser: Browser, number: str, clock: FixedClock
) -> None:
    before = browser.cookie("session")
    clock.advance(minutes=11)
    page = await browser.open("/missing")
    assert page.status == 404
    assert page.heading == "Cette étape n’est pas encore remplie"
    assert browser.cookie("session") != before


async def test_a_session_that_was_ended_elsewhere_leads_to_the_login_and_back(
    suite: Suite, browser: Browser, number: str, clock: FixedClock
) -> None:
    clock.advance(days=8)
    page = await browser.open("/mine?tab=2")
    assert page.path == f"/connexion?next={'/mine?tab%3D2'}&fin=1"
    assert "a pris fin" in page.words
    assert browser.cookie("session") is None
    back = await browser.send(page.forms[0], login=number, password=PASSWORD)
    assert (back.path, back.headers["Mine"]) == ("/mine?tab=2", number)


@pytest.mark.parametrize("path", ["/mine", "/mine/alone"])
async def test_what_was_typed_when_the_session_ended_comes_back_after_logging_in(
    suite: Suite, browser: Browser, number: str, clock: FixedClock, taken: Taken, path: str
) -> None:
    """In mid-form: the first line stays, the lines' ends stay, and a wrong password in between costs nothing."""
    form = await mine(browser, path)
    words = {"motivation": "\r\nJ’aime les <étoiles> & « le vent ».\r\n\r\nVoilà.", "other": ""}
    if path == "/mine":
        clock.advance(days=8)
    else:
        browser.keep_cookies(session="")
    login = await browser.send(form, **words)
    assert login.heading == "Connexion"
    assert "pas perdu" in login.words
    assert "étoiles" not in login.html
    wrong = await browser.send(login.forms[0], login=number, password="wrong")
    assert wrong.status == 422
    again = await browser.send(wrong.forms[0], login=number, password=PASSWORD)
    assert again.heading == "Vous voilà de nouveau dans votre compte"
    assert taken == []
    done = await browser.send(again.forms[0])
    assert done.path == "/mine"
    assert [{name: each[name].replace("\n", "\r\n").replace("\r\r", "\r") for name in words} for each in taken] == [
        words
    ]


async def test_what_somebody_else_typed_is_not_sent_for_who_logs_in_next(
    suite: Suite, browser: Browser, number: str, clock: FixedClock, taken: Taken
) -> None:
    await an_account(suite, "max@example.org")
    form = await mine(browser)
    clock.advance(days=8)
    login = await browser.send(form, motivation="of Zoé")
    other = await browser.send(login.forms[0], login="max@example.org", password=PASSWORD)
    assert other.path == "/mine"
    assert "of Zoé" not in other.html
    async with Browser(suite.url) as elsewhere:
        stolen = (await elsewhere.open("/connexion")).forms[0]
        page = await elsewhere.send(stolen, kept=login.forms[0].fields["kept"], login=number, password=PASSWORD)
        assert page.path == "/"
    assert taken == []


async def test_a_form_as_long_as_may_be_is_kept_as_well(
    suite: Suite, browser: Browser, number: str, clock: FixedClock, taken: Taken
) -> None:
    form = await mine(browser)
    clock.advance(days=8)
    longest = "é" * ((16384 - 400) // 6)
    login = await browser.send(form, motivation=longest)
    again = await browser.send(login.forms[0], login=number, password=PASSWORD)
    await browser.send(again.forms[0])
    assert [each["motivation"] for each in taken] == [longest]


async def test_one_reads_ones_own_writes(suite: Suite, browser: Browser, number: str) -> None:
    """ADR 8: what a command's answer names goes along with the next requests, sealed, for a minute."""
    page = await browser.send(await mine(browser))
    assert page.path == "/mine"
    assert browser.cookie("seen") is not None
    assert (await browser.open("/mine")).headers["Mine"] == number


def test_of_too_much_that_was_seen_the_newest_is_kept() -> None:
    visit = Visit()
    for number in range(300):
        visit.see(f"mark-{number:03}")
        visit.see(f"mark-{number:03}")
    assert visit.seen[0] == "mark-299"
    assert len(visit.seen) == len(set(visit.seen))
    assert MAX_SEEN_CHARACTERS - 10 < len(",".join(visit.seen)) <= MAX_SEEN_CHARACTERS
    visit.see("x" * (MAX_SEEN_CHARACTERS + 1))
    assert visit.seen == ()


async def test_two_replicas_open_one_anothers_sessions_also_when_the_key_is_replaced(
    tmp_path: Path, clock: FixedClock
) -> None:
    old, new = "an-old-secret-of-them", "a-new-secret-of-them"
    async with run_suite(
        tmp_path / "a", services=("accounts", "offers", "mailer"), clock=clock, pages=pages, session_secret=old
    ) as suite:
        await suite.settle()
        await an_account(suite)
        async with Browser(suite.url) as browser:
            await log_in(browser)
            sealed = browser.cookie("session")
        assert sealed is not None
        for secret, is_known in ((f"{new} {old}", True), (new, False)):
            async with (
                run_suite(
                    tmp_path / secret[:5],
                    services=(),
                    clock=clock,
                    pages=pages,
                    session_secret=secret,
                    api_url=suite.url,
                ) as replica,
                Browser(replica.url) as browser,
            ):
                browser.keep_cookies(session=sealed)
                assert ("/connexion" in (await browser.open("/")).links) != is_known
