"""The calls by which support finds people and helps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from services.accounts.domain.account import Account
from services.accounts.usecases import support
from services.accounts.usecases.app import App
from services.accounts.views import Views
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Outcome
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import support as api
from services.contracts.api.endpoints import support as endpoints
from services.contracts.refusals import FieldError

Act = Callable[[App, support.Asking, CommandContext], Awaitable[Outcome[Account]]]


class _Support:
    """One method per route, but for those that take no body."""

    def __init__(self, app: App, shown: Views) -> None:
        self._app = app
        self._views = shown

    async def people(self, request: Request) -> Response[api.People]:
        asked = request.query(api.PeopleQuery)
        place = self._views.place_behind(asked.after)
        found = support.find_people(self._app, request.actor, asked, place, request.command)
        return Response(self._views.people(await found))

    async def person(self, request: Request) -> Response[api.PersonView]:
        saved = await support.person(self._app, request.actor, request.path["id"], request.command)
        return Response(await self._views.person(saved, self._app.rules.student_number_from, request.command.now))

    async def change_email(self, request: Posted[api.PersonEmailChange]) -> Response[api.PersonView]:
        done = support.change_email(self._app, _asking(request), request.body, request.command)
        return await self.shown(request, await done)

    async def email_rules(self, request: Posted[api.PersonEmailChange]) -> Sequence[FieldError]:
        return support.typed_faults(request.body)

    def act(self, act: Act) -> Callable[[Request], Awaitable[Response[api.PersonView]]]:
        """The handler of an act that needs to know no more than for whom."""

        async def handle(request: Request) -> Response[api.PersonView]:
            return await self.shown(request, await act(self._app, _asking(request), request.command))

        return handle

    async def shown(self, request: Request, outcome: Outcome[Account]) -> Response[api.PersonView]:
        """The person after it."""
        year, now = self._app.rules.student_number_from, request.command.now
        return Response(await self._views.person(outcome.saved, year, now), events=outcome.events)


def _asking(request: Request) -> support.Asking:
    return support.Asking(request.actor, request.path["id"], request.client)


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes of support."""
    handlers = _Support(app, views)
    return [
        Route(endpoints.PEOPLE, handlers.people),
        Route(endpoints.PERSON, handlers.person),
        Route(endpoints.MAIL_VALIDATION, handlers.act(support.mail_validation)),
        Route(endpoints.MAIL_RESET, handlers.act(support.mail_reset)),
        Route(endpoints.CHANGE_PERSONS_EMAIL, handlers.change_email, rules=handlers.email_rules),
        Route(endpoints.END_SESSIONS, handlers.act(support.end_sessions)),
    ]
