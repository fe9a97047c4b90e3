"""The institution's parameters before the first start and with a damaged document."""

from __future__ import annotations

from services.chassis.events.aggregates import Decision
from services.chassis.ports import Store
from services.contracts.parameters import INSTITUTION
from services.offers.domain.parameters import ParameterSheet
from services.offers.repository.parameters import PARAMETERS
from services.offers.usecases.app import App
from services.offers.usecases.parameters import begin_parameters, change_parameters, parameters
from tests.service.offers.conftest import command


async def test_a_change_of_nothing_before_the_first_start_does_not_stand_for_it(app: App, store: Store) -> None:
    assert (await change_parameters(app, {}, command())).sheet.revision == 0
    assert await store.get(PARAMETERS.name, INSTITUTION) is None


async def test_a_document_that_tells_nothing_is_begun_once(app: App, store: Store) -> None:
    await app.parameters.add(INSTITUTION, Decision(ParameterSheet(0, app.first)), command())
    for _ in range(2):
        await begin_parameters(app, command())
        assert [each.number for each in (await parameters(app)).history] == [1]
        row = await store.get(PARAMETERS.name, INSTITUTION)
        assert row is not None
        assert [event["type"] for event in row["outbox"]] == ["offers.parameters.changed.v1"]
