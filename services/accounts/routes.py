"""The HTTP face of accounts: parse, ask, show."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, Field

from services.accounts import views
from services.accounts.domain import refusals
from services.accounts.domain.account import Account
from services.accounts.domain.profile import StepName
from services.accounts.repository.presence import present
from services.accounts.usecases import asking, passwords, profile, sessions
from services.accounts.usecases.app import Accounts
from services.chassis.events.aggregates import Outcome
from services.chassis.http.application import Answer, Auth, Call, Route
from services.contracts.api import accounts as api
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, STALE_VERSION


class TokenPath(BaseModel):
    """The secret of a link in a path."""

    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class _Handlers:
    """One method per route."""

    def __init__(self, app: Accounts) -> None:
        self._app = app

    # --- registration and links ---

    async def register(self, call: Call) -> Answer:
        body = call.body(api.Registration)
        await asking.ask_for_account(self._app, body, call.language, call.client, call.command)
        return Answer(api.Registered())

    async def look_at_link(self, call: Call) -> Answer:
        app = self._app
        return Answer(await views.link(app.accounts, app.links, call.path["token"], call.command.now))

    async def validate(self, call: Call) -> Answer:
        body = call.body(api.Validation)
        followed = passwords.validate_account(self._app, body.token, body.password, call.client, call.command)
        outcome, device = await followed
        login = outcome.answer["login"]
        return Answer(api.Validated(login=login), events=outcome.events, headers={api.DEVICE_HEADER: device})

    async def send_new_link(self, call: Call) -> Answer:
        email = call.body(api.AddressBody).email
        await asking.ask_for_link(self._app, "validation", email, call.client, call.command)
        return Answer(api.Asked())

    async def send_identifiers(self, call: Call) -> Answer:
        email = call.body(api.AddressBody).email
        await asking.ask_for_link(self._app, "password-reset", email, call.client, call.command)
        return Answer(api.Asked())

    async def reset_password(self, call: Call) -> Answer:
        body = call.body(api.PasswordReset)
        followed = passwords.set_new_password(self._app, body.token, body.password, call.client, call.command)
        outcome, device = await followed
        return Answer(events=outcome.events, headers={api.DEVICE_HEADER: device})

    # --- sessions ---

    async def log_in(self, call: Call) -> Answer:
        body = call.body(api.Credentials)
        return Answer(await sessions.log_in(self._app, body, call.client, call.command))

    async def refresh(self, call: Call) -> Answer:
        return Answer(await sessions.refresh(self._app, call.body(api.Refresh).refresh_token, call.command))

    async def log_out(self, call: Call) -> Answer:
        return Answer(events=await sessions.log_out(self._app, call.actor, call.command))

    async def own_sessions(self, call: Call) -> Answer:
        app = self._app
        return Answer(await views.own_sessions(app.accounts, app.sessions, call.actor, call.command.now))

    # --- account and profile ---

    async def me(self, call: Call) -> Answer:
        app = self._app
        return Answer(await views.me(app.accounts, app.sessions, call.actor, call.command.now))

    async def profile(self, call: Call) -> Answer:
        app = self._app
        saved = await present(app.accounts, app.sessions, call.actor, call.command.now)
        return Answer(views.profile(saved, app.settings.student_number_from))

    async def step(self, call: Call, name: StepName) -> Answer:
        app = self._app
        saved = await present(app.accounts, app.sessions, call.actor, call.command.now)
        return Answer(views.step(saved.state.profile, name), etag=views.tag(saved.state.profile, name))

    async def identity(self, call: Call) -> Answer:
        return await self.step(call, "identity")

    async def address(self, call: Call) -> Answer:
        return await self.step(call, "address")

    async def baccalaureate(self, call: Call) -> Answer:
        return await self.step(call, "baccalaureate")

    async def give_identity(self, call: Call) -> Answer:
        body, expected = call.body(api.Identity), expected_version(call, "identity")
        return _given("identity", await profile.give_identity(self._app, call.actor, body, expected, call.command))

    async def give_address(self, call: Call) -> Answer:
        body, expected = call.body(api.Address), expected_version(call, "address")
        return _given("address", await profile.give_address(self._app, call.actor, body, expected, call.command))

    async def give_baccalaureate(self, call: Call) -> Answer:
        body, expected = call.body(api.Baccalaureate), expected_version(call, "baccalaureate")
        outcome = await profile.give_baccalaureate(self._app, call.actor, body, expected, call.command)
        return _given("baccalaureate", outcome)


def _given(name: StepName, outcome: Outcome[Account]) -> Answer:
    given = outcome.saved.state.profile
    return Answer(views.step(given, name), etag=views.tag(given, name), events=outcome.events)


def expected_version(call: Call, name: StepName) -> int | None:
    """The version of a step that If-Match names, None without one; -1, which none has, for the tag of something else."""
    version = call.command.expected
    if version is None or f"{name}-{version}" in (call.if_match or ()):
        return version
    return -1


DEVICE: Final = (
    (api.DEVICE_HEADER, "What makes this device known. To be kept, and sent as `device` with the next login."),
)


def routes(app: Accounts) -> list[Route]:
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
