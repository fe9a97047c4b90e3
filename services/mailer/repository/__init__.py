"""Deliveries as aggregates, and the copies of what other services keep."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar, Final

from services.chassis.clock import beyond
from services.chassis.context import Actor
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Versioned
from services.chassis.events.confirmations import Confirmations
from services.chassis.events.copies import Copies
from services.chassis.ports import MAX_FIND, Collection, Document, DuplicateKey, In, Index, Range, Sort, Store, Where
from services.chassis.store.rows import every
from services.contracts.events.accounts import AddressChanged
from services.contracts.events.catalogue import Event
from services.contracts.events.mailer import MailsErased
from services.contracts.instants import instant, instant_text
from services.mailer.domain.delivery import PAUSES, Delivery, Letter
from services.mailer.domain.events import DomainEvent
from services.mailer.domain.gathering import Change, Gathered
from services.mailer.domain.mail_texts import Earlier, MailSheet, MailTexts
from services.mailer.domain.priority import Priority
from services.mailer.domain.states import State
from services.mailer.publications import delivery_events
from services.mailer.repository.about import INDEXES, about_in, about_out
from services.mailer.repository.pages import NEWEST, Place, kept, merged
from services.mailer.repository.returned import all_stored, among, returns_in, returns_out, state_of, stored

GATHERING: Final = "gathering"
"""The unique index: of one person one mail of a kind at a time takes in what happens."""

DELIVERIES: Final = Collection(
    "deliveries",
    (
        OUTBOX_INDEX,
        Index("due", ("state", "lane", "due_at")),
        Index("taken", ("state", "taken_at")),
        Index("own", ("account", "created_at")),
        Index("listed", ("state", "created_at")),
        Index("newest", ("created_at",)),
        Index("newest_of_kind", ("kind", "created_at")),
        Index("newest_in_state", ("kind", "state", "created_at")),
        Index("message", ("message",)),
        Index(GATHERING, ("gathers",), unique=True),
        *INDEXES,
    ),
)
ERASURES: Final = Collection("erasures", (OUTBOX_INDEX,))
GATHERED: Final = Collection("gathered")
MAIL_TEXTS: Final = Collection("mail_texts", (OUTBOX_INDEX,))
DIRECTORY: Final = Collection("directory", (Index("numbered", ("file_number",)),))
PROGRAMMES: Final = Collection("programmes")

_LANES: Final = {Priority.URGENT: 0, Priority.NORMAL: 1, Priority.NEWCOMER: 2, Priority.BULK: 3}
PRIORITIES: Final = {number: priority for priority, number in _LANES.items()}
"""Priorities are stored as `lane`, the name and the numbers of 0.1.0, whose mails may still wait when it is replaced."""

AT_ONCE: Final = 64
"""Mails that are read at once: as many as may be handed over side by side."""


class DeliveryRepository(Aggregates[Delivery]):
    """Every mail that was ever to be written. The sender sees all; a person only the own ones."""

    service: ClassVar[str] = "mailer"
    collection: ClassVar[Collection] = DELIVERIES
    identities: ClassVar[Mapping[str, str]] = {"returns": "id"}

    def to_document(self, state: Delivery) -> Document:
        """The delivery as JSON; instants that are not there are left out."""
        document = {
            "account": state.account,
            "kind": state.kind,
            "language": state.language,
            "address": state.address,
            "name": state.name,
            "lane": _LANES[state.priority],
            "letter": [state.letter.subject, state.letter.text, state.letter.html, state.letter.secret],
            "state": stored(state.state),
            "attempts": state.attempts,
            "sender": state.sender,
            "reason": state.reason,
            "created_at": instant_text(state.created_at),
        }
        if state.covers:
            document["covers"] = list(state.covers)
        if state.gathering is not None:
            document["gathers"] = _gathers(state.account, state.gathering.kind)
            document["gathering"] = _gathering_document(state.gathering)
        if state.reply_to:
            document["reply_to"] = state.reply_to
        if state.farewell:
            document["farewell"] = True
        if state.message:
            document["message"] = state.message
        if state.returns:
            document["returns"] = returns_out(state.returns)
        if state.readdressed:
            document["readdressed"] = True
        if state.retried_by:
            document["retried_by"] = state.retried_by
        if state.traceparent:
            document["traceparent"] = state.traceparent
        for name in ("due_at", "taken_at", "ended_at", "written_at"):
            if (moment := getattr(state, name)) is not None:
                document[name] = instant_text(moment)
        return document | about_out(state.about)

    def from_document(self, document: Document) -> Delivery:
        """The delivery that `to_document` wrote."""
        return Delivery(
            account=document["account"],
            kind=document["kind"],
            language=document["language"],
            address=document["address"],
            name=document["name"],
            priority=PRIORITIES[document["lane"]],
            letter=Letter(*document["letter"]),
            created_at=instant(document["created_at"]),
            due_at=_moment(document.get("due_at")),
            state=state_of(document),
            attempts=document["attempts"],
            sender=document["sender"],
            taken_at=_moment(document.get("taken_at")),
            ended_at=_moment(document.get("ended_at")),
            reason=document["reason"],
            gathering=_gathering(document["gathering"]) if "gathering" in document else None,
            covers=tuple(document.get("covers", ())),
            reply_to=document.get("reply_to", ""),
            traceparent=document.get("traceparent", ""),
            farewell=document.get("farewell", False),
            written_at=_moment(document.get("written_at")),
            retried_by=document.get("retried_by", ""),
            about=about_in(document),
            message=document.get("message", ""),
            returns=returns_in(document),
            readdressed=document.get("readdressed", False),
        )

    def is_emptied(self, state: Delivery) -> bool:
        """Of who is gone nothing stays but that there was a mail."""
        return not state.address

    def publish(self, id: str, state: Delivery, domain_event: DomainEvent) -> Sequence[Event]:
        """The events of a delivery's facts."""
        return delivery_events(id, state, domain_event)

    async def due(self, priority: Priority, now: datetime, *, newest: bool = False) -> AsyncIterator[Document]:
        """Mails of a priority that may be tried now, the longest due first or last; for the sender, who sees all.

        At the end those that are due later than any pause lasts: they were written or put off by a clock that was ahead.
        """
        far = instant_text(beyond(now, PAUSES.longest))
        for due_at in (Range(le=instant_text(now)), Range(gt=far)):
            where: Where = {"state": State.QUEUED.value, "lane": _LANES[priority], "due_at": due_at}
            order: Sort = (("due_at", -1 if newest else 1),)
            async for row in every(self._store, DELIVERIES.name, where, sort=order, page=AT_ONCE):
                yield row

    def deferred(self, priority: Priority, now: datetime) -> AsyncIterator[Document]:
        """Mails of a priority that are to be tried later than now; for operations."""
        lane, later = _LANES[priority], Range(gt=instant_text(now))
        where: Where = {"state": State.QUEUED.value, "lane": lane, "due_at": later}
        return every(self._store, DELIVERIES.name, where, sort=(("due_at", 1),))

    async def how_many(self, state: State) -> int:
        """Mails in a state; for the metrics."""
        return await self._store.count(DELIVERIES.name, {"state": state.value})

    async def gathering(self, account: str, kind: str) -> Versioned[Delivery] | None:
        """The mail to a person that takes in what a mail of this kind tells, if there is one; in nobody's name."""
        found = await self.find({"gathers": _gathers(account, kind)}, limit=1)
        return found[0] if found else None

    async def by_message(self, message: str) -> Versioned[Delivery] | None:
        """The mail of that Message-ID, by what stands before its @; in nobody's name. None of mails of before 0.2.0."""
        found = await self.find({"message": message}, limit=1)
        return found[0] if found else None

    async def note(self, event: str, delivery: str) -> None:
        """Remember which mail is to tell of an event, before it does."""
        while True:
            there = await self._store.get(GATHERED.name, event)
            row = {"_id": event, "version": 1 if there is None else there["version"] + 1, "delivery": delivery}
            if there is not None:
                if await self._store.replace(GATHERED.name, row, version=there["version"]):
                    return
                continue
            with suppress(DuplicateKey):
                await self._store.insert(GATHERED.name, row)
                return

    async def is_told(self, event: str, own: str) -> bool:
        """Whether there is a mail that tells of an event: its `own`, or one that has taken it in."""
        if await self._store.get(DELIVERIES.name, own, fields=()) is not None:
            return True
        noted = await self._store.get(GATHERED.name, event)
        if noted is None:
            return False
        teller = await self._store.get(DELIVERIES.name, noted["delivery"], fields=("covers",))
        return teller is not None and event in teller.get("covers", ())

    def under_way(self) -> AsyncIterator[Document]:
        """Mails that some process is handing over, or was when it died; for the sender, who sees all."""
        return every(self._store, DELIVERIES.name, {"state": State.SENDING.value}, sort=(("taken_at", 1),))

    def of_account(self, account: str) -> AsyncIterator[Document]:
        """All mails to one account, in nobody's name: for an event that says that the person is gone."""
        return every(self._store, DELIVERIES.name, {"account": account}, sort=(("created_at", 1),))

    async def of(self, actor: Actor, limit: int, after: Place | None) -> list[Versioned[Delivery]]:
        """A person's own mails, newest first."""
        return await self.listed({"account": actor.account}, sort=NEWEST, limit=limit, after=after)

    async def page_where(
        self,
        wheres: Sequence[Where],
        states: Sequence[State],
        keep: Callable[[Delivery], bool],
        limit: int,
        after: Place | None,
    ) -> tuple[list[Versioned[Delivery]], Place | None]:
        """Mails to anybody, newest first, in these states, or in all, that `keep` holds for; for staff of everything.

        They are among those of each of `wheres`, which one index serves with a state. So many are looked at as `MOST_READ`
        says; where there may be more of them, the place comes along behind which.
        """
        is_asked = among(states)
        runs: list[Where] = [{**where, "state": each} for where in wheres for each in all_stored(states)] or [*wheres]
        return await merged(self.listed, runs, lambda mail: is_asked(mail) and keep(mail), limit, after)

    async def page_of(
        self, account: str, states: Sequence[State], keep: Callable[[Delivery], bool], limit: int, after: Place | None
    ) -> list[Versioned[Delivery]]:
        """The same of mails to one person, all of which are looked at: they are few."""
        where: Where = {"account": account}
        found, _ = await kept(
            self.listed, where, lambda mail: keep(mail) and (not states or mail.state in states), limit, after
        )
        return found


