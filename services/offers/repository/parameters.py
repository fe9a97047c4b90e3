"""The institution's parameters as a document of the store."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, ClassVar, Final

from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates
from services.chassis.ports import Collection, Document
from services.chassis.store.rows import every
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text
from services.contracts.parameter_rules import Value
from services.contracts.parameters import INSTITUTION, from_rows, to_rows
from services.offers.domain.events import ParametersChanged
from services.offers.domain.parameters import Difference, ParameterSheet, Revision
from services.offers.publications import parameter_events

PARAMETERS: Final = Collection("parameters", (OUTBOX_INDEX,))


class ParameterRepository(Aggregates[ParameterSheet]):
    """The institution's parameters, one document."""

    service: ClassVar[str] = "offers"
    collection: ClassVar[Collection] = PARAMETERS
    identities: ClassVar[Mapping[str, str]] = {"history": "number"}

    def to_document(self, state: ParameterSheet) -> Document:
        """The values by section, and the revisions in a list."""
        return {
            "revision": state.revision,
            "parameters": to_rows(state.parameters),
            "history": [_revision_row(revision) for revision in state.history],
        }

    def from_document(self, document: Document) -> ParameterSheet:
        """The parameters of the document; what it does not say has its default."""
        history = tuple(map(_revision, document["history"]))
        return ParameterSheet(document["revision"], from_rows(document["parameters"]), history)

    def publish(self, id: str, state: ParameterSheet, domain_event: ParametersChanged) -> Sequence[Event]:
        """The event of a change."""
        return parameter_events(id, state, domain_event)

    async def load(self) -> ParameterSheet | None:
        """The parameters as they stand, if anything was ever said."""
        saved = await self.get(INSTITUTION)
        return saved.state if saved else None

    async def ids(self) -> AsyncGenerator[str, None]:
        """Whose there are."""
        async for row in every(self._store, PARAMETERS.name, {}):
            yield row["_id"]


def _revision_row(revision: Revision) -> Document:
    return {
        "number": revision.number,
        "at": instant_text(revision.at),
        "actor": revision.actor,
        "differences": [
            {"key": each.key, "before": _plain(each.before), "after": _plain(each.after)}
            for each in revision.differences
        ],
    }


def _plain(value: Value) -> str | int | list[str]:
    return list(value) if isinstance(value, tuple) else value


def _revision(row: Mapping[str, Any]) -> Revision:
    found = tuple(Difference(each["key"], _value(each["before"]), _value(each["after"])) for each in row["differences"])
    return Revision(row["number"], instant(row["at"]), row["actor"], found)


def _value(plain: str | int | list[str]) -> Value:
    return tuple(plain) if isinstance(plain, list) else plain
