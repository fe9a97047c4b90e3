"""What stays of a bundle of those who are gone, of what has failed, and of what nobody could do yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.testing import Suite
from services.contracts.api.bundles import NewBundle
from services.contracts.events.accounts import AccountErased
from services.contracts.events.offers import ProgrammePublished
from services.contracts.instants import instant_text
from services.contracts.refusals import BUSY, ErrorCode
from services.contracts.refusals.documents import INSPECTION_UNAVAILABLE
from services.contracts.work import KEPT, LEASE, MAX_ATTEMPTS, WorkState, claim
from services.documents.domain.bundles import MAX_ALL, Bundle
from services.documents.repository.bundles import BUNDLES, BundleRepository
from services.documents.repository.reads import READS
from services.documents.usecases import bundles
from services.documents.usecases.app import App
from services.documents.usecases.bundle_keeping import background, sweep_note
from services.documents.usecases.bundle_parts import Bounds
from services.documents.usecases.bundling import TRIES
from services.documents.wiring import use_cases
from tests.service.documents.client import tell
from tests.service.documents.given import card, changed, slot
from tests.service.documents.test_bundles import application, appointed, ask, unpacked
from tests.service.documents.test_bundles_at_work import FOLDER, KIM, asked, content_of, given, keys, later, put, there
from tests.service.documents.test_staff_reading import programme


@pytest.fixture
async def app(suite: Suite) -> AsyncIterator[App]:
    """Those who make bundles beside the suite's own."""
    app = use_cases(suite.service("documents").service.ports)
    async with app.inspectors.open():
        yield app


async def test_who_is_named_in_a_bundle_goes_out_of_it_as_who_is_held(suite: Suite, app: App) -> None:
    """Acceptance 99: it says of Bob that he gave nothing; strangers' erasures change nothing."""
    ids, command = await given(suite, 2000, "ann"), later(suite)
    await tell(suite, card().model_copy(update={"account": "bob"}), service="accounts")
    nothing = changed(application=application(2), account="bob", file_number="BB34CD56", pieces=[slot("notes", "")])
    await tell(suite, nothing)
    id = await asked(app, command, [*ids, application(2)])
    await tell(suite, AccountErased(account="eva", campaign="2027"), service="accounts")
    assert await bundles.make_next(app, command) == 1
    ready = await there(app, id)
    assert (ready.state.state, ready.state.attempts) == (WorkState.READY, 1)
    report = unpacked(b"".join([chunk async for chunk in content_of(app, ready)]))["LISEZMOI.txt"].decode()
    assert "BB34CD56_MULLER" in report
    await tell(suite, AccountErased(account="eve", campaign="2027"), service="accounts")
    assert (await there(app, id)).state == ready.state
    await tell(suite, AccountErased(account="bob", campaign="2027"), service="accounts")
    gone = await there(app, id)
    assert (gone.state.state, gone.state.reason, await keys(app)) == (WorkState.FAILED, "erased", [])
    assert "bob" not in repr(gone.document) and "BB34" not in repr(gone.document)


async def test_who_is_gone_before_their_bundle_is_there_is_found_in_it_when_that_is_told_again(
    suite: Suite, app: App
) -> None:
    """Acceptance 99: the note of who is in it was written ahead of it, and stays for as long."""
    ids, command = await given(suite, 2000, "ann", "bob"), later(suite)
    erased = AccountErased(account="ann", campaign="2027")

    class Late(BundleRepository):
        async def add(self, id: str, decision: Decision[Bundle], command: CommandContext) -> Outcome[Bundle]:
            await tell(suite, erased, service="accounts")
            return await super().add(id, decision, command)

    ports = suite.service("documents").service.ports
    id = await asked(replace(app, bundles=Late(ports.store, ports.outbox)), command, ids)
    await tell(suite, erased, service="accounts")
    assert "ann" not in repr((await there(app, id)).document)
    assert [noted async for noted in app.bundle_people.of("ann")] == []


