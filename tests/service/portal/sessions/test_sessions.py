"""The browser's session: sealed, prolonged by whoever asks, ended everywhere (ADR 51)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.portal.visits import MAX_COOKIE_CHARACTERS, MAX_SEEN_CHARACTERS, Visit
from services.portal.wiring import pages
from tests.service.portal.browser import Browser
from tests.service.portal.people import PASSWORD, an_account, log_in, without_a_catalogue
from tests.service.portal.sessions.own_page import mine


async def test_the_cookie_tells_nothing_fits_and_no_script_reads_it(browser: Browser, number: str) -> None:
    page = await browser.open("/mine")
    assert page.headers["Mine"] == number
    sealed = browser.cookie("session")
    assert sealed is not None
    assert len(sealed) < MAX_COOKIE_CHARACTERS / 2
    assert sealed.count(".") == 4
    assert (await browser.open("/connexion?next=/mine")).path == "/mine", "who is logged in need not do it again"


async def test_cookies_of_production_are_of_this_host_and_of_tls_alone(tmp_path: Path, clock: FixedClock) -> None:
    async with without_a_catalogue(tmp_path, clock, pages, public_url="https://candidatures.univ.test") as suite:
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
    async with without_a_catalogue(tmp_path / "a", clock, pages, session_secret=old) as suite:
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
