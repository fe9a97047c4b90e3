"""Lists are made into files in the background: by whom is free, with what one may see then, and for a day."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from services.applications.domain.exports import MAX_ALL, MAX_EACH, Export
from services.applications.repository.exports import EXPORTS
from services.applications.repository.staff import STAFF
from services.applications.routes.exporting import export_views
from services.applications.usecases import exports
from services.applications.usecases.app import App
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.aggregates import Decision
from services.contracts.events.accounts import AccountErased, GrantPart, StaffChanged
from services.contracts.instants import instant_text
from services.contracts.work import KEPT, LEASE, MAX_ATTEMPTS, PAUSES, WorkState, claim
from tests.service.applications.candidate import BASE, Candidate, PeerServices, Reply
from tests.service.applications.test_export import sheet
from tests.service.applications.test_review import Staff, handed_over
from tests.service.applications.test_sheets import known

LAW = {"code": "DROIT", "label": "UFR Droit"}


@pytest.fixture
async def kim(peers: PeerServices, zoe: Candidate) -> Staff:
    return await manager(peers, zoe)


async def manager(peers: PeerServices, zoe: Candidate) -> Staff:
    """A manager of everything, and two files of two centres."""
    await peers.publish_programme("L1-DROIT", centre=LAW, title={"fr": "=Droit"})
    for programme in ("M1-MER", "L1-DROIT"):
        await handed_over(zoe, programme)
    await known(peers, "kim", "Kim", "manager")
    return Staff(peers)


def app_of(peers: PeerServices) -> App:
    return use_cases(peers.suite.service("applications").service.ports)


def command_of(peers: PeerServices) -> CommandContext:
    return CommandContext(peers.clock.now(), "worker", acting_service("applications"))


async def told(peers: PeerServices, account: str, *grants: dict[str, Any]) -> None:
    """Applications has heard what a member of staff may do now."""
    parts = [GrantPart(**grant) for grant in grants]
    await peers.suite.publish(StaffChanged(account=account, known_as="Kim", grants=parts), "accounts")
    await peers.suite.settle()


async def worked(peers: PeerServices, app: App | None = None) -> None:
    """What a worker does at this moment; that of the suite itself may be at it too."""
    app = app or app_of(peers)
    while await exports.make_next(app, export_views(app).made, command_of(peers)):
        pass


async def asked(kim: Staff, format: str = "csv", **body: Any) -> str:
    reply = await kim.ask("POST", "/exports", json={"format": format, **body})
    assert reply.status == 202, reply.body
    id: str = reply.body["id"]
    assert reply.headers["Location"] == f"{BASE}/review/exports/{id}"
    return id


async def done(kim: Staff, id: str) -> Reply:
    """The export, once it is ready or has failed."""
    async with asyncio.timeout(60):
        while True:
            await worked(kim.peers)
            reply = await kim.ask("GET", f"/exports/{id}")
            if reply.body["state"] in ("ready", "failed"):
                return reply
            await asyncio.sleep(0.01)


async def fetched(kim: Staff, id: str) -> tuple[int, bytes]:
    headers = kim.peers.suite.bearer(kim.name, kind="staff", grants=list(kim.grants))
    async with kim.peers.suite.client.get(f"{BASE}/review/exports/{id}/file", headers=headers) as answer:
        return answer.status, await answer.read()


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_an_export_is_asked_for_made_and_fetched(peers: PeerServices, kim: Staff) -> None:
    """Acceptance 97: every column or those that are chosen, formulas neutralised, the same key one export."""
    await peers.suite.settle()
    keyed = {"Idempotency-Key": "once"}
    twice = [await kim.ask("POST", "/exports", json={"format": "xlsx"}, headers=keyed) for _ in range(2)]
    assert [reply.status for reply in twice] == [202, 202] and twice[0].body["id"] == twice[1].body["id"]
    whole = await done(kim, twice[0].body["id"])
    assert (whole.body["state"], whole.body["done"], whole.body["total"]) == ("ready", 2, 2)
    status, content = await fetched(kim, twice[0].body["id"])
    assert (status, len(content)) == (200, whole.body["size"])
    assert {row["Formation"] for row in sheet(content)} == {"Sciences de la mer", "'=Droit"}
    some = await asked(kim, centre="DROIT", sort="newest", columns=["city", "title"])
    assert (await done(kim, some)).body["file"] == f"{BASE}/review/exports/{some}/file"
    assert table((await fetched(kim, some))[1]) == [{"Ville": "Perpignan", "Formation": "'=Droit"}]
    assert {each["id"] for each in (await kim.ask("GET", "/exports")).body["items"]} == {twice[0].body["id"], some}
    # Nobody else sees it, and who let go of it sees nothing either.
    ana = Staff(peers, name="ana")
    assert (await ana.ask("GET", f"/exports/{some}")).slug == "not-found" and (await fetched(ana, some))[0] == 404
    assert (await ana.ask("DELETE", f"/exports/{some}")).slug == "not-found"
    assert (await kim.ask("DELETE", f"/exports/{some}")).status == 204
    assert (await fetched(kim, some))[0] == 404 and await app_of(peers).objects.list(f"exports/{some}") == []
    for body in ({"centre": "NONE"}, {"q": "z"}, {"columns": ["colour"]}, {"limit": 5}):
        assert (await kim.ask("POST", "/exports", json={"format": "csv", **body})).status == 422, body
    assert (await kim.ask("POST", "/exports", json={"format": "pdf"})).status == 422


async def test_it_holds_what_its_person_may_see_when_it_is_made(peers: PeerServices, kim: Staff) -> None:
    """Acceptance 62, 92: rights that were lost since are lost for it too, also when it is fetched."""
    await peers.suite.settle()
    made_before = await asked(kim)
    assert (await done(kim, made_before)).body["state"] == "ready"
    app = app_of(peers)
    await told(peers, "kim", {"role": "manager", "centres": ["DROIT"]})
    narrowed = await done(kim, await asked(kim))
    sea = await done(kim, await asked(kim, centre="SEE"))
    assert (sea.body["state"], sea.body["reason"]) == ("failed", "beyond-reach") and sea.body["reason_text"]
    law = Staff(peers, [{"role": "manager", "centres": ["DROIT"]}])
    status, content = await fetched(law, narrowed.body["id"])
    assert (status, [row["Code de la formation"] for row in table(content)]) == (200, ["L1-DROIT"])
    late = await law.ask("GET", f"/exports/{made_before}/file")
    assert (late.status, late.slug) == (409, "rights-changed")
    await told(peers, "kim")
    gone = await done(kim, await asked(kim))
    assert (gone.body["state"], gone.body["reason"]) == ("failed", "rights")
    entries = await app.exports.of("kim", narrowed.body["id"])
    assert entries is not None
    named = await app.exports.of("kim", await asked(kim, q="Perpignan"))
    assert named is not None and named.state.query["q"] == "Perpignan"
    audited = repr(named.document["audit"])
    assert "'state'" in audited and "'q'" not in audited and "erpignan" not in audited
    acts = [(entry["actor"], entry["action"]) for entry in entries.document["audit"]["pending"]]
    assert acts[0] == ("staff:kim", "export") and acts[-1] == ("staff:kim", "export"), "asked for, and fetched"


async def test_who_is_known_by_a_release_before_gets_it_once_it_is_told_what_they_may_see(
    peers: PeerServices, kim: Staff, clock: FixedClock
) -> None:
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    row = await store.get(STAFF.name, "kim")
    assert row is not None
    before = {name: value for name, value in row.items() if name != "grants"}
    assert await store.replace(STAFF.name, before | {"version": row["version"] + 1}, version=row["version"])
    id = await asked(kim, columns=["title"])
    await worked(peers)
    async with asyncio.timeout(60):
        while (entry := await app_of(peers).exports.of("kim", id)) is None or not entry.state.wasted:
            await asyncio.sleep(0.01)
    assert (await kim.ask("GET", f"/exports/{id}")).body["state"] == "waiting"
    await told(peers, "kim", {"role": "manager"})
    clock.advance(seconds=PAUSES.first.total_seconds())
    assert (await done(kim, id)).body["state"] == "ready"


async def test_another_worker_goes_on_where_one_has_died(peers: PeerServices, kim: Staff, clock: FixedClock) -> None:
    """A lease, at its last moment and one past it; at last it has failed, and is nobody's any more."""
    await peers.suite.settle()
    app, command = app_of(peers), command_of(peers)
    id = await asked(kim, columns=["title"])
    ready = await done(kim, id)
    saved = await app.exports.of("kim", id)
    assert saved is not None and ready.body["state"] == "ready"
    begun = claim(waiting_again(saved.state, clock), "dead", clock.now())
    await app.exports.change(id, lambda _: Decision(begun), command)
    await worked(peers, app)
    assert (await kim.ask("GET", f"/exports/{id}")).body["state"] == "running"
    clock.advance(seconds=LEASE.total_seconds())
    assert (await done(kim, id)).body["state"] == "ready"
    assert len(table((await fetched(kim, id))[1])) == 2
    exhausted = waiting_again(saved.state, clock, attempts=MAX_ATTEMPTS)
    await app.exports.change(id, lambda _: Decision(exhausted), command)
    assert (await done(kim, id)).body["reason"] == "broken"


