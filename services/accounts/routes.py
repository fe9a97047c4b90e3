"""The HTTP face of accounts: parse, ask, show."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, Field

from services.accounts import views
from services.accounts.domain.account import Account
from services.accounts.domain.profile import StepName
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases import asking, passwords, profile, sessions
from services.accounts.usecases.app import App
from services.chassis.events.aggregates import Outcome
from services.chassis.routing import Auth, Request, Response, Route
from services.contracts.api import accounts as api
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, STALE_VERSION
from services.contracts.refusals import accounts as refusals


class TokenPath(BaseModel):
    """The secret of a link in a path."""

    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class _Handlers:
    """One method per route."""

    def __init__(self, app: App) -> None:
        self._app = app

    # --- registration and links ---

    async def register(self, request: Request) -> Response:
        body = request.body(api.Registration)
        await asking.ask_for_account(self._app, body, request.language, request.client, request.command)
        return Response(api.Registered())

    async def look_at_link(self, request: Request) -> Response:
        app = self._app
        return Response(await views.link(app.accounts, app.links, request.path["token"], request.command.now))

    async def validate(self, request: Request) -> Response:
        body = request.body(api.Validation)
        followed = passwords.validate_account(self._app, body.token, body.password, request.client, request.command)
        outcome, device = await followed
        login = outcome.answer["login"]
        return Response(api.Validated(login=login), events=outcome.events, headers={api.DEVICE_HEADER: device})

    async def send_new_link(self, request: Request) -> Response:
        email = request.body(api.AddressBody).email
        await asking.ask_for_link(self._app, "validation", email, request.client, request.command)
        return Response(api.Asked())

    async def send_identifiers(self, request: Request) -> Response:
        email = request.body(api.AddressBody).email
        await asking.ask_for_link(self._app, "password-reset", email, request.client, request.command)
        return Response(api.Asked())

    async def reset_password(self, request: Request) -> Response:
        body = request.body(api.PasswordReset)
        followed = passwords.set_new_password(self._app, body.token, body.password, request.client, request.command)
        outcome, device = await followed
        return Response(events=outcome.events, headers={api.DEVICE_HEADER: device})

    # --- sessions ---

    async def log_in(self, request: Request) -> Response:
        body = request.body(api.Credentials)
        return Response(await sessions.log_in(self._app, body, request.client, request.command))

    async def refresh(self, request: Request) -> Response:
        return Response(await sessions.refresh(self._app, request.body(api.Refresh).refresh_token, request.command))

    async def log_out(self, request: Request) -> Response:
        return Response(events=await sessions.log_out(self._app, request.actor, request.command))

    async def own_sessions(self, request: Request) -> Response:
        app = self._app
        return Response(await views.own_sessions(app.accounts, app.sessions, request.actor, request.command.now))

    # --- account and profile ---

    async def me(self, request: Request) -> Response:
        app = self._app
        return Response(await views.me(app.accounts, app.sessions, request.actor, request.command.now))

    async def profile(self, request: Request) -> Response:
        app = self._app
        saved = await require_live_session(app.accounts, app.sessions, request.actor, request.command.now)
        return Response(views.profile(saved, app.settings.student_number_from))

    async def step(self, request: Request, name: StepName) -> Response:
        app = self._app
        saved = await require_live_session(app.accounts, app.sessions, request.actor, request.command.now)
        return Response(views.step(saved.state.profile, name), etag=views.tag(saved.state.profile, name))

    async def identity(self, request: Request) -> Response:
        return await self.step(request, "identity")

    async def address(self, request: Request) -> Response:
        return await self.step(request, "address")

    async def baccalaureate(self, request: Request) -> Response:
        return await self.step(request, "baccalaureate")

    async def give_identity(self, request: Request) -> Response:
        body, expected = request.body(api.Identity), expected_version(request, "identity")
        return _given(
            "identity", await profile.give_identity(self._app, request.actor, body, expected, request.command)
        )

    async def give_address(self, request: Request) -> Response:
        body, expected = request.body(api.Address), expected_version(request, "address")
        return _given("address", await profile.give_address(self._app, request.actor, body, expected, request.command))

    async def give_baccalaureate(self, request: Request) -> Response:
        body, expected = request.body(api.Baccalaureate), expected_version(request, "baccalaureate")
        outcome = await profile.give_baccalaureate(self._app, request.actor, body, expected, request.command)
        return _given("baccalaureate", outcome)


def _given(name: StepName, outcome: Outcome[Account]) -> Response:
    given = outcome.saved.state.profile
    return Response(views.step(given, name), etag=views.tag(given, name), events=outcome.events)


def expected_version(request: Request, name: StepName) -> int | None:
    """The version of a step that If-Match names, None without one; -1, which none has, for the tag of something else."""
    version = request.command.expected
    if version is None or f"{name}-{version}" in (request.if_match or ()):
        return version
    return -1


DEVICE: Final = (
    (api.DEVICE_HEADER, "What makes this device known. To be kept, and sent as `device` with the next login."),
)


def routes(app: App) -> list[Route]:
    """All routes of accounts."""
    handlers = _Handlers(app)
    return [*_account_routes(handlers), *_session_routes(handlers), *_profile_routes(handlers)]


def _account_routes(handlers: _Handlers) -> list[Route]:
    return [
        Route(
            "POST",
            "/accounts",
            handlers.register,
            "Ask for an account; the same answer whether or not the address is known.",
            auth=Auth.PUBLIC,
            body=api.Registration,
            answer=api.Registered,
            status=202,
            refusals=(refusals.NO_ACTIVE_CAMPAIGN, refusals.TOO_MANY_REQUESTS, INVALID_FIELDS, BUSY),
            takes_key=True,
            whose="email",
        ),
        Route(
            "GET",
            "/validations/{token}",
            handlers.look_at_link,
            "See whether a one-time link is still good; changes nothing.",
            auth=Auth.PUBLIC,
            path_params=TokenPath,
            answer=api.LinkView,
            refusals=(NOT_FOUND,),
        ),
        Route(
            "POST",
            "/validations",
            handlers.validate,
            "Follow a validation link and set the password.",
            auth=Auth.PUBLIC,
            body=api.Validation,
            answer=api.Validated,
            refusals=(refusals.LINK_EXPIRED, refusals.ALREADY_VALIDATED, NOT_FOUND, INVALID_FIELDS, BUSY),
            answer_headers=DEVICE,
            takes_key=True,
            whose="token",
        ),
        Route(
            "POST",
            "/validations/resend",
            handlers.send_new_link,
            "Ask for a new validation link; those sent before stay good until one is used.",
            auth=Auth.PUBLIC,
            body=api.AddressBody,
            answer=api.Asked,
            status=202,
            refusals=(refusals.TOO_MANY_REQUESTS, INVALID_FIELDS, BUSY),
            takes_key=True,
            whose="email",
        ),
        Route(
            "POST",
            "/password-resets",
            handlers.send_identifiers,
            "Ask for a mail with the login and a reset link.",
            auth=Auth.PUBLIC,
            body=api.AddressBody,
            answer=api.Asked,
            status=202,
            refusals=(refusals.TOO_MANY_REQUESTS, INVALID_FIELDS, BUSY),
            takes_key=True,
            whose="email",
        ),
        Route(
            "POST",
            "/password-resets/confirm",
            handlers.reset_password,
            "Follow a reset link and set a new password; all sessions end.",
            auth=Auth.PUBLIC,
            body=api.PasswordReset,
            refusals=(refusals.LINK_EXPIRED, refusals.LINK_USED, NOT_FOUND, INVALID_FIELDS, BUSY),
            answer_headers=DEVICE,
            takes_key=True,
            whose="token",
        ),
    ]


def _session_routes(handlers: _Handlers) -> list[Route]:
    return [
        Route(
            "POST",
            "/sessions",
            handlers.log_in,
            "Log in by file number or address.",
            auth=Auth.PUBLIC,
            body=api.Credentials,
            answer=api.Tokens,
            refusals=(
                refusals.BAD_CREDENTIALS,
                refusals.CAMPAIGN_OVER,
                refusals.TOO_MANY_ATTEMPTS,
                BUSY,
            ),
            takes_key=True,
            whose="login",
        ),
        Route(
            "POST",
            "/sessions/refresh",
            handlers.refresh,
            "Exchange a refresh token for the next pair; an old one ends the session.",
            auth=Auth.PUBLIC,
            body=api.Refresh,
            answer=api.Tokens,
            refusals=(refusals.SESSION_ENDED, refusals.CAMPAIGN_OVER, BUSY),
            takes_key=True,
            whose="refresh_token",
        ),
        Route("DELETE", "/sessions/current", handlers.log_out, "Log out."),
        Route(
            "GET",
            "/sessions",
            handlers.own_sessions,
            "List one's logins.",
            answer=api.Sessions,
            refusals=(refusals.SESSION_ENDED,),
        ),
    ]


def _profile_routes(handlers: _Handlers) -> list[Route]:
    ended = (refusals.SESSION_ENDED,)
    refused = (*ended, INVALID_FIELDS, STALE_VERSION, NOT_FOUND, BUSY)
    found = [
        Route("GET", "/me", handlers.me, "See one's account.", answer=api.Me, refusals=ended),
        Route("GET", "/me/profile", handlers.profile, "See one's profile.", answer=api.ProfileView, refusals=ended),
    ]
    for name, read, write, body, view in (
        ("identity", handlers.identity, handlers.give_identity, api.Identity, api.IdentityView),
        ("address", handlers.address, handlers.give_address, api.Address, api.AddressView),
        (
            "baccalaureate",
            handlers.baccalaureate,
            handlers.give_baccalaureate,
            api.Baccalaureate,
            api.BaccalaureateView,
        ),
    ):
        path = f"/me/profile/{name}"
        found += [
            Route("GET", path, read, f"See the step {name}.", answer=view, refusals=(*ended, refusals.STEP_NOT_GIVEN)),
            Route(
                "PUT",
                path,
                write,
                f"Give the step {name}, or give it anew.",
                body=body,
                answer=view,
                refusals=refused,
                takes_if_match=True,
            ),
        ]
    return found
