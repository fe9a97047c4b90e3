"""Of an account that was closed since its person has another one nothing is sent and nothing is lost (acceptance 30, 76)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.events.record import Record
from services.chassis.testing import run_suite
from services.contracts.events.accounts import AddressChanged, ClosingChanged
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_behalf import open_for
from tests.service.applications.test_decisions import complete, entered, look_after, validate
from tests.service.applications.test_in_place import NONE, deposit
from tests.service.applications.test_reminders import EIGHT, by_the_clock, reminded
from tests.service.applications.test_review import Staff, set_to
from tests.service.handed_over import all_mails_are_handed_over

CLOSED_AT = "2027-02-02T09:00:00.000Z"


async def close(peers: PeerServices, account: str = "zoe", kept: str | None = "lea") -> None:
    """Accounts tells that an account is closed for another one, or open again."""
    at = None if kept is None else CLOSED_AT
    await peers.suite.publish(ClosingChanged(account=account, campaign="2027", kept=kept, closed_at=at), "accounts")
    await peers.suite.settle()


async def closed_as_seen(staff: Staff, id: str) -> Any:
    reply = await staff.ask("GET", f"/{id}")
    assert reply.status == 200, reply.body
    return reply.body["closed_account"]


async def test_staff_see_it_and_reach_the_other_account_no_further_than_its_files(
    peers: PeerServices, zoe: Candidate
) -> None:
    id = await zoe.opened()
    everywhere, here = Staff(peers), Staff(peers, ({"role": "manager", "centres": ["SEE"]},), "max")
    assert await closed_as_seen(everywhere, id) is None
    await close(peers)
    assert await closed_as_seen(here, id) == {"since": CLOSED_AT, "goes_on_with": None}
    await peers.publish_programme("L1-ART", centre={"code": "ART", "label": "UFR Arts"})
    lea = await peers.candidate("lea", file_number="EF56GH78")
    await lea.opened("L1-ART")
    assert (await closed_as_seen(everywhere, id))["goes_on_with"] == "lea"
    assert (await closed_as_seen(here, id))["goes_on_with"] is None
    await close(peers, kept=None)
    assert await closed_as_seen(everywhere, id) is None


async def test_nobody_is_reminded_while_it_is_closed_and_what_was_missed_comes_when_it_is_open(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    """Acceptance 76, 88: of a draft, and of a place, which is not taken away."""
    draft, kim = await zoe.opened(), Staff(peers)
    await peers.publish_programme("M1-LAC")
    offered = await complete(zoe, kim, "M1-LAC")
    assert (await validate(kim, offered, await entered(kim, offered), answer_deadline="2027-04-10")).status == 200
    await close(peers)
    set_to(clock, EIGHT)
    await by_the_clock(peers)
    assert await look_after(peers) == 0
    assert (await reminded(peers), await peers.told("answer_due")) == ([], [])
    await close(peers, kept=None)
    set_to(clock, EIGHT + timedelta(days=1))
    await by_the_clock(peers)
    assert await look_after(peers) == 1
    assert await reminded(peers) == [draft]
    await by_the_clock(peers)
    assert await reminded(peers) == [draft]
    assert len(await peers.told("answer_due")) == 1
    assert (await zoe.get(offered))["decision"] == "favourable"


async def test_staff_add_nothing_to_it_in_its_persons_place(peers: PeerServices, zoe: Candidate) -> None:
    """ADR 92: its drafts are never submitted; what was done before it was closed is answered again."""
    id, kim = await zoe.opened(), Staff(peers)
    await peers.publish_programme("M1-LAC")
    before = await deposit(kim, zoe, id, "cv", key="k")
    assert before.status == 200
    await close(peers)
    for refused in (
        await deposit(kim, zoe, id, "letter", "doc-2"),
        await kim.ask("POST", f"/{id}/on-behalf/pieces/cv/removal", json=NONE),
        await kim.ask("POST", f"/{id}/on-behalf/submission", json=NONE),
        await kim.ask("GET", f"/{id}/on-behalf"),
        await open_for(kim, programme="M1-LAC"),
        await open_for(kim, programme="M1-LAC", offer=True),
    ):
        assert (refused.status, refused.slug) == (409, "candidate-account-closed")
    assert (await deposit(kim, zoe, id, "cv", key="k")).body["version"] == before.body["version"]
    assert (await kim.ask("GET", "/on-behalf?account=zoe")).body["items"] == []
    await close(peers, kept=None)
    assert (await deposit(kim, zoe, id, "letter", "doc-2")).status == 200
    assert (await open_for(kim, programme="M1-LAC")).status == 201


@pytest.fixture
async def mailed(tmp_path: Path) -> AsyncIterator[PeerServices]:
    clock = FixedClock(datetime(2027, 2, 1, 11, 0, tzinfo=UTC))
    async with run_suite(tmp_path, services=("applications", "mailer"), clock=clock) as suite:
        yield PeerServices(suite, clock)


async def test_a_mail_about_its_files_is_withheld_until_somebody_wants_it_once_it_is_open(mailed: PeerServices) -> None:
    await mailed.publish_programme()
    person = {"file_number": "AB12CD34", "email": "zoe@example.org", "family_name": "Müller", "given_name": "Zoé"}
    await mailed.suite.publish(AddressChanged(account="zoe", language="fr", **person), "accounts")
    zoe, kim = await mailed.candidate("zoe"), Staff(mailed)
    id = await complete(zoe, kim)
    await close(mailed)
    assert (await validate(kim, id, await entered(kim, id))).status == 200
    mailed.clock.advance(minutes=30)
    await all_mails_are_handed_over(mailed.suite)

    def favourable() -> int:
        return [str(mail["X-Parvis-Kind"]) for mail in mailed.suite.mails()].count("decision-favourable")

    assert favourable() == 0
    store = mailed.suite.service("mailer").service.ports.store
    (row,) = [row for row in await store.find("deliveries", {}) if row["kind"] == "decision-favourable"]
    assert (row["state"], row["reason"]) == ("failed", "account-closed")
    mailer, told = mailed.suite.service("mailer").service, mailed.suite.service("applications").service.ports.store
    record = Record({"applications": told, "accounts": store})
    assert mailer.integrity is not None
    assert [line async for line in mailer.integrity(record)] == [], "one that is withheld is none that is missing"

    async def retried() -> int:
        headers = mailed.suite.bearer("sam", kind="staff", grants=[{"role": "support"}])
        url = f"/api/mailer/deliveries/{row['_id']}/retry"
        async with mailed.suite.client.post(url, headers=headers) as answer:
            return answer.status

    assert await retried() == 409
    await close(mailed, kept=None)
    assert favourable() == 0
    assert await retried() == 200
    await all_mails_are_handed_over(mailed.suite)
    assert favourable() == 1
