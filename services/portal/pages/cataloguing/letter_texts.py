"""The pages on which the words of letters are written, and looked at before they count."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoints import letter_texts as endpoints
from services.contracts.api.letter_texts import LetterTextsBody, LetterTextsView
from services.contracts.api.problem import Problem
from services.contracts.refusals import STALE_VERSION
from services.portal.api import Api, accepted
from services.portal.downloads import passed_on
from services.portal.forms import MAX_LONG_FORM_BYTES, command_key, errors_of
from services.portal.pages.cataloguing.programme import SAVED
from services.portal.paths import LETTERS, PARAMETERS
from services.portal.rendering import Rendering, come_back, language_of, see_other

FIELDS: Final = ("title", "body", "signatory")
_ONE: Final = LETTERS + "/{kind}/{language}"


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    pages, guarded = _Letters(rendering, api), rendering.guarded
    return [
        web.get(LETTERS, guarded(pages.every, signed_in=True)),
        web.get(_ONE, guarded(pages.show, signed_in=True)),
        web.post(_ONE, guarded(pages.save, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
    ]


@dataclass(frozen=True, slots=True)
class _Letters:
    rendering: Rendering
    api: Api

    async def every(self, request: web.Request) -> web.StreamResponse:
        """Every letter in every language."""
        return self.rendering.page(
            request, "letter_texts.html", items=await self._all(request), address=LETTERS, back=PARAMETERS
        )

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The words that are in force."""
        view = await self._one(request)
        typed = {name: getattr(view, name) for name in FIELDS}
        return self._form(request, view, typed, version=str(view.version))

    async def save(self, request: web.Request) -> web.StreamResponse:
        """Write what was typed over the version that was looked at; or show the letter that it would make; or go back."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=request.path)
        typed = {name: form.get(name, "").replace("\r\n", "\n") for name in FIELDS}
        body = LetterTextsBody.model_construct(set(FIELDS), **typed)
        if form.get("do") == "preview":
            return await self._preview(request, form, typed, body)
        if form.get("do") == "reset":
            found = await self.api.ask(
                request,
                language_of(request),
                endpoints.RESET_LETTER_TEXTS,
                parameters=request.match_info,
                key=command_key(form, "reset"),
                if_match=form.get("version", ""),
            )
        else:
            found = await self.api.ask(
                request,
                language_of(request),
                endpoints.SET_LETTER_TEXTS,
                body=body,
                parameters=request.match_info,
                key=command_key(form, *typed.values()),
                if_match=form.get("version", ""),
            )
        if not isinstance(found, Problem):
            return see_other(f"{request.path}?{SAVED}=1")
        return await self._refused(request, form, typed, found)

    async def _preview(
        self, request: web.Request, form: Mapping[str, str], typed: Mapping[str, str], body: LetterTextsBody
    ) -> web.StreamResponse:
        language, parameters = language_of(request), request.match_info
        asking = self.api.transfer(request, language, endpoints.LETTER_PREVIEW, body, parameters=parameters)
        async with asking as found:
            if isinstance(found, Problem):
                return await self._refused(request, form, typed, found)
            return await passed_on(request, found)

    async def _refused(
        self, request: web.Request, form: Mapping[str, str], typed: Mapping[str, str], problem: Problem
    ) -> web.StreamResponse:
        view = await self._one(request)
        stale = problem.slug == STALE_VERSION.name
        errors = {} if stale else errors_of(problem)
        version = str(view.version) if stale else form.get("version", "")
        shown = self._form(request, view, typed, version=version, errors=errors, status=problem.status, stale=stale)
        return come_back(shown, problem)

    async def _all(self, request: web.Request) -> Sequence[LetterTextsView]:
        found = await self.api.ask(request, language_of(request), endpoints.LETTER_TEXTS)
        return accepted(found).items

    async def _one(self, request: web.Request) -> LetterTextsView:
        for view in await self._all(request):
            if (view.kind, view.language) == (request.match_info["kind"], request.match_info["language"]):
                return view
        raise web.HTTPNotFound

    def _form(
        self,
        request: web.Request,
        view: LetterTextsView,
        typed: Mapping[str, str],
        *,
        version: str,
        errors: Mapping[str, str] | None = None,
        **values: Any,
    ) -> web.Response:
        values = {"status": 200, "stale": False} | values
        return self.rendering.page(
            request,
            "letter_text.html",
            again=request.path,
            action=request.path,
            back=LETTERS,
            view=view,
            typed=typed,
            looked_at=version,
            saved=SAVED in request.query,
            key=secrets.token_urlsafe(16),
            errors=errors or {},
            **values,
        )
