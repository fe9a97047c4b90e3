"""Where one goes on from a file: its next piece that waits, what it needs now, the next file of the list that was left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web
from yarl import URL

from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.review import ReviewList, ReviewView
from services.portal.api import accepted
from services.portal.pages.reviewing.listing import (
    LAST_OF_LIST,
    UNPROCESSABLE,
    ReviewPages,
    keep_list,
    list_of,
    passed,
    short,
    states_of,
)
from services.portal.pages.reviewing.narrowing import Narrowed, narrowed
from services.portal.pages.reviewing.showing import address_of, next_piece
from services.portal.paths import REVIEW
from services.portal.rendering import language_of, see_other


def needed(view: ReviewView) -> str | None:
    """The state into which an examined file is to come: back to its candidate, or complete; None where it is in it."""
    states = {piece.state for piece in view.pieces}
    if next_piece(view) is not None or view.state not in ("submitted", "complete"):
        return None
    state = "incomplete" if "refused" in states else "complete"
    return None if state == view.state else state


def after_verdict(view: ReviewView, code: str, *, manages: bool) -> str:
    """Where one goes once a piece is judged: to the next one, then to what the file needs of who may give it that."""
    if (piece := next_piece(view, code)) is not None:
        return piece
    return address_of(view.id, "etat") if manages and needed(view) else address_of(view.id)


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    onward = _Onward(pages)
    return [web.get(REVIEW + "/{id}/suivant", pages.rendering.guarded(onward.next_file, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Onward:
    pages: ReviewPages

    async def next_file(self, request: web.Request) -> web.StreamResponse:
        """The file behind this one in the list that was left, narrowed and ordered as it was; the list where it is the last.

        Files that the list holds no more by now are passed over, also this one, whose place in it the browser keeps.
        """
        id, left, known = request.match_info["id"], list_of(request), passed(request)
        asked = replace(narrowed(URL(left, encoded=True).query, states_of(self.pages.roles(request))), columns=())
        shown = await self._page(request, asked)
        if shown is None:
            return see_other(left)
        there = [row.id for row in shown.items]
        behind = behind_in(id, known, there, back="before" in asked.place)
        if behind is None and shown.next:
            left = asked.address(place={"after": shown.next})
            shown = await self._page(request, replace(asked, place={"after": shown.next}))
            there = [] if shown is None else [row.id for row in shown.items]
            known = [short(each) for each in there]
            behind = there[0] if there else None
        if behind is None and shown is not None and shown.next:  # so many were looked at in vain: there may be more
            return see_other(asked.address(place={"after": shown.next}))
        if behind is None:
            return see_other(f"{left}{'&' if '?' in left else '?'}{LAST_OF_LIST}=1")
        if short(id).isascii() and short(id).isalnum() and short(id) not in known:
            known = [*known, short(id)]
        response = see_other(address_of(behind))
        keep_list(response, left, [*known, *(each for each in map(short, there) if each not in known)])
        return response

    async def _page(self, request: web.Request, asked: Narrowed) -> ReviewList | None:
        found = await self.pages.api.ask(request, language_of(request), endpoints.FILES, query=asked.page)
        if not isinstance(found, Problem):
            return found
        if found.status == UNPROCESSABLE:  # the page of the list says what is wrong
            return None
        return accepted(found)


def behind_in(id: str, known: Sequence[str], there: Sequence[str], *, back: bool) -> str | None:
    """The next of the files that are `there`; what is not `known` has come up behind them, unless one has paged back."""
    if id in there:
        rest = there[there.index(id) + 1 :]
    elif short(id) in known:
        by_short = {short(each): each for each in there}
        rest = [by_short[each] for each in known[known.index(short(id)) + 1 :] if each in by_short]
        rest += [] if back else [each for name, each in by_short.items() if name not in known]
    else:
        rest = there
    return rest[0] if rest else None
