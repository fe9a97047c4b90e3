"""Applications in the store, and the copies of what other services know: candidates' cards, published programmes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Collection as AnyOf
from datetime import datetime
from typing import Any, ClassVar, Final

from services.applications.domain.events import DomainEvent
from services.applications.domain.model import (
    Application,
    Document,
    Milestone,
    Piece,
    ProfileCopy,
    Programme,
    ProgrammeCopy,
    Requirement,
    Submission,
    SubmissionRef,
)
from services.applications.domain.receipts import receipt_digest
from services.applications.domain.states import FileState, PieceState
from services.applications.publications import application_events
from services.chassis import ports
from services.chassis.context import Actor
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Versioned
from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, In, Index, Range, Store
from services.chassis.store.evolution import Upcaster, members
from services.chassis.store.rows import UnreadableRow, every, reading
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant_text

ACTIVE_INDEX: Final = "active"
"""One active application per account, programme and campaign."""

APPLICATIONS: Final = Collection(
    "applications",
    (
        OUTBOX_INDEX,
        Index(ACTIVE_INDEX, ("active_key",), unique=True),
        Index("slot", ("slot_key",), unique=True),
        Index("account", ("account", "opened_at")),
    ),
)
SUBMISSIONS: Final = Collection("submissions", (Index("application", ("application",)), Index("account", ("account",))))
CARDS: Final = Collection("cards", (Index("again", ("look_again_at",)),))
PROGRAMMES: Final = Collection("programmes")


# --- applications -----------------------------------------------------------------------------------------------


def _with_refs(row: ports.Document) -> ports.Document:
    """Schema 2: submissions are documents of their own. Those that 0.1.0 made stay where they are, below their digest."""
    submissions = [
        {
            "id": f"{row['_id']}.{number}",
            "submitted_at": inline["submitted_at"],
            "receipt_sha256": receipt_digest(inline["receipt"]),
            "inline": inline,
        }
        for number, inline in enumerate(row["submissions"])
    ]
    return row | {"submissions": submissions, "schema": 2}


class ApplicationRepository(Aggregates[Application]):
    """The applications; every question holds the person who asks."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = APPLICATIONS
    upcasters: ClassVar[Sequence[Upcaster]] = (_with_refs,)
    identities: ClassVar[Mapping[str, str]] = {"pieces": "requirement.code", "submissions": "id"}

    def to_document(self, state: Application) -> ports.Document:
        """`active_key` and `slot_key` are there only while they bind."""
        document = {
            "account": state.account,
            "file_number": state.file_number,
            "campaign": state.campaign,
            "programme": _fields(state.programme),
            "state": state.state.value,
            "submission_deadline": state.submission_deadline,
            "slot": state.slot,
            "opened_at": state.opened_at,
            "pieces": [_piece_out(piece) for piece in state.pieces],
            "submissions": [_ref_out(ref) for ref in state.submissions],
            "history": [[milestone.at, milestone.state.value] for milestone in state.history],
        }
        if state.is_active:
            document["active_key"] = f"{state.account}|{state.programme.code}|{state.campaign}"
            document["slot_key"] = state.slot
        return document

    def from_document(self, document: ports.Document) -> Application:
        """What `to_document` wrote."""
        return Application(
            account=document["account"],
            file_number=document["file_number"],
            campaign=document["campaign"],
            programme=Programme(**members(Programme, document["programme"])),
            state=FileState(document["state"]),
            submission_deadline=document["submission_deadline"],
            slot=document["slot"],
            pieces=tuple(map(_piece_in, document["pieces"])),
            submissions=tuple(map(_ref_in, document["submissions"])),
            history=tuple(Milestone(at, FileState(state)) for at, state in document["history"]),
        )

    def publish(self, id: str, state: Application, domain_event: DomainEvent) -> Sequence[Event]:
        """The events of an application's facts."""
        return application_events(id, state, domain_event)

    async def of(self, actor: Actor, id: str) -> Versioned[Application] | None:
        """The actor's own application of that id."""
        return await self.get(id, owned_by(actor))

    async def document_of(self, actor: Actor, id: str) -> ports.Document | None:
        """The same as it lies in the store."""
        return await self.document(id, owned_by(actor))

    async def page_of(self, actor: Actor, limit: int, after: tuple[str, str] | None) -> list[Versioned[Application]]:
        """The actor's applications, the one opened last first; `after` is the opening instant and the id of a row."""
        return await self.listed(owned_by(actor), sort=(("opened_at", -1), ("_id", -1)), limit=limit, after=after)

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All applications of an account, in nobody's name: for an event that says that the person is gone."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("opened_at", 1),))

    async def active_of(self, actor: Actor) -> list[Versioned[Application]]:
        """The actor's active applications, the one opened last first; however many were cancelled costs nothing."""
        where = {"active_key": Range(ge=f"{actor.account}|", lt=f"{actor.account}}}")}  # what stands behind the bar
        found = await self.find(where, sort=(("active_key", 1),), limit=ports.MAX_FIND)
        own = [saved for saved in found if saved.state.account == actor.account]
        return sorted(own, key=lambda saved: (saved.state.opened_at, saved.id), reverse=True)

    async def opened_since(self, actor: Actor, moment: str, most: int) -> list[str]:
        """When the actor opened applications after an instant, the last `most` of them, the newest first."""
        found = await self._store.find(
            self.collection.name,
            {**owned_by(actor), "opened_at": Range(gt=moment)},
            sort=(("opened_at", -1),),
            limit=most,
            fields=("opened_at",),
        )
        return [row["opened_at"] for row in found]

    async def in_slots(self, actor: Actor, prefix: str) -> list[Versioned[Application]]:
        """The actor's active applications whose slots begin so."""
        where = {"slot_key": Range(ge=prefix, lt=f"{prefix}:")}  # a colon sorts behind every digit
        found = await self.find(where, sort=(("slot_key", 1),), limit=ports.MAX_FIND)
        return [saved for saved in found if saved.state.account == actor.account]


