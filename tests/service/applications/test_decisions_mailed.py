"""What is decided and answered is mailed once each, also where the mail server was away meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.contracts.events.accounts import AddressChanged
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_decisions import answer, complete, entered, validate
from tests.service.applications.test_review import Staff
from tests.service.handed_over import all_mails_are_handed_over

TOLD = ("decision-favourable", "place-accepted", "place-withdrawn")


@pytest.fixture
async def mailed(tmp_path: Path, clock: FixedClock) -> AsyncIterator[PeerServices]:
    async with run_suite(tmp_path, services=("applications", "mailer"), clock=clock) as suite:
        peers = PeerServices(suite, clock)
        await peers.publish_programme()
        person = {"file_number": "AB12CD34", "email": "zoe@example.org", "family_name": "Müller", "given_name": "Zoé"}
        await suite.publish(AddressChanged(account="zoe", language="fr", **person), "accounts")
        yield peers


async def kinds(peers: PeerServices) -> dict[str, int]:
    await all_mails_are_handed_over(peers.suite)
    counted = Counter(str(mail["X-Parvis-Kind"]) for mail in peers.suite.mails())
    return {kind: counted[kind] for kind in TOLD}


async def test_a_decision_stands_while_no_mail_leaves_and_each_step_is_mailed_once(
    mailed: PeerServices, clock: FixedClock
) -> None:
    """Acceptance 80, 82, 85."""
    zoe, kim = await mailed.candidate("zoe"), Staff(mailed)
    id = await complete(zoe, kim)
    assert await kinds(mailed) == dict.fromkeys(TOLD, 0)
    new = mailed.suite.host.settings.data / "mail" / "new"
    aside = new.rename(new.with_name("aside"))
    new.write_text("in the way")
    decision = await entered(kim, id)
    assert (await validate(kim, id, decision)).status == 200
    assert (await zoe.get(id))["decision"] == "favourable"
    store = mailed.suite.service("mailer").service.ports.store
    async with asyncio.timeout(120):
        while [row["attempts"] for row in await store.find("deliveries", {}) if row["kind"] == TOLD[0]] != [1]:
            await asyncio.sleep(0.02)
    new.unlink()
    aside.rename(new)
    clock.advance(seconds=121)
    assert await kinds(mailed) == dict.fromkeys(TOLD, 0) | {TOLD[0]: 1}
    (mail,) = [mail for mail in mailed.suite.mails() if mail["X-Parvis-Kind"] == TOLD[0]]
    body = mail.get_body(("plain",))
    assert body is not None
    for word in ("confirm", "désist"):
        assert word in str(body.get_content()).lower()
    assert (await validate(kim, id, decision)).slug == "no-decision"
    for given in ("accept", "accept", "withdraw", "withdraw"):
        assert (await answer(zoe, id, given)).status == 200
    assert await kinds(mailed) == dict.fromkeys(TOLD, 1)
