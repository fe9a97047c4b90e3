"""The institution's parameters as one process of a service knows them: a copy of what offers tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from services.chassis.context import CommandContext
from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Document, Store
from services.chassis.service.timers import Timer
from services.chassis.settings import Settings, first_parameters
from services.chassis.store.rows import UnreadableRow, reading, tell
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import INSTITUTION, Parameters, from_rows, to_rows

PARAMETERS: Final = Collection("parameters")
LOOK_SECONDS: Final = 5.0
"""Within which a replica works by what another one has heard."""
_MARK: Final = ":"
"""Between section and name: a copy has a member for each parameter, so that an older release drops none of a newer one."""


class ParameterCopy:
    """What is in force here: what was heard, before that what this process is told by its environment.

    A copy that cannot be read changes nothing, and is told of once; the event told again mends it.
    """

    def __init__(self, service: str, store: Store, settings: Settings) -> None:
        self._service = service
        self._unreadable: Document | None = None
        self._copies = Copies(store, PARAMETERS, _members(Parameters()))
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
        await self._copies.put(event.scope, event.version, _members(event.parameters), flat=True)
        await self._look()

    @asynccontextmanager
    async def known(self) -> AsyncIterator[None]:
        """Nobody is answered by what is in force no more."""
        await self._look()
        yield

    async def fresh(self) -> Parameters | None:
        """What is in force by what any process of the service has heard; None where that cannot be read.

        For who does what cannot be taken back, and must not work by what was in force some seconds ago.
        """
        await self._look()
        return None if self._unreadable else self._in_force

    async def _follow(self, command: CommandContext) -> int:
        """Work by the parameters that another process of the service has heard of (ADR 45)."""
        await self._look()
        return 0

    async def _look(self) -> None:
        row = await self._copies.get(INSTITUTION)
        if row is None or row == self._unreadable:
            return
        try:
            with reading(PARAMETERS.name, row):
                self._in_force = _parameters(row)
        except UnreadableRow as error:
            self._unreadable = row
            tell(self._service, error)
        else:
            self._unreadable = None


def _members(parameters: Parameters) -> Document:
    rows = to_rows(parameters)
    return {f"{section}{_MARK}{name}": value for section, values in rows.items() for name, value in values.items()}


def _parameters(row: Document) -> Parameters:
    rows: dict[str, dict[str, Any]] = {}
    for member, value in row.items():
        section, mark, name = member.partition(_MARK)
        if mark:
            rows.setdefault(section, {})[name] = value
    if not rows:
        raise KeyError(_MARK)
    return from_rows(rows)