def _gathers(account: str, kind: str) -> str:
    return f"{account}/{kind}"


def _gathering_document(gathering: Gathered) -> Document:
    changes = [
        {
            "event": each.event,
            "about": each.about,
            "kind": each.kind,
            "variables": dict(each.variables),
            "reply_to": each.reply_to,
        }
        for each in gathering.changes
    ]
    return {"kind": gathering.kind, "until": instant_text(gathering.until), "changes": changes}


def _gathering(row: Document) -> Gathered:
    changes = (
        Change(each["event"], each["about"], each["kind"], each["variables"], each["reply_to"])
        for each in row["changes"]
    )
    return Gathered(row["kind"], instant(row["until"]), tuple(changes))


def _moment(text: str | None) -> datetime | None:
    return instant(text) if text else None


class DirectoryCopies(Copies):
    """Where people are reached, by account."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, DIRECTORY, AddressChanged.model_fields.keys() - {"account"})

    async def email_of(self, account: str) -> str:
        """Where a person is reached now; empty where nobody knows, or any more."""
        row = await self.get(account)
        return "" if row is None else row.get("email", "")

    async def account_of(self, file_number: str) -> str | None:
        """The account of a file number; None if nobody has it, or has it any more."""
        found = await self._store.find(self._name, {"file_number": file_number}, limit=1, fields=())
        return found[0]["_id"] if found else None

    async def file_numbers(self, accounts: Iterable[str]) -> Mapping[str, str]:
        """The file numbers of accounts that are known, 1000 at most."""
        ids = tuple(sorted(set(accounts)))
        rows = await self._store.find(self._name, {"_id": In(ids)}, limit=MAX_FIND, fields=("file_number",))
        return {row["_id"]: row["file_number"] for row in rows if "file_number" in row}


class Erasures(Confirmations):
    """Those who were forgotten here, by account: told once for each."""

    service: ClassVar[str] = "mailer"
    collection: ClassVar[Collection] = ERASURES

    def event(self, id: str) -> MailsErased:
        """The answer to accounts."""
        return MailsErased(account=id)


class MailTextRepository(Aggregates[MailSheet]):
    """One document for each kind of mail in each language, `answer-due.fr`; nobody is told of them."""

    service: ClassVar[str] = "mailer"
    collection: ClassVar[Collection] = MAIL_TEXTS
    identities: ClassVar[Mapping[str, str]] = {"earlier": "at"}

    def to_document(self, state: MailSheet) -> Document:
        """The words, who has written them, and those before."""
        row = _words(state.texts)
        if state.at is not None:
            row |= {"at": instant_text(state.at), "by": state.by}
        row["earlier"] = [{**_words(each.texts), "at": instant_text(each.at), "by": each.by} for each in state.earlier]
        return row

    def from_document(self, document: Document) -> MailSheet:
        """What `to_document` wrote."""
        earlier = (Earlier(_texts(each), instant(each["at"]), each["by"]) for each in document["earlier"])
        return MailSheet(_texts(document), _moment(document.get("at")), document.get("by", ""), tuple(earlier))

    def publish(self, id: str, state: MailSheet, domain_event: Any) -> Sequence[Event]:
        """Nothing."""
        return []


def _words(texts: MailTexts | None) -> Document:
    return {} if texts is None else {"subject": texts.subject, "body": texts.body}


def _texts(row: Document) -> MailTexts | None:
    return MailTexts(row["subject"], row["body"]) if "body" in row else None
