"""A stored row that cannot be read is parked and named; the suite starts and goes on with all others (acceptance 104)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.ports import Document
from services.chassis.settings import Settings
from services.chassis.testing import Suite, run_suite
from services.cli.offline import opened
from services.contracts.events.accounts import LinkIssued
from services.contracts.events.catalogue import Audience
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import Parameters
from tests.service.mailer.test_mails import LINK, mails

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REGISTRATION = {"family_name": "Lefevre", "given_name": "Zoe", "language": "fr"}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "20")


@pytest.fixture
async def suite(tmp_path: Path) -> AsyncIterator[Suite]:
    async with run_suite(tmp_path, services=["accounts", "offers", "mailer"], clock=FixedClock(NOON)) as running:
        await running.settle()
        yield running


async def register(suite: Suite, email: str) -> None:
    body = REGISTRATION | {"email": email, "email_confirmation": email}
    async with suite.client.post("/api/accounts/accounts", json=body) as answer:
        assert answer.status == 202


async def spoil(data: Path, service: str, collection: str, id: str | int, *lost: str, **other: Any) -> Document:
    """Take fields out of a row, or put others in, as a fault would; nothing runs meanwhile. Answers it as it was."""
    async with opened(Settings(data=data), [service]) as suite:
        store = suite[service].ports.store
        row = await store.get(collection, id)
        assert row is not None
        left = {name: value for name, value in row.items() if name not in lost} | other
        assert await store.replace(collection, left, version=row["version"])
        return row


async def rows(suite: Suite, service: str, collection: str) -> list[Document]:
    return await suite.service(service).service.ports.store.find(collection, {}, limit=1000)


async def parked(suite: Suite, service: str) -> list[tuple[str, str, str]]:
    """Work, item and reason of what is parked."""
    return [(row["work"], row["item"], row["reason"]) for row in await rows(suite, service, "parked")]


async def cleaned_up(suite: Suite, id: str) -> None:
    """Wait until an account whose time is over is gone, whoever takes the steps: the suite's own timer is at work too."""
    running = suite.service("accounts")
    timers = {timer.name: timer for timer in running.service.timers}
    while await running.service.ports.store.get("accounts", id) is not None:
        await timers["clean-up"].run(CommandContext(suite.clock.now(), correlation="c", actor=OPERATOR))
        await suite.settle()


async def is_ready(suite: Suite) -> bool:
    async with aiohttp.ClientSession() as client, client.get(f"{suite.ops_url}/readyz") as answer:
        return answer.status == 200


async def test_an_account_without_language_ends_neither_the_suite_nor_the_clean_up(tmp_path: Path) -> None:
    """The reported case: a KeyError in a timer ended the process with 143 at every start."""
    services, clock = ["accounts", "offers", "mailer"], FixedClock(NOON)
    async with run_suite(tmp_path, services=services, clock=clock) as suite:
        await suite.settle()
        for name in ("first", "second"):
            await register(suite, f"{name}@example.org")
            await suite.settle()
            clock.advance(seconds=1)
        first, second = sorted(await rows(suite, "accounts", "accounts"), key=lambda row: str(row["created_at"]))
    await spoil(tmp_path, "accounts", "accounts", first["_id"], "language")
    clock.advance(days=30)
    async with run_suite(tmp_path, services=services, clock=clock) as suite:
        await cleaned_up(suite, second["_id"])
        assert await parked(suite, "accounts") == [("timer-clean-up", first["_id"], "KeyError")]
        assert await is_ready(suite)
        await register(suite, "third@example.org")
        assert "third@example.org" in {mail["Delivered-To"] for mail in await mails(suite, 3)}


async def test_a_document_whose_outbox_cannot_be_read_is_passed_over_by_the_relay(suite: Suite, tmp_path: Path) -> None:
    store = suite.service("accounts").service.ports.store
    broken = {
        "_id": "broken",
        "version": 1,
        "meta": {},
        "outbox": [{"id": "x"}],
        "outbox_at": "2020-01-01T00:00:00.000Z",
    }
    await store.insert("accounts", broken)
    await register(suite, "zoe@example.org")
    assert len(await mails(suite, 1)) == 1
    while not await parked(suite, "accounts"):
        await suite.settle()
    assert [row[:2] for row in await parked(suite, "accounts")] == [("relay", "accounts:broken")]
    assert await is_ready(suite)


