"""Support finds people by the beginning of what one knows of them, by indexes alone."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from services.accounts.domain.finding import PARTS
from services.accounts.repository.accounts import ACCOUNTS
from services.accounts.repository.finding import MOST_LOOKED_AT, SORTS, beginning_with
from services.chassis.store.query import Schema, steps
from services.chassis.store.sqlite import SqliteStore
from services.chassis.store.sqlite_query import select
from tests.service.accounts.client import AccountsClient, Person
from tests.service.accounts.supporting import ada_of, emails, sam_of, search


@pytest.fixture
async def sam(client: AccountsClient) -> Person:
    return await sam_of(client)


async def test_people_are_found_by_the_beginning_of_what_one_knows_of_them(
    client: AccountsClient, zoe: Person, sam: Person
) -> None:
    lea = await client.zoe(email="lea@etu.test", family_name="L\u2019H\u00f4te", given_name="L\u00e9a-Marie").arrive()
    await client.zoe(email="durand@etu.test", family_name="Martin", given_name="Zo\u00e9").register()
    await client.suite.settle()  # what is asked for at the door is done behind it
    for q, found in {
        "dur": [zoe.email, "durand@etu.test"],
        "DURAND zo": [zoe.email],
        "zo\u00eb d": [zoe.email],
        "zo": [zoe.email, "durand@etu.test"],
        "l hote": [lea.email],
        "lea marie": [lea.email],
        "LEA@ETU.test": [lea.email],
        "zoe.dur": [zoe.email],
        zoe.file_number.lower(): [zoe.email],
        f"{zoe.file_number[:4]}-{zoe.file_number[4:7]}": [zoe.email],
        "urand": [],
        "sam@": [],
        "!!": [],
    }.items():
        assert emails(await search(sam, q)) == found, q
    row = (await search(sam, "hote", limit=50)).body
    assert row == {"items": [], "next": None}
    (row,) = (await search(sam, zoe.file_number)).body["items"]
    assert (row["state"], row["campaign"], row["staff"]) == ("validated", "2027", False)
    assert (await search(await ada_of(client), "sam@")).body["items"][0]["staff"]
    everything = json.dumps([(await search(sam, "zo")).body, (await sam.get(f"/accounts/{row['account']}")).body])
    assert not [secret for secret in ("argon2", 'password":"', "digest", "token", "links") if secret in everything]


async def test_pages_follow_each_other_and_nobody_comes_twice(client: AccountsClient, sam: Person) -> None:
    for number in range(4):
        name = {"family_name": "Martin", "given_name": "Ma\u00eflys"}
        await client.zoe(email=f"martin.{number}@etu.test", **name).register()
    await client.suite.settle()
    found: list[str] = []
    page = await search(sam, "ma", limit=3)
    while page.body["next"]:
        found += emails(page)
        page = await search(sam, "ma", limit=3, after=page.body["next"])
    assert sorted(found + emails(page)) == [f"martin.{number}@etu.test" for number in range(4)]
    for wrong in ("x", "WyJwYXNzd29yZCJd", "WyJmYW1pbHlfa2V5IiwxXQ", "bnVsbA"):
        assert (await search(sam, "ma", after=wrong)).fields == {"after": "malformed"}
    for typed in ("ma%00", "ma%1b", "ma%ff"):
        assert (await search(sam, typed)).fields == {"q": "malformed"}
    assert (await search(sam, "ma", limit=50)).status == 200
    for asked in ({"limit": 51}, {"limit": 0}):
        assert (await search(sam, "ma", **asked)).status == 422
    assert (await search(sam, "m")).fields == {"q": "too-short"}
    assert (await search(sam, "m" * 254)).status == 200
    assert (await search(sam, "m" * 255)).fields == {"q": "too-long"}


async def test_where_a_page_ends_says_nothing_of_anybody(client: AccountsClient, zoe: Person, sam: Person) -> None:
    """It may be behind a member of staff or somebody who is gone."""
    await client.zoe(email="zoe.aubry@etu.test").register()
    await client.suite.settle()
    position = (await search(sam, "zo", limit=1)).body["next"]
    read = "".join(
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("latin-1") for part in position.split(".")
    )
    # Of three letters there are some by chance among the letters in which a position is written.
    assert not [said for said in ("durand", "_key", "address") if said in position] and "zoe" not in read
    assert not [said for said in ("durand", "_key", "address") if said in read]
    assert len(emails(await search(sam, "zo", limit=1, after=position))) == 1


async def test_every_part_of_a_search_is_served_by_its_index(tmp_path: Path) -> None:
    """No search reads accounts that do not begin so, or sorts any."""
    store = SqliteStore(tmp_path / "accounts.sqlite")
    try:
        await store.prepare([ACCOUNTS])
    finally:
        await store.close()
    schema = Schema()
    schema.declare([ACCOUNTS])
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite")) as connection:
        for part in PARTS:
            for after in (None, ["m"] * (len(SORTS[part]) + 1)):
                query = schema.query(ACCOUNTS.name, beginning_with(part, "ma"), SORTS[part], 10, after)
                for step in steps(query):
                    sql, values = select(ACCOUNTS.name, query, step)
                    plan, *more = connection.execute(f"EXPLAIN QUERY PLAN {sql}", (*values, 10))
                    # Where no two are alike, nothing is left to be put in order by the id.
                    alone = [each for each in more if "RIGHT PART" not in each[3] or part != "file_number"]
                    assert not alone, (part, more)
                    assert plan[3].startswith(f"SEARCH accounts USING INDEX accounts.{part} "), (part, plan)


async def test_a_page_reads_so_many_accounts_and_no_more(client: AccountsClient, zoe: Person, sam: Person) -> None:
    """Whom an earlier part has found is passed over in a later one, and a page of none goes on."""
    store = client.suite.service("accounts").service.ports.store
    (row,) = [row for row in await client.kept("accounts") if row["email"] == zoe.email]
    person = {name: value for name, value in row.items() if name not in ("outbox", "outbox_at", "ent_key")}
    for number in range(MOST_LOOKED_AT):
        own = {"_id": f"m{number:04}", "file_number": f"0{number:07}", "address": f"martin{number:04}@etu.test"}
        names = {
            "family_name": "Martin",
            "given_name": "Zo\u00e9",
            "family_key": "martin zoe",
            "given_key": "zoe martin",
        }
        keys = {"address_key": f"2027|martin{number:04}@etu.test", "email": own["address"]}
        await store.insert("accounts", person | own | names | keys)
    page, found, pages = await search(sam, "marti", limit=50), 0, 1
    while page.body["next"]:
        found, pages = found + len(page.body["items"]), pages + 1
        page = await search(sam, "marti", limit=50, after=page.body["next"])
    assert (found + len(page.body["items"]), pages) == (MOST_LOOKED_AT, MOST_LOOKED_AT // 50 + 1)
    assert page.body["items"] == []


async def test_accounts_of_an_earlier_release_come_to_be_found(
    client: AccountsClient, zoe: Person, sam: Person
) -> None:
    ports = client.suite.service("accounts").service.ports
    await client.suite.settle()
    (row,) = [row for row in await client.kept("accounts") if row["email"] == zoe.email]
    old = {name: value for name, value in row.items() if name not in ("family_key", "given_key")}
    assert await ports.store.replace("accounts", old | {"version": row["version"] + 1}, version=row["version"])
    assert emails(await search(sam, "durand")) == []
    assert emails(await search(sam, "zoe")) == [zoe.email], "by the address"
    (timer,) = [each for each in client.suite.service("accounts").service.timers if each.name == "make-findable"]
    await timer.run(client.command())
    assert emails(await search(sam, "durand")) == [zoe.email]
    assert await timer.run(client.command()) == 0
