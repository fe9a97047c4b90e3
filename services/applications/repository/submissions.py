"""What was submitted, each in a document of its own."""

from __future__ import annotations

from typing import Final

from services.applications.domain.model import (
    Application,
    Submission,
    SubmissionRef,
)
from services.applications.domain.receipts import receipt_digest
from services.applications.repository.applications import owned_by
from services.applications.repository.rows import submission_in, submission_out
from services.chassis import ports
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.ports import Collection, Index, Store
from services.chassis.store.rows import UnreadableRow, reading

SUBMISSIONS: Final = Collection("submissions", (Index("application", ("application",)), Index("account", ("account",))))


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
            SUBMISSIONS.name, row | {"decided_on": application.version} | submission_out(submission)
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

    async def application_of(self, id: str) -> str | None:
        """The application for which a submission was written, whether it has come to name it or not."""
        row = await self._store.get(SUBMISSIONS.name, id, fields=("application",))
        return None if row is None else str(row["application"])

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
        return submission_in(row)
