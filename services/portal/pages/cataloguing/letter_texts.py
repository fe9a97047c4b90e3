"""The pages on which the words of letters are written, and looked at before they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web
from pydantic import BaseModel

from services.contracts.api.endpoints import letter_texts as endpoints
from services.contracts.api.letter_texts import LetterTextsBody, LetterTextsView
from services.contracts.api.problem import Problem
from services.portal.api import Api, accepted
from services.portal.downloads import passed_on
from services.portal.pages.cataloguing.word_pages import WordPages
from services.portal.paths import LETTERS, PARAMETERS
from services.portal.rendering import Rendering, language_of


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    return _Letters(rendering, api).routes()


class _Letters(WordPages):
    address = LETTERS
    fields = ("title", "body", "signatory")
    template = "letter_text.html"
    body = LetterTextsBody
    setting = endpoints.SET_LETTER_TEXTS
    resetting = endpoints.RESET_LETTER_TEXTS

    async def every(self, request: web.Request) -> web.StreamResponse:
        items = await self._all(request)
        return self.rendering.page(request, "letter_texts.html", items=items, address=LETTERS, back=PARAMETERS)

    async def view(self, request: web.Request) -> LetterTextsView:
        for view in await self._all(request):
            if (view.kind, view.language) == (request.match_info["kind"], request.match_info["language"]):
                return view
        raise web.HTTPNotFound

    async def preview(
        self, request: web.Request, form: Mapping[str, str], typed: Mapping[str, str], body: BaseModel
    ) -> web.StreamResponse:
        language, parameters = language_of(request), request.match_info
        asking = self.api.transfer(request, language, endpoints.LETTER_PREVIEW, body, parameters=parameters)
        async with asking as found:
            if isinstance(found, Problem):
                return await self.refused(request, form, typed, found)
            return await passed_on(request, found)

    async def _all(self, request: web.Request) -> Sequence[LetterTextsView]:
        found = await self.api.ask(request, language_of(request), endpoints.LETTER_TEXTS)
        return accepted(found).items
