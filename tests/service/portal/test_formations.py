"""The catalogue's pages: its tree, the filter, how much is shown at once, and one programme (acceptance 36 to 38, 121)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from services.chassis.clock import FixedClock
from services.chassis.settings import Settings
from services.chassis.testing import Suite, run_suite
from services.cli.offline import opened
from services.offers.usecases.mon_master import MonMasterOptions
from services.offers.wiring import import_mon_master
from services.portal.pages.formations import WHOLE
from services.portal.wiring import pages
from tests.service.offers.conftest import command, table
from tests.service.portal.browser import Browser, Page
from tests.service.portal.conftest import MOMENT
from tests.service.portal.people import an_account, log_in

FIRST_VISIT_BYTES = 100_000

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def suite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Suite]:
    """The sample's programmes, which nobody here changes."""
    services, clock = ("accounts", "offers", "mailer"), FixedClock(MOMENT)
    async with run_suite(tmp_path_factory.mktemp("suite"), services=services, clock=clock, pages=pages) as suite:
        await suite.settle()
        yield suite


def programmes_on(page: Page) -> list[str]:
    """The programmes that the page links to."""
    return [link.removeprefix("/formations/") for link in page.links if link.startswith("/formations/")]


def plain(page: Page) -> str:
    """What stands on the page, with plain spaces."""
    return " ".join(page.words.split())


@asynccontextmanager
async def offering(rows: Sequence[Mapping[str, str]], tmp_path: Path, clock: FixedClock) -> AsyncIterator[Browser]:
    """A browser before a catalogue of these rows of the ministry's data alone."""
    file = tmp_path / "mentions.csv"
    file.write_bytes(table(rows))
    data = tmp_path / "data"
    async with opened(Settings(data=data), ["offers"]) as closed:
        await import_mon_master(
            closed["offers"].ports,
            file,
            command=command(clock.now()),
            options=MonMasterOptions(),
            progress=lambda at, total: None,
        )
    async with run_suite(data, services=("offers",), clock=clock, pages=pages) as suite, Browser(suite.url) as browser:
        yield browser


def mentions(count: int, **same: str) -> list[Mapping[str, str]]:
    """That many rows of mentions at one institution."""
    return [{"mention": f"{number:07}A", "title": f"Mention {number:03}", **same} for number in range(count)]


async def test_the_catalogue_is_a_tree_of_centre_diploma_and_programme(suite: Suite) -> None:
    """Acceptance 36."""
    async with Browser(suite.url) as browser:
        page = await browser.open("/formations")
        assert page.status == 200
        assert page.heading == "Offre de formation"
        words = plain(page)
        assert "Filtre en cours : Aucun" in words
        centre, diploma = words.index("IUT"), words.index("BUT 2")
        assert centre < diploma < words.index("Techniques de commercialisation")
        assert "Mots clés : commerce, vente, marketing" in words
        assert "Dates de candidature : Du 22/01/2027 au 18/03/2027" in words
        assert "Mode de candidature : Dossier dématérialisé" in words
        assert page.html.count("<details") == page.html.count("<summary") > 3
        for code in programmes_on(page):
            assert (await browser.open(f"/formations/{code}")).status == 200
        english = await browser.open("/formations?lang=en")
        assert "Application dates: From 22/01/2027 to 18/03/2027" in plain(english)


async def test_the_filter_finds_titles_and_keywords_whatever_their_case_and_accents(suite: Suite) -> None:
    """Acceptance 37."""
    async with Browser(suite.url) as browser:
        by_keyword = await browser.open("/formations?q=OCEANOGRAPHIE&centre=&diploma=")
        assert sorted(programmes_on(by_keyword)) == ["UPVD-M1-SCIENCES-MER", "UPVD-M2-SCIENCES-MER"]
        assert "Filtre en cours : « OCEANOGRAPHIE » Effacer le filtre" in plain(by_keyword)
        assert "/formations" in by_keyword.links
        narrower = await browser.open("/formations?q=sciences+mer&diploma=master-1&open=true")
        assert programmes_on(narrower) == ["UPVD-M1-SCIENCES-MER"]
        assert "Filtre en cours : « sciences mer » · Master 1 · Ouvertes aujourd’hui" in plain(narrower)
        nothing = await browser.open("/formations?q=trobairitz")
        assert programmes_on(nothing) == []
        assert "Aucune formation ne correspond" in plain(nothing)


