"""The catalogue: centre, type of diploma, programme; the filter; and the page of one programme (acceptance 36 to 38).

A phone is never sent thousands of programmes. What is asked for is shown whole, as a tree, if it is little; of much, only
the nodes next below, each with how many it holds, as links; and a node that is long by itself is paged.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from services.contracts.api import offers
from services.contracts.api.endpoints import offers as endpoints
from services.contracts.api.problem import Problem
from services.portal.api import Api
from services.portal.rendering import Rendering, language_of

CATALOGUE: Final = "/formations"
WHOLE: Final = 50
"""Programmes that are shown at once."""
MEDIA_TYPES: Final[Mapping[str, str]] = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}
_CODE: Final = re.compile(offers.CODE_PATTERN)
_CHOICES: Final = ("q", "centre", "diploma")


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The routes; days end on the clock of `zone`."""
    pages = _Formations(rendering, api, zone)
    return [
        web.get(CATALOGUE, rendering.guarded(pages.catalogue)),
        web.get(f"{CATALOGUE}/{{code}}", rendering.guarded(pages.programme)),
    ]


@dataclass(frozen=True, slots=True)
class _Formations:
    """The catalogue's pages."""

    rendering: Rendering
    api: Api
    zone: ZoneInfo

    async def catalogue(self, request: web.Request) -> web.StreamResponse:
        """All that the filter leaves, as much of it as one page carries."""
        language, asked = language_of(request), _asked(request)
        query = offers.Filter.model_construct(**asked)
        facets = await self.api.ask(request, language, endpoints.FACETS, query=query)
        if isinstance(facets, Problem):
            return self._refused(request, asked, facets)
        found: offers.Tree | offers.Programmes | Problem | None = None
        nodes: list[tuple[offers.Facet, str]] = []
        if facets.total <= WHOLE:
            every = offers.TreeQuery.model_construct(**asked, limit=offers.MAX_LIMIT)
            found = await self.api.ask(request, language, endpoints.TREE, query=every)
        elif (level := _level(asked, facets)) is not None:
            below = facets.centres if level == "centre" else facets.diplomas
            nodes = [(facet, _address(asked | {level: facet.code})) for facet in below]
        else:
            after = {"after": place} if (place := request.query.get("after")) else {}
            page = offers.ProgrammesQuery.model_construct(**(asked | after), limit=WHOLE)
            found = await self.api.ask(request, language, endpoints.PROGRAMMES, query=page)
        if isinstance(found, Problem):
            return self._refused(request, asked, found)
        following = found.next if isinstance(found, offers.Programmes) else None
        return self.rendering.page(
            request,
            "formations.html",
            asked=asked,
            filters=self._filters(request, asked, facets),
            facets=facets,
            nodes=nodes,
            tree=found.items if isinstance(found, offers.Tree) else None,
            programmes=found.items if isinstance(found, offers.Programmes) else None,
            following=_address(asked | {"after": following}) if following else None,
            beginning=_address(asked) if request.query.get("after") else None,
            errors={},
            public=True,
            made_of=(facets, found),
        )

    async def programme(self, request: web.Request) -> web.StreamResponse:
        """All that there is to know of one programme, and the button by which one applies."""
        code = request.match_info["code"]
        if not _CODE.fullmatch(code):
            return self.rendering.message(request, "missing", status=404)
        found = await self.api.ask(request, language_of(request), endpoints.PROGRAMME, parameters={"code": code})
        if isinstance(found, Problem):
            return self._gone(request, found)
        return self.rendering.page(
            request,
            "formation.html",
            programme=found,
            end_of=self._end_of,
            zone=self.zone,
            types=_types,
            key=secrets.token_urlsafe(16),
            public=not found.open,
            made_of=(found,),
        )

    def _end_of(self, day: date) -> datetime:
        """The last minute of a day."""
        return datetime.combine(day, time(23, 59), self.zone)

    def _filters(self, request: web.Request, asked: Mapping[str, Any], facets: offers.Facets) -> list[str]:
        """What is asked for, in words."""
        language = language_of(request)
        labels = {f"{kind}:{facet.code}": facet.label for kind, facet in _labelled(facets)}
        found = [labels.get(f"{name}:{asked[name]}", asked[name]) for name in ("centre", "diploma") if name in asked]
        if "q" in asked:
            found.insert(0, self.rendering.text(language, "formations.words", words=asked["q"]))
        if "open" in asked:
            found.append(self.rendering.text(language, "formations.open_now"))
        return found

    def _refused(self, request: web.Request, asked: Mapping[str, Any], problem: Problem) -> web.Response:
        """What is wrong with the filter, beside it; no page of ours leads to any other refusal."""
        errors = {error.field: error.message for error in problem.fields or () if error.field in _CHOICES}
        if not errors:
            return self._gone(request, problem)
        return self.rendering.page(request, "formations.html", status=422, asked=asked, filters=[], errors=errors)

    def _gone(self, request: web.Request, problem: Problem) -> web.Response:
        if problem.status in (404, 422):
            return self.rendering.message(request, "missing", status=404)
        return self.rendering.problem(request, problem)


def _asked(request: web.Request) -> dict[str, Any]:
    """What the address asks for; what is left empty is not asked for."""
    given = {name: " ".join(request.query.get(name, "").split()) for name in _CHOICES}
    asked: dict[str, Any] = {name: value for name, value in given.items() if value}
    return asked | ({"open": True} if request.query.get("open") == "true" else {})


def _level(asked: Mapping[str, Any], facets: offers.Facets) -> str | None:
    """Of which kind the nodes below what is asked for are; None for programmes.

    Who looks for words is shown programmes at once: nodes would hide what was found.
    """
    if "q" in asked:
        return None
    if "centre" not in asked and len(facets.centres) > 1:
        return "centre"
    return "diploma" if "diploma" not in asked and len(facets.diplomas) > 1 else None


def _types(piece: offers.Requirement) -> list[str]:
    """What a piece may be, as people call it."""
    return [MEDIA_TYPES.get(media_type, media_type) for media_type in piece.media_types]


def _labelled(facets: offers.Facets) -> list[tuple[str, offers.Facet]]:
    return [("centre", facet) for facet in facets.centres] + [("diploma", facet) for facet in facets.diplomas]


def _address(asked: Mapping[str, Any]) -> str:
    """The address of a page of the catalogue."""
    return f"{CATALOGUE}?{urlencode({name: 'true' if value is True else value for name, value in asked.items()})}"
