"""What is decided and answered is mailed once each, also where the mail server was away meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.applications.usecases import conditions
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.testing import run_suite
from services.contracts.events.accounts import AddressChanged
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_decisions import answer, complete, entered, validate
from tests.service.applications.test_review import Staff, set_to
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


async def by_the_clock(peers: PeerServices) -> None:
    """All that the timers do now, tried twice as two processes might."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "test", acting_service("applications"))
    async with app.parameters.known():
        for rows, does in ((conditions.untold, conditions.gather), (conditions.due, conditions.remind)):
            for row in [row async for row in rows(app, command)]:
                for _ in range(2):
                    await does(app, row, command)


async def mails_of(peers: PeerServices, kind: str) -> list[str]:
    """The texts of the mails of a kind, in one line each."""
    await all_mails_are_handed_over(peers.suite)
    bodies = [mail.get_body(("plain",)) for mail in peers.suite.mails() if mail["X-Parvis-Kind"] == kind]
    return [" ".join(str(body.get_content()).split()) for body in bodies if body is not None]


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
    put_off = {"kind": TOLD[0], "state": "queued", "attempts": 1}
    async with asyncio.timeout(120):  # not just taken: what is put off after the clock has gone on is due later
        while not any(row.items() >= put_off.items() for row in await store.find("deliveries", {})):
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


async def test_conditions_are_mailed_with_the_decision_as_they_are_met_and_before_their_day(
    mailed: PeerServices, clock: FixedClock
) -> None:
    """Nothing before the decision counts, then one mail for each fact."""
    zoe, kim = await mailed.candidate("zoe"), Staff(mailed)
    id = await complete(zoe, kim)
    await all_mails_are_handed_over(mailed.suite)
    before = len(mailed.suite.mails())
    given = [{"text": "Obtenir la licence", "until": "2027-03-31"}, {"text": "Niveau B2", "until": "2027-04-30"}]
    decision = await entered(kim, id, conditions=given)
    await all_mails_are_handed_over(mailed.suite)
    assert len(mailed.suite.mails()) == before
    assert (await validate(kim, id, decision)).status == 200
    (told,) = await mails_of(mailed, "decision-conditional")
    assert "- Obtenir la licence (au plus tard le 31 mars 2027) - Niveau B2 (au plus tard le 30 avril 2027)" in told
    assert await mails_of(mailed, "decision-favourable") == []
    set_to(clock, datetime(2027, 3, 24, 10, tzinfo=UTC))
    await by_the_clock(mailed)
    await by_the_clock(mailed)
    (due,) = await mails_of(mailed, "condition-due")
    assert "- Obtenir la licence (au plus tard le 31 mars 2027)" in due and "B2" not in due
    for number, state in ((1, "met"), (2, "not_met"), (2, "met")):
        body = {"decision": decision, "state": state, "reason": "Vu"}
        assert (await kim.ask("POST", f"/{id}/conditions/{number}", json=body)).status == 200
    await by_the_clock(mailed)
    assert await mails_of(mailed, "conditions-told") == []
    clock.advance(minutes=60)
    await by_the_clock(mailed)
    await by_the_clock(mailed)
    (found,) = await mails_of(mailed, "conditions-told")
    assert "Conditions remplies : - Obtenir la licence" in found and "non remplies" not in found
    assert "définitive" not in found, "it is not answered"
    assert "La place n’est pas encore à vous" in found and "juillet 2027" in found.split("désistez")[1], found
    assert (await zoe.get(id))["decided"]["final"] is False
    assert (await answer(zoe, id, "accept")).status == 200
    assert (await zoe.get(id))["decided"]["final"] is True
    for state in ("open", "met"):
        body = {"decision": decision, "state": state, "reason": "Vu"}
        assert (await kim.ask("POST", f"/{id}/conditions/2", json=body)).status == 200
        clock.advance(minutes=60)
        await by_the_clock(mailed)
    last = (await mails_of(mailed, "conditions-told"))[-1]
    assert "Votre admission est définitive" in last and "pas encore à vous" not in last
