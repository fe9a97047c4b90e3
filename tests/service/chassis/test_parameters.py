"""A service's copy of the institution's parameters: what damages it changes nothing, and what is told again mends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.chassis import urls
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.ports import Document, Store
from services.chassis.service.parameters import PARAMETERS, ParameterCopy
from services.chassis.settings import Settings
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import INSTITUTION, InstitutionParameters, Parameters

COMMAND = CommandContext(datetime(2027, 2, 1, tzinfo=UTC), "test", actor=OPERATOR)
OWN = Parameters(InstitutionParameters("Université d’Essai", "aide@univ.test"))
TOLD = ParametersChanged(scope=INSTITUTION, version=1, parameters=OWN)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = urls.open_store("sqlite:", service="mailer", data=tmp_path)
    await store.prepare([PARAMETERS])
    yield store
    await store.close()


async def started(store: Store) -> ParameterCopy:
    copy = ParameterCopy("mailer", store, Settings())
    async with copy.known():
        return copy


async def stored(store: Store) -> Document:
    row = await store.get(PARAMETERS.name, INSTITUTION)
    assert row is not None
    return row


@pytest.mark.parametrize("damage", [{}, {"institution:name": None}, {"institution:name": 3}])
async def test_a_damaged_copy_keeps_what_is_in_force_until_it_is_told_again(store: Store, damage: Document) -> None:
    """Acceptance 104; `{}` is what there is of text that is no JSON."""
    await store.insert(PARAMETERS.name, {"_id": INSTITUTION, "version": 1} | damage)
    with capture_logs() as lines:
        copy = await started(store)
        await copy.timer.run(COMMAND)
    assert [(line["event"], line["id"]) for line in lines] == [("row.unreadable", INSTITUTION)]
    assert copy.in_force == Parameters()
    await copy.keep(TOLD, COMMAND)
    assert copy.in_force == (await started(store)).in_force == OWN


async def test_what_a_newer_release_has_copied_stays_and_what_an_older_one_left_out_is_completed(store: Store) -> None:
    copy = await started(store)
    await copy.keep(TOLD, COMMAND)
    row = await stored(store)
    del row["institution:contact"]
    await store.replace(PARAMETERS.name, row | {"institution:nickname": "UE", "other:limit": 5}, version=1)
    assert (await started(store)).in_force.institution.name == "Université d’Essai"
    await copy.keep(TOLD, COMMAND)
    assert copy.in_force == OWN
    await copy.keep(TOLD.model_copy(update={"version": 2}), COMMAND)
    row = await stored(store)
    assert (row["version"], row["institution:nickname"], row["other:limit"]) == (2, "UE", 5)