async def test_what_is_parked_is_done_once_it_can_be_and_a_person_says_so(suite: Suite) -> None:
    running = suite.service("accounts")
    store = running.service.ports.store
    await register(suite, "zoe@example.org")
    await suite.settle()
    (row,) = await rows(suite, "accounts", "accounts")
    told = {"id": f"{row['_id']}.late", "outbox": "not a list of events"}
    spoilt = row | {"version": row["version"] + 1, "outbox": [told], "outbox_at": "2020-01-01T00:00:00.000Z"}
    assert await store.replace("accounts", spoilt, version=row["version"])
    while not await parked(suite, "accounts"):
        await running.relay.step()
    assert await store.replace("accounts", spoilt | {"outbox": [], "version": 9}, version=spoilt["version"])
    assert not await running.parking.retry("relay:accounts:somebody-else")
    assert await running.parking.retry(f"relay:accounts:{row['_id']}")
    await running.relay.step()
    assert await parked(suite, "accounts") == []


async def test_a_delivery_that_cannot_be_read_delays_no_other_mail(suite: Suite) -> None:
    """Acceptance 103."""
    store = suite.service("mailer").service.ports.store
    for number in range(20):
        await store.insert(
            "deliveries",
            {
                "_id": f"broken-{number:02}",
                "version": 1,
                "meta": {},
                "state": "queued",
                "lane": 2,
                "due_at": "2020-01-01T00:00:00.000Z",
                "account": "a1",
            },
        )
    await suite.publish(LinkIssued.model_validate(LINK), "accounts")
    assert len(await mails(suite, 1)) == 1
    while len(found := await parked(suite, "mailer")) < 20:
        await asyncio.sleep(0.02)
    assert {row[0] for row in found} == {"newcomer-mails"}
    assert await is_ready(suite)


