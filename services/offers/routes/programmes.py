"""HTTP of those who keep the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import catalogue as api
from services.contracts.api.endpoints import catalogue as endpoints
from services.contracts.refusals import FieldError
from services.offers.domain.calendar import Calendar
from services.offers.domain.kept import KINDS, parts_kept
from services.offers.domain.parts import Written, meant
from services.offers.domain.programmes import ListGroup, Programme
from services.offers.domain.text import Text
from services.offers.routes.parts import contact_of, text_of
from services.offers.usecases import deadlines, programme_edits
from services.offers.usecases.app import App
from services.offers.usecases.kept import kept_parts_within as within
from services.offers.views import staff_catalogue
from services.offers.views.public import Views


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes."""
    return [
        Route(endpoints.STAFF_PROGRAMMES, partial(_list, views)),
        Route(endpoints.CHOICES, partial(_choices, app, views)),
        Route(endpoints.STAFF_PROGRAMME, partial(_kept, app)),
        Route(endpoints.WRITE_PROGRAMME, partial(_write, app, views), rules=partial(_rules, app, views)),
    ]


async def _list(views: Views, request: Request) -> Response[api.StaffProgrammes]:
    query, grants = request.query(api.CataloguePage), request.actor.grants
    return Response(staff_catalogue.rows(views.catalogue, query, grants, request.language, views.today(request)))


async def _choices(app: App, views: Views, request: Request) -> Response[api.Choices]:
    grants = request.actor.grants
    kept = [each for kind in KINDS for each in await within(app, kind, {}, grants)]
    return Response(staff_catalogue.choices(views.catalogue, parts_kept(kept), grants, request.language))


async def _kept(app: App, request: Request) -> Response[api.StaffProgramme]:
    return await _shown(
        app, await programme_edits.kept_programme(app, request.path["code"], request.actor.grants), request
    )


async def _write(app: App, views: Views, request: Posted[api.WrittenProgramme]) -> Response[api.StaffProgramme]:
    # What If-Match names is the revision, not how often the document was written.
    command, expected = replace(request.command, expected=None), request.command.expected
    kept = await programme_edits.write_programme(
        app,
        request.path["code"],
        _written(request.body),
        views.catalogue.parts(),
        command,
        published=request.body.published,
        grants=request.actor.grants,
        expected=expected,
    )
    return replace(await _shown(app, kept.saved.state, request), events=kept.events)


async def _rules(app: App, views: Views, request: Posted[api.WrittenProgramme]) -> Sequence[FieldError]:
    """Of what could be read; whose programme it is shows when it is written."""
    written = _written(request.body)
    kept = await programme_edits.kept_parts(app, written)
    return meant(request.path["code"], written, "", views.catalogue.parts(), None, kept=kept)[1]


async def _shown(app: App, programme: Programme, request: Request) -> Response[api.StaffProgramme]:
    moved = await deadlines.deadlines_moved(app, request.command)
    return Response(staff_catalogue.kept(programme, moved.of(programme)), etag=programme.revision)


def _written(body: api.WrittenProgramme) -> Written:
    information = body.information
    return Written(
        title=text_of(body.title),
        centre=body.centre,
        diploma=body.diploma,
        commission=body.commission,
        calendar=Calendar(**{name: getattr(body.dates, name) for name in api.WrittenDates.model_fields}),
        contact=contact_of(body.contact),
        keywords=tuple(body.keywords),
        route=body.route,
        offered=body.offered,
        capacity=body.capacity,
        information=Text(information.fr, information.en or None),
        requirements=tuple(body.requirements),
        forms=tuple(body.forms),
        questions=tuple(body.questions),
        groups=None
        if body.groups is None
        else tuple(ListGroup(each.code, text_of(each.label), each.places) for each in body.groups),
        passes_on=body.passes_on,
    )
