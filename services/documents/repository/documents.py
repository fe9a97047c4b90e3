"""Documents in the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Collection as Many
from datetime import datetime
from typing import Any, ClassVar, Final

from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Decision, Outcome, Versioned
from services.chassis.events.confirmations import Confirmations
from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, In, Index, Range, Sort, Store, Where
from services.chassis.ports import Document as Row
from services.chassis.store.rows import each_of, every, reading
from services.contracts.actors import IN_PLACE, ActorKind, Role
from services.contracts.events.applications import FileChanged, ProfilePart
from services.contracts.events.catalogue import Event
from services.contracts.events.documents import DocumentsErased
from services.contracts.instants import instant, instant_text
from services.contracts.parameters import Parameters
from services.documents.domain.document import Attachment, Document, Reason
from services.documents.domain.events import DomainEvent
from services.documents.domain.reach import EXAMINING, Belonging, Right, reaches
from services.documents.domain.states import State
from services.documents.publications import document_events
from services.documents.repository.proofs import proof_of, proof_row

DOCUMENTS: Final = Collection(
    "documents",
    (
        OUTBOX_INDEX,
        Index("account", ("account",)),
        Index("loose", ("loose",)),
        Index("due", ("state", "due_at")),
        Index("object", ("object",), unique=True),
    ),
)
"""`loose` is the owner of a stored document that no application holds, or of a trace of malware, if they have given it.

