"""Every event names who has acted, and who in whose place: an opaque id and a kind (acceptance 94)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from services import SERVICES
from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.events.envelope import Envelope
from tests.candidate import Candidate, Mailbox, pdf

MOMENT = datetime(2027, 2, 1, 11, 0, tzinfo=UTC)

WHO = {
    "accounts.account.registered.v1": {"nobody"},
    "accounts.account.validated.v1": {"nobody"},
    "accounts.address.changed.v1": {"nobody"},
    "accounts.card.changed.v1": {"account"},
    "accounts.link.issued.v1": {"nobody"},
    "accounts.profile.completed.v1": {"account"},
    "accounts.session.revoked.v1": {"account"},
    "applications.application.opened.v1": {"account"},
    "applications.application.piece_deposited.v1": {"account"},
    "applications.application.piece_marked.v1": {"account"},
    "applications.application.submitted.v1": {"account"},
    "applications.file.changed.v1": {"account"},
    "documents.document.stored.v1": {"account"},
    "mailer.mail.sent.v1": {"service:mailer"},
    "offers.campaign.activated.v1": {"service:offers"},
    "offers.parameters.changed.v1": {"service:offers"},
    "offers.programme.published.v1": {"service:offers"},
}


async def told(suite: Suite) -> list[Envelope]:
    """Every event that the suite has told, of both audiences."""
    stores = [running.service.ports.store for running in suite.host.running.values()]
    rows = [
        row for store in stores for name in ("journal", "internal") for row in await store.find(name, {}, limit=1000)
    ]
    return [Envelope.decode(row["body"].encode()) for row in rows]


async def test_every_event_of_a_candidates_way_names_its_actor(tmp_path: Path) -> None:
    async with run_suite(tmp_path, services=SERVICES, clock=FixedClock(MOMENT)) as suite:
        await suite.settle()
        person = Candidate(suite.client, suite.url, Mailbox(tmp_path / "mail"))
        await person.registers()
        await person.validates()
        await person.logs_in()
        await person.answers_the_profile()
        await person.opens(await person.finds("energie solaire"))
        await person.completes_the_pieces()
        await person.submits()
        account = (await person.must("GET", "/api/accounts/me", 200))["account"]
        await person.must("DELETE", "/api/accounts/sessions/current", 204)
        await suite.settle()
        envelopes = await told(suite)
    own = f"account:{account}"
    found: dict[str, set[str]] = {}
    for envelope in envelopes:
        actor = envelope.actor or "not said"
        found.setdefault(envelope.type, set()).add("account" if actor == own else actor)
    assert found == WHO
    assert {envelope.onbehalfof for envelope in envelopes} == {None}


async def test_a_deputy_is_named_with_the_person_in_whose_place_they_act(tmp_path: Path) -> None:
    async with run_suite(tmp_path, services=("documents",)) as suite:
        headers = suite.bearer("zoe", act={"sub": "kim", "sid": "session-kim"}) | {"Content-Type": "application/pdf"}
        async with suite.client.put("/api/documents/uploads", data=pdf(), headers=headers) as response:
            assert response.status == 201, await response.text()
        await suite.settle()
        (stored,) = await told(suite)
    assert (stored.actor, stored.onbehalfof) == ("staff:kim", "account:zoe")
