"""HTTP of documents: models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.chassis.http.raw_bodies import RawBody
from services.chassis.routing import Request, Response, Route
from services.contracts.api import models as api
from services.contracts.api.documents import attachment
from services.contracts.api.endpoints import models as endpoints
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND
from services.documents.domain.models import Model, wanted_range
from services.documents.domain.uploads import PDF, download_filename
from services.documents.routes.uploads import declared
from services.documents.usecases import models
from services.documents.usecases.app import App


def routes(app: App) -> Sequence[Route]:
    """The routes of models."""
    return [
        Route(endpoints.PUT_MODEL, partial(_put, app)),
        Route(endpoints.MODEL, partial(_get, app)),
    ]


async def _put(app: App, request: Request) -> Response[api.ModelFile]:
    offer, body = declared(request), RawBody(request.http)
    requirement = request.path["requirement"]
    if len(requirement) > api.LONGEST_CODE:
        raise NOT_FOUND()
    return Response(_view(await models.put(app, requirement, offer, body, request.command, client=request.client)))


async def _get(app: App, request: Request) -> Response[None]:
    model = await models.found(app, request.path["requirement"])
    tag, http = model.sha256, request.http.headers
    asked = http.get("Range") if http.get("If-Range", f'"{tag}"') == f'"{tag}"' else None
    part = None if request.http.method == "HEAD" else wanted_range(asked, model.size)
    begin, end = part or (0, model.size)
    kept = attachment(download_filename(model.filename, PDF))
    shown = f"inline{kept.removeprefix('attachment')}"
    headers = {
        "Content-Type": PDF,
        "Content-Length": str(end - begin),
        "Content-Disposition": kept if request.query(api.ModelQuery).download else shown,
        "Accept-Ranges": "bytes",
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{model.size}"
    stream = models.content(app, model, part)
    return Response(stream=stream, headers=headers, etag=tag, status=206 if part is not None else None)


def _view(model: Model) -> api.ModelFile:
    return api.ModelFile(
        requirement=model.requirement,
        model_document=endpoints.MODEL.at(requirement=model.name),
        filename=model.filename,
        size=model.size,
        sha256=model.sha256,
        put_at=instant_text(model.at),
    )