`object` is there while the bytes may be.
"""

BEGUN: Final = Collection("begun", (Index("at", ("at",)),))
ERASURES: Final = Collection("erasures", (OUTBOX_INDEX,))
GONE: Final = Collection("gone")
"""Marks, by id, of accounts that were erased and of applications that were cancelled: what comes late finds them."""

FILES: Final = Collection("files", (Index("account", ("account",)),))
"""How files stand, by the id of their application, as applications tells it."""
CARDS: Final = Collection("cards")
"""Profiles as they stand, by account, as accounts tells them."""

PROGRAMMES: Final = Collection("programmes", (Index("centre", ("centre",)),))
"""To which centre and commission programmes belong today, by code, as offers tells it, and what they are called."""

PAGE: Final = 100


class DocumentRepository(Aggregates[Document]):
    """The rows of documents."""

    service = "documents"
    collection = DOCUMENTS

    def to_document(self, state: Document) -> Row:
        """The row's own fields."""
        row: Row = {
            "account": state.account,
            "state": state.state.value,
            "sha256": state.sha256,
            "size": state.size,
            "media_type": state.media_type,
            "filename": state.filename,
            "stored_at": instant_text(state.stored_at),
            "attachments": [[place.application, place.piece] for place in state.attachments],
            "submitted": list(state.submitted),
        }
        if state.object is not None:
            row["object"] = state.object
        if state.due_at is not None:
            row["due_at"] = instant_text(state.due_at)
        if state.reason is not None:
            row["reason"] = state.reason.value
        marks = {"part": state.part, "letter": state.letter, "registrar": state.registrar}
        row |= {name: mark for name, mark in marks.items() if mark} | proof_row(state.proof)
        if not state.registrar and (state.state is State.REJECTED or (state.state is State.STORED and not state.held)):
            row["loose"] = state.account
        return row

    def from_document(self, document: Row) -> Document:
        """The document of a row."""
        return Document(
            account=document["account"],
            state=State(document["state"]),
            sha256=document["sha256"],
            size=document["size"],
            media_type=document["media_type"],
            filename=document["filename"],
            stored_at=instant(document["stored_at"]),
            object=document.get("object"),
            attachments=tuple(Attachment(*place) for place in document["attachments"]),
            submitted=tuple(document["submitted"]),
            due_at=instant(document["due_at"]) if "due_at" in document else None,
            reason=Reason(document["reason"]) if "reason" in document else None,
            part=document.get("part", False),
            letter=document.get("letter", False),
            registrar=document.get("registrar", ""),
            proof=proof_of(document),
        )

    def is_emptied(self, state: Document) -> bool:
        """What is erased keeps nothing of its owner's."""
        return state.state is State.ERASED

    def publish(self, id: str, state: Document, domain_event: DomainEvent) -> Sequence[Event]:
        """The events of a fact."""
        return document_events(id, state, domain_event)

    # --- for a person -------------------------------------------------------------------------------------------

    async def readable(self, actor: Actor, id: str) -> Document | None:
        """A document that this person may read: their own, while it is stored; letters are given out elsewhere."""
        document = await self.uploaded(actor, id)
        return document if document is not None and _is_given(document) else None

    async def stored(self, id: str) -> Document | None:
        """A document, whosever it is, while it is stored: for staff, who must reach an application that holds it."""
        saved = await self.get(id)
        return saved.state if saved is not None and _is_given(saved.state) else None

    async def own(self, actor: Actor, limit: int, after: str | None) -> list[Versioned[Document]]:
        """This person's documents behind one, by id, whatever their state."""
        order: Sort = (("account", 1), ("_id", 1))
        start = None if after is None else (actor.account, after)
        return await self.listed({"account": actor.account}, sort=order, limit=limit, after=start)

    async def uploaded(self, actor: Actor, id: str) -> Document | None:
        """This person's document, whatever its state."""
        saved = await self.get(id, {"account": actor.account})
        return None if saved is None else saved.state

    async def repeat(self, actor: Actor, id: str, command: CommandContext) -> Outcome[Document] | None:
        """What came of this upload when it was sent before; raises KEY_REUSED if its bytes were others."""
        return await self.change(id, Decision, command, {"account": actor.account})

    async def count_loose(self, actor: Actor) -> int:
        """How many that this person gave no application holds, traces of malware among them: others are told of each."""
        return await self._store.count(self.collection.name, {"loose": actor.account})

    # --- for the service itself, in nobody's name: events and timers --------------------------------------------

    def of_account(self, account: str) -> AsyncIterator[Row]:
        """All documents of an account that an event names."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("account", 1), ("_id", 1)))

    def loose(self, before: datetime) -> AsyncIterator[Row]:
        """Documents that nothing was heard to hold, and that were to be kept no longer than to an instant."""
        return self._due(State.STORED, before)

    async def over(self, now: datetime) -> AsyncIterator[Row]:
        """What is only to be finished: erasures that were cut short, and traces of malware."""
        for state in (State.ERASING, State.REJECTED):
            async for row in self._due(state, now):
                yield row

    def _due(self, state: State, before: datetime) -> AsyncIterator[Row]:
        where: Where = {"state": state.value, "due_at": Range(le=instant_text(before))}
        return every(self._store, self.collection.name, where, sort=(("due_at", 1),))

    async def of_object(self, key: str) -> Versioned[Document] | None:
        """The document whose bytes have this key."""
        found = await self.find({"object": key}, sort=(("object", 1),), limit=1)
        return found[0] if found else None

    async def held(self, limit: int) -> list[str]:
        """Up to so many keys of objects that must be there."""
        rows = await self._store.find(
            self.collection.name,
            {"object": Range(gt="")},
            sort=(("object", 1),),
            limit=limit,
            fields=("object", "state"),
        )
        return [row["object"] for row in rows if row["state"] == State.STORED.value]

    async def owned(self, objects: Many[str]) -> set[str]:
        """Which of these keys of objects belong to a row; at most 1000."""
        rows = await self._store.find(
            self.collection.name, {"object": In(tuple(objects))}, sort=(("object", 1),), limit=1000, fields=("object",)
        )
        return {row["object"] for row in rows}


def _is_given(document: Document) -> bool:
    return document.state is State.STORED and not document.letter


class Begun:
    """Notes of uploads whose bytes are about to be stored, by the key of the object.

    Whoever ends a note decides: the upload, which then has its row, or the sweep, which then may take the bytes away.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, key: str, now: datetime) -> None:
        """Say that an upload is about to store bytes."""
        await self._store.insert(BEGUN.name, {"_id": key, "version": 1, "at": instant_text(now), "given_up": False})

    async def end(self, key: str) -> bool:
        """The upload is over, for good or ill; False if the sweep has given it up."""
        return await self._store.delete(BEGUN.name, key, version=1)

    def before(self, moment: datetime) -> AsyncIterator[Row]:
        """The notes of uploads that began before an instant and have not ended."""
        return every(self._store, BEGUN.name, {"at": Range(lt=instant_text(moment))}, sort=(("at", 1),))

    async def give_up(self, note: Row) -> bool:
        """Give an upload up; False if it has ended since. `forget` it when all is done."""
        given_up = note | {"version": 2, "given_up": True}
        with reading(BEGUN.name, note):
            done = bool(note["given_up"])
        return done or await self._store.replace(BEGUN.name, given_up, version=1)

    async def forget(self, key: str) -> None:
        """Nothing is left of it to be dealt with."""
        await self._store.delete(BEGUN.name, key)


