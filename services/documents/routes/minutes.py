"""HTTP of documents: minutes of meetings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.chassis.routing import Request, Response, Route
from services.contracts.api.endpoints import minutes as endpoints
from services.documents.domain.uploads import PDF, download_filename
from services.documents.routes.pdfs import pdf_headers
from services.documents.usecases.app import App
from services.documents.usecases.minutes import minutes
from services.documents.views import Views


def routes(app: App, views: Views) -> Sequence[Route]:
    """The route of minutes."""
    return [Route(endpoints.MINUTES_PDF, partial(_get, app, views))]


async def _get(app: App, views: Views, request: Request) -> Response[None]:
    id = request.path["meeting"]
    found = await minutes(app, request.actor, id, request.language, request.command, client=request.client)
    given = await views.content(found.id, found.state)
    filename = download_filename(found.state.filename, PDF)
    headers = {**pdf_headers(found.state.size, filename, request.language), "Accept-Ranges": "none"}
    return Response(stream=given.content, headers=headers, etag=found.state.sha256)
