"""Home page, languages, files, addresses that do not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from yarl import URL

from services.chassis.context import CommandContext, acting_service
from services.chassis.testing import Suite, run_suite
from services.offers.wiring import set_parameters
from services.portal.wiring import pages
from tests.service.portal.browser import Browser


async def test_the_home_page_tells_people_what_they_need_and_every_link_on_it_leads_somewhere(suite: Suite) -> None:
    """Acceptance 22: notice, entries, help without logging in, key dates, contact, what the law asks for."""
    async with Browser(suite.url) as browser:
        home = await browser.open("/")
        assert home.status == 200
        assert home.heading == "Candidater à une formation de l’université"
        for link in ("/connexion", "/inscription", "/formations", "/assistance", "/donnees-personnelles", "/mailbox"):
            assert link in home.links
        for words in (
            "Université de démonstration",
            "l’accès à vos données",
            "du 3 novembre 2026",
            "candidatures@parvis.example",
        ):
            assert words in home.words
        for link in home.links:
            if not link.startswith(("#", "mailto:")):
                assert (await browser.open(link)).status == 200, link


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            "/donnees-personnelles",
            (
                "Pourquoi",
                "rectification",
                "effacement",
                "CNIL",
                "vendue",
                "un autre site",
                "logiciel de scolarité",
                "messagerie",
            ),
        ),
        ("/mentions-legales", ("Éditeur",)),
        ("/accessibilite", ("RGAA", "non conforme", "Défenseur des droits", "n’a pas été contrôlée")),
        ("/assistance", ("mot de passe", "Dossier non transmis".lower())),
    ],
)
async def test_notices_name_the_institution_and_whom_to_ask(suite: Suite, path: str, words: tuple[str, ...]) -> None:
    async with Browser(suite.url) as browser:
        page = await browser.open(path)
        assert page.status == 200
        assert all(word in page.words for word in (*words, "Université de démonstration"))
        assert "mailto:candidatures@parvis.example" in page.links
        english = await browser.open(f"{path}?lang=en")
        assert english.heading != page.heading


async def test_what_the_institution_tells_everybody_stands_on_the_home_page(suite: Suite) -> None:
    async def told(**given: str) -> None:
        command = CommandContext(suite.clock.now(), "test", acting_service("offers"))
        values = {f"institution.{name}": value for name, value in given.items()}
        ports = suite.service("offers").service.ports
        await set_parameters(ports, values, command=command, expected=None, dry_run=False)

    await told(name="Université de Cerdagne", message_fr="Fermé <le> 14 juillet.")
    async with Browser(suite.url) as browser:
        home = await browser.open("/")
        assert "Fermé <le> 14 juillet." in home.words
        assert "Université de Cerdagne" in home.words
        assert "Fermé" in (await browser.open("/?lang=en")).words, "better than nothing"
        await told(message_en="Closed on 14 July.")
        assert "Closed on 14 July." in (await browser.open("/")).words


async def test_the_page_for_developers_says_what_runs(suite: Suite) -> None:
    async with Browser(suite.url) as browser:
        page = await browser.open("/developpeurs")
        for link in ("/api/accounts/docs", "/api/offers/docs", "/api/mailer/docs"):
            assert link in page.links
            assert (await browser.open(link)).status == 200
        assert "/api/documents/docs" not in page.links


async def test_the_language_is_the_browsers_until_the_person_chooses(suite: Suite) -> None:
    async with Browser(suite.url, language="en-GB") as browser:
        home = await browser.open("/")
        assert home.headers["Content-Language"] == "en"
        assert '<html lang="en"' in home.html
        assert "/?lang=fr" in home.links
        assert (await browser.open("/?lang=fr")).headers["Content-Language"] == "fr"
        assert (await browser.open("/")).headers["Content-Language"] == "fr"
        assert (await browser.open("/?lang=xx")).headers["Content-Language"] == "fr"


async def test_changing_the_language_keeps_the_rest_of_the_address(suite: Suite) -> None:
    async with Browser(suite.url) as browser:
        page = await browser.open("/validation?token=abc")
        assert "/validation?token=abc&lang=en" in page.links


async def test_pages_forbid_all_that_they_do_not_need(suite: Suite) -> None:
    async with Browser(suite.url) as browser:
        for path in ("/", "/validation?token=x", "/mailbox", "/nothing"):
            page = await browser.open(path)
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            assert "script-src" not in page.headers["Content-Security-Policy"]
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert page.headers["Cache-Control"] == "no-store"
            assert "<script" not in page.html
            assert "style=" not in page.html


async def test_an_address_that_does_not_exist_is_a_page_for_people_and_a_problem_for_programs(suite: Suite) -> None:
    async with Browser(suite.url) as browser:
        missing = await browser.open("/nothing/here")
        assert missing.status == 404
        assert missing.heading == "Cette page n’existe pas"
        api = await browser.open("/api/accounts/nothing")
        assert api.headers["Content-Type"] == "application/problem+json"
    async with suite.client.get("/nothing/here") as response:
        assert response.status == 404
        assert response.content_type == "application/problem+json"
    async with suite.client.post("/api/offers/nothing", json={}) as response:
        assert response.status == 404
    async with suite.client.delete("/") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("/candidatures/abc/pieces/cv/retrait", "/candidatures/abc/pieces/cv"),
        ("/candidatures/abc/pieces/c%C3%A9%2Fv/non-concerne?from=mail", "/candidatures/abc/pieces/c%C3%A9%2Fv"),
        ("/compte/connexions/abc", "/compte"),
    ],
)
async def test_the_address_of_a_button_leads_people_to_its_page_and_refuses_programs(
    suite: Suite, path: str, above: str
) -> None:
    """A telephone that opens its browser again loads what stood there, without the form that was sent."""
    asked = URL(path, encoded=True)
    async with suite.client.get(asked, headers={"Accept": "text/html"}, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, above)
    async with suite.client.get(asked, allow_redirects=False) as response:
        assert (response.status, response.content_type) == (405, "application/problem+json")


async def test_files_are_served_with_their_type(suite: Suite) -> None:
    for name, media_type in [
        ("parvis.css", "text/css"),
        ("govuk-frontend.css", "text/css"),
        ("mark.svg", "image/svg+xml"),
    ]:
        async with suite.client.get(f"/static/{name}") as response:
            assert response.status == 200
            assert response.content_type == media_type
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert not re.search(r"@import|url\((?!data:)", plain := await response.text())
        for accepted, coding in [("br;q=1.0, gzip;q=0.8", "gzip"), ("gzip;q=0, identity", None), ("identity", None)]:
            async with suite.client.get(f"/static/{name}", headers={"Accept-Encoding": accepted}) as response:
                assert response.headers.get("Content-Encoding") == coding
                assert response.headers["Vary"] == "Accept-Encoding"
                assert await response.text() == plain
    for path in ("/static/nothing.css", "/static/..%2fwiring.py", "/static/"):
        async with suite.client.get(path) as response:
            assert response.status == 404


async def test_the_mailbox_is_not_there_in_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_INSTITUTION", "Université de Test")
    monkeypatch.setenv("PARVIS_CONTACT", "candidatures@univ.test")
    async with (
        run_suite(tmp_path, services=("offers",), pages=pages, env="production") as suite,
        Browser(suite.url) as browser,
    ):
        assert "/mailbox" not in (await browser.open("/")).links
        assert (await browser.open("/mailbox")).status == 404


async def test_when_the_api_does_not_answer_the_page_says_so_kindly(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9"
    async with (
        run_suite(tmp_path, services=("offers",), pages=pages, api_url=nobody) as suite,
        Browser(suite.url) as browser,
    ):
        home = await browser.open("/")
        assert (home.status, home.heading) == (200, "Candidater à une formation de l’université")
        page = await browser.open("/validation?token=abc")
        assert page.status == 503
        assert page.headers["Retry-After"] == "5"
        assert page.heading == "Le service est momentanément indisponible"


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/x?lang=fr", "/%5Cevil.example", "///evil.example"])
async def test_the_link_to_the_other_language_stays_on_the_site(suite: Suite, path: str) -> None:
    async with Browser(suite.url) as browser:
        page = await browser.open_as_it_is(path)
        assert page.status == 404
        (link,) = [link for link in page.links if "lang=en" in link]
        assert re.match(r"/[^/\\]", link), link
        assert (await browser.open(link)).headers["Content-Language"] == "en"


async def test_every_refusal_has_a_page_at_the_address_that_it_names(suite: Suite) -> None:
    """RFC 9457: `type` leads to what people may read about it."""
    async with suite.client.get("/api/offers/programmes/nothing", headers={"Accept-Language": "en"}) as response:
        problem = await response.json()
    async with Browser(suite.url, "en") as browser:
        page = await browser.open(problem["type"])
        assert (page.status, page.heading) == (200, problem["title"])
        assert "not-found" in page.words
        assert (await browser.open("/problems/too-large")).status == 200, "of a service that runs elsewhere"
        assert (await browser.open("/problems/nothing-of-that-name")).status == 404
