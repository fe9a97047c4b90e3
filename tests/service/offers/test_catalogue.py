"""The catalogue over HTTP: tree, search, one programme, campaigns (acceptance 36 to 38)."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import pytest_asyncio

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.api import offers as api
from tests.service.offers.asking import OFFERS, codes, get
from tests.service.offers.conftest import NOON

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def suite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Suite]:
    """Offers with the sample catalogue, loaded at noon of NOON's day; nothing in this module changes it."""
    async with run_suite(tmp_path_factory.mktemp("offers"), services=("offers",), clock=FixedClock(NOON)) as suite:
        yield suite


SAMPLE = 40
"""Programmes of the sample university."""


async def test_the_tree_goes_from_centre_to_diploma_to_programme_36(suite: Suite) -> None:
    """Acceptance 36."""
    tree = await get(suite, "/tree")
    api.Tree.model_validate_json(json.dumps(tree))
    shape = {
        centre["code"]: {diploma["label"]: len(diploma["programmes"]) for diploma in centre["diplomas"]}
        for centre in tree["items"]
    }
    assert shape == {
        "UCA-INFO": {"Licence 3": 2, "Master 1": 4, "Master 2": 5},
        "UPVD-IUT": {"BUT 2": 6, "Licence professionnelle": 4},
        "UPVD-SEE": {"Licence 3": 4, "Master 1": 8, "Master 2": 7},
    }
    sea = tree["items"][2]["diplomas"][1]["programmes"][-1]
    assert sea == {
        "code": "UPVD-M1-SCIENCES-MER",
        "title": "Sciences de la mer",
        "keywords": ["océanographie", "littoral", "géologie marine"],
        "window": {"opens_on": "2027-01-31", "closes_on": "2027-03-27"},
        "open": True,
        "mode": "online",
    }


async def test_the_tree_comes_in_pages_and_can_be_narrowed(suite: Suite) -> None:
    first = await get(suite, "/tree", {"limit": "2"})
    assert ([centre["code"] for centre in first["items"]], first["next"]) == (["UCA-INFO", "UPVD-IUT"], "UPVD-IUT")
    second = await get(suite, "/tree", {"limit": "2", "after": first["next"]})
    assert ([centre["code"] for centre in second["items"]], second["next"]) == (["UPVD-SEE"], None)
    commerce = await get(suite, "/tree", {"q": "commerce"})
    assert [centre["code"] for centre in commerce["items"]] == ["UPVD-IUT"]
    assert (await get(suite, "/tree", {"q": "nothing of that"}))["items"] == []


@pytest.mark.parametrize("text", ["energie solaire", "ÉNERGIE SOLAIRE", "solaires energie", "procedes-solaires"])
async def test_search_ignores_case_and_accents_37(suite: Suite, text: str) -> None:
    """Acceptance 37."""
    assert await codes(suite, q=text) == ["UPVD-M1-ENERGIE-SOLAIRE", "UPVD-M2-ENERGIE-SOLAIRE"]


async def test_search_finds_keywords_behind_titles_37(suite: Suite) -> None:
    """Acceptance 37."""
    found = await codes(suite, q="informatique")
    assert found[:2] == ["UCA-M1-INFORMATIQUE", "UCA-M2-INFORMATIQUE"]
    assert found[-2:] == ["UPVD-M1-CALCUL-HAUTE-PERFORMANCE", "UPVD-M2-CALCUL-HAUTE-PERFORMANCE"]


async def test_filters_narrow_the_search(suite: Suite) -> None:
    assert await codes(suite, centre="UPVD-IUT", q="marketing") == ["UPVD-BUT2-TECHNIQUES-COMMERCIALISATION"]
    assert await codes(suite, q="logiciel", diploma="master-2", centre="UCA-INFO") == ["UCA-M2-INFORMATIQUE"]
    everything, opened, others = await codes(suite), await codes(suite, open="true"), await codes(suite, open="false")
    assert sorted(opened + others) == everything
    assert "UPVD-M1-SCIENCES-MER" in opened
    assert "UPVD-M2-SCIENCES-MER" in others
    assert await codes(suite, centre="NOBODY") == []


