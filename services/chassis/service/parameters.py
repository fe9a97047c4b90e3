"""The institution's parameters as one process of a service knows them: a copy of what offers tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from services.chassis.context import CommandContext
from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Store
from services.chassis.service.timers import Timer
from services.chassis.settings import Settings, first_parameters
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import INSTITUTION, Parameters, from_rows, to_rows

PARAMETERS: Final = Collection("parameters")
LOOK_SECONDS: Final = 5.0
"""Within which a replica works by what another one has heard."""


class ParameterCopy:
    """What is in force here: what was heard, before that what this process is told by its environment."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._copies = Copies(store, PARAMETERS)
        self._in_force = first_parameters(settings)

    @property
    def in_force(self) -> Parameters:
        """What counts for what is done now; asked for each time anew, and never kept."""
        return self._in_force

    @property
    def timer(self) -> Timer:
        """Looks for what another replica has heard."""
        return Timer("parameters", LOOK_SECONDS, self._follow)

    async def keep(self, event: ParametersChanged, command: CommandContext) -> None:
        """Keep what offers tells, unless something newer is here."""
        await self._copies.put(event.scope, event.version, {"parameters": to_rows(event.parameters)})
        await self._look()

    @asynccontextmanager
    async def known(self) -> AsyncIterator[None]:
        """Nobody is answered by what is in force no more."""
        await self._look()
        yield

    async def _follow(self, command: CommandContext) -> int:
        await self._look()
        return 0

    async def _look(self) -> None:
        if (row := await self._copies.get(INSTITUTION)) is not None:
            self._in_force = from_rows(row["parameters"])
