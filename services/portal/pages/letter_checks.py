"""Where whoever holds a printed letter sees whether it is genuine; the code stands in the path, the name in no address."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.contracts.api.endpoints import letter_checks as endpoints
from services.contracts.api.endpoints import offers
from services.contracts.api.letter_checks import LETTER_PAGE, LONGEST_NAME, LetterNameBody
from services.contracts.api.problem import Problem
from services.contracts.text import visible
from services.portal.api import Api
from services.portal.pages.receipts import code_of
from services.portal.rendering import Rendering, language_of, see_other


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes, open to everybody."""
    own = _Letters(rendering, api)
    return [
        web.get(LETTER_PAGE, rendering.guarded(own.ask)),
        web.post(LETTER_PAGE, rendering.guarded(own.look)),
        web.get(LETTER_PAGE + "/{code}", rendering.guarded(own.check)),
        web.post(LETTER_PAGE + "/{code}", rendering.guarded(own.compare)),
    ]


@dataclass(frozen=True, slots=True)
class _Letters:
    rendering: Rendering
    api: Api

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The form for who types the code."""
        return self._form(request)

    async def look(self, request: web.Request) -> web.StreamResponse:
        """On to the page of what was typed, however it was: in capitals, in groups, or as the whole address."""
        form = await self.rendering.form(request, of_anybody=True)
        if form is None:
            return self.rendering.foreign(request, again=LETTER_PAGE)
        typed = form.get("code", "").strip()
        code = code_of(typed)
        if code is None or "." in code:
            return self._form(request, typed=typed, status=422)
        return see_other(f"{LETTER_PAGE}/{code}")

    async def check(self, request: web.Request) -> web.StreamResponse:
        """What the letter of a code says, or that there is none."""
        return await self._checked(request)

    async def compare(self, request: web.Request) -> web.StreamResponse:
        """The same, and whether it was made for the name that was typed."""
        here = f"{LETTER_PAGE}/{request.match_info['code']}"
        form = await self.rendering.form(request, of_anybody=True)
        if form is None:
            return self.rendering.foreign(request, again=here)
        typed = visible(form.get("name", "")).strip()
        if not typed or len(typed) > LONGEST_NAME:
            return await self._unreadable(request, typed)
        found = await self.api.ask(
            request,
            language_of(request),
            endpoints.CHECK_LETTER_NAME,
            parameters={"code": request.match_info["code"]},
            body=LetterNameBody.model_construct(name=typed),
        )
        if isinstance(found, Problem):
            if found.status == 429:
                return await self._checked(request, typed=typed, errors={"name": found.detail}, status=429)
            return await self._unreadable(request, typed) if found.status == 422 else self._problem(request, found)
        return await self._checked(request, typed=typed, agrees=found.agrees)

    async def _unreadable(self, request: web.Request, typed: str) -> web.StreamResponse:
        wrong = {"name": self.rendering.text(language_of(request), "letter_check.name_missing")}
        return await self._checked(request, typed=typed, errors=wrong, status=422)

    async def _checked(
        self,
        request: web.Request,
        *,
        typed: str = "",
        agrees: bool | None = None,
        errors: dict[str, str] | None = None,
        status: int = 200,
    ) -> web.StreamResponse:
        language, code = language_of(request), request.match_info["code"]
        found = await self.api.ask(request, language, endpoints.CHECK_LETTER, parameters={"code": code})
        if isinstance(found, Problem):
            return self._problem(request, found)
        institution = await self.api.ask(request, language, offers.INSTITUTION)
        return self._page(
            request,
            "letter_checked.html",
            status=status,
            found=found,
            institution=None if isinstance(institution, Problem) else institution.name,
            action=f"{LETTER_PAGE}/{code}",
            typed=typed,
            agrees=agrees,
            errors=errors or {},
        )

    def _problem(self, request: web.Request, found: Problem) -> web.StreamResponse:
        if found.status != 404:
            return self.rendering.problem(request, found)
        return self.rendering.page(request, "letter_unknown.html", status=404, address=LETTER_PAGE)

    def _form(self, request: web.Request, *, typed: str = "", status: int = 200) -> web.Response:
        wrong = {"code": self.rendering.text(language_of(request), "check.malformed")} if status != 200 else {}
        return self._page(request, "letter_code.html", status=status, action=LETTER_PAGE, typed=typed, errors=wrong)

    def _page(self, request: web.Request, template: str, *, action: str, **values: Any) -> web.Response:
        key = secrets.token_urlsafe(16)
        return self.rendering.page(
            request, template, again=action, action=action, address=LETTER_PAGE, key=key, **values
        )