async def test_pages_go_on_where_the_last_one_ended(suite: Suite) -> None:
    everything = await get(suite, "/programmes")
    assert (everything["total"], everything["next"]) == (SAMPLE, None)
    collected: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = await get(suite, "/programmes", {"limit": "4", **after})
        assert page["total"] == SAMPLE
        collected += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert collected == everything["items"]


@pytest.mark.parametrize("limit", ["1", "200"])
async def test_the_limit_of_a_page(suite: Suite, limit: str) -> None:
    page = await get(suite, "/programmes", {"limit": limit})
    assert len(page["items"]) == min(int(limit), SAMPLE)


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/programmes", {"limit": "0"}, "limit"),
        ("/programmes", {"limit": "201"}, "limit"),
        ("/programmes", {"limit": "many"}, "limit"),
        ("/programmes", {"after": "!"}, "after"),
        ("/programmes", {"after": "Zm9v"}, "after"),
        ("/programmes", {"after": "_w"}, "after"),
        ("/programmes", {"q": "a" * 101}, "q"),
        ("/programmes", {"centre": "a b"}, "centre"),
        ("/programmes", {"open": "perhaps"}, "open"),
        ("/programmes", {"sort": "title"}, ""),
        ("/tree", {"limit": "201"}, "limit"),
        ("/facets", {"limit": "1"}, ""),
        ("/campaigns", {"q": "x"}, ""),
    ],
)
async def test_questions_that_cannot_be_understood(suite: Suite, path: str, query: dict[str, str], field: str) -> None:
    problem = await get(suite, path, query, status=422)
    assert (problem["slug"], [fault["field"] for fault in problem["fields"]]) == ("invalid-fields", [field])


async def test_a_long_question_is_answered(suite: Suite) -> None:
    assert await codes(suite, q="a" * 100) == []
    assert len(await codes(suite, q="' - ' ' ")) == SAMPLE


async def test_a_programme_tells_all_a_candidate_needs(suite: Suite) -> None:
    shown = await get(suite, "/programmes/UPVD-M2-CALCUL-HAUTE-PERFORMANCE")
    api.ProgrammeDetail.model_validate_json(json.dumps(shown))
    assert (shown["title"], shown["centre"]["code"], shown["capacity"]) == (
        "Calcul haute performance, simulation",
        "UPVD-SEE",
        25,
    )
    assert shown["dates"] == {
        "opens_on": "2027-01-31",
        "closes_on": "2027-03-27",
        "submission_deadline": "2027-04-03",
        "answer_delay_days": 15,
    }
    pieces = {piece["code"]: piece for piece in shown["requirements"]}
    assert [code for code, piece in pieces.items() if piece["conditional"]] == [
        "justificatifs-stages",
        "attestation-b2",
    ]
    assert {piece["max_bytes"] for piece in pieces.values()} == {2 * 1024 * 1024}
    assert pieces["lettre-recommandation"]["model_document"] == "/api/offers/models/lettre-de-recommandation.pdf"
    assert "model_document" not in pieces["cv"]


async def test_the_admission_route_is_nobodys_business_44(suite: Suite) -> None:
    for path in ("/programmes", "/tree", "/programmes/UPVD-BUT2-TECHNIQUES-COMMERCIALISATION"):
        text = json.dumps(await get(suite, path))
        assert '"route"' not in text
        assert "controlled" not in text


async def test_texts_come_in_the_language_of_the_reader(suite: Suite) -> None:
    async def title(language: str) -> str:
        shown = await get(suite, "/programmes/UPVD-M1-SCIENCES-MER", language=language)
        return str(shown["title"])

    assert [await title(language) for language in ("fr", "en", "de", "de, en;q=0.5")] == [
        "Sciences de la mer",
        "Marine sciences",
        "Sciences de la mer",
        "Marine sciences",
    ]


