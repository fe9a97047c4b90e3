"""How far the student records are with the documents of who was handed over; what was refused is given anew (ADR 115)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api import hand_overs as api
from services.contracts.api.endpoints import hand_overs as endpoints
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.portal.api import accepted
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.piles import DONE, Piles
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import HAND_OVERS
from services.portal.rendering import language_of, see_other

PILES: Final[Piles[api.HandOverPile]] = Piles(
    HAND_OVERS, {"refusees": "refused", "en-attente": "waiting", "toutes": "all"}
)
"""What one may look at, by its name in the address; what waits for a person first."""
COLOURS: Final[Mapping[str, str]] = {
    "refused": "govuk-tag--red",
    "waiting": "govuk-tag--yellow",
    "called-off": "govuk-tag--grey",
}


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _HandOvers(pages), pages.rendering.guarded
    return [
        web.get(HAND_OVERS, guarded(own.show, signed_in=True)),
        web.post(HAND_OVERS + "/{id}/relance", guarded(own.retry, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _HandOvers:
    pages: ReviewPages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One page of a pile."""
        query = PILES.query(api.HandOverPage, request)
        asked = await self.pages.api.ask(request, language_of(request), endpoints.HAND_OVERS, query=query)
        found = accepted(asked)
        return self.pages.rendering.page(
            request,
            "hand_overs.html",
            rows=[self._row(request, PILES.of(request), each) for each in found.items],
            connected=found.connected,
            wanted=found.wanted,
            **PILES.shown(request, found.next),
        )

    async def retry(self, request: web.Request) -> web.StreamResponse:
        """Have what was refused of one person given anew, and go back to the list."""
        form, pile = await self.pages.rendering.form(request), PILES.of(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=PILES.link(pile))
        parameters = {"application": request.match_info["id"]}
        done = await self.pages.api.ask(request, language_of(request), endpoints.RETRY_HAND_OVER, parameters=parameters)
        if isinstance(done, Problem):
            return self.pages.rendering.problem(request, done, again=PILES.link(pile))
        return see_other(PILES.link(pile, **{DONE: "1"}))

    def _row(self, request: web.Request, pile: str, item: api.HandOverView) -> Mapping[str, Any]:
        showing = self.pages.showing(request)
        documents = [
            {
                "label": each.label,
                "state": each.state_label,
                "colour": COLOURS.get(each.state, ""),
                "reason": each.reason,
                "waits": each.failures > 0,
                "kept": each.state == "waiting" and not each.goes,
                "since": showing.moment(instant(each.since)),
            }
            for each in item.documents
        ]
        return {
            "address": address_of(item.id),
            "retry": PILES.link(pile, to=f"{HAND_OVERS}/{item.id}/relance"),
            "retries": any(each.reason for each in item.documents),
            "name": " ".join(part for part in (item.family_name, item.given_name) if part) or item.file_number,
            "file_number": item.file_number,
            "programme": item.title,
            "documents": documents,
        }
