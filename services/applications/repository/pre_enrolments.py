"""Pre-enrolments, one for each application that was accepted, by its id."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, Literal

from services.applications.domain.events import PreEnrolmentEvent
from services.applications.domain.pre_enrolment import Named, PreEnrolment, key_of
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.publications import pre_enrolment_events
from services.applications.repository.rows import fields
from services.applications.repository.taking_part import OfFiles
from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX
from services.chassis.ports import Collection, In, Index, Range, Scalar
from services.chassis.store.evolution import members
from services.chassis.store.rows import every
from services.contracts.events.catalogue import Event
from services.contracts.events.enrolment_codes import EnrolmentCodeChanged
from services.contracts.instants import instant, instant_text

PRE_ENROLMENTS: Final = Collection(
    "pre_enrolments",
    (
        OUTBOX_INDEX,
        Index("account", ("account",)),
        Index("due", ("due_at",)),
        Index("state", ("state", "since")),
        Index("own_code", ("own_code_key",)),
        Index("code_kept", ("code_kept_key",), unique=True),
        Index("code", ("campaign", "code")),
        Index("refused", ("state", "reason")),
        Index("campaign", ("campaign",)),
    ),
)


def own_code_key(campaign: str, code: str) -> str:
    """By what it is found whose a code is."""
    return f"{campaign}|{code}"


class PreEnrolmentRepository(OfFiles[PreEnrolment]):
    """How far the student records are with each."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = PRE_ENROLMENTS
    mailed: ClassVar[frozenset[str]] = frozenset({EnrolmentCodeChanged.TYPE})

    def key_of(self, id: str) -> str:
        """Not the application's own, by which its events are known."""
        return key_of(id)

    def to_document(self, state: PreEnrolment) -> ports.Document:
        """`due_at` is there while something is to be handed over, `reason` where it was refused."""
        document: ports.Document = {
            "account": state.account,
            "programme": state.programme,
            "campaign": state.campaign,
            **fields(state.named),
            "state": None if state.state is None else state.state.value,
            "since": None if state.since is None else instant_text(state.since),
            "revision": state.revision,
        }
        if state.due is not None:
            document |= {"due_at": instant_text(state.due), "failures": state.failures}
        if state.silent_since is not None:
            document["silent_since"] = instant_text(state.silent_since)
        if state.tried:
            document["tried"] = True
        if state.reason:
            document["reason"] = state.reason
        if state.own_code:
            document |= {"own_code": state.own_code, "own_code_key": own_code_key(state.campaign, state.own_code)}
        if state.keeps_code:
            document["code_kept_key"] = own_code_key(state.campaign, state.own_code)
        return document

    def from_document(self, document: ports.Document) -> PreEnrolment:
        """What `to_document` wrote."""
        state, since, silent = document["state"], document["since"], document.get("silent_since")
        return PreEnrolment(
            account=document["account"],
            programme=document["programme"],
            campaign=document["campaign"],
            named=Named(**members(Named, document)),
            state=None if state is None else PreEnrolmentState(state),
            since=None if since is None else instant(since),
            revision=document["revision"],
            due=instant(document["due_at"]) if "due_at" in document else None,
            failures=document.get("failures", 0),
            silent_since=None if silent is None else instant(silent),
            reason=document.get("reason", ""),
            tried=document.get("tried", False),
            own_code=document.get("own_code", ""),
            keeps_code="code_kept_key" in document,
        )

    def publish(self, id: str, state: PreEnrolment, domain_event: PreEnrolmentEvent) -> Sequence[Event]:
        """The events of its facts."""
        return pre_enrolment_events(id, state, domain_event)

    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """How far it is; every try without an answer is nothing to anybody."""
        said = {name: document[name] for name in ("code", "own_code", "state", "reason") if document.get(name)}
        return {"pre_enrolment": said} if said else {}

    async def of_ids(self, ids: Sequence[str]) -> Mapping[str, PreEnrolment]:
        """Those of these applications, `MAX_FIND` at most, by application; the caller knows whose they are."""
        if not ids:
            return {}
        found = await self.listed({"_id": In(tuple(ids))}, sort=(("_id", 1),), limit=ports.MAX_FIND)
        return {saved.id: saved.state for saved in found}

    async def with_own_code(self, campaign: str, code: str) -> Sequence[str]:
        """The accounts of those to whom staff have given this code in a campaign."""
        return await self._accounts({"own_code_key": own_code_key(campaign, code)}, ("own_code_key", 1))

    async def handed_over_as(self, campaign: str, code: str) -> Sequence[str]:
        """The accounts of those who were asked for under this code in a campaign, however it was made."""
        return await self._accounts({"campaign": campaign, "code": code}, ("campaign", 1), ("code", 1))

    async def _accounts(self, where: ports.Where, *by: tuple[str, Literal[1]]) -> Sequence[str]:
        sort, limit = by, ports.MAX_FIND
        rows = await self._store.find(self.collection.name, where, sort=sort, limit=limit, fields=("account",))
        return [row["account"] for row in rows]

    def of_campaign(self, campaign: str) -> AsyncGenerator[ports.Document, None]:
        """All of a campaign, in nobody's name, in order of their applications' ids."""
        return every(self._store, self.collection.name, {"campaign": campaign})

    async def campaigns(self) -> Sequence[str]:
        """Those of which there are any, in order."""
        found: list[str] = []
        where: ports.Where = {"campaign": Range(gt="")}
        while rows := await self._store.find(
            self.collection.name, where, sort=(("campaign", 1),), limit=1, fields=("campaign",)
        ):
            found.append(rows[0]["campaign"])
            where = {"campaign": Range(gt=found[-1])}
        return found

    async def rows_with(self, ids: Sequence[str]) -> Sequence[ports.Document]:
        """Those of these applications, `MAX_FIND` at most, in nobody's name."""
        where, limit = {"_id": In(tuple(ids))}, ports.MAX_FIND
        return await self._store.find(self.collection.name, where, limit=limit) if ids else []

    def refused(
        self, state: PreEnrolmentState, after: Sequence[Scalar | None] | None
    ) -> AsyncGenerator[ports.Document, None]:
        """Those in this state that the student records have refused, in nobody's name, of the same reason together."""
        where = {"state": state.value, "reason": Range(gt="")}
        return every(self._store, self.collection.name, where, sort=(("reason", 1),), after=after)

    def waiting(self, after: Sequence[Scalar | None] | None) -> AsyncGenerator[ports.Document, None]:
        """Those that are to be handed over, in nobody's name, in order of when."""
        where = {"due_at": Range(gt="")}
        return every(self._store, self.collection.name, where, sort=(("due_at", 1),), after=after)

    def due(self, now: datetime) -> AsyncIterator[ports.Document]:
        """Those that are to be handed over by now, the longest waiting first."""
        where = {"due_at": Range(gt="", le=instant_text(now))}
        return every(self._store, self.collection.name, where, sort=(("due_at", 1),))

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All of an account, in nobody's name: for an event that says that the person is gone."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("account", 1),))
