"""Copies of published programmes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Collection as AnyOf
from datetime import date
from typing import Final

from services.applications.domain.copies import ListGroup, ProgrammeCopy
from services.applications.domain.deadline import Move, moved
from services.applications.domain.reach import Reach
from services.applications.domain.states import FileState, ProgrammeState
from services.applications.repository.deadlines import DeadlineCopies
from services.applications.repository.rows import (
    fields,
    form_in,
    programme_in,
    programme_out,
    question_in,
    question_out,
    requirement_in,
    requirement_out,
)
from services.chassis import ports
from services.chassis.context import Actor
from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, In, Index, Sort, Store
from services.chassis.store.evolution import members
from services.chassis.store.query import MAX_IN
from services.chassis.store.rows import BY_ID, PAGE, every, readable
from services.contracts.actors import Role
from services.contracts.parameters import Parameters

PROGRAMMES: Final = Collection(
    "programmes", (Index("centre", ("programme.centre.code",)), Index("commission", ("commission",)))
)


MEMBERS: Final = (
    "programme",
    "campaign",
    "opens_on",
    "closes_on",
    "submission_deadline",
    "requirements",
    "forms",
    "information",
    "questions",
    "offered",
    "withdrawn",
    "commission",
    "commission_label",
    "places",
    "list_deadline",
    "list_delay_days",
    "route",
    "groups",
    "passes_on",
)
"""What is kept of each programme."""
EXAMINING: Final = (Role.MANAGER, Role.COMMISSION)
"""Who examines files."""
MOST_KNOWN: Final = 256
"""Programmes whose rows are kept as they were read, some 20 kB each; the first to be read goes first."""


class ProgrammeCopies:
    """The published programmes, by code; public by nature, so nobody's leave is asked."""

    def __init__(
        self,
        store: Store,
        in_force: Callable[[], Parameters] = Parameters,
        recused: Callable[[str], Awaitable[frozenset[str]]] | None = None,
    ) -> None:
        self._store = store
        self._in_force = in_force
        self._recused = recused
        self._copies = Copies(store, PROGRAMMES, MEMBERS)
        self._deadlines = DeadlineCopies(store)
        self._known: dict[str, tuple[ports.Document, tuple[Move, ...], ProgrammeCopy]] = {}

    async def of(self, code: str) -> ProgrammeCopy | None:
        """The programme of that code."""
        kept = await self.versioned(code)
        return None if kept is None else kept[0]

    async def versioned(self, code: str) -> tuple[ProgrammeCopy, int] | None:
        """The programme of that code, and the publisher's version of all but its moved deadline."""
        return await self._joined(await self._copies.get(code), None, ())

    async def beside(
        self, others: Sequence[ports.Get], code: str, campaign: str
    ) -> tuple[list[ports.Document | None], tuple[ProgrammeCopy, int] | None]:
        """What is asked for, and what `versioned` answers, asked together; `campaign` is the one last seen there."""
        own = self._copies.asked(code), self._deadlines.asked(campaign)
        *there, row, moves = await self._store.several(*others, *own)
        return there, await self._joined(self._copies.copy_in(row), campaign, self._deadlines.moves_in(moves))

    async def _joined(
        self, row: ports.Document | None, campaign: str | None, moves: tuple[Move, ...]
    ) -> tuple[ProgrammeCopy, int] | None:
        """A row with the moves of its campaign, which are asked for unless it is that of `moves`."""
        if row is None:
            return None
        if row["campaign"] != campaign:
            moves = await self._deadlines.of(row["campaign"])
        return self._read(row, moves), row["version"]

    def _read(self, row: ports.Document, moves: tuple[Move, ...]) -> ProgrammeCopy:
        """What a row and the moves of its campaign say, read once as long as they say the same."""
        match self._known.get(row["_id"]):
            case (known, earlier, offer) if known == row and earlier == moves:
                return offer
        offer = moved(offer_of(row), moves)
        self._known.pop(row["_id"], None)
        self._known[row["_id"]] = row, moves, offer
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return offer

    async def of_all(self, codes: AnyOf[str]) -> dict[str, ProgrammeCopy]:
        """The programmes of these codes, at most 1000, as far as they are known."""
        return await self._moved(
            await self._store.find(PROGRAMMES.name, {"_id": In(tuple(codes))}, limit=ports.MAX_FIND)
        )

    async def with_later_day(self, campaign: str, after: str) -> tuple[list[str], str]:
        """Which of the next hundred programmes behind a code have their deadline moved, and where to go on, if anywhere."""
        rows = await self._store.find(PROGRAMMES.name, {}, sort=BY_ID, limit=PAGE, after=[after] if after else None)
        moves = (await self._deadlines.of_all([campaign])).get(campaign, ())
        own = readable("applications", PROGRAMMES.name, [row for row in rows if row["campaign"] == campaign], offer_of)
        found = [offer.programme.code for offer in own if moved(offer, moves) != offer]
        return found, rows[-1]["_id"] if len(rows) == PAGE else ""

    async def codes_behind(self, after: str) -> tuple[list[str], str]:
        """The next hundred programmes behind a code, and where to go on, if anywhere."""
        rows = await self._store.find(
            PROGRAMMES.name, {}, sort=BY_ID, limit=PAGE, after=[after] if after else None, fields=()
        )
        codes = [row["_id"] for row in rows]
        return codes, codes[-1] if len(codes) == PAGE else ""

    async def with_last_day(self, days: frozenset[date]) -> dict[str, date]:
        """Which programmes that are published have one of these last days, and which, by their codes in order."""
        found: dict[str, date] = {}
        after, rows = None, self._store.find
        while page := await rows(PROGRAMMES.name, {}, sort=BY_ID, limit=PAGE, after=after) if days else []:
            for code, offer in (await self._moved(page)).items():
                if offer.submission_deadline in days and offer.state is ProgrammeState.PUBLISHED:
                    found[code] = offer.submission_deadline
            after = [page[-1]["_id"]]
        return found

    async def _moved(self, rows: list[ports.Document]) -> dict[str, ProgrammeCopy]:
        moves = await self._deadlines.of_all({row["campaign"] for row in rows}) if rows else {}
        return {row["_id"]: moved(offer_of(row), moves.get(row["campaign"], ())) for row in rows}

    async def reaches(self, actor: Actor, roles: Sequence[Role] = EXAMINING) -> list[Reach]:
        """How far somebody of staff reaches, role by role; it follows who a programme belongs to today."""
        found = []
        recused = frozenset[str]() if self._recused is None else await self._recused(actor.id)
        states = frozenset(map(FileState, self._in_force().applications.commission_sees))
        for role in roles:
            seen = states if role is Role.COMMISSION else None
            grants = [grant for grant in actor.grants if grant.role == role]
            if any(grant.centres is None and grant.commissions is None for grant in grants):
                found.append(Reach(role, None, seen, recused=recused))
            elif grants:
                parts = [await self.within(grant.centres, grant.commissions) for grant in grants]
                whole = [grant.centres for grant in grants if grant.centres is not None and grant.commissions is None]
                found.append(Reach(role, frozenset().union(*parts), seen, frozenset().union(*whole), recused))
        return found

    async def within(self, centres: AnyOf[str] | None, commissions: AnyOf[str] | None) -> set[str]:
        """The codes of the programmes of these centres that these commissions decide on; None is all of them."""
        field, among = ("commission", commissions) if centres is None else ("programme.centre.code", centres)
        where = {} if among is None else {field: In(tuple(among))}
        sort: Sort = (("_id", 1),) if among is None else ((field, 1),)
        return {
            row["_id"]
            async for row in every(self._store, PROGRAMMES.name, where, sort=sort)
            if commissions is None or row.get("commission") in commissions
        }

    async def some(self, codes: AnyOf[str] | None, most: int) -> list[ports.Document]:
        """The first so many programmes, of these or of all, with what they are and which commission decides."""
        where = {} if codes is None else {"_id": In(tuple(sorted(codes)[:most]))}
        fields = ("programme", "commission", "commission_label", "groups")
        return await self._store.find(PROGRAMMES.name, where, sort=BY_ID, limit=most, fields=fields)

    async def titles(self, codes: AnyOf[str] | None) -> dict[str, Mapping[str, str]]:
        """The titles of programmes, by code: of these, or of all."""
        found: dict[str, Mapping[str, str]] = {}
        wanted = None if codes is None else sorted(codes)
        for start in range(0, 1 if wanted is None else len(wanted), MAX_IN):
            where = {} if wanted is None else {"_id": In(tuple(wanted[start : start + MAX_IN]))}
            after: list[str] | None = None
            while rows := await self._store.find(
                PROGRAMMES.name, where, sort=BY_ID, limit=ports.MAX_FIND, after=after, fields=("programme",)
            ):
                found |= {row["_id"]: row["programme"]["title"] for row in rows}
                after = [rows[-1]["_id"]]
        return found

    async def keep(self, offer: ProgrammeCopy, version: int) -> None:
        """Keep a programme unless a newer one is here; `version` is the publisher's."""
        row = {
            "programme": programme_out(offer.programme),
            "campaign": offer.campaign,
            "opens_on": offer.opens_on.isoformat(),
            "closes_on": offer.closes_on.isoformat(),
            "submission_deadline": offer.submission_deadline.isoformat(),
            "requirements": [requirement_out(requirement) for requirement in offer.requirements],
            "forms": [fields(form) for form in offer.forms],
            "information": offer.information,
            "questions": [question_out(question) for question in offer.questions],
            "offered": offer.offered,
            "withdrawn": offer.state is ProgrammeState.WITHDRAWN,
            "commission": offer.commission,
            "commission_label": offer.commission_label,
            "places": offer.places,
            "list_deadline": None if offer.list_deadline is None else offer.list_deadline.isoformat(),
            "list_delay_days": offer.list_delay_days,
            "route": offer.route,
            "groups": [fields(group) for group in offer.groups],
            "passes_on": offer.passes_on,
        }
        await self._copies.put(offer.programme.code, version, row)

    async def withdraw(self, code: str, version: int) -> None:
        """Say that a programme has left the catalogue, unless it is back in a newer version; unknown, it stays so."""
        await self._copies.mark(code, version, withdrawn=True)


