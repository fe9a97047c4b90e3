"""What stays of a bundle of those who are gone, of what has failed, and of what nobody could do yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.chassis.events.aggregates import Decision
from services.chassis.testing import Suite
from services.contracts.api.bundles import NewBundle
from services.contracts.events.accounts import AccountErased
from services.documents.domain.bundles import LEASE, MAX_ATTEMPTS, BundleState, claim
from services.documents.usecases import bundles
from services.documents.usecases.app import App
from services.documents.usecases.bundle_parts import FOLDER, read
from services.documents.wiring import use_cases
from tests.service.documents.client import tell
from tests.service.documents.given import card, changed, slot
from tests.service.documents.test_bundles import application, appointed, unpacked
from tests.service.documents.test_bundles_at_work import KIM, asked, given, keys, later, put, there


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
    assert (ready.state.state, ready.state.attempts) == (BundleState.READY, 1)
    report = unpacked(b"".join([chunk async for chunk in read(app, ready)]))["LISEZMOI.txt"].decode()
    assert "BB34CD56_MULLER" in report
    await tell(suite, AccountErased(account="eve", campaign="2027"), service="accounts")
    assert (await there(app, id)).state == ready.state
    await tell(suite, AccountErased(account="bob", campaign="2027"), service="accounts")
    gone = await there(app, id)
    assert (gone.state.state, gone.state.reason, await keys(app)) == (BundleState.FAILED, "erased", [])
    assert "bob" not in repr(gone.document) and "BB34" not in repr(gone.document)


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
    last = {"attempts": MAX_ATTEMPTS - 1}
    await app.bundles.change(id, lambda bundle: Decision(claim(replace(bundle, **last), "dead", command.now)), command)
    await put(app, f"{FOLDER}{id}/{MAX_ATTEMPTS}/0000")
    assert await bundles.make_next(app, replace(command, now=command.now + LEASE)) == 1
    failed = (await there(app, id)).state
    assert (failed.state, failed.reason, await keys(app)) == (BundleState.FAILED, "broken", [])


async def test_whose_rights_were_not_told_yet_waits_for_them(suite: Suite, app: App) -> None:
    """Acceptance 62: somebody appointed a moment ago is not told that they may see nothing."""
    ids, command = await given(suite, 2000, "ann"), later(suite)
    wanted = NewBundle(kind="documents", applications=ids)
    nina = replace(KIM, id="nina")
    id = (await bundles.ask(app, nina, wanted, "fr", replace(command, actor=nina))).id
    assert await bundles.make_next(app, command) == 1
    waiting = await app.bundles.of("nina", id)
    assert waiting is not None and waiting.state.due_at is not None
    assert (waiting.state.state, waiting.state.attempts, waiting.state.wasted) == (BundleState.WAITING, 1, 1)
    await appointed(suite, "nina")
    assert await bundles.make_next(app, replace(command, now=max(command.now, waiting.state.due_at))) == 1
    ready = await app.bundles.of("nina", id)
    assert ready is not None and ready.state.state is BundleState.READY, ready
