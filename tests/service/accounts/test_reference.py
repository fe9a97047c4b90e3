"""The lists that forms offer, in the language of the reader."""

from typing import Any

import pytest

from tests.service.accounts.client import AccountsClient, Person


async def listed(client: AccountsClient, name: str, query: str = "", language: str = "fr") -> list[dict[str, Any]]:
    reply = await client.ask("GET", f"/reference/{name}{query}", headers={"Accept-Language": language})
    assert reply.status == 200, reply.body
    assert reply.headers["Cache-Control"] == "public, max-age=86400"
    items: list[dict[str, Any]] = reply.body["items"]
    return items


async def test_countries_are_in_the_order_of_the_language(closed_client: AccountsClient) -> None:
    french, english = [await listed(closed_client, "countries", language=each) for each in ("fr", "en")]
    assert [item["label"] for item in french[:3]] == ["Afghanistan", "Afrique du Sud", "Albanie"]
    assert [item["label"] for item in english[:3]] == ["Afghanistan", "Åland Islands", "Albania"]
    labels = [item["label"] for item in french]
    assert labels.index("Égypte") < labels.index("Espagne")


async def test_people_find_states_that_are_no_more_and_that_they_have_no_nationality(
    closed_client: AccountsClient,
) -> None:
    """Acceptance 107."""
    birth = {item["code"]: item["label"] for item in await listed(closed_client, "birth-countries")}
    assert (birth["YU"], birth["SU"], birth["FR"]) == ("Yougoslavie", "URSS", "France")
    nationalities = await listed(closed_client, "nationalities", language="en")
    assert [item["code"] for item in nationalities[-4:]] == ["XX", "XB", "XC", "XA"]
    assert nationalities[-1]["label"] == "Stateless"


async def test_communes_are_those_of_the_postcode(closed_client: AccountsClient) -> None:
    """Acceptance 31."""
    found = await listed(closed_client, "communes", "?postcode=66200")
    assert {"code": "66065", "label": "Elne", "first_year": None, "last_year": None} in found
    assert [item["label"] for item in found] == sorted(item["label"] for item in found)
    assert await listed(closed_client, "communes", "?postcode=66020") == []
    assert await listed(closed_client, "communes") == []


@pytest.mark.parametrize("query", ["?postcode=6620", "?postcode=662000", "?postcode=6620A", "?town=Elne"])
async def test_a_postcode_has_five_figures_and_a_list_its_name(closed_client: AccountsClient, query: str) -> None:
    assert (await closed_client.ask("GET", f"/reference/communes{query}")).status == 422
    assert (await closed_client.ask("GET", "/reference/departments")).status == 404


async def test_series_are_those_of_the_year(closed_client: AccountsClient) -> None:
    def codes(items: list[dict[str, Any]]) -> set[str]:
        return {item["code"] for item in items}

    whole = codes(await listed(closed_client, "baccalaureate-series"))
    for year, there, not_there in (
        (2021, "Générale", "S"),
        (2020, "S", "Générale"),
        (1994, "C", "S"),
        (1995, "S", "C"),
    ):
        found = codes(await listed(closed_client, "baccalaureate-series", f"?year={year}"))
        assert there in found and not_there not in found and found < whole and "Autre" in found
    assert (await closed_client.ask("GET", "/reference/baccalaureate-series?year=1899")).status == 422
    honours = await listed(closed_client, "baccalaureate-honours")
    assert [item["label"] for item in honours][:2] == ["Passable", "Assez bien"]
    english = await listed(closed_client, "baccalaureate-honours", language="en")
    assert [item["code"] for item in english] == [item["label"] for item in honours]


async def test_a_french_town_has_its_postcode_where_the_list_knows_it(zoe: Person) -> None:
    """Acceptance 31: a commune that does not match is refused, with those that do; CEDEX and forces are free."""
    reply = await zoe.give("address", city="Elne")
    assert (reply.status, reply.fields) == (422, {"city": "city-elsewhere"})
    assert "Il correspond à\u00a0: Perpignan." in reply.body["fields"][0]["message"]
    for fits in (
        {"city": "PERPIGNAN"},
        {"city": "Perpignan Cedex 9", "postcode": "66020"},
        {"city": "Armées", "postcode": "00200"},
        {"city": "Elne", "country": "ES"},
    ):
        assert (await zoe.give("address", **fits)).status == 200, fits