class Erasures(Confirmations):
    """Those who were forgotten here, by account: told once for each."""

    service: ClassVar[str] = "documents"
    collection: ClassVar[Collection] = ERASURES

    def event(self, id: str) -> DocumentsErased:
        """The answer to accounts."""
        return DocumentsErased(account=id)


class PaperCopies:
    """What papers say that others know: how a file stands, the profile of its candidate, to whom its programme belongs."""

    def __init__(self, store: Store, in_force: Callable[[], Parameters] = Parameters) -> None:
        self._store = store
        self._in_force = in_force
        self._files = Copies(store, FILES, FileChanged.model_fields.keys() - {"submission"}, lasting=("submission",))
        self._cards = Copies(store, CARDS, ("steps",))
        self._programmes = Copies(store, PROGRAMMES)

    async def file(self, actor: Actor, application: str, roles: Many[Role] = EXAMINING) -> FileChanged | None:
        """How a file stands that is this person's, or within their reach by these roles, with what was submitted last."""
        if actor.kind is ActorKind.STAFF:
            return await self._reached(actor, application, roles)
        row = await self._store.get(FILES.name, application, {"account": actor.account})
        return None if row is None or row.get("concealed") else _file(row)

    async def file_in_place(self, actor: Actor, application: str) -> FileChanged | None:
        """How a file stands that somebody of staff may fill in; none of which its candidate does not know."""
        file = await self._reached(actor, application, IN_PLACE)
        return None if file is None or file.concealed else file

    async def _reached(self, actor: Actor, application: str, roles: Many[Role] = EXAMINING) -> FileChanged | None:
        file = await self.told(application)
        if file is None:
            return None
        kept = await self._programmes.get(file.programme)
        belonging = None if kept is None else Belonging(kept["centre"], kept["commission"])
        rights = [Right(grant.role, grant.centres, grant.commissions) for grant in actor.grants]
        seen = self._in_force().applications.commission_sees
        return file if any(reaches(right, belonging, file.state, seen, roles=roles) for right in rights) else None

    async def told(self, application: str) -> FileChanged | None:
        """How a file stands, in nobody's name: for what follows from it by itself."""
        row = await self._files.get(application)
        return None if row is None else _file(row)

    async def whose(self, application: str) -> str | None:
        """Whose a file is, in nobody's name: within reach or not, with a person goes all that tells of them."""
        file = await self.told(application)
        return None if file is None else file.account

    async def reaches(self, actor: Actor, document: Document) -> bool:
        """Whether somebody of staff reaches an application that holds this document, or was submitted with it."""
        holders = {*(place.application for place in document.attachments), *document.submitted}
        return any([await self._reached(actor, application) is not None for application in sorted(holders)])

    async def reaches_all(self, actor: Actor, programmes: Sequence[str]) -> bool:
        """Whether one right of somebody of staff holds all these programmes, as who belong to their meeting."""
        belonging = []
        for code in programmes:
            kept = await self._programmes.get(code)
            belonging.append(None if kept is None else Belonging(kept["centre"], kept["commission"]))
        rights = [Right(grant.role, grant.centres, grant.commissions) for grant in actor.grants]
        return any(all(reaches(right, each, "complete", ("complete",)) for each in belonging) for right in rights)

    async def profile(self, account: str) -> ProfilePart | None:
        """The profile as it stands, if a step of it was given."""
        row = await self._cards.get(account)
        if row is None:
            return None
        with reading(CARDS.name, row):
            return ProfilePart.model_validate(row["steps"])

    async def keep_file(self, event: FileChanged, sequence: int) -> None:
        """Keep how a file stands; what was submitted stays where nothing new was, and no letter where there is none."""
        told = event.model_dump(mode="json", exclude_none=True)
        await self._files.put(event.application, sequence, {"letter": None} | told)

    async def keep_card(self, account: str, version: int, profile: Mapping[str, Any]) -> None:
        """Keep a profile, unless a newer one is here."""
        await self._cards.put(account, version, {"steps": dict(profile)})

    async def erase(self, account: str) -> None:
        """Forget a person: profile and files."""
        await self._cards.erase(account)
        rows = every(self._store, FILES.name, {"account": account}, sort=(("account", 1), ("_id", 1)))
        await each_of(rows, lambda row: self._files.erase(row["_id"]))


def _file(row: Row) -> FileChanged:
    with reading(FILES.name, row):
        return FileChanged.model_validate(row)
