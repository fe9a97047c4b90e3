"""The lists of staff: files within reach, narrowed, searched, in order and page by page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal, NamedTuple

from services.applications.domain.deadline import later_day
from services.applications.domain.listing import (
    ENTERED,
    KEYS,
    SEARCHED,
    Asked,
    Decided,
    Narrowing,
    Row,
    Sorting,
)
from services.applications.domain.marks import GONE
from services.applications.domain.states import EDITABLE, FileState
from services.applications.repository.cards import CardCopies
from services.applications.repository.listing import Found, Listing, Place, Where
from services.applications.repository.merging import Fetch, merged
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.views.cursors import cursor_of, place_in
from services.applications.views.reaching import CampaignViews, Within, asked_by, sorting_of, within_reach
from services.applications.views.wording import text_in, word
from services.chassis.context import Actor
from services.chassis.ports import In, Range, Sort
from services.chassis.store.query import MAX_IN
from services.contracts.api import filters, narrowing
from services.contracts.api import review as api
from services.contracts.instants import instant_text
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.text_folding import folded_words

MOST_COUNTED: Final = 1000
"""Files of a state that are counted; of more it is said that there are."""
MOST_FOUND: Final = 100
"""The same of a search, of one person's, and of what no index counts: these are read, for a search finds some twice."""
MOST_LOOKED: Final = 2000
"""Rows that are looked at for a page, in each part of a search: where few match, it is short and leads on."""
_TITLE: Final = "title"
_PAGE: Final = 200


