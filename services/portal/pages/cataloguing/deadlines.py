"""The page on which submission deadlines are moved, for everybody, for a centre or for a programme."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.texts import formats
from services.contracts.api.catalogue import Choices
from services.contracts.api.endpoints.catalogue import CHOICES
from services.contracts.api.endpoints.offers import DEADLINES as MOVED
from services.contracts.api.endpoints.offers import MOVE_DEADLINE
from services.contracts.api.offers import DeadlineMove, MoveDeadline
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.contracts.refusals import NOT_FOUND
from services.portal.api import Api, accepted
from services.portal.forms import command_key, errors_of
from services.portal.pages.cataloguing.programme import SAVED
from services.portal.paths import DEADLINES, STAFF_CATALOGUE
from services.portal.rendering import Rendering, come_back, language_of, see_other

SCOPES: Final = ("all", "centre", "programme")
FIELDS: Final = ("submission_deadline", "reason")


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The routes; instants are shown on the clock of `zone`."""
    pages = _Deadlines(rendering, api, zone)
    return [
        web.get(DEADLINES, rendering.guarded(pages.show, signed_in=True)),
        web.post(DEADLINES, rendering.guarded(pages.move, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Deadlines:
    rendering: Rendering
    api: Api
    zone: ZoneInfo

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What is moved, and a form for more."""
        return await self._page(request, {"scope": SCOPES[0]})

    async def move(self, request: web.Request) -> web.StreamResponse:
        """Move what was asked for; pressed twice it is moved once."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=DEADLINES)
        given: dict[str, Any] = {name: said for name in FIELDS if (said := form.get(name, "").strip())}
        scope = form.get("scope", "")
        if wrong := self._misdirected(request, form, scope):
            return await self._page(request, form, status=422, errors=wrong)
        if scope in SCOPES[1:]:
            if not (code := form.get(scope, "").strip()):
                missing = {scope: self.rendering.text(language_of(request), f"deadlines.missing_{scope}")}
                return await self._page(request, form, status=422, errors=missing)
            given[scope] = code
        done = await self.api.ask(
            request,
            language_of(request),
            MOVE_DEADLINE,
            body=MoveDeadline.model_construct(_fields_set=set(given), **given),
            key=command_key(form, *(f"{name}={said}" for name, said in given.items())),
        )
        if not isinstance(done, Problem):
            return see_other(f"{DEADLINES}?{SAVED}=1")
        errors = errors_of(done)
        if done.slug == NOT_FOUND.name:
            where = scope if scope in SCOPES[1:] else "scope"
            errors = {where: self.rendering.text(language_of(request), "deadlines.beyond")}
        return come_back(await self._page(request, form, status=done.status, errors=errors), done)

    def _misdirected(self, request: web.Request, form: Mapping[str, str], scope: str) -> Mapping[str, str]:
        """What is wrong where it is not said for whom, or less is named than is chosen: it would move for too many."""
        named = [each for each in SCOPES[1:] if each != scope and form.get(each, "").strip()]
        if scope in SCOPES and not named:
            return {}
        language = language_of(request)
        if named:
            return {"scope": self.rendering.text(language, "deadlines.whom")}
        return {"scope": self.rendering.text(language, "deadlines.missing_scope")}

    async def _page(
        self,
        request: web.Request,
        typed: Mapping[str, str],
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        language = language_of(request)
        found = await self.api.ask(request, language, MOVED)
        moves = accepted(found).items
        narrowed = await self.api.ask(request, language, CHOICES)
        choices = accepted(narrowed)
        return self.rendering.page(
            request,
            "deadlines.html",
            status=status,
            again=DEADLINES,
            action=DEADLINES,
            back=STAFF_CATALOGUE,
            typed=typed,
            scopes=SCOPES,
            centres=[
                {"value": each.code, "text": each.label, "selected": each.code == typed.get("centre")}
                for each in choices.centres
            ],
            rows=[self._row(each, choices, language) for each in moves],
            key=secrets.token_urlsafe(16),
            errors=errors or {},
            saved=SAVED in request.query,
        )

    def _row(self, move: DeadlineMove, choices: Choices, language: Language) -> Mapping[str, Any]:
        names = {each.code: each.label for each in choices.centres}
        whom = self.rendering.text(language, "deadlines.all")
        if move.centre:
            whom = names.get(move.centre, move.centre)
        elif move.programme:
            whom = f"{move.title} ({move.programme})" if move.title else move.programme
        return {
            "whom": whom,
            "day": formats.day(move.submission_deadline, language),
            "moved_on": formats.day(instant(move.moved_at).astimezone(self.zone).date(), language),
            "reason": move.reason,
        }
