"""Recusals, each in a document of its own under its file and member, so that both find it; told in the trail of the file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from services.applications.domain.recusals import Recusal
from services.applications.repository.audit import AuditedRepository
from services.applications.repository.rows import fields
from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX
from services.chassis.ports import MAX_FIND, Collection, In, Index, Where
from services.chassis.store.evolution import members
from services.chassis.store.rows import every
from services.contracts.actors import Acting
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

RECUSALS: Final = Collection(
    "recusals",
    (OUTBOX_INDEX, Index("account", ("account",)), Index("file", ("file",)), Index("member", ("member", "ended"))),
)


def id_of(file: str, member: str) -> str:
    """Under which a member's recusal from a file is kept."""
    return f"{file}.{member}"


class RecusalRepository(AuditedRepository[Recusal]):
    """Who has no part in which files; nobody is told of it."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = RECUSALS

    def to_document(self, state: Recusal) -> ports.Document:
        """Flat, but for who said so."""
        return fields(state) | {"at": instant_text(state.at), "by": fields(state.by)}

    def from_document(self, document: ports.Document) -> Recusal:
        """What `to_document` wrote."""
        by = Acting(**members(Acting, document["by"]))
        return Recusal(**members(Recusal, document) | {"at": instant(document["at"]), "by": by})

    def publish(self, id: str, state: Recusal, domain_event: Any) -> Sequence[Event]:
        """None."""
        raise AssertionError("nothing is told of recusals")

    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Who has no part, as of which meeting, and whether that was taken back."""
        return {"recused": {name: document[name] for name in ("member", "meeting", "ended") if name in document}}

    def action(self, happened: Sequence[Any], after: Mapping[str, Any]) -> str | None:
        """Nothing happens that could be told."""
        return "take_back_recusal" if after["ended"] else "recuse"

    def file_of(self, id: str) -> str:
        """The file before the member."""
        return id.partition(".")[0]

    async def of_member(self, member: str) -> frozenset[str]:
        """The files in which a member has no part."""
        where: Where = {"member": member, "ended": False}
        found, after = set[str](), list[str]()
        while rows := await self._store.find(
            self.collection.name, where, limit=MAX_FIND, after=after or None, fields=("file",)
        ):
            found.update(row["file"] for row in rows)
            if len(rows) < MAX_FIND:
                break
            after = [rows[-1]["_id"]]
        return frozenset(found)

    async def said_since(self, member: str, moment: datetime) -> bool:
        """Whether one of a member's that stand was said at that moment or later."""
        rows = every(self._store, self.collection.name, {"member": member, "ended": False})
        return any([instant(row["at"]) >= moment async for row in rows])

    async def of_files(self, files: Sequence[str]) -> list[Recusal]:
        """Those that stand of these files, `MAX_FIND` files at most, the first said first."""
        if not files:
            return []
        rows = every(self._store, self.collection.name, {"file": In(tuple(files[:MAX_FIND]))}, sort=(("file", 1),))
        found = [self.loaded(row).state async for row in rows if not row.get("ended")]
        return sorted(found, key=lambda each: (each.at, each.file, each.member))

    async def documents_of(self, file: str) -> list[ports.Document]:
        """All of one file, also those that were taken back, as they lie in the store."""
        return [row async for row in every(self._store, self.collection.name, {"file": file}, sort=(("file", 1),))]

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All from files of an account, in nobody's name."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("account", 1),))
