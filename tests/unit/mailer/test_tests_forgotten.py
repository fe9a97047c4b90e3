"""Of the tests that somebody of staff had sent to themselves nothing is left who is gone, also of one that is under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.closed_accounts import CLOSED_ACCOUNTS, ClosedAccounts
from services.chassis.events.inbox import NotYet
from services.chassis.ports import Document
from services.chassis.store.sqlite import SqliteStore
from services.contracts.actors import ActorKind
from services.contracts.events.accounts import AccountErased, StaffChanged
from services.contracts.refusals import RefusedError
from services.mailer.domain.mail_tests import MailTest, MailTests
from services.mailer.repository import DELIVERIES, DIRECTORY, DeliveryRepository, DirectoryCopies
from services.mailer.repository.mail_tests import COLLEAGUES, MAIL_TESTS, Colleagues, MailTestRepository
from services.mailer.usecases.copying import forget_person
from services.mailer.usecases.rendering import Rendered, send_test

COMMAND = CommandContext(datetime(2027, 2, 1, tzinfo=UTC), "test", Actor("kim", ActorKind.STAFF))


class Stubborn(SqliteStore):
    """Deletes nothing while it is `full`, and has somebody erased just before a test is noted."""

    full = False
    deletes = 0
    erases: Any = None

    async def delete(self, collection: str, id: str | int, *, version: int | None = None) -> bool:
        self.deletes += 1
        return not self.full and await super().delete(collection, id, version=version)

    async def insert(self, collection: str, document: Document) -> None:
        if collection == MAIL_TESTS.name and self.erases:
            await self.erases()
        await super().insert(collection, document)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Stubborn]:
    store = Stubborn(tmp_path / "mailer.sqlite")
    await store.prepare([MAIL_TESTS, COLLEAGUES, DIRECTORY, DELIVERIES, CLOSED_ACCOUNTS])
    yield store
    await store.close()


def app_on(store: Stubborn) -> Any:
    nothing = cast("Any", None)
    return SimpleNamespace(
        mail_tests=MailTestRepository(store, nothing),
        colleagues=Colleagues(store),
        directory=DirectoryCopies(store),
        deliveries=DeliveryRepository(store, nothing),
        closed_accounts=ClosedAccounts(store),
    )


async def test_what_cannot_be_removed_is_tried_so_many_times_and_then_later(store: Stubborn) -> None:
    app = app_on(store)
    sent = MailTests((MailTest(COMMAND.now, "answer-due", "fr", ""),))
    await app.mail_tests.add("kim", Decision(sent), COMMAND)
    store.full = True
    gone = AccountErased(account="kim", campaign="2026")
    with pytest.raises(NotYet):
        await forget_person(app, gone, COMMAND)
    assert store.deletes == 50
    store.full = False
    assert await app.mail_tests.forget("kim") and await app.mail_tests.get("kim") is None


async def test_a_test_of_who_is_erased_meanwhile_is_forgotten_and_not_sent(store: Stubborn) -> None:
    app = app_on(store)
    await app.colleagues.keep(StaffChanged(account="kim", email="kim@univ.example", known_as="Kim", grants=[]), 1)

    async def erases() -> None:
        await app.directory.erase("kim")

    store.erases = erases
    with pytest.raises(RefusedError, match="no-address"):
        await send_test(app, "answer-due", "fr", Rendered(cast("Any", None), [], None, []), COMMAND)
    assert await app.mail_tests.get("kim") is None