def waiting_again(export: Export, clock: FixedClock, attempts: int = 1) -> Export:
    """An export as if nothing had come of it yet."""
    return replace(export, state=WorkState.WAITING, due_at=clock.now(), attempts=attempts)


async def test_a_person_has_5_exports_for_a_day_and_all_have_100(
    peers: PeerServices, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 108: at the limits and one past each; what is over is swept with its bytes."""
    await peers.suite.settle()
    app = app_of(peers)
    ids = [await asked(kim, columns=["city"]) for _ in range(MAX_EACH)]
    full = await kim.ask("POST", "/exports", json={"format": "csv"})
    assert (MAX_EACH, full.status, full.slug) == (5, 409, "too-many-exports")
    for id in ids:
        assert (await done(kim, id)).body["state"] == "ready"
    template = await app.exports.of("kim", ids[0])
    assert template is not None and MAX_ALL == 100
    waiting = {
        **template.document,
        "state": "waiting",
        "slot": 0,
        "outbox": [],
        "due_at": instant_text(clock.now() + KEPT),
    }
    others = [
        {**waiting, "_id": f"{number:026d}", "account": f"other-{number}", "place": number} for number in range(MAX_ALL)
    ]
    store = peers.suite.service("applications").service.ports.store
    # Those of Kim that are done take no place of those who wait.
    assert await store.append(EXPORTS.name, others[:-1]) == MAX_ALL - 1
    ana = Staff(peers, name="ana")
    await done(ana, await asked(ana))
    assert await store.append(EXPORTS.name, others[-1:]) == 1
    crowd = await Staff(peers, name="eva").ask("POST", "/exports", json={"format": "csv"})
    assert (crowd.status, crowd.slug) == (429, "exports-full")
    clock.advance(seconds=KEPT.total_seconds() - 1)
    assert len((await kim.ask("GET", "/exports")).body["items"]) == MAX_EACH
    clock.advance(seconds=1)
    assert (await kim.ask("GET", "/exports")).body["items"] == [] and (await fetched(kim, ids[0]))[0] == 404
    while rows := [row async for row in app.exports.expired(clock.now())]:  # the suite's own timer may be at it too
        for row in rows:
            await exports.background(app).sweep(row, command_of(peers))
    assert await app.objects.list("exports/") == []
    again = await asked(kim)
    await peers.suite.publish(AccountErased(account="kim", campaign="staff"), "accounts")
    await peers.suite.settle()
    assert (await kim.ask("GET", f"/exports/{again}")).slug == "not-found"
