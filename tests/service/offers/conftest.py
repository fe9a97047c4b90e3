"""Offers on a real store, with a clock that stands still."""

import csv
import gzip
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.chassis import urls
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.journal import JOURNALS
from services.chassis.events.outbox import Outbox
from services.chassis.ports import Store
from services.offers.domain.mentions import COLUMNS
from services.offers.repository.campaigns import CAMPAIGNS, CampaignRepository
from services.offers.repository.deadlines import DEADLINES, DeadlineRepository
from services.offers.repository.kept import KEPT, KeptRepository
from services.offers.repository.parameters import PARAMETERS, ParameterRepository
from services.offers.repository.programmes import PROGRAMMES, ProgrammeRepository
from services.offers.usecases.app import App
from tests.unit.offers.test_mentions import ROW

NOON = datetime(2027, 2, 10, 12, 0, tzinfo=UTC)


def command(moment: datetime = NOON) -> CommandContext:
    return CommandContext(now=moment, correlation="test", actor=OPERATOR)


def table(rows: Sequence[Mapping[str, str]], *, packed: bool = False) -> bytes:
    """The rows as the ministry would write them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS.values())
    writer.writerows({**ROW, **row}.values() for row in rows)
    content = text.getvalue().encode("utf-8-sig")
    return gzip.compress(content) if packed else content


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = urls.open_store("sqlite:", service="offers", data=tmp_path)
    await store.prepare([CAMPAIGNS, PROGRAMMES, PARAMETERS, DEADLINES, KEPT, *JOURNALS.values()])
    yield store
    await store.close()


@pytest.fixture
def app(store: Store) -> App:
    outbox = Outbox()
    return App(
        CampaignRepository(store, outbox),
        ProgrammeRepository(store, outbox),
        ParameterRepository(store, outbox),
        DeadlineRepository(store, outbox),
        KeptRepository(store, outbox),
        ZoneInfo("Europe/Paris"),
    )