@pytest.mark.parametrize("query", ["q=<script>alert(1)</script>", 'q="><b>', "centre=NOBODY", "diploma=none"])
async def test_whatever_is_looked_for_is_said_as_text(suite: Suite, query: str) -> None:
    async with Browser(suite.url) as browser:
        page = await browser.open(f"/formations?{query}")
        assert page.status == 200
        assert "<script>" not in page.html
        assert "<b>" not in page.html


async def test_a_filter_of_100_characters_is_taken_and_one_more_is_refused_beside_it(suite: Suite) -> None:
    async with Browser(suite.url) as browser:
        assert (await browser.open(f"/formations?q={'m' * 100}")).status == 200
        refused = await browser.open(f"/formations?q={'m' * 101}")
        assert refused.status == 422
        assert "Saisissez 100 caractères au plus." in plain(refused)
        assert refused.links.count("#q") == 1
        assert refused.forms[0].fields["q"] == "m" * 101
        assert (await browser.open("/formations?centre=%C3%A9")).status == 422


async def test_a_programme_tells_when_what_and_whom(suite: Suite) -> None:
    """Acceptance 36: its page is where an application is begun."""
    async with Browser(suite.url) as browser:
        page = await browser.open("/formations/UPVD-M2-CALCUL-HAUTE-PERFORMANCE")
        assert page.heading == "Calcul haute performance, simulation"
        words = plain(page)
        assert "Du 22 janvier 2027 au 18 mars 2027 à 23 h 59 (heure de Paris)" in words
        assert "Date limite de retour Jusqu’au 25 mars 2027 à 23 h 59 (heure de Paris)" in words
        assert "Date de confirmation 15 jours après l’avis" in words
        assert "Capacité d’accueil 25 places" in words
        assert "Lettre de recommandation (modèle à compléter) PDF ou JPEG, 2 Mo au plus" in words
        assert "Justificatifs de stages Pièce conditionnelle" in words
        assert "Curriculum vitae Pièce commune" in words
        assert "candidatures-see@upvd.example" in words
        model = "/api/offers/models/lettre-de-recommandation.pdf"
        assert model in page.links
        assert "mailto:candidatures-see@upvd.example" in page.links
        assert "Il faut un compte" in words
        (form,) = page.forms
        assert form.action == "/candidatures"
        assert form.fields["programme"] == "UPVD-M2-CALCUL-HAUTE-PERFORMANCE"
        assert form.fields.keys() == {"form_token", "key", "programme"}


async def test_the_end_of_the_window_is_said_in_the_institutions_zone(tmp_path: Path) -> None:
    async with (
        run_suite(tmp_path, services=("offers",), pages=pages, timezone="America/New_York") as suite,
        Browser(suite.url, "en") as browser,
    ):
        page = await browser.open("/formations/UCA-M1-INFORMATIQUE")
        assert "at 23:59 (New York time)" in plain(page)
        assert "23:59 New York time" in plain(await browser.open("/assistance"))


async def test_a_closed_programme_is_visible_with_the_reason_and_without_the_button(suite: Suite) -> None:
    """Acceptance 38."""
    async with Browser(suite.url) as browser:
        assert "UPVD-M2-BIODIVERSITE" in programmes_on(await browser.open("/formations"))
        over = await browser.open("/formations/UPVD-M2-BIODIVERSITE")
        assert over.status == 200
        assert "Les candidatures sont closes depuis le 20 janvier 2027 au soir." in plain(over)
        to_come = await browser.open("/formations/UPVD-M1-BIODIVERSITE")
        assert "Les candidatures ouvrent le 2 février 2027." in plain(to_come)
        assert [form for page in (over, to_come) for form in page.forms if form.action == "/candidatures"] == []


@pytest.mark.parametrize("code", ["NOTHING", "%C3%A9", "a%2Fb", "M" * 61])
async def test_a_programme_that_there_is_not_is_a_page_for_people(suite: Suite, code: str) -> None:
    async with Browser(suite.url) as browser:
        page = await browser.open(f"/formations/{code}")
        assert page.status == 404
        assert page.heading == "Cette page n’existe pas"


