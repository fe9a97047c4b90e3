"""Which documents stay and which go: attachments heard from applications, time, erasure, leftovers of a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.ports import Message
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountErased
from services.contracts.events.applications import (
    ApplicationCancelled,
    ApplicationSubmitted,
    PieceDeposited,
    PiecePart,
    PieceRemoved,
)
from services.contracts.events.catalogue import Event
from services.contracts.events.envelope import Envelope
from services.documents.repository.documents import BEGUN, Begun
from tests.service.documents.client import events, get, keys, put, rows, stored, tell
from tests.unit.documents import files

COMMON: dict[str, Any] = {"account": "ann", "programme": "MASTER-1", "campaign": "2026"}
SHA = "0" * 64


def deposited(document: str, application: str = "application-1", piece: str = "cv") -> Event:
    return PieceDeposited(application=application, piece=piece, document=document, sha256=SHA, **COMMON)


def removed(document: str, application: str = "application-1", piece: str = "cv") -> Event:
    return PieceRemoved(application=application, piece=piece, document=document, **COMMON)


def submitted(*documents: str, application: str = "application-1") -> Event:
    pieces = [PiecePart(piece=f"piece-{n}", document=id, sha256=SHA) for n, id in enumerate(documents)]
    return ApplicationSubmitted(
        application=application, submitted_at="2026-03-01T12:00:00.000Z", receipt_sha256=SHA, pieces=pieces, **COMMON
    )


def cancelled(application: str = "application-1") -> Event:
    return ApplicationCancelled(application=application, **COMMON)


async def pass_days(suite: Suite, days: float, *, heard: bool = True) -> None:
    """Let time pass, and the sweeps do what they have to do; `heard`: applications say that they have told everything."""
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(days=days)
    if heard:
        await suite.vouch("applications")
    now = CommandContext(now=suite.clock.now(), correlation="test", actor=OPERATOR)
    for timer in suite.service("documents").service.timers:
        while await timer.run(now):
            pass


async def stands(suite: Suite, id: str) -> bool:
    """Whether the owner can read it; bytes are there exactly then."""
    status, _, _ = await get(suite, id)
    assert status in (200, 404)
    return status == 200


async def test_an_upload_never_attached_goes_after_its_time_and_not_before(suite: Suite) -> None:
    id = (await stored(suite, files.pdf()))["document"]
    await pass_days(suite, 7 - 0.001)
    assert await stands(suite, id)
    await pass_days(suite, 0.001)
    assert not await stands(suite, id)
    assert await keys(suite) == []
    assert (await events(suite))[-1] == (
        "documents.document.erased.v1",
        {"document": id, "account": "ann", "reason": "unattached"},
    )
    (row,) = await rows(suite)
    assert row["filename"] == ""


async def test_an_attached_document_stays(suite: Suite) -> None:
    id = (await stored(suite, files.pdf()))["document"]
    await tell(suite, deposited(id))
    await pass_days(suite, 400)
    assert await stands(suite, id)


async def test_the_last_moment_of_a_receipt_is_long_before_the_sweep(suite: Suite) -> None:
    """The news of the attachment may be two days late, and nothing acknowledged is lost."""
    id = (await stored(suite, files.pdf()))["document"]
    await pass_days(suite, 6.9)
    await tell(suite, deposited(id))
    await pass_days(suite, 30)
    assert await stands(suite, id)


async def test_nothing_goes_as_long_as_applications_have_not_said_that_they_have_told_all(suite: Suite) -> None:
    """Acceptance 102: late news, from the last moment of the receipt or of any day later, are heard in time."""
    held, loose = [(await stored(suite, files.pdf()))["document"] for _ in range(2)]
    await pass_days(suite, 6.9)
    await pass_days(suite, 60, heard=False)
    assert await stands(suite, held) and await stands(suite, loose)
    await tell(suite, deposited(held))
    await pass_days(suite, 0)
    assert await stands(suite, held) and not await stands(suite, loose)


async def test_nothing_goes_by_a_clock_that_leaps_for_less_than_a_day(tmp_path: Path) -> None:
    """Acceptance 102: days ahead, as before a machine has found the time, and put right an hour later."""
    clock = FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC), by_hand=False)
    async with run_suite(tmp_path, services=("documents",), clock=clock, timers_by_time=False) as suite:
        witness = suite.service("documents").witness
        await witness.look()
        id = (await stored(suite, files.pdf()))["document"]
        await pass_days(suite, 8)
        for _ in range(10):
            clock.advance(minutes=30)
            await witness.look()
            await pass_days(suite, 0)
        assert await stands(suite, id)
        clock.advance(days=-8)
        await witness.look()
        for _ in range(6 * 24):
            clock.advance(hours=1)
            await witness.look()
        await pass_days(suite, 0)
        assert await stands(suite, id)
        for _ in range(24):
            clock.advance(hours=1)
            await witness.look()
        await pass_days(suite, 0)
        assert not await stands(suite, id), "the time has passed indeed"


@pytest.mark.parametrize("state", ["pending", "retrying", "blocked", "parked"])
async def test_nothing_goes_while_what_was_heard_of_applications_waits(suite: Suite, state: str) -> None:
    """Acceptance 102: a parked event stops the sweep, though its publisher has told everything long ago."""
    id = (await stored(suite, files.pdf()))["document"]
    inbox = suite.service("documents").service.ports.store
    waiting = {"state": state, "key": "other", "sequence": "0000000001", "received": "2026-03-01T12:00:00.000Z"}
    row = {"_id": "e1", "version": 1, "type": PieceDeposited.TYPE, "attempts": 10, "body": "{}", **waiting}
    due = {} if state in ("pending", "blocked") else {"due_at": "2999-01-01T00:00:00.000Z"}
    await inbox.insert("inbox", row | due)
    await pass_days(suite, 30)
    assert await stands(suite, id)


async def test_a_removed_document_goes_later(suite: Suite) -> None:
    """Acceptance 51."""
    id = (await stored(suite, files.pdf()))["document"]
    await tell(suite, deposited(id))
    await pass_days(suite, 30)
    await tell(suite, removed(id))
    await pass_days(suite, 6)
    assert await stands(suite, id)
    await tell(suite, deposited(id, piece="letter"))
    await pass_days(suite, 6)
    assert await stands(suite, id)
    await tell(suite, removed(id, piece="letter"))
    await pass_days(suite, 7)
    assert not await stands(suite, id)


async def test_a_cancelled_application_gives_up_its_own_documents_and_not_the_shared(suite: Suite) -> None:
    """Acceptance 45."""
    own, shared = [(await stored(suite, files.pdf()))["document"] for _ in range(2)]
    await tell(suite, deposited(own), deposited(shared, piece="letter"), deposited(shared, "application-2", "letter"))
    await tell(suite, cancelled())
    await pass_days(suite, 7)
    assert not await stands(suite, own)
    assert await stands(suite, shared)
    await tell(suite, cancelled("application-2"))
    await pass_days(suite, 7)
    assert not await stands(suite, shared)


async def test_a_submitted_document_is_never_swept(suite: Suite) -> None:
    first, second = [(await stored(suite, files.pdf()))["document"] for _ in range(2)]
    await tell(suite, deposited(first), deposited(second, piece="letter"), submitted(first, second))
    await tell(suite, removed(first), cancelled())
    await pass_days(suite, 400)
    assert await stands(suite, first)
    assert await stands(suite, second)


async def test_events_that_come_twice_count_once(suite: Suite) -> None:
    id = (await stored(suite, files.pdf()))["document"]
    await tell(suite, deposited(id), deposited(id), removed(id), removed(id))
    await pass_days(suite, 7)
    assert not await stands(suite, id)


async def test_the_right_to_erasure_takes_everything_of_one_person_at_once(suite: Suite) -> None:
    """Acceptance 21."""
    loose, attached, sent = [(await stored(suite, files.pdf()))["document"] for _ in range(3)]
    other = (await stored(suite, files.pdf(), account="bob"))["document"]
    await tell(suite, deposited(attached), deposited(sent, piece="letter"), submitted(sent))
    await tell(suite, AccountErased(account="ann", campaign="2026"), service="accounts")
    for id in (loose, attached, sent):
        assert not await stands(suite, id)
    assert len(await keys(suite)) == 1
    assert (await get(suite, other, "bob"))[0] == 200
    reasons = [data["reason"] for type, data in await events(suite) if type == "documents.document.erased.v1"]
    assert reasons == ["account-erased"] * 3


async def test_more_documents_than_one_page_are_erased(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    content = files.pdf()
    for _ in range(100):
        await stored(suite, content)
    await tell(suite, *(deposited(row["_id"], piece=f"piece-{n}") for n, row in enumerate(await rows(suite))))
    for _ in range(20):
        await stored(suite, content)
    assert len(await keys(suite)) == 120
    await tell(suite, AccountErased(account="ann", campaign="2026"), service="accounts")
    assert await keys(suite) == []
    assert {row["state"] for row in await rows(suite)} == {"erased"}


async def test_documents_that_are_not_known_hold_nothing_up(suite: Suite) -> None:
    id = (await stored(suite, files.pdf()))["document"]
    await tell(suite, deposited("0" * 26), removed("0" * 26), submitted("0" * 26, id))
    await pass_days(suite, 30)
    assert await stands(suite, id)


# --- leftovers --------------------------------------------------------------------------------------------------


async def leave_unfinished(suite: Suite, *, noted: bool = True) -> None:
    """Bytes as a crash leaves them that comes between the bytes and their row."""
    ports = suite.service("documents").service.ports
    if noted:
        await Begun(ports.store).note("documents/orphan", suite.clock.now())
    async with ports.objects.stage(100) as stage:
        await stage.write(b"nobody's")
        await stage.commit("documents/orphan", "application/pdf")


async def test_a_restart_takes_away_bytes_of_an_upload_that_never_ended_a_day_later(tmp_path: Path) -> None:
    async with run_suite(tmp_path, services=("documents",)) as suite:
        content = files.pdf()
        id = (await stored(suite, content))["document"]
        await leave_unfinished(suite)
        begun = suite.clock.now()
    async with run_suite(tmp_path, services=("documents",), clock=FixedClock(begun + timedelta(hours=24))) as suite:
        await pass_days(suite, 0)
        assert len(await keys(suite)) == 2
    async with run_suite(tmp_path, services=("documents",), clock=FixedClock(begun + timedelta(hours=25))) as suite:
        async with asyncio.timeout(120):
            while await suite.service("documents").service.ports.store.count(BEGUN.name, {}):
                await asyncio.sleep(0.01)
        assert len(await keys(suite)) == 1
        assert (await get(suite, id))[:2] == (200, content)


async def test_bytes_of_which_nothing_is_known_stay(suite: Suite) -> None:
    """Acceptance 102: a store that was restored to yesterday has no row of what candidates gave today."""
    id = (await stored(suite, files.pdf()))["document"]
    await leave_unfinished(suite, noted=False)
    await suite.service("documents").service.ports.store.delete("documents", id)
    await pass_days(suite, 400)
    assert len(await keys(suite)) == 2


async def test_whoever_ends_the_note_of_an_upload_decides_on_its_bytes(suite: Suite) -> None:
    """A process that was held up for a day in the midst of an upload learns that the sweep has given it up."""
    begun, now = Begun(suite.service("documents").service.ports.store), suite.clock.now()
    for key in ("documents/finished", "documents/held-up"):
        await begun.note(key, now)
    assert await begun.end("documents/finished")
    (note,) = [note async for note in begun.before(now + timedelta(seconds=1))]
    assert note["_id"] == "documents/held-up"
    assert await begun.give_up(note)
    assert not await begun.end("documents/held-up")
    (note,) = [note async for note in begun.before(now + timedelta(seconds=1))]
    assert await begun.give_up(note), "cut short, it is done again"
    await begun.forget("documents/held-up")
    assert [note async for note in begun.before(now + timedelta(seconds=1))] == []


async def test_the_sweep_gives_up_no_upload_that_has_ended_since_it_looked(suite: Suite) -> None:
    begun, now = Begun(suite.service("documents").service.ports.store), suite.clock.now()
    await begun.note("documents/finished", now)
    (note,) = [note async for note in begun.before(now + timedelta(seconds=1))]
    assert await begun.end("documents/finished")
    assert not await begun.give_up(note)


async def test_a_note_that_cannot_be_read_keeps_no_other_from_being_swept(suite: Suite) -> None:
    """Acceptance 104."""
    store = suite.service("documents").service.ports.store
    await store.insert(BEGUN.name, {"_id": "documents/broken", "version": 1, "at": "2020-01-01T00:00:00.000Z"})
    await leave_unfinished(suite)
    await pass_days(suite, 2)
    assert await keys(suite) == []
    assert [row["item"] for row in await store.find("parked", {"state": "parked"}, sort=(("since", 1),))] == [
        "documents/broken"
    ]


async def test_bytes_of_others_in_the_same_store_are_left_alone(suite: Suite) -> None:
    async with suite.service("documents").service.ports.objects.stage(100) as stage:
        await stage.write(b"a letter")
        await stage.commit("letters/admission", "application/pdf")
    await pass_days(suite, 30)
    assert await keys(suite) == ["letters/admission"]


async def test_an_erasure_cut_short_is_finished_by_the_sweep(suite: Suite) -> None:
    """As after a crash when the document was already unreadable and its bytes were still, or no longer, there."""
    ids = [(await stored(suite, files.pdf()))["document"] for _ in range(2)]
    store = suite.service("documents").service.ports.store
    for id in ids:
        row = await store.get("documents", id)
        assert row is not None
        cut = {name: value for name, value in row.items() if name != "loose"}
        cut |= {"state": "erasing", "reason": "unattached", "version": row["version"] + 1}
        assert await store.replace("documents", cut, version=row["version"])
    await suite.service("documents").service.ports.objects.delete((await rows(suite))[0]["object"])
    for id in ids:
        assert not await stands(suite, id)
    await pass_days(suite, 7)
    assert await keys(suite) == []
    assert {row["state"] for row in await rows(suite)} == {"erased"}


# --- what comes late of what is over ----------------------------------------------------------------------------


async def tell_late(suite: Suite, envelope: Envelope) -> None:
    """What the broker had lost is told again, behind what was said later."""
    ports = suite.service("documents").service.ports
    message = Message(PieceDeposited.AUDIENCE.value, envelope.type, envelope.encode(), envelope.id)
    assert await ports.broker.publish([message]) == 1
    await suite.settle()


async def test_a_deposit_told_after_its_cancellation_holds_nothing(suite: Suite) -> None:
    """Acceptance 45: of the cancelled draft alone, and again if a crash had left it half done."""
    id = (await stored(suite, files.pdf()))["document"]
    late = suite.elsewhere.envelope(deposited(id), "applications")
    await tell(suite, cancelled())
    await tell_late(suite, late)
    await pass_days(suite, 8)
    assert not await stands(suite, id)


async def test_a_late_deposit_of_one_draft_takes_nothing_from_another(suite: Suite) -> None:
    id = (await stored(suite, files.pdf()))["document"]
    late = suite.elsewhere.envelope(deposited(id), "applications")
    await tell(suite, deposited(id, application="application-2"), cancelled())
    await tell_late(suite, late)
    await pass_days(suite, 400)
    assert await stands(suite, id)


# --- whose owner is gone ----------------------------------------------------------------------------------------

GONE = AccountErased(account="ann", campaign="2026")


async def test_an_upload_in_flight_does_not_survive_the_erasure_of_its_owner(suite: Suite) -> None:
    """Acceptance 21: the bytes were on their way when the person was erased."""
    content = files.pdf()

    async def slowly() -> AsyncIterator[bytes]:
        yield content[:100]
        await tell(suite, GONE, service="accounts")
        yield content[100:]

    status, answer, _ = await put(suite, slowly())
    assert (status, answer["slug"]) == (410, "document-erased")
    assert await keys(suite) == []
    assert [(row["state"], row["filename"]) for row in await rows(suite)] in ([], [("erased", "")])


async def test_an_upload_that_a_crash_has_left_behind_an_erasure_is_found(suite: Suite) -> None:
    """The row was written, and the process died before it could look whether its owner was gone."""
    answer = await stored(suite, files.pdf())
    (row,) = await rows(suite)
    store = suite.service("documents").service.ports.store
    await tell(suite, GONE, service="accounts")
    (erased,) = await rows(suite)
    async with suite.service("documents").service.ports.objects.stage(10) as stage:
        await stage.write(b"x")
        await stage.finish()
        await stage.commit(row["object"], "application/pdf")
    left = row | {"version": erased["version"] + 1}
    assert await store.replace("documents", left, version=erased["version"])
    await Begun(store).note(row["object"], suite.clock.now())
    await pass_days(suite, 2)
    assert not await stands(suite, answer["document"])
    assert await keys(suite) == []
    assert await store.count(BEGUN.name, {}) == 0


async def test_one_row_that_cannot_be_read_holds_up_the_erasure_of_no_other(suite: Suite) -> None:
    """Acceptance 21, 104: the erasure is not called done, and is when the row is mended."""
    for _ in range(3):
        await stored(suite, files.pdf())
    store = suite.service("documents").service.ports.store
    first = min(await rows(suite), key=lambda row: str(row["_id"]))
    broken = first | {"state": "dreamt", "version": first["version"] + 1}
    assert await store.replace("documents", broken, version=first["version"])
    told = await suite.publish(GONE, "accounts")
    await suite.settle()
    assert await keys(suite) == [first["object"]]
    heard = await store.get("inbox", told.id)
    assert heard is not None and heard["state"] == "parked"
    assert await store.replace("documents", first | {"version": broken["version"] + 1}, version=broken["version"])
    await suite.service("documents").inbox.retry(told.id)
    await suite.settle()
    assert await keys(suite) == []
