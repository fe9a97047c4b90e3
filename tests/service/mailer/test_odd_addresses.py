"""Addresses at domains of other scripts get their mail by the IDNA 2008 form, and no mail ends the sending of others.

Acceptance 103 and 107; the requests are those of the reported cases.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import LinkIssued
from tests.service.mailer.test_mails import LINK, mails, text_of

INPUTS = Path(__file__).with_name("inputs")


@pytest.fixture
async def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Suite]:
    monkeypatch.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "20")
    async with run_suite(tmp_path / "var", services=["accounts", "offers", "mailer"]) as running:
        await running.settle()
        yield running


async def play(suite: Suite, name: str) -> None:
    """Send the requests of an input, each accepted."""
    for request in json.loads((INPUTS / name).read_text()):
        async with suite.client.request(request["method"], request["path"], json=request["body"]) as answer:
            assert answer.status == 202, await answer.text()


def recipients(found: list[EmailMessage]) -> list[tuple[str, str]]:
    """Where mails went, by envelope and by header."""
    return sorted((str(mail["Delivered-To"]), mail["To"].addresses[0].addr_spec) for mail in found)


def both(*addresses: str) -> list[tuple[str, str]]:
    return sorted((address, address) for address in addresses)


async def test_domains_that_only_idna_2008_knows_get_their_mail_and_so_does_everybody_after_them(suite: Suite) -> None:
    await play(suite, "a-idn-kills-mail-lane.json")
    found = await mails(suite, 4)
    assert recipients(found) == both(
        "zoe@xn--1-zhcd.example", "zoe@xn--1-ymcl5hc.example", "zoe@xn--qqbi1fva.example", "then-anybody@example.org"
    )
    asks = {"email": "then-anybody@example.org"}
    async with suite.client.post("/api/accounts/password-resets", json=asks) as answer:
        assert answer.status == 202
    (reset,) = [
        mail for mail in await mails(suite, 5) if mail not in found and mail["X-Parvis-Kind"] != "account-created"
    ]
    assert (reset["X-Parvis-Kind"], reset["Delivered-To"]) == ("identifiers-forgotten", "then-anybody@example.org")


async def test_mail_goes_to_the_domain_that_was_typed(suite: Suite) -> None:
    await play(suite, "b-idn-never-mailed.json")
    found = await mails(suite, 2)
    assert set(recipients(found)) == set(both("zoe@xn--mller-kva.example", "zoe@xn--strae-oqa.de"))


async def test_an_address_whose_domain_cannot_be_written_is_refused_at_registration(suite: Suite) -> None:
    body: dict[str, Any] = json.loads((INPUTS / "b-idn-never-mailed.json").read_text())[0]["body"]
    for address in ("zoe@xn--a.example", "zoe@\u0660a\u05d0.example", "zoe@-a-.example"):
        async with suite.client.post(
            "/api/accounts/accounts", json=body | {"email": address, "email_confirmation": address}
        ) as answer:
            refusal = await answer.json()
        assert (answer.status, refusal["fields"][0]["slug"]) == (422, "not-an-email"), address


async def test_a_mail_that_cannot_be_composed_is_failed_and_told_and_others_go_out(suite: Suite) -> None:
    await suite.publish(LinkIssued.model_validate(LINK | {"email": "zoe@\ud7ff\u0660a\u05d0.example"}), "accounts")
    await suite.publish(LinkIssued.model_validate(LINK | {"account": "a2", "email": "ok@example.org"}), "accounts")
    (mail,) = await mails(suite, 1)
    assert mail["Delivered-To"] == "ok@example.org"
    assert "AB12CD34" in text_of(mail)
    store = suite.service("mailer").service.ports.store
    failed = await store.find("deliveries", {"account": "a1"}, sort=(("created_at", 1),))
    assert [(row["state"], row["reason"], row["attempts"]) for row in failed] == [("failed", "not-composed", 1)]
    told = [json.loads(row["body"]) for row in await store.find("journal", {})]
    assert [event["data"]["reason"] for event in told if event["type"] == "mailer.mail.failed.v1"] == ["not-composed"]
