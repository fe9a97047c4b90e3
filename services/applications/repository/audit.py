"""The audit trail: what was done to each file, written with the change itself, so that neither is there without the other.

The newest entries stand in the document that they are about; before there are too many of them they are copied to a
collection of their own, which nobody changes but who forgets a person.
"""

from __future__ import annotations

import secrets
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, TypeVar

from services.applications.domain.audit import (
    ERASE,
    Entry,
    action_of,
    chained,
    difference,
    first_broken,
    sealed,
    without_person,
)
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import OWN, Aggregates, Decision, Outcome, Versioned
from services.chassis.events.inbox import NotYet
from services.chassis.ports import MAX_FIND, Collection, Condition, Document, Index, Range, Scalar, Store
from services.chassis.store.rows import each_of, every
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text

T = TypeVar("T")

AUDIT: Final = Collection("audit", (Index("file", ("file", "at")), Index("account", ("account",))))
PENDING: Final = 8
"""How many entries stand in a document before they are copied."""
_BY_TIME: Final = (("at", 1), ("_id", 1))


class Trail:
    """The entries that were copied out of the documents that they are about."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, entries: Sequence[Entry], account: str | None) -> None:
        """Copy entries; those that are there already stay as they are. Without an account nothing personal is kept."""
        rows: list[Document] = []
        for entry in entries:
            row = without_person(entry) if account is None else {**entry, "account": account}
            rows.append({"_id": _id_of(entry), "version": 1, **row})
        while rows:
            added = await self._store.append(AUDIT.name, rows)
            rows = rows[added + 1 :]

    async def page(
        self, file: str, pending: Iterable[Entry], limit: int, *, until: datetime | None, after: Sequence[str] | None
    ) -> list[Document]:
        """Entries about a file, `pending` ones among them, the first first; `after` is the instant and the id of one."""
        last = None if until is None else instant_text(until)
        where: dict[str, Condition] = {"file": file}
        if last is not None:
            where["at"] = Range(lt=last)
        rows = await self._store.find(AUDIT.name, where, sort=_BY_TIME, limit=limit, after=after)
        found = {row["_id"]: row for row in rows}
        for entry in pending:
            id = _id_of(entry)
            behind = after is None or (entry["at"], id) > tuple(after)
            if behind and (last is None or entry["at"] < last):
                found.setdefault(id, {"_id": id, **entry})
        return sorted(found.values(), key=lambda row: (row["at"], row["_id"]))[:limit]

    async def forget(self, account: str) -> None:
        """Take away what people typed, and whose files it was about; that something was done stays."""

        async def strip(row: Document) -> None:
            await self._store.replace(
                AUDIT.name, without_person(row) | {"version": row["version"] + 1}, version=row["version"]
            )

        await each_of(every(self._store, AUDIT.name, {"account": account}, sort=(("account", 1),)), strip)

    async def damaged(self, collections: Sequence[str]) -> AsyncIterator[str]:
        """A line for each chain that is not whole, with its first faulty entry; `collections` are those of the documents."""
        after = ""
        while rows := await self._store.find(AUDIT.name, {"_id": Range(gt=after)}, limit=1, fields=("chain",)):
            chain = str(rows[0]["_id"]).rpartition(".")[0]
            if (why := await self._damaged(chain)) is not None:
                yield f"audit {chain}: {why}"
            after = f"{chain}/"
        for collection in collections:
            async for row in every(self._store, collection, {}):
                chain = f"{collection}:{row['_id']}"
                if await self._kept(chain, limit=1):
                    continue
                if (why := first_broken(pending_of(row))) is not None:
                    yield f"audit {chain}: {why}"

    async def _damaged(self, chain: str) -> str | None:
        """Why a chain is not whole. Its document is read first: what is copied meanwhile only comes on top."""
        collection, _, id = chain.partition(":")
        document = await self._store.get(collection, id)
        entries: dict[int, Entry] = {}
        after = 0
        while rows := await self._kept(chain, after=after):
            entries |= {row["number"]: row for row in rows}
            after = rows[-1]["number"]
        for entry in pending_of(document or {}):
            kept = entries.setdefault(entry["number"], entry)
            if kept["sha256"] != entry["sha256"]:
                return f"entry {entry['number']} was changed"
        ordered = [entries[number] for number in sorted(entries)]
        if (why := first_broken(ordered)) is not None:
            return why
        return None if document is not None or ordered[-1]["action"] == ERASE else "its file is gone and was not erased"

    async def _kept(self, chain: str, *, after: int = 0, limit: int = MAX_FIND) -> list[Document]:
        first = f"{chain}.{after:06d}"
        return await self._store.find(AUDIT.name, {"_id": Range(gt=first, lt=f"{chain}/")}, limit=limit)


class AuditedRepository(Aggregates[T]):
    """Aggregates of whose every change an entry is kept; each is about one file, that of its id, and somebody's account."""

    mailed: ClassVar[frozenset[str]] = frozenset()
    """The types of events that a mail to the candidate answers to."""

    @abstractmethod
    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What of a document matters to who asks what has changed: nested objects, and no list whose elements do."""

    def said(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, Any]:
        """What belongs to this change alone."""
        return {}

    def action(self, happened: Sequence[Any], after: Mapping[str, Any]) -> str | None:
        """What was done, of which something `happened`; None: nothing, unless the picture says otherwise."""
        return action_of(happened)

    def file_of(self, id: str) -> str:
        """The file that the document of an id is about, by whose trail its entries are found."""
        return id

    async def save(self, saved: Versioned[T], decision: Decision[T], command: CommandContext) -> Outcome[T] | None:
        """Save as all aggregates are; copy the entries that stand in the document first, where there are enough."""
        if len(pending := pending_of(saved.document)) >= PENDING:
            await Trail(self._store).keep(pending, saved.document["account"])
        return await super().save(saved, decision, command)

    async def close(self, row: Document, command: CommandContext) -> Document | None:
        """Say last of all that its person is forgotten, and keep all entries without them; None if it has changed since."""
        pending = pending_of(row)
        if not pending or pending[-1]["action"] != ERASE:
            whole = pending[-1] if pending else None
            entry = self._entry(row["_id"], ERASE, {}, {}, command, mail=False)
            pending = [*pending, chained(entry, whole)]
            row = row | {"version": row["version"] + 1, "audit": {"pending": pending}}
            if not await self._store.replace(self.collection.name, row, version=row["version"] - 1):
                return None
        await Trail(self._store).keep(pending, None)
        return row

    async def strip(self, saved: Versioned[T]) -> None:
        """Keep all entries of what is to stay a while without its person; raises NotYet if it has changed."""
        pending = pending_of(saved.document)
        if not any("personal" in entry for entry in pending):
            return
        last = without_person(pending[-1])
        stripped = {**saved.document, "version": saved.version + 1, "audit": {"pending": [last]}}
        await Trail(self._store).keep(pending, None)
        if not await self._store.replace(self.collection.name, stripped, version=saved.version):
            raise NotYet(self.collection.name)

    def _document(
        self, saved: Versioned[T], decision: Decision[T], command: CommandContext, told: int | None
    ) -> tuple[Document, Sequence[Envelope]]:
        document, envelopes = super()._document(saved, decision, command, told)
        was, now = difference(self.picture(saved.document) if saved.document else {}, self.picture(document))
        now |= self.said(saved.document, document)
        action = self.action(decision.domain_events, document)
        if was or now or (action is not None and decision.domain_events):
            mail = any(envelope.type in self.mailed for envelope in envelopes)
            entry = self._entry(saved.id, action or "change", was, now, command, mail=mail)
            pending = pending_of(saved.document)
            kept = [] if len(pending) >= PENDING else pending
            document["audit"] = {"pending": [*kept, chained(entry, pending[-1] if pending else None)]}
        return document, envelopes

    def _entry(
        self, id: str, action: str, was: Any, now: Any, command: CommandContext, *, mail: bool
    ) -> dict[str, Any]:
        salt, personal = secrets.token_hex(16), dict[str, Any]()
        acting = command.acting
        entry = {
            "chain": f"{self.collection.name}:{id}",
            "file": self.file_of(id),
            "at": instant_text(command.now),
            "actor": acting.actor,
            "on_behalf_of": acting.on_behalf_of,
            "action": action,
            "before": sealed(was, salt, personal),
            "after": sealed(now, salt, personal),
            "mail": mail,
        }
        return entry | ({"salt": salt, "personal": personal} if personal else {})


def pending_of(document: Mapping[str, Any]) -> list[Entry]:
    """The entries that stand in a document, the newest last."""
    return list(document.get("audit", {}).get("pending", ()))


def position_of(row: Mapping[str, Any]) -> Sequence[Scalar]:
    """Where in the order of a page an entry stands."""
    return (row["at"], row["_id"])


def _id_of(entry: Entry) -> str:
    return f"{entry['chain']}.{entry['number']:06d}"


# --- applications ----------------------------------------------------------------------------------------------------

_UNTOLD: Final = OWN | {
    *("account", "file_number", "campaign", "slot", "slot_key", "active_key", "opened_at", "history", "acted", "audit"),
    *(
        "reminded",
        "reminded_on",
        "untold_since",
        "acts",
        "acts_untold_since",
        "conditions_untold_since",
        "conditions_due",
        "lapses_after",
        "promotion",
        "waited_by",
        "was_accepted",
        "passed_over",
        "prolonged",
    ),
    *("takes_place", "takes_group", "offers_place", "offers_group", "waits_for", "waiting_rank", "rank_key", "shown"),
}
"""What never changes, what follows from the rest, and what only the service itself needs to know."""
_ASKED: Final = frozenset({"requirement", "question", "form", "judged", "known"})


def picture_of_application(document: Mapping[str, Any]) -> dict[str, Any]:
    """How a file stands, without what was asked for and who has judged it, which entries say by themselves."""
    return {name: value for name, value in document.items() if name not in _UNTOLD} | {
        "programme": document["programme"]["code"],
        "pieces": {each["requirement"]["code"]: _given(each) for each in document["pieces"]},
        "answers": {each["question"]["code"]: _given(each) for each in document.get("answers", ())},
        "forms": {each["form"]["code"]: _delivery(each) for each in document.get("forms", ())},
        "submissions": {each["id"]: _given(each, {"inline"}) for each in document["submissions"]},
    }


def said_by_staff(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Of which day a state that the file came into is, and why, where staff have said so; why they act for its candidate."""
    if (acts := after.get("acts")) and acts != before.get("acts"):
        return {"reason": acts[-1]["reason"]}
    acted = after.get("acted", {})
    if len(acted) == len(before.get("acted", {})):
        return {}
    newest = acted[str(len(acted) - 1)]
    return {name: newest[name] for name in ("on", "reason") if newest.get(name)}


def _given(element: Mapping[str, Any], without: frozenset[str] | set[str] = _ASKED) -> dict[str, Any]:
    return {name: value for name, value in element.items() if name not in without}


def _delivery(element: Mapping[str, Any]) -> dict[str, Any]:
    told = _told(element.get("delivery", {}))
    if "since" in element:
        told["since"] = _told(element["since"])
    return told | ({"gone_at": element["gone_at"]} if "gone_at" in element else {})


def _told(there: Mapping[str, Any]) -> dict[str, Any]:
    return {name: there[name] for name in ("id", "received_at") if name in there}
