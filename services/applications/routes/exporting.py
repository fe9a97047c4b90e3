"""HTTP of lists as files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

from services.applications.usecases.app import App
from services.applications.usecases.departed import gone
from services.applications.views.exporting import ExportViews
from services.applications.views.knowing import KnownFiles
from services.applications.views.listing import ListViews
from services.applications.views.reaching import CampaignViews
from services.chassis.routing import Request, Response, Route
from services.contracts.api import filters as api
from services.contracts.api.documents import attachment
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import review as endpoints


def routes(app: App) -> Sequence[Route]:
    """A route for each format."""
    views = export_views(app)
    return [
        Route(endpoints.EXPORT_CSV, partial(_table, views)),
        Route(endpoints.EXPORT_XLSX, partial(_workbook, views)),
    ]


def known_files(app: App) -> KnownFiles:
    """What columns tell of files."""
    return KnownFiles(
        app.applications,
        app.programmes,
        app.cards,
        app.sheets,
        app.decisions,
        app.pre_enrolments,
        app.staff,
        app.languages,
        app.zone,
    )


def list_views(app: App) -> ListViews:
    """The lists that staff ask for."""
    campaigns = CampaignViews(app.campaigns, app.listing)
    return ListViews(app.listing, app.programmes, app.cards, campaigns, partial(gone, app))


def export_views(app: App, folder: Path | None = None) -> ExportViews:
    """Lists as files; what is written before it is sent stands in `folder`, or where the system has temporary files."""
    return ExportViews(list_views(app), known_files(app), app.programmes, app.export_places, folder)


async def _table(views: ExportViews, request: Request) -> Response[None]:
    query = request.query(api.ReviewExport)
    return _sent(request, endpoints.EXPORT_CSV, await views.lines(request.actor, query, request.language))


async def _workbook(views: ExportViews, request: Request) -> Response[None]:
    query = request.query(api.ReviewExport)
    return _sent(request, endpoints.EXPORT_XLSX, await views.workbook(request.actor, query, request.language))


def _sent(request: Request, endpoint: Endpoint[None, None], chunks: AsyncIterator[bytes]) -> Response[None]:
    name = f"export-{request.command.now:%Y-%m-%d}.{endpoint.path.rpartition('.')[2]}"
    headers = {
        "Content-Type": endpoint.download[0],
        "Content-Language": request.language,
        "Content-Disposition": attachment(name),
    }
    return Response(stream=chunks, headers=headers)
