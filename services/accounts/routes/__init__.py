"""The HTTP face of accounts: parse, ask, show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.accounts import views
from services.accounts.domain.account import Account
from services.accounts.domain.profile import StepName
from services.accounts.domain.profile_rows import RowsStep
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.routes import carrying_over, doubts, rights, second_factor, staff, support
from services.accounts.usecases import (
    asking,
    drafts,
    email_changes,
    ent,
    passwords,
    profile,
    profile_rows,
    reference,
    registrar,
    sessions,
)
from services.accounts.usecases.app import App
from services.accounts.views import Views
from services.chassis.events.aggregates import Outcome, Versioned
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import accounts as api
from services.contracts.api import ent as ent_api
from services.contracts.api import profile as profile_api
from services.contracts.api import reference as reference_api
from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.endpoints import profile as profile_endpoints
from services.contracts.refusals import NOT_FOUND, FieldError


class _Handlers:
    """One method per route."""

    def __init__(self, app: App, shown: Views) -> None:
        self._app = app
        self._views = shown

    # --- registration and links ---

    async def register(self, request: Posted[api.Registration]) -> Response[api.Registered]:
        body = request.body
        await asking.ask_for_account(self._app, body, request.language, request.client, request.command)
        return Response(api.Registered())

    async def look_at_link(self, request: Request) -> Response[api.LinkView]:
        return Response(await self._views.link(request.path["token"], request.command.now))

    async def validate(self, request: Posted[api.Validation]) -> Response[api.Validated]:
        if await email_changes.is_for_email_change(self._app, request.body.token):
            changed = await email_changes.follow_email_change(self._app, request.body.token, request.command)
            return Response(api.Validated(login=changed.answer["login"]), events=changed.events)
        followed = passwords.validate_account(self._app, request.body, request.client, request.command)
        outcome, device = await followed
        login = outcome.answer["login"]
        return Response(api.Validated(login=login), events=outcome.events, headers={api.DEVICE_HEADER: device})

    async def send_new_link(self, request: Posted[api.AddressBody]) -> Response[api.Asked]:
        email = request.body.email
        await asking.ask_for_link(self._app, "validation", email, request.client, request.command)
        return Response(api.Asked())

    async def send_identifiers(self, request: Posted[api.AddressBody]) -> Response[api.Asked]:
        email = request.body.email
        await asking.ask_for_link(self._app, "password-reset", email, request.client, request.command)
        return Response(api.Asked())

    async def reset_password(self, request: Posted[api.PasswordReset]) -> Response[None]:
        body = request.body
        followed = passwords.set_new_password(self._app, body.token, body.password, request.client, request.command)
        outcome, device = await followed
        return Response(events=outcome.events, headers={api.DEVICE_HEADER: device})

    # --- sessions ---

    async def log_in(self, request: Posted[api.Credentials]) -> Response[api.Tokens]:
        body = request.body
        return Response(await sessions.log_in(self._app, body, request.client, request.command))

    async def refresh(self, request: Posted[api.Refresh]) -> Response[api.Tokens]:
        return Response(await sessions.refresh(self._app, request.body.refresh_token, request.command))

    async def log_out(self, request: Request) -> Response[None]:
        return Response(events=await sessions.log_out(self._app, request.actor, request.command))

    async def end_session(self, request: Request) -> Response[None]:
        app, actor = self._app, request.actor
        await require_live_session(app.accounts, app.sessions, actor, request.command.now)
        return Response(events=await sessions.end_session(app, actor, request.path["session"], request.command))

    async def own_sessions(self, request: Request) -> Response[api.Sessions]:
        return Response(await self._views.own_sessions(request.actor, request.command.now))

    # --- the ENT ---

    async def ent_offer(self, request: Request) -> Response[ent_api.EntOffer]:
        return Response(ent.offer(self._app))

    async def ent_login(self, request: Request) -> Response[ent_api.EntWay]:
        asked = request.query(ent_api.EntGoing)
        return Response(await ent.go(self._app, asked, request.client, request.command))

    async def ent_callback(self, request: Posted[ent_api.EntReturn]) -> Response[ent_api.EntEntry]:
        return Response(await ent.come_back(self._app, request.body, request.client, request.command))

    async def ent_logout(self, request: Posted[ent_api.EntNotice]) -> Response[None]:
        await ent.leave(self._app, request.body.notice, request.client, request.command)
        return Response()

    # --- account and profile ---

    async def me(self, request: Request) -> Response[api.Me]:
        return Response(await self._views.me(request.actor, request.command.now))

    async def change_password(self, request: Posted[api.PasswordChange]) -> Response[None]:
        changed = passwords.change_password(self._app, request.actor, request.body, request.client, request.command)
        return Response(events=(await changed).events)

    async def profile(self, request: Request) -> Response[profile_api.ProfileView]:
        app = self._app
        saved = await require_live_session(app.accounts, app.sessions, request.actor, request.command.now)
        return Response(views.counting(await self.profile_of(saved), app.today(request.command)))

    async def profile_of(self, saved: Versioned[Account]) -> profile_api.ProfileView:
        """The whole profile, with what the registrar has to do with it."""
        app = self._app
        asked = await app.lookups.state(saved.id)
        known = profile_api.RegistrarView(
            asked=asked or ("found" if saved.state.profile.registrar is not None else "never"),
            offered=app.records_offered,
            known=saved.state.ent is not None and bool(saved.state.ent.student_number),
            contact=registrar.contact(app, saved.state.profile),
        )
        return views.profile(saved, app.rules.student_number_from, known)

    async def step(self, request: Request, name: StepName) -> Response:
        app = self._app
        saved = await require_live_session(app.accounts, app.sessions, request.actor, request.command.now)
        return Response(views.step(saved.state.profile, name), etag=views.tag(saved.state.profile, name))

    async def identity(self, request: Request) -> Response[api.IdentityView]:
        return await self.step(request, "identity")

    async def address(self, request: Request) -> Response[api.AddressView]:
        return await self.step(request, "address")

    async def baccalaureate(self, request: Request) -> Response[api.BaccalaureateView]:
        return await self.step(request, "baccalaureate")

    async def give_identity(self, request: Posted[api.Identity]) -> Response[api.IdentityView]:
        body, expected = request.body, expected_version(request, "identity")
        return _given(
            "identity", await profile.give_identity(self._app, request.actor, body, expected, request.command)
        )

    async def give_address(self, request: Posted[api.Address]) -> Response[api.AddressView]:
        body, expected = request.body, expected_version(request, "address")
        return _given("address", await profile.give_address(self._app, request.actor, body, expected, request.command))

    async def give_baccalaureate(self, request: Posted[api.Baccalaureate]) -> Response[api.BaccalaureateView]:
        body, expected = request.body, expected_version(request, "baccalaureate")
        outcome = await profile.give_baccalaureate(self._app, request.actor, body, expected, request.command)
        return _given("baccalaureate", outcome)

    async def ask_for_record(self, request: Posted[profile_api.RecordRequest]) -> Response[profile_api.RecordAsked]:
        await registrar.ask(self._app, request.actor, request.body, request.client, request.command)
        return Response(profile_api.RecordAsked())

    async def draft(self, request: Request) -> Response:
        step = profile_api.draft_step(request.path["step"])
        found = await drafts.draft(self._app, request.actor, step, request.command)
        return Response(profile_api.DraftView(values=found["values"], saved_at=found["saved_at"]))

    async def keep_draft(self, request: Posted[profile_api.Draft]) -> Response:
        step = profile_api.draft_step(request.path["step"])
        await drafts.keep_draft(self._app, request.actor, step, request.body.values, request.command)
        return Response()

    async def forget_draft(self, request: Request) -> Response:
        step = profile_api.draft_step(request.path["step"])
        await drafts.forget_draft(self._app, request.actor, step, request.command)
        return Response()

    async def reference(self, request: Request) -> Response[reference_api.ReferenceList]:
        query = request.query(reference_api.ReferenceQuery)
        return Response(await reference.listed(reference_api.list_name(request.path["list"]), query, request.language))

    # --- what must hold of bodies beside their form ---

    async def registration_rules(self, request: Posted[api.Registration]) -> Sequence[FieldError]:
        return asking.checked_registration(request.body)[1]

    async def email_rules(self, request: Posted[api.AddressBody]) -> Sequence[FieldError]:
        return asking.checked_address(request.body.email)[1]

    async def identity_rules(self, request: Posted[api.Identity]) -> Sequence[FieldError]:
        check = profile.checked_identity(self._app, request.body, request.command)
        return await profile.faults(self._app, request.actor, check, request.command)

    async def address_rules(self, request: Posted[api.Address]) -> Sequence[FieldError]:
        check = await profile.checked_address(request.body)
        return await profile.faults(self._app, request.actor, check, request.command)

    async def baccalaureate_rules(self, request: Posted[api.Baccalaureate]) -> Sequence[FieldError]:
        check = profile.checked_baccalaureate(self._app, request.body, request.command)
        return await profile.faults(self._app, request.actor, check, request.command)

    async def record_rules(self, request: Posted[profile_api.RecordRequest]) -> Sequence[FieldError]:
        return await registrar.faults(self._app, request.actor, request.body, request.command)


def _given(name: StepName, outcome: Outcome[Account]) -> Response:
    given = outcome.saved.state.profile
    return Response(views.step(given, name), etag=views.tag(given, name), events=outcome.events)


def _never_changes() -> None:
    """What the lists depend on: they are shipped."""


class _Rows:
    """The handlers of a step that has rows."""

    def __init__(self, app: App, step: RowsStep) -> None:
        self._app = app
        self._step = step

    async def add(self, request: Posted[profile_api.RowBody]) -> Response:
        outcome = await profile_rows.add(self._app, request.actor, self._step, request.body, request.command)
        return self._shown(outcome, outcome.answer)

    async def change(self, request: Posted[profile_api.RowBody]) -> Response:
        at = self._at(request)
        outcome = await profile_rows.change(self._app, request.actor, at, request.body, request.command)
        return self._shown(outcome, at.id)

    async def remove(self, request: Request) -> Response:
        outcome = await profile_rows.remove(self._app, request.actor, self._at(request), request.command)
        return Response(events=outcome.events)

    async def rules(self, request: Posted[profile_api.RowBody]) -> Sequence[FieldError]:
        return profile_rows.checked_row(self._app, self._step, request.body, request.command)[1]

    def _at(self, request: Request) -> profile_rows.RowAt:
        (id,) = request.path.values()
        return profile_rows.RowAt(self._step, id, expected_version(request, f"row-{id}"))

    def _shown(self, outcome: Outcome[Account], id: str) -> Response:
        row = outcome.saved.state.profile.row(self._step, id)
        if row is None:
            raise NOT_FOUND()  # asked for again, and taken away since
        return Response(views.row_view(self._step, row), etag=views.row_tag(row), events=outcome.events)


def _row_routes(app: App, step: RowsStep, calls: profile_endpoints.RowEndpoints[Any, Any]) -> list[Route]:
    handlers = _Rows(app, step)
    return [
        Route(calls.add, handlers.add, rules=handlers.rules),
        Route(calls.change, handlers.change, rules=handlers.rules),
        Route(calls.remove, handlers.remove),
    ]


def expected_version(request: Request, name: str) -> int | None:
    """The version of a step or row that If-Match names, None without one; -1, which none has, for another tag."""
    version = request.command.expected
    if version is None or f"{name}-{version}" in (request.if_match or ()):
        return version
    return -1


def routes(app: App, views: Views) -> Sequence[Route]:
    """All routes of accounts."""
    handlers = _Handlers(app, views)
    return [
        Route(endpoints.REGISTER, handlers.register, rules=handlers.registration_rules),
        Route(endpoints.LOOK_AT_LINK, handlers.look_at_link),
        Route(endpoints.VALIDATE, handlers.validate),
        Route(endpoints.SEND_NEW_LINK, handlers.send_new_link, rules=handlers.email_rules),
        Route(endpoints.SEND_IDENTIFIERS, handlers.send_identifiers, rules=handlers.email_rules),
        Route(endpoints.RESET_PASSWORD, handlers.reset_password),
        Route(endpoints.LOG_IN, handlers.log_in),
        Route(endpoints.REFRESH, handlers.refresh),
        Route(endpoints.LOG_OUT, handlers.log_out),
        Route(endpoints.OWN_SESSIONS, handlers.own_sessions),
        Route(endpoints.END_SESSION, handlers.end_session),
        Route(endpoints.ENT_OFFER, handlers.ent_offer),
        Route(endpoints.ENT_LOGIN, handlers.ent_login),
        Route(endpoints.ENT_CALLBACK, handlers.ent_callback),
        Route(endpoints.ENT_LOGOUT, handlers.ent_logout),
        Route(endpoints.ME, handlers.me),
        Route(endpoints.CHANGE_PASSWORD, handlers.change_password),
        *rights.routes(app, views, handlers.profile_of),
        *staff.routes(app, views),
        *second_factor.routes(app),
        *support.routes(app, views),
        *doubts.routes(app, views),
        Route(profile_endpoints.PROFILE, handlers.profile),
        *carrying_over.routes(app),
        Route(endpoints.IDENTITY, handlers.identity),
        Route(endpoints.GIVE_IDENTITY, handlers.give_identity, rules=handlers.identity_rules),
        Route(endpoints.ADDRESS, handlers.address),
        Route(endpoints.GIVE_ADDRESS, handlers.give_address, rules=handlers.address_rules),
        Route(endpoints.BACCALAUREATE, handlers.baccalaureate),
        Route(endpoints.GIVE_BACCALAUREATE, handlers.give_baccalaureate, rules=handlers.baccalaureate_rules),
        *_row_routes(app, "external_studies", profile_endpoints.EXTERNAL_STUDIES),
        *_row_routes(app, "internships", profile_endpoints.INTERNSHIPS),
        *_row_routes(app, "work_experience", profile_endpoints.WORK_EXPERIENCE),
        Route(profile_endpoints.ASK_FOR_RECORD, handlers.ask_for_record, rules=handlers.record_rules),
        Route(profile_endpoints.DRAFT, handlers.draft),
        Route(profile_endpoints.KEEP_DRAFT, handlers.keep_draft),
        Route(profile_endpoints.FORGET_DRAFT, handlers.forget_draft),
        Route(profile_endpoints.REFERENCE, handlers.reference, depends=_never_changes),
    ]
