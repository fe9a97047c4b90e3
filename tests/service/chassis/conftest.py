from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis import urls
from services.chassis.events.inbox import INBOX
from services.chassis.events.journal import JOURNALS
from services.chassis.events.leases import LEASES
from services.chassis.events.outbox import Outbox
from services.chassis.events.parking import PARKED
from services.chassis.events.publisher import CURSORS
from services.chassis.ports import Store
from tests.service.chassis.thing import Things


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = urls.open_store("sqlite:", service="tests", data=tmp_path)
    await store.prepare([Things.collection, INBOX, CURSORS, LEASES, PARKED, *JOURNALS.values()])
    yield store
    await store.close()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def things(store: Store, outbox: Outbox) -> Things:
    return Things(store, outbox)
