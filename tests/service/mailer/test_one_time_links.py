"""The secret of a one-time link stands in clear in the mail alone: in no store, journal, inbox, object or backup."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.security.sealing import LINKS, Sealer
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import LinkIssued
from services.contracts.events.offers import CampaignActivated
from tests.service.mailer.test_mails import LINK, TOKEN, mails, noon, state_of_mails, text_of

__all__ = ["noon"]

SERVICES = ("accounts", "mailer")
PASSWORD = "cheval bleu sous la pluie"
ZOE = {
    "family_name": "Durand",
    "given_name": "Zoé",
    "email": "zoe@example.org",
    "email_confirmation": "zoe@example.org",
}
CAMPAIGN = CampaignActivated(campaign="2026", label="2026", starts_on="2025-11-01", ends_on="2026-10-31")
KINDS = ("account-created", "link-resent", "identifiers-forgotten", "account-exists")


def raw(data: Path) -> bytes:
    """All bytes of the suite's files but the mails themselves, pages of databases that are free again included."""
    files = sorted(file for file in data.rglob("*") if file.is_file())
    return b"".join(
        file.read_bytes() for file in files if file.relative_to(data).parts[0] not in {"mail", "elsewhere", LINKS.file}
    )


async def ask(suite: Suite, path: str, body: dict[str, Any]) -> None:
    async with suite.client.post(f"/api/accounts{path}", json=body) as answer:
        assert answer.status in (200, 202, 204), await answer.text()


def tokens(suite: Suite) -> dict[str, str]:
    """The secret of the link in each mail, by its kind."""
    found = ((mail["X-Parvis-Kind"], re.search(r"\?token=([\w-]+)\n", text_of(mail))) for mail in suite.mails())
    return {kind: match[1] for kind, match in found if match}


async def test_no_token_is_in_any_file_before_or_after_its_mail_was_sent(tmp_path: Path, noon: FixedClock) -> None:
    """Registration, a new link, forgotten identifiers, a registration with a known address."""
    data, new = tmp_path / "var", tmp_path / "var/mail/new"
    async with run_suite(data, services=SERVICES, clock=noon) as suite:
        new.rmdir()
        new.write_text("in the way of mails")
        await suite.publish(CAMPAIGN, "offers")
        await suite.settle()
        for path in ("/accounts", "/validations/resend", "/password-resets", "/accounts"):
            await ask(suite, path, ZOE if path == "/accounts" else {"email": ZOE["email"]})
            await suite.settle()
            noon.advance(minutes=6)
        async with asyncio.timeout(120):  # the hand of the clock lets all of them be tried once more
            while [state for state, _ in await state_of_mails(suite)] != ["queued"] * 4:
                await asyncio.sleep(0.02)
    waiting = raw(data)
    new.unlink()
    new.mkdir()
    async with run_suite(data, services=SERVICES, clock=noon) as suite:
        await mails(suite, 4)
        found = tokens(suite)
        created, _, forgotten, _ = (found[kind] for kind in KINDS)
        await ask(suite, "/validations", {"password": PASSWORD, "token": created})
        await ask(suite, "/password-resets/confirm", {"password": PASSWORD, "token": forgotten})
        await suite.settle()
    kept = waiting + raw(data)
    assert [kind for kind, token in found.items() if token.encode() in kept] == []
    assert (data / LINKS.file).stat().st_mode & 0o777 == 0o600


async def test_what_0_1_0_told_in_clear_is_written_and_sealed(tmp_path: Path, noon: FixedClock) -> None:
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon) as suite:
        await suite.publish(LinkIssued.model_validate(LINK), "accounts")
        (mail,) = await mails(suite, 1)
        assert f"?token={TOKEN}\n" in text_of(mail)
        (row,) = await suite.service("mailer").service.ports.store.find("deliveries", {})
        assert TOKEN not in json.dumps(row)


@pytest.mark.parametrize("held", ["a new secret and the one before it", "another secret"])
async def test_a_secret_is_replaced_with_the_old_one_behind_it(tmp_path: Path, noon: FixedClock, held: str) -> None:
    """Acceptance 103: a link that nobody can open any more is failed and named, and holds up nothing."""
    sealer = Sealer("the-one-before-it", tmp_path)
    async with sealer.running():
        sealed = LINK | {"token": sealer.seal(TOKEN)}
    secret = "a-new-secret" + (" the-one-before-it" if "before" in held else "")
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon, link_secret=secret) as suite:
        await suite.publish(LinkIssued.model_validate(sealed), "accounts")
        await suite.settle()
        while (state := await state_of_mails(suite)) not in ([("sent", 1)], [("failed", 1)]):
            await asyncio.sleep(0.01)
        assert state == ([("sent", 1)] if "before" in held else [("failed", 1)])
        assert [f"?token={TOKEN}\n" in text_of(mail) for mail in suite.mails()] == ([True] if "before" in held else [])
