"""The pages on which the words of letters are written, and looked at before they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel

from services.contracts.api.endpoints import letter_texts as endpoints
from services.contracts.api.endpoints.catalogue import CHOICES
from services.contracts.api.letter_texts import LetterOwner, LetterTextsBody, LetterTextsList, LetterTextsView
from services.contracts.api.problem import Problem
from services.portal.api import Api, accepted
from services.portal.downloads import passed_on
from services.portal.pages.cataloguing.word_pages import WordPages, named
from services.portal.paths import CENTRE_LETTERS, CENTRES, LETTERS, PARAMETERS
from services.portal.rendering import Rendering, language_of

CENTRE: Final = web.RequestKey("centre", str)
"""Where a request notes what its centre is called."""


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    return [*_Letters(rendering, api).routes(), *_OfCentre(rendering, api).routes()]


class _Letters(WordPages):
    address = LETTERS
    fields = ("title", "body", "signatory")
    template = "letter_text.html"
    body = LetterTextsBody
    setting = endpoints.SET_LETTER_TEXTS
    resetting = endpoints.RESET_LETTER_TEXTS

    async def every(self, request: web.Request) -> web.StreamResponse:
        found = await self._all(request)
        names = await self._names(request) if found.centres else {}
        centres = [(_address(code), names.get(code, code)) for code in found.centres]
        return self._list(request, found.items, centres=centres, back=PARAMETERS)

    async def view(self, request: web.Request) -> LetterTextsView:
        for view in (await self._all(request)).items:
            if (view.kind, view.language) == (request.match_info["kind"], request.match_info["language"]):
                return view
        raise web.HTTPNotFound

    async def preview(
        self, request: web.Request, form: Mapping[str, str], typed: Mapping[str, str], body: BaseModel
    ) -> web.StreamResponse:
        asking = self.api.transfer(
            request,
            language_of(request),
            endpoints.LETTER_PREVIEW,
            body,
            parameters=named(request),
            query=self.query(request),
        )
        async with asking as found:
            if isinstance(found, Problem):
                return await self.refused(request, form, typed, found)
            return await passed_on(request, found)

    def extras(self, request: web.Request, view: LetterTextsView) -> Mapping[str, Any]:
        return {"centre": ""}

    async def _all(self, request: web.Request) -> LetterTextsList:
        found = await self.api.ask(request, language_of(request), endpoints.LETTER_TEXTS, query=self.query(request))
        return accepted(found)

    async def _names(self, request: web.Request) -> Mapping[str, str]:
        """What centres are called, by code."""
        offered = await self.api.ask(request, language_of(request), CHOICES)
        return {unit.code: unit.label for unit in accepted(offered).centres}

    def _list(
        self,
        request: web.Request,
        items: Sequence[LetterTextsView],
        *,
        back: str,
        centre: str = "",
        centres: Sequence[tuple[str, str]] = (),
    ) -> web.Response:
        return self.rendering.page(
            request,
            "letter_texts.html",
            items=items,
            address=self.back(request),
            back=back,
            centre=centre,
            centres=centres,
        )


class _OfCentre(_Letters):
    """The same of one centre: its own words count before those of the institution."""

    address = CENTRE_LETTERS

    async def every(self, request: web.Request) -> web.StreamResponse:
        found, code = await self._all(request), request.match_info["code"]
        name = await self._name(request)
        return self._list(request, found.items, back=f"{CENTRES}/{quote(code, safe='')}", centre=name)

    async def view(self, request: web.Request) -> LetterTextsView:
        found = await super().view(request)
        request[CENTRE] = await self._name(request)
        return found

    async def _name(self, request: web.Request) -> str:
        code = request.match_info["code"]
        return (await self._names(request)).get(code, code)  # of one that is no more the code is all that there is

    def back(self, request: web.Request) -> str:
        return _address(request.match_info["code"])

    def query(self, request: web.Request) -> BaseModel | None:
        return LetterOwner.model_construct(_fields_set={"centre"}, centre=request.match_info["code"])

    def extras(self, request: web.Request, view: LetterTextsView) -> Mapping[str, Any]:
        return {"centre": request[CENTRE]}


def _address(code: str) -> str:
    return CENTRE_LETTERS.replace("{code}", quote(code, safe=""))