async def test_as_many_programmes_as_a_page_carries_are_one_tree(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    long = {"title": "T" * 255, "domains": "|".join(f"{number} " + "d" * 20 for number in range(10))}
    async with offering(mentions(WHOLE, **long), tmp_path, clock) as browser:
        page = await browser.open("/formations")
        assert len(programmes_on(page)) == WHOLE
        assert '<details class="parvis-tree"' in page.html
        assert len(page.html.encode()) < FIRST_VISIT_BYTES


async def test_one_programme_more_is_on_the_next_page(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    async with offering(mentions(WHOLE + 1), tmp_path, clock) as browser:
        first = await browser.open("/formations")
        assert len(programmes_on(first)) == WHOLE
        assert f"{WHOLE + 1} formations" in plain(first)
        (following,) = [link for link in first.links if "after=" in link]
        last = await browser.open(following)
        assert len(programmes_on(last)) == 1
        assert set(programmes_on(first)) & set(programmes_on(last)) == set()
        assert not [link for link in last.links if "after=" in link and "lang=" not in link]
        assert (await browser.open("/formations?after=nobody")).status == 404


async def test_of_much_only_the_nodes_are_sent_each_with_how_many_it_holds(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    there = {"uai": "0631111A", "official_name": "Université Clermont Auvergne"}
    rows = [*mentions(WHOLE), *({**row, **there} for row in mentions(2))]
    async with offering(rows, tmp_path, clock) as browser:
        page = await browser.open("/formations")
        assert programmes_on(page) == []
        assert "Université Clermont Auvergne 2 formations" in plain(page)
        assert f"Université de Perpignan {WHOLE} formations" in plain(page)
        opened_node = await browser.open("/formations?centre=0631111A")
        assert len(programmes_on(opened_node)) == 2
        assert "Filtre en cours : Université Clermont Auvergne" in plain(opened_node)
        found = await browser.open("/formations?q=mention")
        assert len(programmes_on(found)) == WHOLE, "who looks for words is shown what was found"


async def test_when_the_catalogue_does_not_answer_the_page_says_so_kindly(tmp_path: Path) -> None:
    async with (
        run_suite(tmp_path, services=("offers",), pages=pages, api_url="http://127.0.0.1:9") as suite,
        Browser(suite.url) as browser,
    ):
        for path in ("/formations", "/formations/UCA-M1-INFORMATIQUE"):
            assert (await browser.open(path)).status == 503


async def test_to_strangers_the_catalogue_is_sent_once_and_to_who_is_logged_in_it_is_private(suite: Suite) -> None:
    async with Browser(suite.url) as browser:
        first = await browser.open("/formations")
        tag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "no-cache"
        assert first.headers["Vary"] == "Accept-Language, Cookie"
        assert "Set-Cookie" not in first.headers
        again = await browser.open("/formations", {"If-None-Match": tag})
        assert (again.status, again.html) == (304, "")
        for other in ({"If-None-Match": '"another"'}, {"If-None-Match": tag, "Accept-Language": "en"}):
            assert (await browser.open("/formations", other)).status == 200
        assert (await browser.open("/formations?lang=en")).headers["Cache-Control"] == "no-store"
        closed = await browser.open("/formations/UPVD-M2-BIODIVERSITE")
        assert "ETag" in closed.headers
        open_one = await browser.open("/formations/UPVD-M2-CALCUL-HAUTE-PERFORMANCE")
        assert open_one.headers["Cache-Control"] == "no-store", "it holds a form of this browser alone"


async def test_a_page_that_was_made_before_holds_the_form_of_this_browser_in_its_language(suite: Suite) -> None:
    there = "/formations/UPVD-M2-CALCUL-HAUTE-PERFORMANCE"
    async with Browser(suite.url) as one, Browser(suite.url) as other, Browser(suite.url, "en") as english:
        shown = [await each.open(there) for each in (one, other, english, one)]
        forms = [page.forms[0].fields for page in shown]
        tokens = [fields["form_token"] for fields in forms]
        assert len(set(tokens)) == 3 and tokens[0] == tokens[3]
        assert len({fields["key"] for fields in forms}) == 4
        assert shown[0].words == shown[1].words == shown[3].words != shown[2].words
        assert f"{there}?lang=fr" in shown[2].links
        asked = await one.open(f"{there}?von=anderswo")
        assert f"{there}?von=anderswo&lang=en" in asked.links, "each address leads to itself in another language"


async def test_who_is_logged_in_gets_pages_of_their_own(suite: Suite) -> None:
    await an_account(suite)
    async with Browser(suite.url) as browser:
        tag = (await browser.open("/formations")).headers["ETag"]
        await log_in(browser)
        page = await browser.open("/formations", {"If-None-Match": tag})
        assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
        programme = await browser.open("/formations/UPVD-M2-CALCUL-HAUTE-PERFORMANCE")
        assert "Il faut un compte" not in plain(programme)
        assert programme.forms[0].action == "/candidatures"