async def test_one_bad_row_is_left_out_of_its_owners_list_and_the_rest_is_shown_in_whole_pages(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    async with run_suite(tmp_path, services=["mailer"], clock=clock) as suite:
        for _ in range(3):
            await suite.publish(LinkIssued.model_validate(LINK), "accounts")
            await suite.settle()
            clock.advance(seconds=1)
        await mails(suite, 3)
        first, second, third = sorted(await rows(suite, "mailer", "deliveries"), key=lambda row: str(row["created_at"]))
        store = suite.service("mailer").service.ports.store
        bad = {name: value for name, value in second.items() if name != "letter"}
        assert await store.replace("deliveries", bad | {"version": 99}, version=second["version"])
        shown: list[str] = []
        after: dict[str, str] | None = {}
        while after is not None:
            async with suite.client.get(
                "/api/mailer/me/messages", params={"limit": "1", **after}, headers=suite.bearer("a1")
            ) as answer:
                assert answer.status == 200
                page = await answer.json()
            shown += [item["id"] for item in page["items"]]
            after = {"after": page["next"]} if page["next"] else None
        assert shown == [third["_id"], first["_id"]]


def damage(data: Path, service: str, old: bytes, new: bytes) -> None:
    """Put other bytes of the same number into a database that nobody has open, as a failing disk would."""
    file = data / f"{service}.sqlite"
    whole = file.read_bytes()
    assert len(old) == len(new) and whole.count(old) == 1
    file.write_bytes(whole.replace(old, new))


async def test_a_row_that_is_no_json_at_all_is_named_and_all_others_are_read(tmp_path: Path) -> None:
    services, clock = ["accounts", "offers", "mailer"], FixedClock(NOON)
    async with run_suite(tmp_path, services=services, clock=clock) as suite:
        await suite.settle()
        for name in ("first", "second"):
            await register(suite, f"{name}@example.org")
            await suite.settle()
            clock.advance(seconds=1)
        first, second = sorted(await rows(suite, "accounts", "accounts"), key=lambda row: str(row["created_at"]))
    damage(tmp_path, "accounts", b'"email":"first@example.org"', b'"email";"first@example.org"')
    clock.advance(days=30)
    async with run_suite(tmp_path, services=services, clock=clock) as suite:
        await cleaned_up(suite, second["_id"])
        assert [row["_id"] for row in await rows(suite, "accounts", "accounts")] == [first["_id"]]
        assert ("timer-clean-up", first["_id"], "KeyError") in await parked(suite, "accounts")
        assert await is_ready(suite)


async def test_parameters_that_cannot_be_read_keep_nobody_from_starting_and_are_in_force_as_they_were_heard(
    tmp_path: Path,
) -> None:
    services = ["accounts", "offers", "mailer"]
    async with run_suite(tmp_path, services=services, clock=FixedClock(NOON)) as suite:
        while not await rows(suite, "mailer", "parameters"):
            await suite.settle()
    await spoil(tmp_path, "offers", "parameters", "institution", "parameters")
    kept = await spoil(tmp_path, "mailer", "parameters", "institution", **{"institution:name": None})
    async with run_suite(tmp_path, services=services, clock=FixedClock(NOON)) as suite:
        assert await is_ready(suite)
        await register(suite, "zoe@example.org")
        assert len(await mails(suite, 1)) == 1
        told = ParametersChanged(scope="institution", version=kept["version"], parameters=Parameters())
        await suite.publish(told, "offers")
        while await rows(suite, "mailer", "parameters") != [kept]:
            await suite.settle()


async def test_an_event_received_that_cannot_be_read_is_parked_and_the_next_is_applied(suite: Suite) -> None:
    store = suite.service("mailer").service.ports.store
    for id, fields in {
        "no-key": {},
        "no-body": {"key": "a"},
        "no-event": {"key": "b", "body": "{", "type": "x"},
    }.items():
        row = {"_id": id, "version": 1, "state": "pending", "received": "2020-01-01T00:00:00.000Z", **fields}
        await store.insert("inbox", row)
    await suite.publish(LinkIssued.model_validate(LINK), "accounts")
    assert len(await mails(suite, 1)) == 1
    found = {row["_id"]: row["state"] for row in await rows(suite, "mailer", "inbox")}
    assert found["no-key"] == "parked"
    assert (found["no-body"], found["no-event"]) == ("parked", "parked")
    assert await is_ready(suite)


async def test_a_row_of_the_journal_that_cannot_be_read_is_parked_and_what_comes_behind_it_is_told(
    suite: Suite,
) -> None:
    """Nobody claims to have heard everything of it: whoever listens misses a row, for as long as it cannot be told."""
    running = suite.service("accounts")
    store, journal = running.service.ports.store, running.journals[Audience.INTERNAL]
    await suite.settle()
    position = await journal.last() + 1
    assert await store.append("internal", [{"_id": position, "version": 1, "event_id": "x", "at": "2020"}]) == 1
    await register(suite, "zoe@example.org")
    assert len(await mails(suite, 1)) == 1
    assert await parked(suite, "accounts") == [("publisher-internal", str(position), "unreadable")]
    listener = suite.service("mailer").listener
    await listener.look()
    assert LinkIssued.TYPE in await missed(suite)
    assert await is_ready(suite)


async def missed(suite: Suite) -> str:
    """What the mailer knows that it has not heard."""
    return str(await rows(suite, "mailer", "heard"))


async def test_a_programme_or_a_signing_key_that_cannot_be_read_stops_no_start(tmp_path: Path) -> None:
    async with run_suite(tmp_path, services=["accounts", "offers"]) as suite:
        await suite.settle()
        programme = (await rows(suite, "offers", "programmes"))[0]
        (key,) = await rows(suite, "accounts", "keys")
    await spoil(tmp_path, "offers", "programmes", programme["_id"], "content")
    await spoil(tmp_path, "accounts", "keys", key["_id"], jwk={"kty": "OKP"})
    async with run_suite(tmp_path, services=["accounts", "offers"]) as suite:
        async with suite.client.get("/api/offers/programmes") as answer:
            shown = await answer.json()
        assert answer.status == 200
        assert programme["_id"] not in str(shown)
        async with suite.client.get("/api/accounts/jwks.json") as answer:
            assert len((await answer.json())["keys"]) == 1
