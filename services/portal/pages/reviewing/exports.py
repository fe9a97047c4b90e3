"""Exports that are made in the background: asked for below a list, followed and fetched on a page of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoints import exports as endpoints
from services.contracts.api.exports import ExportView, NewExport
from services.contracts.instants import instant
from services.portal.api import accepted
from services.portal.downloads import handed_on
from services.portal.forms import command_key
from services.portal.pages.reviewing.listing import ReviewPages, list_of, states_of
from services.portal.pages.reviewing.narrowing import narrowed, query_of
from services.portal.paths import REVIEW
from services.portal.rendering import language_of, see_other

EXPORTS: Final = REVIEW + "/exports"


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded, one = _Exports(pages), pages.rendering.guarded, EXPORTS + "/{id}"
    return [
        web.get(EXPORTS, guarded(own.show, signed_in=True)),
        web.post(EXPORTS, guarded(own.ask, signed_in=True)),
        web.get(one + "/fichier", guarded(own.fetch, signed_in=True)),
        web.get(one + "/suppression", guarded(own.back, signed_in=True)),
        web.post(one + "/suppression", guarded(own.delete, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Exports:
    pages: ReviewPages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One's own exports, and how far each is."""
        found = await self.pages.api.ask(request, language_of(request), endpoints.OWN)
        items = [self._item(request, each) for each in accepted(found).items]
        is_going_on = any(each["going_on"] for each in items)
        return self.pages.rendering.page(
            request, "review_exports.html", items=items, is_going_on=is_going_on, back=list_of(request)
        )

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Have the list made into a file from which the button was pressed."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=list_of(request))
        here, format = form.get("here", ""), form.get("format", "")
        asked = narrowed(query_of(here), states_of(self.pages.roles(request))).page
        given: dict[str, Any] = {
            name: getattr(asked, name) for name in asked.model_fields_set & NewExport.model_fields.keys()
        }
        columns = given.pop("columns", "") if form.get("columns") == "shown" else ""
        given |= {"format": format, "columns": [each for each in columns.split(",") if each]}
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.ASK,
            body=NewExport.model_construct(_fields_set=set(given), **given),
            key=command_key(form, here, format, columns),
        )
        accepted(done)
        return see_other(EXPORTS)

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        """The file."""
        parameters = {"id": request.match_info["id"]}
        return await handed_on(self.pages.rendering, self.pages.api, request, endpoints.FILE, parameters)

    async def back(self, request: web.Request) -> web.StreamResponse:
        """Where one comes by who logs in anew after the button was pressed."""
        return see_other(EXPORTS)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Let go of one."""
        if await self.pages.rendering.form(request) is None:
            return self.pages.rendering.foreign(request, again=EXPORTS)
        done = await self.pages.api.ask(
            request, language_of(request), endpoints.DELETE, parameters={"id": request.match_info["id"]}
        )
        accepted(done)
        return see_other(EXPORTS)

    def _item(self, request: web.Request, view: ExportView) -> Mapping[str, Any]:
        showing = self.pages.showing(request)
        return {
            "id": view.id,
            "format": self.pages.rendering.text(language_of(request), f"exports.{view.format}"),
            "state": view.state,
            "state_label": view.state_label,
            "done": view.done,
            "total": view.total,
            "going_on": view.state in ("waiting", "running"),
            "asked_at": showing.moment(instant(view.asked_at)),
            "expires_at": showing.moment(instant(view.expires_at)),
            "reason": view.reason_text,
        }
