"""HTTP of the institution's parameters: all of them, and doors to some that have a call of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Final

from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import parameters as api
from services.contracts.api.endpoints import offers as endpoints
from services.contracts.refusals import NOT_FOUND, RefusedError
from services.offers.domain.parameters import ParameterSheet
from services.offers.usecases import parameters
from services.offers.usecases.app import App
from services.offers.views import serializers

SECTIONS: Final[Mapping[str, str]] = {"home": "institution", "maintenance": "maintenance"}
"""In which section a message stands."""


def routes(app: App) -> Sequence[Route]:
    """The routes."""
    return [
        Route(endpoints.PARAMETERS, partial(_parameters, app)),
        Route(endpoints.PARAMETER_REVISIONS, partial(_revisions, app)),
        Route(endpoints.SET_PARAMETERS, partial(_set_parameters, app)),
        Route(endpoints.SET_MAINTENANCE, partial(_set_maintenance, app)),
        Route(endpoints.MESSAGE, partial(_message, app)),
        Route(endpoints.SET_MESSAGE, partial(_set_message, app)),
    ]


async def _parameters(app: App, request: Request) -> Response[api.ParametersView]:
    require_all_centres(request)
    return _shown(await parameters.parameters(app))


async def _revisions(app: App, request: Request) -> Response[api.ParameterRevisions]:
    require_all_centres(request)
    return Response(serializers.parameter_revisions(await parameters.parameters(app)))


async def _set_parameters(app: App, request: Posted[api.Given]) -> Response[api.ParametersView]:
    changed = await _set(app, request, request.body.by_key)
    return replace(_shown(changed.sheet), events=changed.events)


async def _set_maintenance(app: App, request: Posted[api.Section]) -> Response[api.MaintenanceRules]:
    keys = {f"maintenance.{name}": name for name in api.SECTIONS["maintenance"].model_fields}
    given = request.body.model_dump(exclude_none=True)
    changed = await _set(app, request, {key: given[name] for key, name in keys.items() if name in given}, keys)
    rules = api.MaintenanceRules.model_validate(asdict(changed.sheet.parameters.maintenance))
    return Response(rules, etag=changed.sheet.revision, events=changed.events)


async def _message(app: App, request: Request) -> Response[api.Message]:
    require_all_centres(request)
    return _message_of(await parameters.parameters(app), request.path["message"])


async def _set_message(app: App, request: Posted[api.MessageGiven]) -> Response[api.Message]:
    code = request.path["message"]
    keys = {f"{SECTIONS[code]}.message_{language}": language for language in ("fr", "en")}
    given = request.body.model_dump(exclude_none=True)
    changed = await _set(app, request, {key: given[name] for key, name in keys.items() if name in given}, keys)
    return replace(_message_of(changed.sheet, code), events=changed.events)


async def _set(
    app: App, request: Request, given: Mapping[str, object], names: Mapping[str, str] | None = None
) -> parameters.Change:
    """Set parameters by key; what is wrong with one is told under its name in the body, where it has another there."""
    require_all_centres(request)
    # What If-Match names is the revision, not how often the document was written.
    command = replace(request.command, expected=None)
    try:
        return await parameters.change_parameters(app, given, command, expected=request.command.expected)
    except RefusedError as refusal:
        refusal.fields = tuple(
            replace(each, field=(names or {}).get(each.field, each.field)) for each in refusal.fields
        )
        raise


def _message_of(sheet: ParameterSheet, code: str) -> Response[api.Message]:
    said = sheet.parameters.institution if code == "home" else sheet.parameters.maintenance
    shown = api.Message(code=code, fr=said.message_fr, en=said.message_en, version=sheet.revision)
    return Response(shown, etag=sheet.revision)


def _shown(sheet: ParameterSheet) -> Response[api.ParametersView]:
    return Response(api.ParametersView.model_validate(asdict(sheet.parameters)), etag=sheet.revision)


def require_all_centres(request: Request) -> None:
    """What counts everywhere is out of the scope of whoever has a right for some centres; raises NOT_FOUND."""
    if not any(grant.centres is None and grant.commissions is None for grant in request.actor.grants):
        raise NOT_FOUND()