async def test_what_is_closed_is_shown_with_the_day_38(suite: Suite) -> None:
    shown = await get(suite, "/programmes/UPVD-M2-SCIENCES-MER")
    assert (shown["open"], shown["reason"]) == (
        False,
        {"slug": "not-yet-open", "day": "2027-03-02", "text": "Les candidatures ouvrent le 2\u00a0mars\u00a02027."},
    )
    shown = await get(suite, "/programmes/UPVD-M2-BIODIVERSITE", language="en")
    assert (shown["open"], shown["reason"]) == (
        False,
        {"slug": "closed", "day": "2027-01-29", "text": "Applications closed at the end of 29 January 2027."},
    )


async def test_facets_count_what_a_filter_would_leave(suite: Suite) -> None:
    facets = await get(suite, "/facets", {"q": "informatique", "centre": "UCA-INFO"})
    assert {facet["code"]: facet["count"] for facet in facets["centres"]} == {"UCA-INFO": 11, "UPVD-SEE": 2}
    assert {facet["code"]: facet["count"] for facet in facets["diplomas"]} == {
        "licence-3": 2,
        "master-1": 4,
        "master-2": 5,
    }
    assert (facets["open"], facets["total"]) == (9, 11)


@pytest.mark.parametrize("path", ["/programmes", "/tree", "/facets", "/programmes/UCA-M1-INFORMATIQUE", "/campaigns"])
async def test_what_has_not_changed_is_not_sent_again(suite: Suite, path: str) -> None:
    async with suite.client.get(f"{OFFERS}{path}") as answer:
        tag = answer.headers["ETag"]
        assert answer.headers["Cache-Control"] == "public, max-age=5"
        assert "Accept-Language" in answer.headers["Vary"]
    async with suite.client.get(f"{OFFERS}{path}", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read(), answer.headers["ETag"]) == (304, b"", tag)
    async with suite.client.get(f"{OFFERS}{path}", headers={"If-None-Match": tag, "Accept-Language": "en"}) as answer:
        assert answer.status == 200
    async with suite.client.head(f"{OFFERS}{path}") as answer:
        assert (answer.status, answer.headers["ETag"]) == (200, tag)


@pytest.mark.parametrize(
    "path",
    [
        "/programmes/NOBODY",
        "/programmes/a%20b",
        "/programmes/" + "a" * 61,
        "/models/none.pdf",
        "/models/..%2Fsample.toml",
    ],
)
async def test_what_is_not_there_is_not_found(suite: Suite, path: str) -> None:
    async with suite.client.get(f"{OFFERS}{path}") as answer:
        assert (answer.status, (await answer.json(content_type=None))["slug"]) == (404, "not-found")


@pytest.mark.parametrize("name", ["lettre-de-recommandation.pdf", "dossier-complementaire.pdf"])
async def test_model_files_can_be_downloaded_52(suite: Suite, name: str, tmp_path: Path) -> None:
    async with suite.client.get(f"{OFFERS}/models/{name}") as answer:
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        file = tmp_path / name
        file.write_bytes(await answer.read())
    with pikepdf.open(file) as document:
        assert len(document.pages) == 1


async def test_every_model_file_that_the_sample_names_is_there(suite: Suite) -> None:
    named = set()
    for code in await codes(suite):
        shown = await get(suite, f"/programmes/{code}")
        named |= {piece["model_document"] for piece in shown["requirements"] if "model_document" in piece}
    assert len(named) == 2
    for path in named:
        async with suite.client.get(path) as answer:
            assert answer.status == 200


async def test_the_active_campaign(suite: Suite) -> None:
    campaign = await get(suite, "/campaigns/current")
    assert campaign == {
        "code": "2027-2028",
        "label": "Candidatures pour l’année 2027-2028",
        "starts_on": "2026-11-12",
        "ends_on": "2028-02-10",
        "state": "active",
    }
    assert await get(suite, "/campaigns") == {"items": [campaign], "next": None}
