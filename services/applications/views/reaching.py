"""What is asked of lists, and how far who asks may see of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from services.applications.domain.listing import (
    ENTERED,
    MAX_WORDS,
    MIN_SEARCHED,
    Asked,
    Narrowing,
    Pile,
    Row,
    Sorting,
    words_of,
)
from services.applications.domain.marks import GONE, ME, NOBODY, marked
from services.applications.domain.reach import Reach, recused_from
from services.applications.domain.states import FileState
from services.applications.repository.campaigns import Campaign, CampaignCopies
from services.applications.repository.listing import Listing, Where
from services.applications.repository.programmes import ProgrammeCopies
from services.chassis.context import Actor
from services.contracts.api import filters as api
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.applications import UNKNOWN_SORT

MATCH: Final = "match"
"""The order of a search: by the name that begins so, by the number, by the given name, by words of the title."""


class Scope(NamedTuple):
    """Files that are alike in something, of which `only` those in some states are seen, or all."""

    narrowing: Narrowing
    value: str
    only: frozenset[FileState] | None


@dataclass(frozen=True, slots=True)
class Within:
    """What somebody may see of what was asked for; `codes` are the programmes of the commission, where one is named.

    `campaigns` are those in which it may be.
    """

    asked: Asked
    scopes: Sequence[Scope]
    reaches: Sequence[Reach]
    codes: frozenset[str] | None = None
    campaigns: Sequence[str] = ()

    @property
    def recused(self) -> frozenset[str]:
        """The files in which who asks has no part."""
        return recused_from(self.reaches)

    def in_state(self, state: FileState) -> Within:
        """The same of another state."""
        return replace(self, asked=replace(self.asked, state=state))

    @property
    def piles(self) -> list[Pile]:
        """Where files are that may be seen."""
        return sorted({pile for scope in self.scopes for pile in self.asked.piles(scope.only)})

    def pile(self, pile: Pile) -> str:
        """What lies on a pile and bears the first mark that is asked for, as rows have it."""
        return marked(pile, self.asked.marks[0]) if self.asked.marks else pile.value

    def holds(self, row: Row) -> bool:
        """Whether a row is within reach today and is what was asked for, whatever it was found by."""
        asked = self.asked
        return (
            any(reach.holds(row.programme) and row.pile in asked.piles(reach.states) for reach in self.reaches)
            and (self.codes is None or row.programme in self.codes)
            and asked.campaign in ("", row.campaign)
            and asked.centre in ("", row.centre)
            and asked.programme in ("", row.programme)
            and asked.account in ("", row.account)
            and asked.is_met(row)
        )

    def runs(self, more: Where) -> list[Where]:
        """The conditions of each run of rows, which are in order and together are all."""
        alike = {(scope.narrowing, scope.value, pile) for scope in self.scopes for pile in self.asked.piles(scope.only)}
        asked = self.asked
        decided: list[Where] = [{}]
        if not asked.account:  # of one person's files each is looked at
            if asked.assignee == GONE:
                decided = [{"assignee": each} for each in sorted(asked.gone)]
            elif asked.assignee not in ("", NOBODY):  # who are far fewer than those that are decided on in some way
                decided = [{"assignee": asked.assignee}]
            elif asked.decided is not None:
                decided = [{"decided": each.value} for each in asked.decided]
            elif asked.decision == ENTERED:
                decided = [{"entered": ENTERED}]
            elif asked.assignee:
                decided = [{"assignee": NOBODY}]
        return [
            {**where, **each, **({narrowing.value: value} if narrowing else {}), **more}
            for narrowing, value, pile in sorted(alike)
            for where in self.wheres(pile, narrowing)
            for each in decided
        ]

    def wheres(self, pile: Pile, narrowing: Narrowing) -> list[Where]:
        """A pile in each of the campaigns; of one person all files are of one, of which nobody need ask."""
        one = self.pile(pile)
        if narrowing is Narrowing.ACCOUNT:
            return [{"pile": one}]
        return [{"pile": one, "campaign": campaign} for campaign in self.campaigns]


@dataclass(frozen=True, slots=True)
class CampaignViews:
    """In which campaigns lists are."""

    copies: CampaignCopies
    listing: Listing

    async def of(self, query: api.ReviewFilter) -> str:
        """The campaign that a query is about; empty: every one. It is the active one, or between two the last that began.

        Of one person's files none is left out, nor of any while no campaign is known here.
        """
        if query.campaign is not None:
            return "" if query.campaign == api.EVERY else query.campaign
        known = () if query.account is not None else await self.copies.known()
        return known[0].code if known else ""

    async def among(self, asked: Asked) -> Sequence[str]:
        """Those in which there may be what is asked for; raises INVALID_FIELDS for one that was never heard of."""
        found = await self.listing.campaigns()
        if not asked.campaign:
            return sorted(found)
        if asked.campaign not in found and all(each.code != asked.campaign for each in await self.copies.known()):
            raise INVALID_FIELDS(fields=[FieldError("campaign", "beyond-reach")])
        return [asked.campaign]

    async def known(self) -> Sequence[Campaign]:
        """All that lists can be narrowed to, the active one first; those that nobody has told of go by their codes."""
        known = await self.copies.known()
        told = {each.code for each in known}
        rest = sorted(await self.listing.campaigns() - told, reverse=True)
        return [*known, *(Campaign(code, code, "", is_over=False) for code in rest)]


async def within_reach(programmes: ProgrammeCopies, campaigns: CampaignViews, actor: Actor, asked: Asked) -> Within:
    """Where to look for what is asked for; raises INVALID_FIELDS where it names what is beyond reach, or nowhere."""
    among = await campaigns.among(asked)
    reaches = await programmes.reaches(actor)
    scopes = [
        Scope(narrowing, value, reach.states)
        for reach in reaches
        for narrowing, value in await _alike(programmes, reach, asked)
    ]
    if not scopes:
        for name in ("programme", "commission", "centre"):
            if getattr(asked, name):
                raise INVALID_FIELDS(fields=[FieldError(name, "beyond-reach")])
    codes = frozenset(await programmes.within(None, {asked.commission})) if asked.commission else None
    return Within(asked, scopes, reaches, codes, among)


async def _alike(programmes: ProgrammeCopies, reach: Reach, asked: Asked) -> list[tuple[Narrowing, str]]:
    """What the files of a reach that are asked for are alike in."""
    if reach.programmes is not None and not reach.programmes:
        return []
    if asked.account:
        return [(Narrowing.ACCOUNT, asked.account)]
    if asked.programme or asked.commission:
        return [(Narrowing.PROGRAMME, code) for code in await _named(programmes, reach, asked)]
    if asked.centre:
        codes = await _named(programmes, reach, asked)
        whole = codes and (reach.programmes is None or asked.centre in reach.centres)
        return [(Narrowing.CENTRE, asked.centre)] if whole else [(Narrowing.PROGRAMME, code) for code in codes]
    if reach.programmes is None:
        return [(Narrowing.NOTHING, "")]
    rest = reach.programmes - await programmes.within(reach.centres, None)
    return [
        *((Narrowing.CENTRE, code) for code in reach.centres),
        *((Narrowing.PROGRAMME, code) for code in rest),
    ]


async def _named(programmes: ProgrammeCopies, reach: Reach, asked: Asked) -> list[str]:
    """The programmes of a reach that are of the centre and the commission, or are the one, that are asked for."""
    if asked.programme and await programmes.of(asked.programme) is None:
        return []
    codes = {asked.programme}
    if asked.centre or asked.commission:
        centres = {asked.centre} if asked.centre else None
        commissions = {asked.commission} if asked.commission else None
        codes = await programmes.within(centres, commissions)
    return sorted(code for code in codes if reach.holds(code) and asked.programme in ("", code))


def asked_by(query: api.ReviewFilter, actor: Actor, campaign: str) -> Asked:
    """What a query of that actor's asks for in a campaign, or in every one.

    Raises INVALID_FIELDS for a search that is too short, or of too many words.
    """
    words = words_of(query.q or "")
    if query.q is not None and sum(map(len, words)) < MIN_SEARCHED:
        raise INVALID_FIELDS(fields=[FieldError("q", "too-short", {"min": MIN_SEARCHED})])
    if len(words) > MAX_WORDS:
        raise INVALID_FIELDS(fields=[FieldError("q", "too-many", {"max": MAX_WORDS})])
    return Asked(
        None if query.state is None else FileState(query.state),
        query.centre or "",
        query.commission or "",
        query.programme or "",
        query.account or "",
        query.waiting,
        words,
        query.decision or "",
        query.answer,
        query.conditions,
        tag=query.tag or "",
        assignee=actor.id if query.assignee == ME else query.assignee or "",
        regime=query.regime or "",
        exemption=query.exemption or "",
        group=query.group or "",
        campaign=campaign,
        mail_lost=query.mail is not None,
    )


def sorting_of(query: api.ReviewFilter, sort: str | None) -> Sorting | None:
    """The order that is asked for; None: that of a search. Raises UNKNOWN_SORT for one that is not in the table."""
    decided = any(each is not None for each in (query.decision, query.answer, query.conditions, query.assignee))
    if query.q is not None:
        if sort not in (None, MATCH) or query.account is not None or decided:
            raise UNKNOWN_SORT(sorts=[] if query.account is not None or decided else [MATCH])
        return None
    served = (Sorting.OLDEST, Sorting.NEWEST) if query.account is not None or decided else tuple(Sorting)
    if sort is None:
        return Sorting.OLDEST
    if sort not in served:
        raise UNKNOWN_SORT(sorts=[each.value for each in served])
    return Sorting(sort)
