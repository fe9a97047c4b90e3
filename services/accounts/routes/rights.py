"""The calls by which a person has another address, all data, or is forgotten."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from services.accounts.domain.account import Account
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases import asking, drafts, erasing
from services.accounts.usecases.app import App
from services.accounts.views import Views
from services.chassis.events.aggregates import Versioned
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import accounts as accounts_api
from services.contracts.api import rights as api
from services.contracts.api.endpoints import rights as endpoints
from services.contracts.api.profile import ProfileView
from services.contracts.instants import instant_text
from services.contracts.refusals import FieldError

ProfileOf = Callable[[Versioned[Account]], Awaitable[ProfileView]]


class _Rights:
    """One method per route; `profile_of` shows the profile as its own call does."""

    def __init__(self, app: App, shown: Views, profile_of: ProfileOf) -> None:
        self._app = app
        self._views = shown
        self._profile_of = profile_of

    async def change_email(self, request: Posted[api.EmailChange]) -> Response[accounts_api.Asked]:
        asked = asking.ask_for_email_change(self._app, request.actor, request.body, request.client, request.command)
        return Response(accounts_api.Asked(), events=(await asked).events)

    async def email_change_rules(self, request: Posted[api.EmailChange]) -> Sequence[FieldError]:
        app = self._app
        saved = await require_live_session(app.accounts, app.sessions, request.actor, request.command.now)
        return asking.checked_change(saved.state, request.body)[1]

    async def erase(self, request: Posted[api.Erasure]) -> Response[api.Erased]:
        erased, events = await erasing.erase_own(
            self._app, request.actor, request.body, request.client, request.command
        )
        return Response(erased, events=events)

    async def check(self, request: Posted[api.ErasureCertificate]) -> Response[api.ErasureCheck]:
        return Response(await erasing.check_certificate(self._app, request.body.certificate))

    async def export(self, request: Request) -> Response[api.Export]:
        app, actor, now = self._app, request.actor, request.command.now
        saved = await require_live_session(app.accounts, app.sessions, actor, now)
        account = await self._views.me(actor, now)
        logins = await self._views.own_sessions(actor, now)
        exported = api.Export(
            exported_at=instant_text(now),
            account=account,
            profile=await self._profile_of(saved),
            drafts=await drafts.all_drafts(app, actor),
            sessions=logins.items,
        )
        return Response(exported)


def routes(app: App, views: Views, profile_of: ProfileOf) -> Sequence[Route]:
    """The routes of what a person may ask of their account."""
    handlers = _Rights(app, views, profile_of)
    return [
        Route(endpoints.CHANGE_EMAIL, handlers.change_email, rules=handlers.email_change_rules),
        Route(endpoints.EXPORT, handlers.export),
        Route(endpoints.ERASE, handlers.erase),
        Route(endpoints.CHECK_ERASURE, handlers.check),
    ]
