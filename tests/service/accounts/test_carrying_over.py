"""What was given in the campaign before is taken over by the person who gave it, and nobody else (ADR 126)."""

import asyncio
from typing import Any

from services.contracts.events.accounts import CardChanged
from tests.service.accounts.client import STEPS, AccountsClient, Person

PATH = "/me/profile/carry-over"
JOB = {"year": 2024, "title": "Libraire", "duration": "2 mois", "organisation": "Torcatis"}
STUDIES = {"year": 2023, "diploma_label": "BTS", "obtained": "pending"}
REQUIRED = ["identity", "address", "baccalaureate"]


async def all_given(zoe: Person) -> None:
    for step in REQUIRED:
        assert (await zoe.give(step)).status == 200
    assert (await zoe.do("POST", "/me/profile/work-experience", JOB)).status == 201


async def a_year_later(client: AccountsClient, **changes: Any) -> Person:
    await client.open_campaign("2028", closing="2027")
    return await client.zoe(**changes).arrive()


def states(body: dict[str, Any]) -> dict[str, str]:
    return {each["part"]: each["state"] for each in body["parts"]}


async def take(person: Person, *parts: str, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return await person.do("POST", PATH, {"parts": list(parts)}, headers)


async def test_last_years_answers_are_looked_at_and_taken_over_part_by_part(
    zoe: Person, client: AccountsClient
) -> None:
    await all_given(zoe)
    assert (await zoe.get(PATH)).body | {"steps": {}} == {"campaign": None, "parts": [], "steps": {}}
    again = await a_year_later(client)
    offer = (await again.get(PATH)).body
    assert (offer["campaign"], states(offer)) == ("2027", dict.fromkeys([*REQUIRED, "work_experience"], "offered"))
    assert offer["steps"]["address"].items() >= STEPS["address"].items()
    assert offer["steps"]["work_experience"][0]["title"] == "Libraire"
    assert (await again.get("/me/profile")).body["missing"] == REQUIRED

    assert (await take(again)).status == 422
    for step in ("address", "identity"):
        assert (await again.do("PUT", f"/me/profile/drafts/{step}", {"values": {"city": "Elne"}})).status == 204
    taken = await take(again, "address", "work_experience", key="k")
    assert (taken.status, states(taken.body)["address"], states(taken.body)["identity"]) == (200, "given", "offered")
    left = [(await again.get(f"/me/profile/drafts/{step}")).status for step in ("address", "identity")]
    assert left == [404, 200], "what was begun of the address is older than what it says now"
    profile = (await again.get("/me/profile")).body
    assert (profile["missing"], profile["tags"]["address"]) == (["identity", "baccalaureate"], "address-1")
    assert profile["steps"]["address"].items() >= STEPS["address"].items()
    (job,) = profile["steps"]["work_experience"]
    assert job["title"] == "Libraire" and job["id"] != offer["steps"]["work_experience"][0]["id"]

    told = len(await client.told(CardChanged))
    for key in ("k", "other"):  # a lost answer, and who presses twice
        assert (await take(again, "address", "work_experience", key=key)).status == 200
    assert (await again.get("/me/profile")).body == profile and len(await client.told(CardChanged)) == told
    both = await asyncio.gather(*(take(again, "identity", "baccalaureate") for _ in range(2)))
    assert [each.status for each in both] == [200, 200]
    profile = (await again.get("/me/profile")).body
    assert (profile["missing"], profile["tags"]["identity"]) == ([], "identity-1")
    assert len(await client.told(CardChanged)) == told + 1


async def test_what_was_given_this_year_stays(zoe: Person, client: AccountsClient) -> None:
    await all_given(zoe)
    again = await a_year_later(client)
    await again.give("address", city="Elne", postcode="66200")
    await again.do("POST", "/me/profile/work-experience", JOB | {"title": "Serveuse"})
    assert states((await take(again, *REQUIRED, "work_experience")).body) == dict.fromkeys(
        [*REQUIRED, "work_experience"], "given"
    )
    steps = (await again.get("/me/profile")).body["steps"]
    assert steps["address"]["city"] == "Elne"
    assert [row["title"] for row in steps["work_experience"]] == ["Serveuse"]


async def test_nobody_else_is_offered_it(zoe: Person, client: AccountsClient) -> None:
    """Another address; another person at the same one; somebody who asked for it and has not proved it."""
    await all_given(zoe)
    kim = await a_year_later(client, email="kim@etu.test")
    assert (await kim.get(PATH)).body["campaign"] is None
    refused = await take(kim, *REQUIRED)
    assert (refused.status, refused.slug) == (404, "not-found")
    mother = await client.zoe(given_name="Anne").arrive()
    assert (await mother.get(PATH)).body["campaign"] is None
    assert (await take(mother, "identity")).status == 404
    assert (await client.ask("GET", PATH)).status == 401


async def test_what_was_erased_is_offered_no_more(zoe: Person, client: AccountsClient) -> None:
    await all_given(zoe)
    assert (await zoe.do("DELETE", "/me", {"password": zoe.password})).status == 200
    again = await a_year_later(client)
    assert (await again.get(PATH)).body["campaign"] is None
    assert (await take(again, "identity")).status == 404
