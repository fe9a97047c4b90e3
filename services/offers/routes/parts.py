"""HTTP of those who keep what programmes name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import catalogue_parts as api
from services.contracts.api.catalogue import WrittenContact, WrittenLine
from services.contracts.api.endpoints import catalogue_parts as endpoints
from services.contracts.refusals import FieldError
from services.offers.domain.boards import Alerts, Letters
from services.offers.domain.calendar import Days
from services.offers.domain.kept import Asked, Centre, Commission, KeptPart, Kind, Said, check, kind_of
from services.offers.domain.programmes import Contact, Requirement, Unit
from services.offers.domain.text import Text
from services.offers.usecases import kept as usecases
from services.offers.usecases.app import App
from services.offers.views import staff_parts
from services.offers.views.public import Views

Body = api.WrittenCentre | api.WrittenCommission | api.WrittenRequirement
Shown = api.StaffCentre | api.StaffCommission | api.StaffRequirement


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes."""
    return [
        Route(endpoints.CENTRES, partial(_list, app, views, "centre")),
        Route(endpoints.COMMISSIONS, partial(_list, app, views, "commission")),
        Route(endpoints.REQUIREMENTS, partial(_list, app, views, "requirement")),
        Route(endpoints.CENTRE, partial(_kept, app, views, "centre")),
        Route(endpoints.COMMISSION, partial(_kept, app, views, "commission")),
        Route(endpoints.REQUIREMENT, partial(_kept, app, views, "requirement")),
        Route(endpoints.WRITE_CENTRE, partial(_write, app, views), rules=partial(_rules, views)),
        Route(endpoints.WRITE_COMMISSION, partial(_write, app, views), rules=partial(_rules, views)),
        Route(endpoints.WRITE_REQUIREMENT, partial(_write, app, views), rules=partial(_rules, views)),
    ]


async def _list(app: App, views: Views, kind: Kind, request: Request) -> Response[api.StaffParts]:
    uses = views.catalogue.uses()
    found = await usecases.kept_parts_within(app, kind, uses, request.actor.grants)
    return Response(staff_parts.rows(found, request.query(api.PartsPage), uses, request.language))


async def _kept(app: App, views: Views, kind: Kind, request: Request) -> Response[Any]:
    kept = await usecases.kept_part(app, kind, request.path["code"], views.catalogue.uses(), request.actor.grants)
    return _shown(kept, views)


async def _write(app: App, views: Views, request: Posted[Any]) -> Response[Any]:
    # What If-Match names is the revision, not how often the document was written.
    command, expected = replace(request.command, expected=None), request.command.expected
    written = await usecases.keep_part(
        app,
        _said(request.path["code"], request.body),
        views.catalogue.uses(),
        command,
        grants=request.actor.grants,
        expected=expected,
    )
    return replace(_shown(written.kept, views), events=written.events)


async def _rules(views: Views, request: Posted[Any]) -> Sequence[FieldError]:
    """Of what could be read; whose it is shows when it is written."""
    said = _said(request.path["code"], request.body)
    return check(said, views.catalogue.uses().get((kind_of(said), said.unit.code)))


def _shown(kept: KeptPart, views: Views) -> Response[Any]:
    uses = views.catalogue.uses()
    view: Shown
    match kept.said:
        case Centre() as centre:
            view = staff_parts.centre(kept, centre, uses)
        case Commission() as commission:
            view = staff_parts.commission(kept, commission, uses)
        case Asked() as asked:
            view = staff_parts.requirement(kept, asked, uses)
    return Response(view, etag=kept.revision)


def _said(code: str, body: Body) -> Said:
    unit = Unit(code, text_of(body.label))
    match body:
        case api.WrittenCentre():
            days = Days(**{name: getattr(body.dates, name) for name in api.WrittenDays.model_fields})
            return Centre(unit, contact_of(body.contact), days)
        case api.WrittenCommission():
            said, told = body.letters, body.alerts
            letters = Letters(tuple(said.kinds), said.signatory.strip(), said.function.strip(), said.signature.strip())
            alerts = Alerts(tuple(told.on), told.email.strip(), told.language)
            return Commission(unit, body.centre, contact_of(body.contact), letters, alerts)
        case api.WrittenRequirement():
            requirement = Requirement(
                code,
                unit.label,
                conditional=body.conditional,
                optional=body.optional,
                common=body.common,
                per_application=body.per_application,
                max_bytes=body.max_bytes,
                media_types=tuple(body.media_types),
                model_document=(body.model_document or "").strip() or None,
                registrar_code=(body.registrar_code or "").strip() or None,
            )
            return Asked(requirement, body.centre)


def text_of(line: WrittenLine) -> Text:
    """A line as it is kept."""
    return Text(line.fr.strip(), (line.en or "").strip() or None)


def contact_of(contact: WrittenContact) -> Contact:
    """A contact as it is kept."""
    return Contact(
        contact.name.strip(),
        tuple(contact.address),
        contact.email.strip(),
        contact.phone.strip(),
        contact.url.strip(),
    )
