"""Choosing the columns of one's lists, and keeping views of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoints import shelves as endpoints
from services.contracts.api.shelves import MAX_NAME, Shelf, WrittenColumns, WrittenView
from services.portal.api import accepted
from services.portal.forms import FIELDS
from services.portal.pages.reviewing.arranged import filter_of
from services.portal.pages.reviewing.listing import ReviewPages, list_of, states_of
from services.portal.pages.reviewing.narrowing import SORTS, Narrowed, narrowed, query_of
from services.portal.paths import REVIEW
from services.portal.rendering import language_of, see_other

_UPWARDS: Final = (".", "..")
_ELSEWHERE: Final = "/\\"
"""Marks that no name of a view has: they would lead elsewhere."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Arranging(pages), pages.rendering.guarded
    found = []
    for path, handler in (
        ("/colonnes", own.choose_columns),
        ("/vues", own.keep_view),
        ("/vues/retrait", own.take_view_away),
    ):
        found.append(web.get(REVIEW + path, guarded(own.back, signed_in=True)))
        found.append(web.post(REVIEW + path, guarded(handler, signed_in=True)))
    return found


@dataclass(frozen=True, slots=True)
class _Arranging:
    pages: ReviewPages

    async def back(self, request: web.Request) -> web.StreamResponse:
        """Where one comes by who logs in anew after a button was pressed."""
        return see_other(list_of(request))

    async def choose_columns(self, request: web.Request) -> web.StreamResponse:
        """Have lists show what was ticked, or what they show by themselves."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=list_of(request))
        chosen = [] if form.get("usual") else [value for name, value in request[FIELDS] if name == "column"]
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.CHOOSE_COLUMNS,
            body=WrittenColumns.model_construct(columns=chosen),
        )
        accepted(done)
        return see_other(replace(self._asked(request, form), columns=()).address())

    async def keep_view(self, request: web.Request) -> web.StreamResponse:
        """Keep what the list shows under a name."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=list_of(request))
        asked, name = self._asked(request, form), form.get("name", "").strip()
        if (
            not 0 < len(name) <= MAX_NAME
            or any(mark in name for mark in _ELSEWHERE)
            or not name.isprintable()
            or name in _UPWARDS
        ):
            return self._unnamed(request, asked)
        given: dict[str, Any] = {"filter": filter_of(asked), "sort": SORTS.get(asked.sort), "columns": [*asked.columns]}
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.WRITE_VIEW,
            body=WrittenView.model_construct(**given),
            parameters={"name": name},
            query=_shelf(form),
        )
        accepted(done)
        return see_other(asked.address())

    async def take_view_away(self, request: web.Request) -> web.StreamResponse:
        """Take a view away, as it was shown; one that is gone by now is gone."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=list_of(request))
        version = form.get("version", "")
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.DELETE_VIEW,
            parameters={"name": form.get("name", "")},
            query=_shelf(form),
            if_match=version or None,
        )
        accepted(done)
        return see_other(self._asked(request, form).address())

    def _asked(self, request: web.Request, form: Mapping[str, str]) -> Narrowed:
        """What the list asked for on which the button was pressed."""
        asked = narrowed(query_of(form.get("here", "")), states_of(self.pages.roles(request)))
        return replace(asked, place={})

    def _unnamed(self, request: web.Request, asked: Narrowed) -> web.Response:
        text, language = self.pages.rendering.text, language_of(request)
        return self.pages.rendering.message(
            request,
            "review-view",
            status=422,
            again=asked.address(),
            further=(asked.address(), text(language, "review.bulk.back")),
        )


def _shelf(form: Mapping[str, str]) -> Shelf:
    """For whom the view is kept."""
    kind, _, code = form.get("shelf", "").partition(":")
    given = {kind: code} if kind in ("centre", "commission") else {}
    return Shelf.model_construct(_fields_set=set(given), **given)