class Phase(NamedTuple):
    """A part of a list: runs of rows in one order; a search has several, one behind the other.

    Of files that are `recused` it is not shown, nor found by, whether a decision is entered.
    """

    mark: str
    sort: Sort
    runs: Sequence[Where]
    wanted: Callable[[Row], bool]
    recused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListViews:
    """The lists that staff ask for."""

    listing: Listing
    programmes: ProgrammeCopies
    cards: CardCopies
    campaigns: CampaignViews
    gone: Callable[[], Awaitable[frozenset[str]]]
    """Those who look after files and have no function any more; asked where it is narrowed by them."""

    async def page(self, actor: Actor, query: filters.ReviewPage, language: str) -> api.ReviewList:
        """A page of the files that are asked for within the actor's reach; raises INVALID_FIELDS, UNKNOWN_SORT."""
        asked, sorting = await self._asked(query, actor), sorting_of(query, query.sort)
        if query.after is not None and query.before is not None:
            raise INVALID_FIELDS(fields=[FieldError("before", "repeated")])
        back = query.before is not None
        place = _place(query.before, "before") if back else _place(query.after, "after")
        phases = await self.phases(await self._within(actor, asked), sorting)
        found, left = await self._read(phases, query.limit + 1, place, "before" if back else "after", back=back)
        page = found[: query.limit]
        if back:
            page.reverse()
        more = len(found) > query.limit
        behind = _cursor(page[-1]) if page and (more or back) else None
        before = _cursor(page[0]) if page and (more if back else place is not None) else None
        return api.ReviewList(
            items=[api.ReviewRow(**row) for row in await self._rows([each for _, each in page], language)],
            next=behind if back else left or behind,
            previous=left or before if back else before,
            campaign=asked.campaign or None,
        )

    async def every(
        self, actor: Actor, query: filters.ReviewFilter, sort: str | None = None
    ) -> AsyncGenerator[str, None]:
        """The ids of all files that are asked for, in order, a page in memory at a time; raises as `page` does."""
        asked = await self._asked(query, actor)
        within = await self._within(actor, asked)
        phases = await self.phases(within, sorting_of(query, sort))
        place: tuple[str, Place] | None = None
        while True:
            found, left = await self._read(phases, _PAGE, place, "after", back=False)
            for _, (id, _, _) in found:
                yield id
            if left is None and len(found) < _PAGE:
                return
            place = _place(left or _cursor(found[-1]), "after")

    async def counts(self, actor: Actor, query: filters.ReviewFilter, language: str) -> narrowing.ReviewCounts:
        """How many files of each state there are of what is asked for, whatever state is asked for."""
        asked = await self._asked(query, actor)
        sorting_of(query, None)
        everything = await self._within(actor, asked)
        found = {}
        for state in FileState:
            within = everything.in_state(state)
            if within.piles:
                found[state] = await self._count(within)
        return narrowing.ReviewCounts(
            items=[
                narrowing.StateCount(
                    state=state.value,
                    label=word(state, language),
                    files=files,
                    more=more,
                )
                for state, (files, more) in found.items()
            ]
        )

    async def _asked(self, query: filters.ReviewFilter, actor: Actor) -> Asked:
        asked = asked_by(query, actor, await self.campaigns.of(query))
        return replace(asked, gone=await self.gone()) if asked.assignee == GONE else asked

    async def _within(self, actor: Actor, asked: Asked) -> Within:
        return await within_reach(self.programmes, self.campaigns, actor, asked)

    async def phases(self, within: Within, sorting: Sorting | None) -> list[Phase]:
        """The parts of the list."""
        asked = within.asked
        if sorting is not None:
            direction: Literal[1, -1] = -1 if sorting is Sorting.NEWEST else 1
            sort: Sort = ((KEYS[sorting], direction),)
            return [Phase(sorting.value, sort, within.runs({}), within.holds, within.recused)]
        starts = asked.searched
        begins = [Range(ge=start, lt=start + "\U0010ffff") for start in starts]
        phases = []
        for at, member in enumerate(SEARCHED):
            wanted = partial(_first_by, within, starts, SEARCHED[:at])
            runs = [run for each in begins for run in within.runs({member: each})]
            phases.append(Phase(member, ((member, 1),), runs, wanted, within.recused))
        codes = await self._titled(within)
        if codes:
            parts = [codes[start : start + MAX_IN - 1] for start in range(0, len(codes), MAX_IN - 1)]
            among = [In((part[0], *part)) for part in parts]  # of one value alone sqlite would sort by it anew
            of_titles: list[Where] = [
                {**where, "programme": each}
                for pile in within.piles
                for where in within.wheres(pile, Narrowing.PROGRAMME)
                for each in among
            ]
            sort = (("programme", 1), ("name", 1))
            phases.append(Phase(_TITLE, sort, of_titles, partial(_first_by, within, starts, SEARCHED), within.recused))
        return phases

    async def _titled(self, within: Within) -> list[str]:
        """The programmes within reach whose titles have words that begin so, each of them."""
        words = within.asked.words
        alike: dict[Narrowing, set[str]] = {}
        for scope in within.scopes:
            alike.setdefault(scope.narrowing, set()).add(scope.value)
        reached = None
        if Narrowing.NOTHING not in alike:
            reached = await self.programmes.within(alike.get(Narrowing.CENTRE, set()), None)
            reached |= alike.get(Narrowing.PROGRAMME, set())
        codes = [
            code
            for code, title in (await self.programmes.titles(reached)).items()
            if _begin(words, folded_words(*title.values()))
        ]
        return sorted(codes)

    async def _read(
        self,
        phases: Sequence[Phase],
        limit: int,
        place: tuple[str, Place] | None,
        field: str,
        *,
        back: bool,
    ) -> tuple[list[tuple[str, Found]], str | None]:
        """Rows behind a place, or before it, the nearest first, each with the mark of its part.

        Where `MOST_LOOKED` were looked at for fewer, also the cursor of the last of these.
        """
        phases = [*reversed(phases)] if back else phases
        start = 0
        if place is not None:
            marks = [phase.mark for phase in phases]
            if place[0] not in marks or len(place[1]) != len(phases[marks.index(place[0])].sort) + 1:
                raise INVALID_FIELDS(fields=[FieldError(field, "malformed")])
            start = marks.index(place[0])
        found: list[tuple[str, Found]] = []
        for phase in phases[start:]:
            sort = _turned(phase.sort) if back else phase.sort
            after = place[1] if place is not None and phase.mark == place[0] else None
            fetches = [self._fetch(where, sort, phase.recused) for where in phase.runs]
            rows, left = await merged(fetches, sort[0][1], limit - len(found), after, phase.wanted, most=MOST_LOOKED)
            found += [(phase.mark, row) for row in rows]
            if left is not None:
                return found, cursor_of([phase.mark, *left])
            if len(found) == limit:
                break
        return found, None

    def _fetch(self, where: Where, sort: Sort, recused: frozenset[str]) -> Fetch:
        async def fetch(limit: int, after: Place | None) -> Sequence[Found]:
            found = await self.listing.find(where, sort, limit, after)
            if not recused:
                return found
            return [(id, replace(row, entered="") if id in recused else row, place) for id, row, place in found]

        return fetch

    async def _count(self, within: Within) -> tuple[int, bool]:
        """How many there are, `MOST_COUNTED` or `MOST_FOUND` at most, and whether there are more."""
        asked, number = within.asked, 0
        if asked.words or asked.account or asked.is_read or (within.recused and asked.decision == ENTERED):
            phases = await self.phases(within, None if asked.words else Sorting.OLDEST)
            found, left = await self._read(phases, MOST_FOUND + 1, None, "after", back=False)
            return min(len(found), MOST_FOUND), left is not None or len(found) > MOST_FOUND
        for where in _gathered(within.runs({})):
            number += await self.listing.count(where, MOST_COUNTED + 1 - number)
            if number > MOST_COUNTED:
                break
        return min(number, MOST_COUNTED), number > MOST_COUNTED

    async def _rows(self, page: Sequence[Found], language: str) -> list[dict[str, Any]]:
        known = await self.cards.named(row.account for _, row, _ in page)
        offers = await self.programmes.of_all({row.programme for _, row, _ in page})
        shown = []
        for id, row, _ in page:
            identity, state = known.get(row.account, {}), row.pile.state
            day = row.deadline
            if state in EDITABLE:
                day = later_day(day, row.campaign, offers.get(row.programme))
            shown.append(
                {
                    "id": id,
                    "account": row.account,
                    "file_number": row.number.upper(),
                    "family_name": identity.get("family_name"),
                    "given_name": identity.get("given_name"),
                    "programme": row.programme,
                    "campaign": row.campaign,
                    "title": text_in(row.title, language),
                    "state": state.value,
                    "state_label": word(state, language),
                    "opened_at": instant_text(row.opened_at),
                    "submitted_at": None if row.submitted_at is None else instant_text(row.submitted_at),
                    "submission_deadline": day.isoformat(),
                    "waiting": row.waiting,
                    **decided_row(row.decided, row.called, language),
                    "entered": row.entered == ENTERED,
                }
            )
        return shown


