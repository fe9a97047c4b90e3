"""HTTP of imports: a catalogue comes in a file, and an empty one goes out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from services.chassis.http.problems import Texts
from services.chassis.http.raw_bodies import RawBody
from services.chassis.routing import Request, Response, Route
from services.contracts.api import imports as api
from services.contracts.api.documents import attachment
from services.contracts.api.endpoints import imports as endpoints
from services.contracts.languages import Language
from services.contracts.refusals.offers import CATALOGUE_TOO_LARGE
from services.offers.domain.own_columns import COLUMNS
from services.offers.usecases import own_catalogue
from services.offers.usecases.app import App
from services.offers.usecases.imports import ImportReport
from services.offers.views.public import Views

FORMS: Final[Mapping[str, own_catalogue.Form]] = {"text/csv": "table", "application/json": "json"}
"""What a file is by its announced type; of others it is seen."""
IMPORT_SECONDS: Final = 120.0
"""In which a file that is to be imported has come."""


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes."""
    return [Route(endpoints.IMPORT, partial(_import, app, views)), Route(endpoints.TEMPLATE, _template)]


async def _template(request: Request) -> Response[None]:
    headers = {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": attachment("catalogue.csv")}
    return Response(content=own_catalogue.template().encode(), headers=headers)


async def _import(app: App, views: Views, request: Request) -> Response[api.ImportResult]:
    grants = request.actor.grants
    everything = any(grant.centres is None and grant.commissions is None for grant in grants)
    rights = None if everything else own_catalogue.Rights(grants, views.catalogue.uses())
    body = RawBody(request.http)
    with app.imports.take():
        content = await body.whole(api.MAX_IMPORT_BYTES, IMPORT_SECONDS, CATALOGUE_TOO_LARGE)
        query = request.query(api.ImportQuery)
        form = FORMS.get(request.http.content_type)
        report = await own_catalogue.import_content(
            app, content, request.command, dry_run=query.dry_run, digest=query.digest, form=form, rights=rights
        )
        # Of a file of nothing but faults it is a second's work.
        result = await asyncio.to_thread(_result, report, request.language)
    return Response(result)


def _result(report: ImportReport, language: Language) -> api.ImportResult:
    texts = Texts("offers")
    return api.ImportResult(
        dry_run=report.dry_run,
        digest=report.digest,
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        changes=[
            api.ImportChange(
                line=each.line,
                code=each.code,
                title="" if each.title is None else each.title.within(language),
                change="created" if each.change == "created" else "updated",
                differences=list(each.differences),
            )
            for each in report.changes
        ],
        rejected=[
            api.RejectedRow(
                line=row.line,
                field=row.field,
                column=COLUMNS[row.field][0] if row.field in COLUMNS else None,
                slug=row.slug,
                message=texts.detail(row.slug, language, row.params),
            )
            for row in report.rejected
        ],
    )
