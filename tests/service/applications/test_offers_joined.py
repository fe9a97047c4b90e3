"""What managers do to an offer while its person applies is neither lost nor undone (acceptance 46, ADR 88)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_behalf import kim, offered
from tests.service.applications.test_decisions import enter, entered
from tests.service.applications.test_review import Staff

__all__ = ["kim"]


@asynccontextmanager
async def once_before(
    peers: PeerServices, is_it: Callable[[str, Any], bool], act: Callable[[], Awaitable[Any]]
) -> AsyncIterator[list[bool]]:
    """Do something the first time that such a row is about to be written."""
    store = peers.suite.service("applications").service.ports.store
    was: list[bool] = []

    def early(write: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def written(collection: str, document: Any, **more: Any) -> Any:
            if is_it(collection, document) and not was:
                was.append(True)
                await act()
            return await write(collection, document, **more)

        return written

    for name in ("insert", "replace"):
        setattr(store, name, early(getattr(store, name)))
    try:
        yield was
    finally:
        for name in ("insert", "replace"):
            delattr(store, name)


async def on_file(kim: Staff, id: str) -> tuple[str, str | None]:
    view = (await kim.ask("GET", f"/{id}")).body
    there = view["entered_decision"]
    return view["state"], None if there is None else there["id"]


async def test_a_decision_that_replaces_an_offers_while_it_goes_over_goes_over_too(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 46, 80."""
    hidden, newer = await offered(kim), list[str]()

    async def decide() -> None:
        newer.append(await entered(kim, hidden, "unfavourable", reason="Complet"))

    gives_way = lambda name, row: name == "applications" and row["_id"] == hidden  # noqa: E731
    async with once_before(peers, gives_way, decide):
        opened = await zoe.opened()
        await peers.suite.settle()
    assert await on_file(kim, opened) == ("draft", newer[0])
    assert await on_file(kim, hidden) == ("cancelled", None)


async def test_an_offer_that_is_taken_back_while_it_goes_over_is_on_no_file(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 46, 47."""
    hidden = await offered(kim)

    async def take_back() -> None:
        assert (await kim.ask("DELETE", f"/{hidden}/decision")).status == 200

    goes_over = lambda name, row: name == "decisions" and row["_id"] != hidden  # noqa: E731
    async with once_before(peers, goes_over, take_back) as was:
        opened = await zoe.opened()
        await peers.suite.settle()
    assert was == [True]
    assert await on_file(kim, opened) == ("draft", None)
    assert await on_file(kim, hidden) == ("cancelled", None)


async def test_a_decision_that_is_entered_on_an_offer_that_has_just_been_given_up_is_not_void(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 46, 78: whoever entered it looked at the file before its person applied."""
    hidden, opened = await offered(kim), list[str]()

    async def apply() -> None:
        opened.append(await zoe.opened())
        await peers.suite.settle()

    is_entered = lambda name, row: name == "decisions" and row["_id"] == hidden  # noqa: E731
    async with once_before(peers, is_entered, apply):
        assert (await enter(kim, hidden, "unfavourable", reason="Complet")).status == 200
    there = (await kim.ask("GET", f"/{opened[0]}")).body["entered_decision"]
    assert (there["kind"], there["entered_by"]) == ("unfavourable", "staff:kim")
    assert await on_file(kim, hidden) == ("cancelled", None)
