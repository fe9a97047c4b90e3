"""A person is to be forgotten: the card and all applications go, whatever comes late."""

from services.contracts.events.accounts import AccountErased
from tests.service.applications.candidate import Candidate, Office


async def test_who_is_gone_stays_gone_whatever_comes_late(office: Office, zoe: Candidate) -> None:
    """Acceptance 21, 62: others keep theirs, and what is left of the person is an id."""
    submitted = await zoe.ready()
    assert (await zoe.submit(submitted)).status == 200
    await office.publish_programme("M2")
    draft = await zoe.opened("M2")
    ali = await office.candidate("ali", file_number="EF56GH78")
    others = await ali.opened("M2")
    await office.suite.settle()

    await office.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await office.suite.settle()
    await office.candidate("zoe", version=9)  # of the other exchange, and late
    store = office.suite.service("applications").service.ports.store
    card = await store.get("cards", "zoe")
    assert card is not None and {*card} == {"_id", "version", "erased"}
    for id in (submitted, draft):
        assert await store.get("applications", id) is None
        assert (await zoe.ask("GET", f"/applications/{id}")).slug == "not-found"
    assert (await zoe.apply("M2")).slug == "profile-incomplete"
    assert (await ali.get(others))["state"] == "draft"
