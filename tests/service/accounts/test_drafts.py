"""What is typed and not yet saved (acceptance 34), and that it goes with the account (acceptance 21)."""

from __future__ import annotations

from typing import Any

import pytest

from services.accounts.repository.drafts import KEPT
from tests.service.accounts.client import ADDRESS, Person, Reply
from tests.service.accounts.test_erasing import erased_and_cleaned_up
from tests.service.accounts.test_profile_rows import ROWS
from tests.service.accounts.watched import watching

TYPED = {"lines.0": "1 rue d", "postcode": "66", "tag": "address-0"}


async def draft(zoe: Person, method: str, step: str = "address", values: Any = None) -> Reply:
    body = None if values is None else {"values": values}
    return await zoe.client.ask(method, f"/me/profile/drafts/{step}", body, zoe.bearer)


async def test_what_was_typed_is_there_again_until_it_is_saved(zoe: Person) -> None:
    assert (await draft(zoe, "GET")).status == 404
    for values in ({"city": "El"}, TYPED):
        assert (await draft(zoe, "PUT", values=values)).status == 204
    again = await draft(zoe, "GET")
    assert (again.status, again.body["values"]) == (200, TYPED)
    assert (await zoe.get("/me/profile")).body["steps"]["address"] is None
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    assert (await draft(kim, "GET")).status == 404
    assert (await zoe.client.ask("GET", "/me/profile/drafts/address")).status == 401
    assert (await zoe.give("address", city="Elne")).status == 422
    assert (await draft(zoe, "GET")).status == 200
    assert (await zoe.give("address")).status == 200
    assert (await draft(zoe, "GET")).status == 404


@pytest.mark.parametrize("step", ROWS)
async def test_the_draft_of_a_row_goes_when_it_is_added(zoe: Person, step: str) -> None:
    assert (await draft(zoe, "PUT", step, {"year": "20"})).status == 204
    assert (await zoe.client.ask("POST", f"/me/profile/{step}", ROWS[step], zoe.bearer)).status == 201
    assert (await draft(zoe, "GET", step)).status == 404


async def test_drafts_are_bounded(zoe: Person) -> None:
    for values, status in (
        ({f"f{at}": "" for at in range(40)}, 204),
        ({f"f{at}": "" for at in range(41)}, 422),
        ({"f": "é" * 1000}, 204),
        ({"f": "é" * 1001}, 422),
        ({"f" * 40: ""}, 204),
        ({"f" * 41: ""}, 422),
        ({"f g": ""}, 422),
        ({"f": 1}, 422),
    ):
        assert (await draft(zoe, "PUT", values=values)).status == status, values
    assert (await draft(zoe, "PUT", "internal-record", {})).status == 404


async def test_a_draft_can_be_thrown_away_and_is_forgotten_after_thirty_days(zoe: Person) -> None:
    for _ in range(2):
        assert (await draft(zoe, "PUT", values=TYPED)).status == 204
        assert [(await draft(zoe, "DELETE")).status for _ in range(2)] == [204, 204]
        assert (await draft(zoe, "GET")).status == 404
    await draft(zoe, "PUT", values=TYPED)
    service = zoe.client.suite.service("accounts").service
    (sweep,) = [timer for timer in service.timers if timer.name == "sweep-secrets"]
    for seconds, left in ((KEPT.total_seconds() - 1, 1), (1, 0)):
        zoe.client.clock.advance(seconds=seconds)
        await sweep.run(zoe.client.command())
        assert len(await zoe.client.kept("drafts")) == left


async def test_drafts_go_with_the_account(zoe: Person) -> None:
    await draft(zoe, "PUT", values=TYPED)
    await draft(zoe, "PUT", "internships", {"year": "2"})
    await erased_and_cleaned_up(zoe.client, zoe)


async def test_nothing_is_left_of_who_is_erased_while_they_type(zoe: Person) -> None:
    """The erasure comes whole, clean-up included, between what a request has read and what it writes."""
    client = zoe.client
    async with watching(client.suite) as replica:
        replica.before("insert", "drafts", lambda: erased_and_cleaned_up(client, zoe))
        reply = await replica.put("/me/profile/drafts/address", {"values": TYPED}, zoe.bearer)
    assert reply == 401
    assert await client.kept("drafts") == []


async def test_saving_needs_no_draft(zoe: Person) -> None:
    assert (await zoe.client.ask("PUT", "/me/profile/address", ADDRESS, zoe.bearer)).status == 200