def owned_by(actor: Actor) -> Mapping[str, str]:
    """The filter that makes a foreign application the same as one that does not exist."""
    return {"account": actor.account}


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass with slots, which are its slots; not copied, for documents are written at once."""
    return {name: getattr(value, name) for name in value.__slots__}


def _piece_out(piece: Piece) -> dict[str, Any]:
    out: dict[str, Any] = {"requirement": _requirement_out(piece.requirement), "state": piece.state.value}
    if piece.document is not None:
        out["document"] = _fields(piece.document)
    if piece.comment is not None:
        out["comment"] = piece.comment
    return out


def _piece_in(out: Mapping[str, Any]) -> Piece:
    document = out.get("document")
    return Piece(
        _requirement_in(out["requirement"]),
        PieceState(out["state"]),
        Document(**members(Document, document)) if document is not None else None,
        out.get("comment"),
    )


def _requirement_out(requirement: Requirement) -> dict[str, Any]:
    return _fields(requirement) | {"media_types": list(requirement.media_types)}


def _requirement_in(out: Mapping[str, Any]) -> Requirement:
    return Requirement(**{**members(Requirement, out), "media_types": tuple(out["media_types"])})


def _submission_out(submission: Submission) -> dict[str, Any]:
    return {
        "submitted_at": submission.submitted_at,
        "pieces": [[code, _fields(document)] for code, document in submission.pieces.items()],
        "profile": submission.profile,
        "receipt": submission.receipt,
    }


def _submission_in(out: Mapping[str, Any]) -> Submission:
    pieces = {code: Document(**members(Document, document)) for code, document in out["pieces"]}
    return Submission(out["submitted_at"], pieces, out["profile"], out["receipt"])


def _ref_out(ref: SubmissionRef) -> dict[str, Any]:
    out = _fields(ref)
    del out["inline"]
    return out if ref.inline is None else out | {"inline": _submission_out(ref.inline)}


def _ref_in(out: Mapping[str, Any]) -> SubmissionRef:
    inline = out.get("inline")
    known = members(SubmissionRef, out)
    return SubmissionRef(**{**known, "inline": None if inline is None else _submission_in(inline)})


# --- submissions ------------------------------------------------------------------------------------------------


class Submissions:
    """What was submitted, each in a document of its own that is written before its application names it, and never changed.

    One that no application names proves nothing. `decided_on` is the version of the application that it was frozen from:
    a later one can never come to name it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, id: str, application: Versioned[Application], submission: Submission) -> None:
        """Keep what is about to be submitted; durable when it returns."""
        row = {"_id": id, "version": 1, "application": application.id, "account": application.state.account}
        await self._store.insert(
            SUBMISSIONS.name, row | {"decided_on": application.version} | _submission_out(submission)
        )

    async def take_back(self, id: str) -> None:
        """Take away what was written and will never be named."""
        await self._store.delete(SUBMISSIONS.name, id)

    async def of(self, actor: Actor, ref: SubmissionRef) -> Submission:
        """The submission that an application of the actor names; UnreadableRow if it is not there as it was."""
        if ref.inline is not None:
            return ref.inline
        row = await self._store.get(SUBMISSIONS.name, ref.id, owned_by(actor))
        if row is None:
            raise UnreadableRow(SUBMISSIONS.name, ref.id, "missing")
        submission = submission_of(row)
        if receipt_digest(submission.receipt) != ref.receipt_sha256:
            raise UnreadableRow(SUBMISSIONS.name, ref.id, "changed")
        return submission

    async def sweep(self, application: Versioned[Application]) -> None:
        """Take away what was written for earlier versions of an application, and is not named by it."""
        named = {ref.id for ref in application.state.submissions}
        rows = await self._store.find(
            SUBMISSIONS.name,
            {"application": application.id},
            sort=(("application", 1),),
            limit=ports.MAX_FIND,
            fields=("decided_on",),
        )
        for row in rows:
            if row["_id"] not in named and row["decided_on"] < application.version:
                await self.take_back(row["_id"])

    async def erase(self, account: str) -> None:
        """Take away all of an account, whether an application names it or not."""
        where = {"account": account}
        while rows := await self._store.find(SUBMISSIONS.name, where, sort=(("account", 1),), fields=("account",)):
            for row in rows:
                await self.take_back(row["_id"])


