"""Pages of documents as pictures, for who may read them: how many there are, and each passed on from the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from services.contracts.api.documents import DocumentPages, PreviewQuery
from services.contracts.api.endpoints import documents
from services.contracts.api.problem import Problem
from services.portal.api import Api
from services.portal.downloads import handed_on
from services.portal.rendering import Rendering, language_of

MOST: Final = 20
"""Pictures of a document on one page; the rest is in the file."""
PAGE: Final = "{page:[1-9][0-9]{0,4}}"


@dataclass(frozen=True, slots=True)
class Previews:
    """Shows documents on pages."""

    rendering: Rendering
    api: Api

    async def shown(self, request: web.Request, document: str, address: str) -> tuple[list[str], str]:
        """The addresses of its pictures, below that of the document's page; and what to say of those that are not there.

        That nothing can be drawn now is no reason not to show the rest of a page; raises LoginNeeded, ApiUnavailable.
        """
        language = language_of(request)
        counted = await self.api.ask(request, language, documents.PAGES, parameters={"id": document})
        if isinstance(counted, Problem):
            return [], counted.detail
        more = self._more(request, counted)
        return [f"{address}/apercu/{number}" for number in range(1, min(counted.pages, MOST) + 1)], more

    async def picture(self, request: web.Request, document: str) -> web.StreamResponse:
        """One of them, never kept."""
        query = PreviewQuery(page=int(request.match_info["page"]))
        return await handed_on(self.rendering, self.api, request, documents.PREVIEW, {"id": document}, query=query)

    def _more(self, request: web.Request, counted: DocumentPages) -> str:
        if counted.pages <= MOST:
            return ""
        return self.rendering.text(language_of(request), "preview.more", shown=MOST, pages=counted.pages)
