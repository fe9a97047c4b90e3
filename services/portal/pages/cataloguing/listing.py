"""The programmes within one's reach, found by words, state, centre and type of diploma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args
from urllib.parse import quote, urlencode

from aiohttp import web

from services.chassis.texts import formats
from services.contracts.actors import Role
from services.contracts.api.catalogue import CataloguePage, Choices, StaffProgrammeRow, StateName
from services.contracts.api.endpoints import catalogue as endpoints
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.portal.api import Api, accepted
from services.portal.forms import errors_of
from services.portal.paths import STAFF_CATALOGUE
from services.portal.rendering import Rendering, language_of

STATES: Final[tuple[StateName, ...]] = get_args(StateName)
COLOURS: Final[Mapping[str, str]] = {
    "open": "govuk-tag--green",
    "closed": "govuk-tag--grey",
    "not-offered": "govuk-tag--yellow",
    "withdrawn": "govuk-tag--red",
}
"""The class of a state's tag; blue where none is named."""
FILTERS: Final[Mapping[str, str]] = {
    "q": "q",
    "etat": "state",
    "centre": "centre",
    "diplome": "diploma",
    "after": "after",
}
"""What stands behind the `?` of the page, and what the API calls it."""


def address_of(code: str, *parts: str) -> str:
    """The address of a page of a programme."""
    return "/".join((STAFF_CATALOGUE, *(quote(part, safe="") for part in (code, *parts))))


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The route."""
    return [web.get(STAFF_CATALOGUE, rendering.guarded(_Listing(rendering, api).show, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Listing:
    rendering: Rendering
    api: Api

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One page of what is asked for."""
        language, asked = language_of(request), _asked(request)
        choices = await self.api.ask(request, language, endpoints.CHOICES)
        query = CataloguePage.model_construct(_fields_set=set(asked), **asked)
        found = await self.api.ask(request, language, endpoints.STAFF_PROGRAMMES, query=query)
        errors: dict[str, str] = {}
        if isinstance(found, Problem):
            if not found.fields:
                return self.rendering.problem(request, found)
            errors = errors_of(found)
        rows = None if isinstance(found, Problem) else found
        return self.rendering.page(
            request,
            "catalogue_programmes.html",
            status=422 if errors else 200,
            action=STAFF_CATALOGUE,
            asked=asked,
            sets=Role.ADMIN.value in self._roles(request),
            moves=not self._roles(request).isdisjoint((Role.ADMIN.value, Role.MANAGER.value)),
            errors=errors,
            states=self._states(language, asked),
            options=_options(accepted(choices), asked),
            rows=[self._row(row, language) for row in rows.items] if rows else [],
            total=rows.total if rows else 0,
            first=_link(asked | {"after": ""}) if asked.get("after") else None,
            next=_link(asked | {"after": rows.next}) if rows and rows.next else None,
        )

    def _roles(self, request: web.Request) -> frozenset[str]:
        session = self.rendering.visits.of(request).session
        return frozenset() if session is None else session.roles

    def _states(self, language: Language, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        words = [(state, self.rendering.text(language, f"catalogue.state.{state}")) for state in STATES]
        return [{"value": "", "text": self.rendering.text(language, "catalogue.any")}] + [
            {"value": state, "text": label, "selected": asked.get("state") == state} for state, label in words
        ]

    def _row(self, row: StaffProgrammeRow, language: Language) -> Mapping[str, Any]:
        return {
            "address": address_of(row.code),
            "title": row.title,
            "code": row.code,
            "centre": row.centre.label,
            "diploma": row.diploma.label,
            "state": self.rendering.text(language, f"catalogue.state.{row.state}"),
            "colour": COLOURS.get(row.state, ""),
            "opens_on": formats.day(row.window.opens_on, language),
            "deadline": formats.day(row.submission_deadline, language),
        }


def _asked(request: web.Request) -> dict[str, Any]:
    """What the address asks for; what is left empty is not asked for."""
    given = {name: " ".join(request.query.get(there, "").split()) for there, name in FILTERS.items()}
    return {name: value for name, value in given.items() if value}


def _link(asked: Mapping[str, Any]) -> str:
    query = {there: asked[name] for there, name in FILTERS.items() if asked.get(name)}
    return f"{STAFF_CATALOGUE}?{urlencode(query)}" if query else STAFF_CATALOGUE


def _options(choices: Choices, asked: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [
            {"value": unit.code, "text": unit.label, "selected": asked.get(name) == unit.code}
            for unit in getattr(choices, kind)
        ]
        for name, kind in (("centre", "centres"), ("diploma", "diplomas"))
    }
