"""The calls by which an administrator gives and takes the rights of staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from services.accounts.domain.account import Account
from services.accounts.usecases import staff_by_ent, staffing
from services.accounts.usecases.app import App
from services.accounts.views import Views
from services.chassis.events.aggregates import Outcome
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import staff as api
from services.contracts.api.endpoints import staff as endpoints
from services.contracts.refusals import FieldError

_B = TypeVar("_B", api.Rights, api.StaffInvitation)


class _Staff:
    """One method per route."""

    def __init__(self, app: App, shown: Views) -> None:
        self._app = app
        self._views = shown

    async def members(self, request: Request) -> Response[api.StaffList]:
        await staffing.require_administrator(self._app, request.actor, request.command)
        today = self._app.today(request.command)
        return Response(await self._views.members(request.query(api.StaffPage), today))

    async def member(self, request: Request) -> Response[api.StaffView]:
        saved = await staffing.member(self._app, request.actor, request.path["login"], request.command)
        shown = await self._views.member(saved, self._app.today(request.command))
        return Response(shown, etag=shown.version)

    async def set_rights(self, request: Posted[api.Rights]) -> Response[api.StaffView]:
        return await self._shown(
            request,
            await staffing.set_rights(
                self._app, request.actor, request.path["login"], _worded(request), request.command
            ),
        )

    async def invite(self, request: Posted[api.StaffInvitation]) -> Response[api.StaffView]:
        return await self._shown(
            request,
            await staffing.invite_to_commissions(self._app, request.actor, _worded(request), request.command),
        )

    async def dismiss(self, request: Request) -> Response[None]:
        app, login = self._app, request.path["login"]
        return Response(events=await staffing.dismiss_member(app, request.actor, login, request.command))

    async def identify(self, request: Posted[api.EntLogin]) -> Response[api.StaffView]:
        login, ent_login = request.path["login"], request.body.ent_login
        done = staff_by_ent.identify_member(self._app, request.actor, login, ent_login, request.command)
        return await self._shown(request, await done)

    async def address_rules(self, request: Posted[api.Rights] | Posted[api.StaffInvitation]) -> Sequence[FieldError]:
        return staffing.checked_address(request.body.email)[1]

    async def _shown(self, request: Request, outcome: Outcome[Account]) -> Response[api.StaffView]:
        shown = await self._views.member(outcome.saved, self._app.today(request.command))
        return Response(shown, etag=shown.version, events=outcome.events)


def _worded(request: Posted[_B]) -> _B:
    """What is asked, with the language of mails: that of the request where none is named."""
    return request.body.model_copy(update={"language": request.body.language or request.language})


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes of rights of staff."""
    handlers = _Staff(app, views)
    return [
        Route(endpoints.MEMBERS, handlers.members),
        Route(endpoints.MEMBER, handlers.member),
        Route(endpoints.SET_RIGHTS, handlers.set_rights, rules=handlers.address_rules),
        Route(endpoints.DISMISS, handlers.dismiss),
        Route(endpoints.IDENTIFY, handlers.identify),
        Route(endpoints.INVITE, handlers.invite, rules=handlers.address_rules),
    ]