async def test_who_is_gone_is_found_in_bundles_of_the_release_before_and_noted_in_no_other(
    suite: Suite, app: App
) -> None:
    """Acceptance 99: that release did not note who is in them; what is noted is forgotten with who it was, or at its end."""
    ids, command = await given(suite, 2000, "ann", "bob"), later(suite)
    store = suite.service("documents").service.ports.store
    older, newer, bobs = [await asked(app, command, each) for each in (ids, ids, ids[1:])]
    for _ in range(3):
        assert await bundles.make_next(app, command) == 1
    row = await store.get(BUNDLES.name, older)
    assert row is not None
    before = {name: value for name, value in row.items() if name != "people_noted"}
    assert await store.replace(BUNDLES.name, before | {"version": row["version"] + 1}, version=row["version"])
    for account in ("ann", "bob"):
        for noted in [noted async for noted in app.bundle_people.of(account)]:
            assert noted["bundle"] != older or await app.bundle_people.let_go(noted)
    assert [noted["bundle"] async for noted in app.bundle_people.of("ann")] == [newer]
    await tell(suite, AccountErased(account="ann", campaign="2027"), service="accounts")
    for id in (older, newer):
        gone = await there(app, id)
        assert gone.state.reason == "erased" and "ann" not in repr(gone.document)
    assert (await there(app, bobs)).state.state is WorkState.READY
    assert [noted async for noted in app.bundle_people.of("ann")] == []
    over = replace(command, now=command.now + KEPT)
    left = [noted async for noted in app.bundle_people.expired(over.now)]
    assert {(noted["bundle"], noted["account"]) for noted in left} == {(newer, "bob"), (bobs, "bob")}
    assert [await sweep_note(app, noted, over) for noted in left] == [0, 0], "as long as there is the bundle"
    for row in [row async for row in app.bundles.expired(over.now)]:
        assert await background(app).sweep(row, over) == 1
    assert [await sweep_note(app, noted, over) for noted in left] == [1, 1]


async def test_50_bundles_of_everybody_wait_and_one_more_is_told_when_to_come_again(suite: Suite, app: App) -> None:
    """Acceptance 108: at the limit and one past it; what is gone takes no place."""
    ids, command = await given(suite, 2000, "ann"), later(suite)
    row = dict((await there(app, await asked(app, command, ids))).document)
    store, far = suite.service("documents").service.ports.store, instant_text(command.now + KEPT)
    others = [
        row | {"_id": f"{number:026d}", "account": f"other-{number}", "place": number, "due_at": far}
        for number in range(1, MAX_ALL)
    ]
    assert (MAX_ALL, await store.append(BUNDLES.name, others)) == (50, MAX_ALL - 1)
    body = {"kind": "documents", "applications": ids}
    status, full, headers = await ask(suite, "POST", name="eva", json=body)
    assert (status, full["slug"], headers["Retry-After"]) == (429, "bundles-full", "300")
    assert await store.delete(BUNDLES.name, others[0]["_id"])
    assert (await ask(suite, "POST", name="eva", json=body))[0] == 202


async def test_one_file_that_is_beyond_reach_keeps_the_whole_bundle_from_being_fetched(suite: Suite, app: App) -> None:
    """Acceptance 62: it is still shown, for rights may come back; each fetch asks for what one may see at that moment."""
    ids, command = await given(suite, 2000, "ann"), later(suite)
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")
    elsewhere = changed(application=application(2), account="bob", programme="M1-EAU", pieces=[slot("notes", "")])
    await tell(suite, elsewhere)
    id = await asked(app, command, [*ids, application(2)])
    assert await bundles.make_next(app, command) == 1
    reads = suite.service("documents").service.ports.store
    for grant, status, noted in (({"role": "manager", "centres": ["SEE"]}, 409, 0), ({"role": "manager"}, 200, 2)):
        assert (await ask(suite, "GET", f"/{id}", grants=[grant]))[1]["state"] == "ready"
        assert (await ask(suite, "GET", f"/{id}/file", grants=[grant]))[0] == status
        assert len(await reads.find(READS.name, {}, limit=10)) == noted, "what is not given is not noted as read"


async def test_what_is_made_is_not_begun_anew_for_who_is_not_in_it(suite: Suite, app: App) -> None:
    """At the end of a campaign thousands are erased one by one."""
    ids, command = await given(suite, 2000, "ann"), later(suite)
    id = await asked(app, command, ids)
    await app.bundles.change(id, lambda bundle: Decision(claim(bundle, "elsewhere", command.now)), command)
    before = await there(app, id)
    await tell(suite, AccountErased(account="eva", campaign="2027"), service="accounts")
    assert (await there(app, id)).state == before.state


