"""Requests for mails, between the answer to who asked and the work: a row each, gone when the work is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from services.accounts.domain.account import EntIdentity, Person
from services.accounts.domain.requests import Request
from services.accounts.repository.helps import help_document, help_of
from services.chassis.ports import Collection, Document, DuplicateKey, Index, Range, Store
from services.chassis.store.rows import every, reading
from services.contracts.instants import instant, instant_text

REQUESTS: Final = Collection("requests", (Index("at", ("at",)),))


class RequestRepository:
    """What was asked and is not yet done; whoever asks is nobody yet."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def put(self, id: str, request: Request) -> None:
        """Keep a request; the same again while it waits is one."""
        row: Document = {
            "_id": id,
            "version": 1,
            "what": request.what,
            "email": request.person.email,
            "family_name": request.person.family_name,
            "given_name": request.person.given_name,
            "language": request.person.language,
            "campaign": request.campaign,
            "at": instant_text(request.at),
            "correlation": request.correlation,
        }
        if request.ent is not None:
            row["ent"] = {"subject": request.ent.subject, "student_number": request.ent.student_number}
        if request.account:
            row["account"] = request.account
        if request.given is not None:
            row["given"] = help_document(request.given)
        if request.traceparent is not None:
            row["traceparent"] = request.traceparent
        try:
            await self._store.insert(REQUESTS.name, row)
        except DuplicateKey:
            return

    def rows(self) -> AsyncIterator[Document]:
        """What waits, the longest first."""
        return every(self._store, REQUESTS.name, {"at": Range(gt="")}, sort=(("at", 1),))

    async def done(self, id: str) -> None:
        """The work is done: nothing of who asked stays here."""
        await self._store.delete(REQUESTS.name, id)

    async def count(self) -> int:
        """How many wait."""
        return await self._store.count(REQUESTS.name, {"at": Range(gt="")})


def request_of(row: Document) -> Request:
    """The request that a row holds; raises UnreadableRow."""
    with reading(REQUESTS.name, row):
        person = Person(row["family_name"], row["given_name"], row["email"], row["language"])
        ent = EntIdentity(**row["ent"]) if "ent" in row else None
        return Request(
            row["what"],
            person,
            instant(row["at"]),
            row["correlation"],
            row["campaign"],
            ent,
            row.get("traceparent"),
            row.get("account", ""),
            help_of(row["given"]) if "given" in row else None,
        )