def offer_of(row: ports.Document) -> ProgrammeCopy:
    """The programme of a row."""
    list_deadline = row.get("list_deadline")
    return ProgrammeCopy(
        programme=programme_in(row["programme"]),
        campaign=row["campaign"],
        opens_on=date.fromisoformat(row["opens_on"]),
        closes_on=date.fromisoformat(row["closes_on"]),
        submission_deadline=date.fromisoformat(row["submission_deadline"]),
        requirements=tuple(map(requirement_in, row["requirements"])),
        forms=tuple(map(form_in, row.get("forms", ()))),
        information=row.get("information"),
        questions=tuple(map(question_in, row.get("questions", ()))),
        offered=row["offered"],
        state=ProgrammeState.WITHDRAWN if row["withdrawn"] else ProgrammeState.PUBLISHED,
        commission=row.get("commission"),
        commission_label=row.get("commission_label"),
        places=row.get("places"),
        # 0.1.0 kept no capacity: until the programme is told again, it is not any number, and nobody is promoted.
        places_known="places" in row,
        list_deadline=None if list_deadline is None else date.fromisoformat(list_deadline),
        list_delay_days=row.get("list_delay_days"),
        route=row.get("route"),
        groups=tuple(ListGroup(**members(ListGroup, group)) for group in row.get("groups", ())),
        passes_on=row.get("passes_on", False),
    )
