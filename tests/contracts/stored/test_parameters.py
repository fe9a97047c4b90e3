"""The first parameters that were kept, who writes to people alone, are read: what was not said then has its default."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from services.chassis import urls
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.outbox import Outbox
from services.chassis.service.parameters import PARAMETERS as COPY
from services.chassis.service.parameters import ParameterCopy
from services.chassis.settings import Settings
from services.contracts.parameters import INSTITUTION, InstitutionParameters, Parameters
from services.offers.domain.parameters import change
from services.offers.repository.parameters import PARAMETERS, ParameterRepository

STORED: Final[dict[str, dict[str, Any]]] = json.loads(Path(__file__).with_name("parameters.json").read_text("utf-8"))
SAID: Final = Parameters(InstitutionParameters("Université d’Exemple", "candidatures@univ.test"))
COMMAND: Final = CommandContext(datetime(2027, 2, 1, tzinfo=UTC), "test", actor=OPERATOR)


async def test_the_document_of_offers(tmp_path: Path) -> None:
    store = urls.open_store("sqlite:", service="offers", data=tmp_path)
    await store.prepare([PARAMETERS])
    await store.insert(PARAMETERS.name, STORED["offers"])
    repository = ParameterRepository(store, Outbox())
    sheet = await repository.load()
    assert sheet is not None and (sheet.revision, sheet.parameters) == (2, SAID)
    later = change(sheet, {"accounts.link_hours": 48}, COMMAND.now, "operator")
    await repository.change(INSTITUTION, lambda _: Decision(*later), COMMAND)
    assert await repository.load() == later[0]
    assert [each.number for each in later[0].history] == [1, 2, 3]
    await store.close()


async def test_the_copy_of_a_service(tmp_path: Path) -> None:
    store = urls.open_store("sqlite:", service="mailer", data=tmp_path)
    await store.prepare([COPY])
    await store.insert(COPY.name, STORED["mailer"])
    copy = ParameterCopy("mailer", store, Settings())
    async with copy.known():
        assert copy.in_force == SAID
    await store.close()
