"""Exports that were asked for, each in a document of its own, of which entries of the audit trail tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from services.applications.domain.exports import MAX_ALL, MAX_EACH, Export
from services.applications.repository.audit import AuditedRepository
from services.chassis.ports import Collection
from services.chassis.work.repository import WorkRepository, work_in

EXPORTS: Final = work_in("exports")
_NAMING: Final = ("q", "account")
"""What of a question names a candidate, and is to go with them."""


class ExportRepository(AuditedRepository[Export], WorkRepository[Export]):
    """The exports, by id; whose each is stands in `account`."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = EXPORTS
    kind = Export
    max_each: ClassVar[int] = MAX_EACH
    max_all: ClassVar[int] = MAX_ALL

    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was asked for, but not of whom, what came of it, how often it was taken; not how far it is."""
        kept = ("format", "query", "state", "reason", "sha256", "taken", "grants")
        shown = {name: document[name] for name in kept if document.get(name)}
        query = {name: value for name, value in shown.get("query", {}).items() if name not in _NAMING}
        return {"export": shown | {"query": query}}

    def action(self, happened: Sequence[Any], after: Mapping[str, Any]) -> str | None:
        """Every entry is of an export."""
        return "export"