def decided_row(decided: str, called: Mapping[str, str] | None, language: str) -> dict[str, Any]:
    """What a row says of the decision that counts."""
    if decided in ("", Decided.NONE):
        return {}
    kind, answer, conditions = (*decided.split("."), "", "")[:3]
    label = word(kind, language) if called is None else text_in(called, language)
    return {"decided": kind, "decided_label": label, "answer": answer or None, "conditions": conditions or None}


def _first_by(within: Within, starts: tuple[str, ...], before: Iterable[str], row: Row) -> bool:
    """Whether no earlier part of a search has found the row."""
    return within.holds(row) and not any(getattr(row, member).startswith(starts) for member in before)


def _turned(sort: Sort) -> Sort:
    return [(name, -1 if direction == 1 else 1) for name, direction in sort]


def _begin(words: Sequence[str], there: Iterable[str]) -> bool:
    """Whether each of these words is the beginning of one of those."""
    return all(any(each.startswith(word) for each in there) for word in words)


def _gathered(runs: Sequence[Where]) -> list[Where]:
    """The same runs for who only counts: any number of programmes in one."""
    found = [where for where in runs if "programme" not in where]
    piles: dict[tuple[tuple[str, Any], ...], list[Any]] = {}
    for where in runs:
        if "programme" in where:
            rest = tuple((name, value) for name, value in where.items() if name != "programme")
            piles.setdefault(rest, []).append(where["programme"])
    for rest, codes in piles.items():
        found += [
            {**dict(rest), "programme": In(tuple(codes[start : start + MAX_IN]))}
            for start in range(0, len(codes), MAX_IN)
        ]
    return found


def _cursor(found: tuple[str, Found]) -> str:
    mark, (_, _, place) = found
    return cursor_of([mark, *place])


def _place(cursor: str | None, field: str) -> tuple[str, Place] | None:
    """What `_cursor` wrote; raises INVALID_FIELDS for anything else."""
    if (place := place_in(cursor, field)) is None:
        return None
    return place[0], tuple(place[1:])
