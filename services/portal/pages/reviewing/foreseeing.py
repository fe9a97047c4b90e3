"""What would come if some gave their place up: chosen on a page that changes nothing (ADR 103)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from aiohttp import web

from services.chassis.texts import formats
from services.contracts.api.endpoints import places as endpoints
from services.contracts.api.places import HolderView, SimulationView, WithdrawalsForeseen
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.portal.api import accepted
from services.portal.forms import errors_of
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of, places_of
from services.portal.paths import PLACES
from services.portal.rendering import language_of
from services.portal.showing import Text

_FIELDS: Final = {"count": "n", "ids": "f", "group": "g"}
"""Fields of the form by those of the API."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Foreseeing(pages), pages.rendering.guarded
    return [web.get(PLACES + "/simulation", guarded(own.show, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Foreseeing:
    pages: ReviewPages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Whom one can choose, and what would come of who was chosen; what cannot be foreseen is said, and kept."""
        number, chosen = request.query.get("n", "").strip(), request.query.getall("f", [])
        asked = _asked(number, chosen, request.query.get("g", ""))
        found = await self._ask(request, asked)
        if isinstance(found, Problem) and found.fields:
            errors = {_FIELDS.get(name, ""): message for name, message in errors_of(found).items()}
            view = accepted(await self._ask(request, None))
            return self._page(request, view, number, chosen, errors=errors, status=found.status)
        return self._page(request, accepted(found), number, chosen, foreseen=asked is not None)

    async def _ask(self, request: web.Request, asked: WithdrawalsForeseen | None) -> SimulationView | Problem:
        return await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.SIMULATION,
            parameters={"programme": request.match_info["code"]},
            query=asked,
        )

    def _page(
        self, request: web.Request, view: SimulationView, number: str, chosen: Sequence[str], **values: Any
    ) -> web.Response:
        language, text = language_of(request), self.pages.rendering.text
        shown = {
            "address": places_of(view.programme),
            "view": view,
            "number": number,
            "group": request.query.get("g", ""),
            "holders": sorted(
                (_holder(each, text, language, chosen) for each in view.holders), key=lambda each: str(each["text"])
            ),
            "promoted": [
                {
                    "place": place,
                    "who": each.name or each.file_number,
                    "address": address_of(each.application),
                    "rank": each.rank,
                    "group": each.group and each.group.label,
                    "until": each.answer_deadline and formats.day(date.fromisoformat(each.answer_deadline), language),
                    "conditions": [
                        (one.label, one.until and formats.day(date.fromisoformat(one.until), language))
                        for one in each.conditions
                    ],
                }
                for place, each in enumerate(view.promoted, 1)
            ],
            "passed": [(each.name or each.file_number, address_of(each.application)) for each in view.passed_over],
        }
        more = {"errors": {}, "foreseen": False, "again": f"{shown['address']}/simulation", **values}
        return self.pages.rendering.page(request, "places_simulation.html", shown=shown, **more)


def _asked(number: str, chosen: Sequence[str], group: str) -> WithdrawalsForeseen | None:
    """What is asked of the API, as it was typed; None: nobody was chosen."""
    given: dict[str, Any] = {}
    if number:
        given |= {"count": number} | ({"group": group} if group else {})
    if chosen:
        given["ids"] = ",".join(chosen)
    return WithdrawalsForeseen.model_construct(_fields_set=set(given), **given) if given else None


def _holder(view: HolderView, text: Text, language: Language, chosen: Sequence[str]) -> Mapping[str, Any]:
    day = view.answer_deadline and formats.day(date.fromisoformat(view.answer_deadline), language)
    state = "accepted" if view.accepted else "offered_until" if day else "offered"
    return {
        "value": view.application,
        "text": f"{view.name} ({view.file_number})" if view.name else view.file_number,
        "hint": {
            "text": text(language, f"places.holder_{state}", **({"day": day} if state == "offered_until" else {}))
        },
        "checked": view.application in chosen,
    }
