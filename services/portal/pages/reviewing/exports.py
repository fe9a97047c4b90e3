"""Exports that are made in the background: asked for below a list, followed and fetched on a page of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoints import exports as endpoints
from services.contracts.api.exports import ExportView, NewExport
from services.portal.api import accepted
from services.portal.forms import command_key
from services.portal.pages.reviewing.background import WorkPages
from services.portal.pages.reviewing.listing import ReviewPages, list_of, states_of
from services.portal.pages.reviewing.narrowing import narrowed, query_of
from services.portal.paths import REVIEW
from services.portal.rendering import language_of, see_other

EXPORTS: Final = REVIEW + "/exports"


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own = _Exports(pages)
    return [*own.routes(), web.post(EXPORTS, pages.rendering.guarded(own.ask, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Exports(WorkPages):
    home = EXPORTS
    template = "review_exports.html"
    own = endpoints.OWN
    file = endpoints.FILE
    gone = endpoints.DELETE

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

    def item(self, request: web.Request, view: ExportView) -> Mapping[str, Any]:
        """In which format it is."""
        return {"format": self.pages.rendering.text(language_of(request), f"exports.{view.format}")}
