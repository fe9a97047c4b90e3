"""The places of a programme: who has one, who waits, and who is offered the next."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from services.chassis.texts import formats
from services.contracts.api.endpoints import places as endpoints
from services.contracts.api.places import PlacesView, PromoteNext, PromotionStop, WaitingView
from services.contracts.api.problem import Problem
from services.portal.api import accepted
from services.portal.forms import command_key, errors_of
from services.portal.pages.profile_fields import DATE_PARTS
from services.portal.pages.reviewing.deciding import typed_date
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of, places_of
from services.portal.paths import PLACES
from services.portal.rendering import come_back, language_of, see_other

_UNTIL = "promotes_until"
_GROUP = "groupe"


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Places(pages), pages.rendering.guarded
    return [
        web.get(PLACES, guarded(own.show, signed_in=True)),
        web.get(PLACES + "/proposition", guarded(own.ask, signed_in=True)),
        web.post(PLACES + "/proposition", guarded(own.promote, signed_in=True)),
        web.get(PLACES + "/arret", guarded(own.ask_until, signed_in=True)),
        web.post(PLACES + "/arret", guarded(own.stop, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Places:
    pages: ReviewPages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """How the programme stands."""
        return self._page(request, await self._view(request), "places.html")

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Who is next, and what comes of it; back where nobody can be offered a place."""
        view = await self._view(request)
        if not view.can_promote or (view.groups and _next(view, request.query.get(_GROUP)) is None):
            return see_other(_address(view))
        return self._promotion(request, view)

    async def promote(self, request: web.Request) -> web.StreamResponse:
        """Offer the place to who was shown; pressed twice, once."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        application = form.get("application", "")
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.PROMOTE,
            body=PromoteNext.model_construct(application=application),
            parameters=self._parameters(request),
            key=command_key(form, application),
        )
        if not isinstance(done, Problem):
            return see_other(_address(done))
        view = await self._view(request)
        told: dict[str, Any] = {"status": done.status, "errors": {"": done.detail}}
        offers = view.can_promote and (not view.groups or _next(view, request.query.get(_GROUP)) is not None)
        again = self._promotion(request, view, **told) if offers else None
        return come_back(again or self._page(request, view, "places.html", **told), done)

    async def ask_until(self, request: web.Request) -> web.StreamResponse:
        """Until when anybody is promoted."""
        view = await self._view(request)
        year, month, day = (view.promotes_until or "--").split("-")
        return self._until(request, view, dict(zip(_parts(), (day, month, year), strict=True)))

    async def stop(self, request: web.Request) -> web.StreamResponse:
        """Say so; nothing typed is: without end."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        typed: dict[str, Any] = {"promotes_until": typed_date(form, _UNTIL) or None}
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.STOP,
            body=PromotionStop.model_construct(**typed),
            parameters=self._parameters(request),
            if_match=form.get("version") or None,
        )
        if not isinstance(done, Problem):
            return see_other(_address(done))
        view = await self._view(request)
        return come_back(self._until(request, view, form, status=done.status, errors=errors_of(done)), done)

    async def _view(self, request: web.Request) -> PlacesView:
        asked = self.pages.api.ask(
            request, language_of(request), endpoints.PLACES, parameters=self._parameters(request)
        )
        return accepted(await asked)

    @staticmethod
    def _parameters(request: web.Request) -> dict[str, str]:
        return {"programme": request.match_info["code"]}

    def _promotion(self, request: web.Request, view: PlacesView, **values: Any) -> web.Response:
        action, group = f"{_address(view)}/proposition", request.query.get(_GROUP)
        wanted = _next(view, group) if view.groups else view.waiting[0].application
        next = next_of(view, wanted)
        if view.groups:
            action = f"{action}?{urlencode({_GROUP: group or ''})}"
        return self._page(
            request, view, "places_next.html", action=action, next=next, address=address_of(next.application), **values
        )

    def _until(self, request: web.Request, view: PlacesView, typed: Mapping[str, str], **values: Any) -> web.Response:
        parts = [(part, typed.get(name, "")) for part, name in zip(DATE_PARTS, _parts(), strict=True)]
        action = f"{_address(view)}/arret"
        return self._page(request, view, "places_until.html", parts=parts, action=action, **values)

    def _page(self, request: web.Request, view: PlacesView, template: str, **values: Any) -> web.Response:
        language = language_of(request)
        until = view.promotes_until and formats.day(date.fromisoformat(view.promotes_until), language)
        shown = {
            "address": _address(view),
            "view": view,
            "until": until,
            "waiting": [(each, address_of(each.application)) for each in view.waiting],
            "lists": [
                (
                    each,
                    [(row, address_of(row.application)) for row in view.waiting if row.group == each.code],
                    f"{_address(view)}/proposition?{urlencode({_GROUP: each.code or ''})}",
                )
                for each in view.groups
            ],
        }
        more = {"key": secrets.token_urlsafe(16), "errors": {}, "again": values.get("action", _address(view)), **values}
        return self.pages.rendering.page(request, template, shown=shown, **more)


def _next(view: PlacesView, group: str | None) -> str | None:
    """Who is next on the list of a group, or of none, if they can be offered a place."""
    return next((each.next for each in view.groups if each.code == (group or None)), None)


def next_of(view: PlacesView, application: str | None) -> WaitingView:
    """Who is shown as the next one: the application of that id, as far as it is shown."""
    return next((each for each in view.waiting if each.application == application), view.waiting[0])


def _address(view: PlacesView) -> str:
    return places_of(view.programme)


def _parts() -> tuple[str, ...]:
    return tuple(f"{_UNTIL}-{part}" for part in DATE_PARTS)