async def test_of_a_bundle_that_has_failed_no_bytes_stay(suite: Suite, app: App) -> None:
    """Acceptance 99: five workers have died with it, and the last has left what it had written."""
    ids, command = await given(suite, 2000, "ann"), later(suite)
    id = await asked(app, command, ids)
    await app.bundles.change(
        id,
        lambda bundle: Decision(claim(replace(bundle, attempts=MAX_ATTEMPTS - 1), "dead", command.now)),
        command,
    )
    await put(app, f"{FOLDER}{id}/{MAX_ATTEMPTS}/0000")
    assert await bundles.make_next(app, replace(command, now=command.now + LEASE)) == 1
    failed = (await there(app, id)).state
    assert (failed.state, failed.reason, await keys(app)) == (WorkState.FAILED, "broken", [])


async def test_whose_rights_were_not_told_yet_waits_for_them(suite: Suite, app: App) -> None:
    """Acceptance 62: somebody appointed a moment ago is not told that they may see nothing."""
    ids, command = await given(suite, 2000, "ann"), later(suite)
    wanted = NewBundle(kind="documents", applications=ids)
    nina = replace(KIM, id="nina")
    id = (await bundles.ask(app, nina, wanted, "fr", replace(command, actor=nina))).id
    assert await bundles.make_next(app, command) == 1
    waiting = await app.bundles.of("nina", id)
    assert waiting is not None and waiting.state.due_at is not None
    assert (waiting.state.state, waiting.state.attempts, waiting.state.wasted) == (WorkState.WAITING, 1, 1)
    await appointed(suite, "nina")
    assert await bundles.make_next(app, replace(command, now=max(command.now, waiting.state.due_at))) == 1
    ready = await app.bundles.of("nina", id)
    assert ready is not None and ready.state.state is WorkState.READY, ready


class _Elsewhere:
    """Those who look into files, and for so long answer that others have their turn, or that nobody has one."""

    def __init__(self, inspectors: Any, refusal: ErrorCode, times: int) -> None:
        self._inspectors, self._refusal, self.times = inspectors, refusal, times

    def __getattr__(self, name: str) -> Any:
        async def made(*given: Any, **more: Any) -> Any:
            if self.times:
                self.times -= 1
                raise self._refusal(retry_after=0)
            return await getattr(self._inspectors, name)(*given, **more)

        return made


@pytest.mark.parametrize("refusal", [BUSY, INSPECTION_UNAVAILABLE])
async def test_a_file_whose_turn_does_not_come_is_waited_for_and_never_left_out(
    suite: Suite, app: App, refusal: ErrorCode
) -> None:
    """Acceptance 61, 103: for as long as that may be, and then all of it is begun anew, which counts for nothing."""
    ids, command = await given(suite, 2000, "ann"), later(suite)
    id = await asked(app, command, ids, "dossiers")
    inspectors = _Elsewhere(app.inspectors, refusal, 2 * TRIES)
    others = replace(app, inspectors=cast("Any", inspectors))
    assert await bundles.make_next(others, command) == 1
    waiting = (await there(app, id)).state
    assert (waiting.state, waiting.wasted) == (WorkState.WAITING, 1) and waiting.due_at is not None
    inspectors.times = TRIES - 1
    assert await bundles.make_next(others, replace(command, now=max(command.now, waiting.due_at))) == 1
    ready = (await there(app, id)).state
    assert (ready.state, ready.left_out, inspectors.times) == (WorkState.READY, 0, 0)


async def test_what_would_be_too_large_is_not_begun(suite: Suite, app: App) -> None:
    """Acceptance 97: sizes of documents are known before any is read."""
    ids, command = await given(suite, 2000, *["ann"] * 6), later(suite)
    for most, state in ((6 * 2000 - 1, WorkState.FAILED), (7 * 2000, WorkState.READY)):
        id = await asked(app, command, ids)
        assert await bundles.make_next(app, command, bounds=Bounds(most, 1)) == 1
        ended = (await there(app, id)).state
        assert (ended.state, ended.done) == (state, 6 * (state is WorkState.READY))