def submission_of(row: ports.Document) -> Submission:
    """What a document of `SUBMISSIONS` says; raises UnreadableRow."""
    with reading(SUBMISSIONS.name, row):
        return _submission_in(row)


# --- copies of what others know ---------------------------------------------------------------------------------


class CardCopies:
    """The candidates' cards, by account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, CARDS)

    async def of(self, account: str) -> ProfileCopy | None:
        """The card of one account; the caller has it from an access token."""
        row = await self._copies.get(account)
        if row is None:
            return None
        with reading(CARDS.name, row):
            return ProfileCopy(row["_id"], row["campaign"], row["file_number"], tuple(row["missing"]), row["steps"])

    async def keep(self, card: ProfileCopy, version: int) -> None:
        """Keep a card unless a newer one is here; `version` is the publisher's."""
        row = _fields(card) | {"missing": list(card.missing)}
        del row["account"]
        await self._copies.put(card.account, version, row)

    async def erase(self, account: str, look_again: datetime) -> None:
        """Forget a card for ever; at an instant it is looked again whether anything of the account is left."""
        await self._copies.erase(account, look_again_at=instant_text(look_again))

    async def is_erased(self, account: str) -> bool:
        """Whether the person is gone."""
        return await self._copies.is_erased(account)

    def erased(self, now: datetime) -> AsyncIterator[ports.Document]:
        """Marks of those who are gone, where it is time to look again."""
        where = {"look_again_at": Range(le=instant_text(now))}
        return every(self._store, CARDS.name, where, sort=(("look_again_at", 1),))

    async def looked_again(self, mark: ports.Document) -> None:
        """Nothing is left of this one."""
        done = {name: value for name, value in mark.items() if name != "look_again_at"}
        await self._store.replace(CARDS.name, done | {"version": mark["version"] + 1}, version=mark["version"])


class ProgrammeCopies:
    """The published programmes, by code; public by nature, so nobody's leave is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, PROGRAMMES)

    async def of(self, code: str) -> ProgrammeCopy | None:
        """The programme of that code."""
        row = await self.row_of(code)
        return None if row is None else offer_of(row)

    async def row_of(self, code: str) -> ports.Document | None:
        """The same as it lies in the store."""
        return await self._copies.get(code)

    async def of_all(self, codes: AnyOf[str]) -> dict[str, ProgrammeCopy]:
        """The programmes of these codes, at most 1000, as far as they are known."""
        rows = await self._store.find(PROGRAMMES.name, {"_id": In(tuple(codes))}, limit=ports.MAX_FIND)
        return {row["_id"]: offer_of(row) for row in rows}

    async def keep(self, offer: ProgrammeCopy, version: int) -> None:
        """Keep a programme unless a newer one is here; `version` is the publisher's."""
        row = {
            "programme": _fields(offer.programme),
            "campaign": offer.campaign,
            "opens_on": offer.opens_on,
            "closes_on": offer.closes_on,
            "submission_deadline": offer.submission_deadline,
            "requirements": [_requirement_out(requirement) for requirement in offer.requirements],
            "offered": offer.offered,
            "withdrawn": False,
        }
        await self._copies.put(offer.programme.code, version, row)

    async def withdraw(self, code: str, version: int) -> None:
        """Say that a programme has left the catalogue, unless it is back in a newer version; unknown, it stays so."""
        if (row := await self._copies.get(code)) is not None:
            await self._copies.put(code, version, row | {"withdrawn": True})


def offer_of(row: ports.Document) -> ProgrammeCopy:
    """The programme of a row."""
    return ProgrammeCopy(
        programme=Programme(**members(Programme, row["programme"])),
        campaign=row["campaign"],
        opens_on=row["opens_on"],
        closes_on=row["closes_on"],
        submission_deadline=row["submission_deadline"],
        requirements=tuple(map(_requirement_in, row["requirements"])),
        offered=row["offered"],
        withdrawn=row["withdrawn"],
    )
