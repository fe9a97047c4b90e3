"""A person is to be forgotten: the card and all applications go, whatever comes late."""

from dataclasses import replace

import pytest

from services.applications.domain.copies import ProgrammeCopy
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.usecases.opening import open_application
from services.applications.wiring import use_cases
from services.chassis.context import OPERATOR, Actor, CommandContext
from services.contracts.events.accounts import AccountErased
from services.contracts.refusals import RefusedError
from tests.service.applications.candidate import Candidate, PeerServices


async def test_who_is_gone_stays_gone_whatever_comes_late(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 21, 62: others keep theirs, and what is left of the person is an id."""
    submitted = await zoe.ready()
    assert (await zoe.submit(submitted)).status == 200
    await peers.publish_programme("M2")
    draft = await zoe.opened("M2")
    ali = await peers.candidate("ali", file_number="EF56GH78")
    others = await ali.opened("M2")
    await peers.suite.settle()

    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    await peers.candidate("zoe", version=9)  # of the other exchange, and late
    store = peers.suite.service("applications").service.ports.store
    card = await store.get("cards", "zoe")
    assert card is not None and {*card} == {"_id", "version", "erased", "look_again_at"}
    for id in (submitted, draft):
        assert await store.get("applications", id) is None
        assert await store.get("listing", id) is None
        assert (await zoe.ask("GET", f"/applications/{id}")).slug == "not-found"
    assert (await zoe.apply("M2")).slug == "profile-incomplete"
    assert (await ali.get(others))["state"] == "draft"


async def erased(peers: PeerServices, account: str = "zoe") -> str:
    """The id of the event that says so, which has been received."""
    told = await peers.suite.publish(AccountErased(account=account, campaign="2027"), "accounts")
    await peers.suite.settle()
    return told.id


async def a_day_later(peers: PeerServices) -> None:
    """The timers do what they have to do."""
    peers.clock.advance(days=1)
    await peers.suite.settle()
    for timer in peers.suite.service("applications").service.timers:
        while await timer.run(CommandContext(now=peers.clock.now(), correlation="test", actor=OPERATOR)):
            pass


async def test_what_a_stop_has_left_in_the_lists_goes_with_the_next_look(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 21: the application is gone, and nothing else leads to its row."""
    id = await zoe.opened()
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    left = await store.get("listing", id)
    assert left is not None
    await erased(peers)
    await store.insert("listing", left)
    await a_day_later(peers)
    assert await store.get("listing", id) is None


async def test_a_row_that_cannot_be_read_is_not_passed_over(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 21, 104: all others go, the erasure is not called done, and is when the row is mended."""
    await peers.publish_programme("M2")
    ids = [await zoe.opened(), await zoe.opened("M2")]
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("applications", ids[1])
    assert row is not None
    broken = row | {"state": "dreamt", "version": row["version"] + 1}
    assert await store.replace("applications", broken, version=row["version"])
    told = await erased(peers)
    assert await store.get("applications", ids[0]) is None
    heard = await store.get("inbox", told)
    assert heard is not None and heard["state"] == "parked"
    assert await store.replace("applications", row | {"version": broken["version"] + 1}, version=broken["version"])
    await peers.suite.service("applications").inbox.retry(told)
    await peers.suite.settle()
    assert await store.find("applications", {}) == []


class Meanwhile(ProgrammeCopies):
    """The copies, which are asked while the person is being erased."""

    def __init__(self, peers: PeerServices) -> None:
        super().__init__(peers.suite.service("applications").service.ports.store)
        self._office = peers

    async def of(self, code: str) -> ProgrammeCopy | None:
        offer = await super().of(code)
        await erased(self._office)
        return offer


async def test_an_opening_in_flight_does_not_survive_the_erasure_of_its_owner(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 21: everything was looked at before, and written behind it."""
    app = replace(use_cases(peers.suite.service("applications").service.ports), programmes=Meanwhile(peers))
    with pytest.raises(RefusedError, match="profile-incomplete"):
        await open_application(app, Actor("zoe"), "M1-MER", CommandContext(peers.clock.now(), "test", actor=OPERATOR))
    await a_day_later(peers)
    assert await app.applications.page_of(Actor("zoe"), 10, None) == []


async def test_what_a_crash_has_left_behind_an_erasure_is_found(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 21: an opening and a submission were written, and the process died before it could look again."""
    id = await zoe.ready()
    assert (await zoe.submit(id)).status == 200
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    row, (submission,) = await store.get("applications", id), await store.find("submissions", {})
    assert row is not None
    await erased(peers)
    await store.insert("applications", row | {"_id": "left-by-a-crash"})
    await store.insert("submissions", submission)
    mark = await store.get("readers", "zoe")  # of which a release before this one takes none away
    assert mark is not None
    await store.replace("readers", {"_id": "zoe", "version": 9, "language": "en"}, version=mark["version"])
    await a_day_later(peers)
    assert "language" not in (await store.get("readers", "zoe") or {})
    assert await store.find("applications", {}) == []
    assert await store.find("submissions", {}) == []
