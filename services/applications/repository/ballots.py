"""The votes on the files of meetings, each file of a meeting in a document of its own: many vote at once, on many files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from services.applications.domain.meetings import Act
from services.applications.domain.votes import Ballot, Tally
from services.applications.domain.voting import Choice, Counts
from services.applications.repository.rows import fields
from services.applications.repository.taking_part import check_part
from services.chassis import ports
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Decision, Versioned
from services.chassis.ports import MAX_FIND, Collection, In, Index, Range
from services.chassis.store.evolution import members
from services.chassis.store.rows import BY_ID, each_of, every
from services.contracts.actors import Acting
from services.contracts.events.catalogue import Event
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant, instant_text

BALLOTS: Final = Collection("ballots", (OUTBOX_INDEX, Index("account", ("account",))))


def id_of(meeting: str, file: str) -> str:
    """Under which the votes of a meeting on a file are kept."""
    return f"{meeting}.{file}"


class BallotRepository(Aggregates[Ballot]):
    """The votes; they stand in no trail, and nobody is told of them."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = BALLOTS
    identities: ClassVar[Mapping[str, str]] = {"votes": "member"}

    def admit(self, id: str, command: CommandContext) -> None:
        """Raise RECUSED where who gives a command has no part in the file that is voted on."""
        check_part(command, id.partition(".")[2])

    def to_document(self, state: Ballot) -> ports.Document:
        """What has not come yet is left out."""
        document: ports.Document = {
            "account": state.account,
            "meeting": state.meeting,
            "file": state.file,
            "votes": [{"member": member, "vote": choice.value} for member, choice in sorted(state.votes.items())],
        }
        if (tally := state.tally) is None:
            return document
        closed = {"at": instant_text(tally.closed.at), "by": fields(tally.closed.by)}
        return document | {"tally": fields(tally) | {"counts": fields(tally.counts), "closed": closed}}

    def from_document(self, document: ports.Document) -> Ballot:
        """What `to_document` wrote."""
        tally = document.get("tally")
        return Ballot(
            document["account"],
            document["meeting"],
            document["file"],
            {each["member"]: Choice(each["vote"]) for each in document["votes"]},
            None if tally is None else _tally(tally),
        )

    def _document(
        self, saved: Versioned[Ballot], decision: Decision[Ballot], command: CommandContext, told: int | None
    ) -> tuple[ports.Document, Sequence[Envelope]]:
        """Of votes that are closed nothing tells any more by which requests they were given."""
        document, envelopes = super()._document(saved, decision, command, told)
        if decision.state.tally is not None:
            document["meta"].pop("written", None)
        return document, envelopes

    def publish(self, id: str, state: Ballot, domain_event: Any) -> Sequence[Event]:
        """None."""
        raise AssertionError("nothing is told of votes")

    async def of_files(self, meeting: str, files: Sequence[str]) -> dict[str, Ballot]:
        """Those of a meeting on these files, by file, `MAX_FIND` files at most."""
        if not files:
            return {}
        ids = tuple(id_of(meeting, file) for file in files[:MAX_FIND])
        found = await self.listed({"_id": In(ids)}, sort=BY_ID, limit=MAX_FIND)
        return {saved.state.file: saved.state for saved in found}

    async def forget_open(self, meeting: str) -> None:
        """Take away the votes of a meeting that are not closed: of files that are off it, and that came behind its end."""
        where: ports.Where = {"_id": Range(gt=id_of(meeting, ""), lt=f"{meeting}/")}

        async def remove(row: ports.Document) -> None:
            if "tally" not in row:
                await self._store.delete(self.collection.name, row["_id"], version=row["version"])

        await each_of(every(self._store, self.collection.name, where), remove)

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All on files of an account."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("account", 1),))

    async def forget(self, account: str) -> None:
        """Take away all votes on files of an account."""

        async def remove(row: ports.Document) -> None:
            await self._store.delete(self.collection.name, row["_id"])

        await each_of(self.rows_of(account), remove)


def _tally(out: Mapping[str, Any]) -> Tally:
    at, by = instant(out["closed"]["at"]), Acting(**members(Acting, out["closed"]["by"]))
    counts = Counts(**members(Counts, out["counts"]))
    return Tally(counts, out["quorum"], out["set_aside"], Act(at, by))
