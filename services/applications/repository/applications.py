"""Applications as documents: one per account, programme and campaign."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Final

from services.applications.domain.concealing import is_concealed
from services.applications.domain.conditions import due_on
from services.applications.domain.decisions import unanswered_until
from services.applications.domain.enrolment import is_handed_over
from services.applications.domain.events import DomainEvent
from services.applications.domain.model import Application
from services.applications.domain.reach import Reach
from services.applications.domain.receipts import receipt_digest
from services.applications.domain.states import FileState
from services.applications.publications import MAILED, application_events
from services.applications.repository import parts
from services.applications.repository.audit import picture_of_application, said_by_staff
from services.applications.repository.places import LIST_INDEXES, list_fields, of_list
from services.applications.repository.rows import (
    answer_in,
    answer_out,
    fields,
    filled_in,
    filled_out,
    place_in,
    place_out,
    programme_in,
    programme_out,
    validated_in,
    validated_out,
)
from services.applications.repository.shown import SHOWN, shown_after
from services.applications.repository.taking_part import OfFiles
from services.chassis import ports
from services.chassis.context import Actor
from services.chassis.events.aggregates import OUTBOX_INDEX, Versioned
from services.chassis.ports import Collection, Condition, In, Index, Range
from services.chassis.store.evolution import Upcaster
from services.chassis.store.rows import BY_ID, PAGE, every
from services.contracts.actors import Acting, ActorKind
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

ACTIVE_INDEX: Final = "active"
"""One active application per account, programme and campaign."""

CONCEALED: Final = "offer|"
"""Before the keys of what candidates know nothing of: it bars none of theirs."""

APPLICATIONS: Final = Collection(
    "applications",
    (
        OUTBOX_INDEX,
        Index(ACTIVE_INDEX, ("active_key",), unique=True),
        Index("slot", ("slot_key",), unique=True),
        Index("account", ("account", "opened_at")),
        Index("programme", ("programme.code",)),
        Index("programme_campaign", ("programme.code", "campaign")),
        Index("deadline", ("state", "submission_deadline")),
        Index("lapsing", ("lapses_after",)),
        Index("untold", ("untold_since",)),
        Index("acts_untold", ("acts_untold_since",)),
        Index("unanswered", ("unanswered_until",)),
        Index("conditions_untold", ("conditions_untold_since",)),
        Index("conditions_due", ("conditions_due",)),
        Index("uninstructed", ("place.uninstructed_since",)),
        *LIST_INDEXES,
    ),
)


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


def _with_actors(row: ports.Document) -> ports.Document:
    """Schema 3: beside each milestone, by its number, who has acted; 0.1.0 reads milestones of two members."""
    return row | {"acted": _acted(row), "schema": 3}


def _acted(row: ports.Document) -> dict[str, Any]:
    """Who has acted, by the number of the milestone; where 0.1.0 has written it, that was the candidate."""
    owner, known = fields(Acting(f"{ActorKind.ACCOUNT}:{row['account']}")), row.get("acted", {})
    numbers = map(str, range(len(row["history"])))
    return {number: known.get(number, owner) for number in numbers}


class ApplicationRepository(OfFiles[Application]):
    """The applications; every question holds the person who asks, or how far somebody of staff reaches."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = APPLICATIONS
    upcasters: ClassVar[Sequence[Upcaster]] = (_with_refs, _with_actors)
    mailed: ClassVar[frozenset[str]] = MAILED
    identities: ClassVar[Mapping[str, str]] = {
        "pieces": "requirement.code",
        "forms": "form.code",
        "answers": "question.code",
        "submissions": "id",
    }

    def to_document(self, state: Application) -> ports.Document:
        """`active_key` and `slot_key` are there only while they bind, others than candidates do of what is concealed from
        them; `lapses_after` while a last day ends something.

        `forms` and `answers` are there where there are any.
        """
        document: ports.Document = {
            "account": state.account,
            "file_number": state.file_number,
            "campaign": state.campaign,
            "programme": programme_out(state.programme),
            "state": state.state.value,
            "submission_deadline": state.submission_deadline.isoformat(),
            "slot": state.slot,
            "opened_at": instant_text(state.opened_at),
            "pieces": [parts.piece_out(piece) for piece in state.pieces],
            "submissions": [parts.ref_out(ref) for ref in state.submissions],
            "history": [[instant_text(milestone.at), milestone.state.value] for milestone in state.history],
            "acted": {str(number): parts.doing(milestone) for number, milestone in enumerate(state.history)},
        }
        if state.forms:
            document["forms"] = [filled_out(filled) for filled in state.forms]
        if state.answers:
            document["answers"] = [answer_out(answer) for answer in state.answers]
        if state.reminded is not None:
            document["reminded"] = {"deadline": state.reminded.deadline.isoformat(), "days": state.reminded.days}
        if state.untold is not None:
            document["untold_since"] = instant_text(state.untold)
        if state.conditions_untold is not None:
            document["conditions_untold_since"] = instant_text(state.conditions_untold)
        if (due := due_on(state)) is not None:
            document["conditions_due"] = due.isoformat()
        if state.decision is not None:
            document["decision"] = validated_out(state.decision)
        if state.place is not None:
            document["place"] = place_out(state.place, enrols=is_handed_over(state))
        document |= list_fields(state) | parts.in_place_out(state.in_place) | parts.reminders_out(state.reminded_on)
        if (day := unanswered_until(state)) is not None:
            document["unanswered_until"] = day.isoformat()
        if state.is_editable and state.submissions:
            document["lapses_after"] = document["submission_deadline"]
        if state.is_active:
            beside = CONCEALED if is_concealed(state) else ""
            document["active_key"] = beside + active_key(state.account, state.programme.code, state.campaign)
            document["slot_key"] = beside + state.slot
        return document

    def from_document(self, document: ports.Document) -> Application:
        """What `to_document` wrote."""
        return Application(
            account=document["account"],
            file_number=document["file_number"],
            campaign=document["campaign"],
            programme=programme_in(document["programme"]),
            state=FileState(document["state"]),
            submission_deadline=date.fromisoformat(document["submission_deadline"]),
            slot=document["slot"],
            pieces=tuple(map(parts.piece_in, document["pieces"])),
            forms=tuple(map(filled_in, document.get("forms", ()))),
            answers=tuple(map(answer_in, document.get("answers", ()))),
            submissions=tuple(map(parts.ref_in, document["submissions"])),
            history=tuple(
                parts.milestone_in(at, state, by)
                for (at, state), by in zip(document["history"], _acted(document).values(), strict=True)
            ),
            reminded=parts.reminder_in(document.get("reminded")),
            reminded_on=parts.reminders_in(document),
            untold=parts.instant_in(document.get("untold_since")),
            conditions_untold=parts.instant_in(document.get("conditions_untold_since")),
            decision=validated_in(document["decision"]) if "decision" in document else None,
            place=place_in(document["place"]) if "place" in document else None,
            in_place=parts.in_place_in(document),
            **of_list(document),
        )

    def _content(self, saved: Versioned[Application], state: Application) -> ports.Document:
        content = super()._content(saved, state)
        return content | {SHOWN: content.get(SHOWN, {}) | shown_after(saved, state)}

    def publish(self, id: str, state: Application, domain_event: DomainEvent) -> Sequence[Event]:
        """The events of an application's facts."""
        return application_events(id, state, domain_event)

    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """How the file stands."""
        return picture_of_application(document)

    def said(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, Any]:
        """What staff say of the state that it came into."""
        return said_by_staff(before, after)

    async def document(self, id: str, where: Mapping[str, Condition] | None = None) -> ports.Document | None:
        """The application of that id; for who asks as its candidate none that is concealed."""
        row = await super().document(id, where)
        return parts.unconcealed(row) if "account" in (where or {}) else row

    async def of(self, actor: Actor, id: str) -> Versioned[Application] | None:
        """The actor's own application of that id."""
        return await self.get(id, owned_by(actor))

    async def page_of(self, actor: Actor, limit: int, after: tuple[str, str] | None) -> list[Versioned[Application]]:
        """The actor's applications, the one opened last first; `after` is the opening instant and the id of a row."""
        found: list[Versioned[Application]] = []
        while len(found) < limit:
            page = await self.listed(owned_by(actor), sort=(("opened_at", -1), ("_id", -1)), limit=limit, after=after)
            found += (saved for saved in page if not is_concealed(saved.state))
            if len(page) < limit:
                break
            after = instant_text(page[-1].state.opened_at), page[-1].id
        return found[:limit]

    async def ids(self, after: str = "") -> AsyncGenerator[str, None]:
        """All applications behind an id, by id; for the service itself, which tells others of them."""
        async for row in every(self._store, self.collection.name, {}, after=[after] if after else None):
            yield row["_id"]

    async def is_there(self, id: str) -> bool:
        """Whether there is an application of that id, also one that cannot be read."""
        return await self._store.get(self.collection.name, id, fields=()) is not None

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All applications of an account, in nobody's name: for an event that says that the person is gone."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("opened_at", 1),))

    async def reached(self, id: str, reach: Reach) -> Versioned[Application] | None:
        """The application of that id, if somebody of staff reaches it."""
        document = await self.document(id)
        if document is None or not reach.holds(document["programme"]["code"]) or not reach.is_seen(document["state"]):
            return None
        return self.loaded(document)

    async def of_ids(self, ids: Sequence[str]) -> list[Versioned[Application]]:
        """Those of these ids, `MAX_FIND` at most, that are there and can be read; the caller knows that they are reached."""
        return await self.listed({"_id": In(tuple(ids))}, sort=BY_ID, limit=ports.MAX_FIND)

    def lapsing(self, before: date) -> AsyncIterator[ports.Document]:
        """Files that were given back, in nobody's name, whose own last day was before a day."""
        where = {"lapses_after": Range(lt=before.isoformat())}
        return every(self._store, self.collection.name, where, sort=(("lapses_after", 1),))

    def untold(self, before: datetime) -> AsyncIterator[ports.Document]:
        """Files, in nobody's name, of whose pieces staff said something at an instant or earlier that no mail has told."""
        where = {"untold_since": Range(le=instant_text(before))}
        return every(self._store, self.collection.name, where, sort=(("untold_since", 1),))

    def acts_untold(self, before: datetime) -> AsyncIterator[ports.Document]:
        """Files, in nobody's name, in which staff filled something in at an instant or earlier that no mail has told."""
        where = {"acts_untold_since": Range(le=instant_text(before))}
        return every(self._store, self.collection.name, where, sort=(("acts_untold_since", 1),))

    def unanswered(self, until: date) -> AsyncIterator[ports.Document]:
        """Files, in nobody's name, with a place that is not answered and whose last day is that day or an earlier one."""
        where = {"unanswered_until": Range(le=until.isoformat())}
        return every(self._store, self.collection.name, where, sort=(("unanswered_until", 1),))

    def conditions_untold(self, before: datetime) -> AsyncIterator[ports.Document]:
        """Files, in nobody's name, of whose conditions staff said something at an instant or earlier that no mail told."""
        where = {"conditions_untold_since": Range(le=instant_text(before))}
        return every(self._store, self.collection.name, where, sort=(("conditions_untold_since", 1),))

    def conditions_due(self, until: date) -> AsyncIterator[ports.Document]:
        """Files, in nobody's name, with a condition of that day or an earlier one, of which nobody was reminded."""
        where = {"conditions_due": Range(le=until.isoformat())}
        return every(self._store, self.collection.name, where, sort=(("conditions_due", 1),))

    async def active_of(self, actor: Actor, *, readable: bool = False) -> list[Versioned[Application]]:
        """The actor's active applications, or the `readable` ones, opened last first; cancelled ones cost nothing."""
        where = {"active_key": Range(ge=f"{actor.account}|", lt=f"{actor.account}}}")}  # what stands behind the bar
        look = self.listed if readable else self.find
        found = await look(where, sort=(("active_key", 1),), limit=ports.MAX_FIND)
        own = [saved for saved in found if saved.state.account == actor.account]
        return sorted(own, key=lambda saved: (saved.state.opened_at, saved.id), reverse=True)

    async def opened_since(self, actor: Actor, moment: datetime, most: int) -> list[datetime]:
        """When the actor opened applications after an instant, the last `most` of them, the newest first."""
        found: list[datetime] = []
        where: dict[str, Condition] = {**owned_by(actor), "opened_at": Range(gt=instant_text(moment))}
        after: list[ports.Scalar | None] | None = None
        while len(found) < most:
            rows = await self._store.find(
                self.collection.name,
                where,
                sort=(("opened_at", -1), ("_id", -1)),
                limit=most,
                after=after,
                fields=("opened_at", "history", "submissions", "decision"),
            )
            found += (instant(row["opened_at"]) for row in rows if not parts.is_concealed(row))
            if len(rows) < most:
                break
            after = [rows[-1]["opened_at"], rows[-1]["_id"]]
        return found[:most]

    async def offered(self, account: str, programme: str, campaign: str) -> Versioned[Application] | None:
        """The active file to a programme that is concealed from the person of that account."""
        return await self._by_key(CONCEALED + active_key(account, programme, campaign))

    async def own(self, account: str, programme: str, campaign: str) -> Versioned[Application] | None:
        """The active file to a programme that this person knows of."""
        return await self._by_key(active_key(account, programme, campaign))

    async def _by_key(self, key: str) -> Versioned[Application] | None:
        return next(iter(await self.find({"active_key": key}, limit=1)), None)

    async def page_to(self, programme: str, after: str) -> list[ports.Document]:
        """A page of all applications to a programme in the order of their ids, in nobody's name."""
        where = {"programme.code": programme}
        return await self._store.find(
            self.collection.name, where, sort=BY_ID, limit=PAGE, after=[after] if after else None
        )

    async def drafts_until(self, deadline: date, after: str) -> list[ports.Document]:
        """A page of the drafts of a last day in the order of their ids, in nobody's name."""
        where = {"state": FileState.DRAFT.value, "submission_deadline": deadline.isoformat()}
        return await self._store.find(
            self.collection.name, where, sort=BY_ID, limit=PAGE, after=[after] if after else None
        )

    async def active_in(self, actor: Actor, campaign: str) -> list[Versioned[Application]]:
        """The actor's active applications of a campaign: slots begin with whose and of which they are."""
        where = {"slot_key": Range(ge=f"{actor.account}|{campaign}|", lt=f"{actor.account}|{campaign}}}")}
        found = await self.find(where, sort=(("slot_key", 1),), limit=ports.MAX_FIND)
        return [saved for saved in found if saved.state.account == actor.account]


def active_key(account: str, programme: str, campaign: str) -> str:
    """What is one at most among active applications."""
    return f"{account}|{programme}|{campaign}"


def owned_by(actor: Actor) -> Mapping[str, str]:
    """The filter that makes a foreign application the same as one that does not exist."""
    return {"account": actor.account}
