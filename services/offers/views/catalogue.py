"""The catalogue as every process of offers holds it in memory, following the service's own journal.

So a replica sees what another wrote, and what an import beside it writes, as soon as that is journaled; what it serves may
be some hundred milliseconds old, and is never half of a change.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from datetime import date
from typing import Final

import structlog

from services.chassis.context import CommandContext
from services.chassis.events.journal import Journal
from services.contracts.api import offers as api
from services.contracts.events.offers import CampaignActivated, CampaignClosed, DeadlinesMoved
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError
from services.contracts.text_folding import fold
from services.offers.domain.campaigns import Campaigns, current
from services.offers.domain.deadlines import Deadlines
from services.offers.domain.kept import Uses, uses_of
from services.offers.domain.parts import Parts, parts_of
from services.offers.domain.programmes import Programme
from services.offers.domain.states import ProgrammeState
from services.offers.domain.text import Language
from services.offers.repository.campaigns import CampaignRepository
from services.offers.repository.deadlines import DeadlineRepository
from services.offers.repository.programmes import ProgrammeRepository
from services.offers.views import serializers
from services.offers.views.index import Asked, IndexedProgramme, assemble, index_of

log = structlog.get_logger()

FOLLOW_SECONDS: Final = 0.25
MAX_REST_SECONDS: Final = 1.0
BATCH: Final = 100
_OF_ALL: Final = frozenset({CampaignActivated.TYPE, CampaignClosed.TYPE, DeadlinesMoved.TYPE})
"""Events after which any programme may be another."""


class Catalogue:
    """The programmes of the active campaign, and all campaigns."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        programmes: ProgrammeRepository,
        deadlines: DeadlineRepository,
        journal: Journal,
    ) -> None:
        self._campaign_repository = campaigns
        self._programme_repository = programmes
        self._deadline_repository = deadlines
        self._journal = journal
        self._position = 0
        self._entries: dict[str, IndexedProgramme] = {}
        self._withdrawn: dict[str, IndexedProgramme] = {}
        self._parts: tuple[int, Parts] | None = None
        self._uses: tuple[int, Uses] | None = None
        self._index = index_of(())
        self._behind = False
        self._rests_until = 0.0
        self.state = 0
        """Grows when answers may become others."""
        self.campaigns = Campaigns()
        self._deadlines = Deadlines("")

    # --- keeping up ---------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read everything; raises StoreUnavailable."""
        # What is saved while this reads is journaled behind this position, and so is read again by `follow`.
        position = await self._journal.last()
        self.campaigns = await self._campaign_repository.load()
        if (campaign := self.campaigns.current) is not None:
            self._deadlines = await self._deadline_repository.load(campaign.code)
        self._entries, self._withdrawn = {}, {}
        async for programme in self._programme_repository.every():
            self._take(programme)
        await self._rebuild()
        self._position = position
        log.info("catalogue.loaded", programmes=len(self._index), position=position)

    async def follow(self, command: CommandContext) -> int:
        """Take in what was journaled since; answer 0 when there is nothing more to do for now."""
        rows = await self._journal.read(self._position, BATCH)
        if any(row.type in _OF_ALL or not row.is_readable for row in rows):
            await self.load()
            return len(rows)
        if rows:
            codes = list(dict.fromkeys(row.key.partition(":")[2] for row in rows))
            for programme in await self._programme_repository.some(codes):
                self._take(programme)
            self._position = rows[-1].position
            self._behind = True
        if self._behind and asyncio.get_running_loop().time() >= self._rests_until:
            await self._rebuild()
        return len(rows) == BATCH

    def _take(self, programme: Programme) -> None:
        there = self._entries.get(programme.code)
        campaign = self.campaigns.current
        self._withdrawn.pop(programme.code, None)
        if (
            programme.state is ProgrammeState.WITHDRAWN
            or campaign is None
            or programme.content.campaign != campaign.code
        ):
            self._entries.pop(programme.code, None)
            if campaign is not None and programme.content.campaign == campaign.code:
                self._withdrawn[programme.code] = IndexedProgramme(self._deadlines.applied(programme))
        elif there is None or there.programme.revision != programme.revision:
            self._entries[programme.code] = IndexedProgramme(self._deadlines.applied(programme))

    async def _rebuild(self) -> None:
        """Make the index anew, in slices between answers; then rest, so that an import leaves most of the time to them."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        work = assemble(tuple(self._entries.values()))
        while True:
            try:
                next(work)
            except StopIteration as done:
                self._index = done.value
                break
            await asyncio.sleep(0)
        self.state += 1
        self._behind = False
        self._rests_until = loop.time() + min(3 * (loop.time() - started), MAX_REST_SECONDS)

    # --- answering ----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._index)

    def kept(self) -> list[IndexedProgramme]:
        """Every programme of the active campaign by code, in the catalogue or withdrawn from it."""
        return [entry for _, entry in sorted((self._entries | self._withdrawn).items())]

    def parts(self) -> Parts:
        """All that these name; gathered once for each state of the catalogue."""
        if self._parts is None or self._parts[0] != self.state:
            self._parts = self.state, parts_of(entry.programme.content for entry in self.kept())
        return self._parts[1]

    def uses(self) -> Uses:
        """The same with what each of them is of."""
        if self._uses is None or self._uses[0] != self.state:
            self._uses = self.state, uses_of(entry.programme.content for entry in self.kept())
        return self._uses[1]

    def campaign_list(self, language: Language) -> api.Campaigns:
        """All campaigns, the newest first."""
        return serializers.campaigns(self.campaigns, language)

    def current_campaign(self, language: Language) -> api.Campaign:
        """The active campaign; raises NO_ACTIVE_CAMPAIGN."""
        return serializers.campaign(current(self.campaigns), language)

    def programmes(self, query: api.ProgrammesQuery, language: Language, today: date) -> bytes:
        """A page of `api.Programmes`; raises INVALID_FIELDS for an `after` that is none of ours."""
        found = self._index.search(_asked(query), today)
        after = _decode(query.after) if query.after is not None else None
        entries, following = self._index.page(found, after, query.limit)
        items = b",".join(serializers.item(entry, language, today) for entry in entries)
        end = b'"%b"' % _encode(*following) if following else b"null"
        return b'{"items":[%b],"next":%b,"total":%d}' % (items, end, found.all.bit_count())

    def programme(self, code: str, language: Language, today: date) -> bytes:
        """The page of a programme, `api.ProgrammeDetail`; raises NOT_FOUND."""
        entry = self._index.get(code)
        if entry is None:
            raise NOT_FOUND()
        return serializers.detail(entry, language, today)

    def title(self, code: str, language: Language) -> str | None:
        """What the programme of that code is called; None where it is not in the catalogue."""
        entry = self._index.get(code)
        return None if entry is None else entry.programme.content.title.within(language)

    def tree(self, query: api.TreeQuery, language: Language, today: date) -> bytes:
        """A page of `api.Tree`: centres in the order of their codes, of each all that is asked for."""
        asked = _asked(query)
        index = self._index
        found = index.search(asked, today).all
        codes = sorted(
            code
            for code, held in index.centres.sets.items()
            if held & found and (query.after is None or code > query.after)
        )
        nodes = []
        for code in codes[: query.limit]:
            centre = serializers.unit(index.centres.units[code], language)
            diplomas = [
                self._branch(serializers.unit(diploma, language), held, language, today)
                for diploma in index.diplomas.by_label()
                if (held := index.diplomas.sets[diploma.code] & index.centres.sets[code] & found)
            ]
            nodes.append(_node(centre, "diplomas", diplomas))
        end = b'"%b"' % codes[query.limit - 1].encode() if len(codes) > query.limit else b"null"
        return b'{"items":[%b],"next":%b}' % (b",".join(nodes), end)

    def _branch(self, diploma: api.Unit, held: int, language: Language, today: date) -> bytes:
        entries = self._index.members(held)
        entries.sort(key=lambda entry: (fold(entry.programme.content.title.within(language)), entry.programme.code))
        return _node(diploma, "programmes", [serializers.leaf(entry, language, today) for entry in entries])

    def facets(self, query: api.Filter, language: Language, today: date) -> api.Facets:
        """What the search could be narrowed to."""
        asked = _asked(query)
        index = self._index
        found = index.search(asked, today).all
        any_centre = index.search(Asked(asked.words, None, asked.diploma, asked.open), today).all
        any_diploma = index.search(Asked(asked.words, asked.centre, None, asked.open), today).all
        any_day = index.search(Asked(asked.words, asked.centre, asked.diploma), today).all
        return api.Facets(
            centres=[
                api.Facet(code=unit.code, label=unit.label.within(language), count=count)
                for unit in index.centres.by_label()
                if (count := (index.centres.sets[unit.code] & any_centre).bit_count())
            ],
            diplomas=[
                api.Facet(code=unit.code, label=unit.label.within(language), count=count)
                for unit in index.diplomas.by_label()
                if (count := (index.diplomas.sets[unit.code] & any_diploma).bit_count())
            ],
            open=(any_day & index.open_on(today)).bit_count(),
            total=found.bit_count(),
        )


def _asked(query: api.Filter) -> Asked:
    return Asked(tuple(sorted(set(fold(query.q).split()))), query.centre, query.diploma, query.open)


def _node(unit: api.Unit, name: str, branches: list[bytes]) -> bytes:
    head = serializers.to_json(unit)[:-1]
    return b'%b,"%b":[%b]}' % (head, name.encode(), b",".join(branches))


def _encode(group: int, code: str) -> bytes:
    return base64.urlsafe_b64encode(f"{group}{code}".encode()).rstrip(b"=")


def _decode(after: str) -> tuple[int, str]:
    try:
        text = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if text[:1] not in {"0", "1"}:
        raise INVALID_FIELDS(fields=[FieldError("after", "malformed")])
    return int(text[0]), text[1:]
