"""The pages behind the links of mails: validate the account or its new address, choose a new password.

Opening one changes nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote

from aiohttp import web

from services.contracts.api.accounts import AddressBody, PasswordReset, Validated, Validation
from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.contracts.refusals.accounts import ENT_IDENTITY_TAKEN
from services.portal.api import Api
from services.portal.forms import command_key
from services.portal.paths import LOGIN
from services.portal.rendering import Rendering, language_of

Kind = Literal["validation", "reset"]

PATHS: Final[dict[Kind, str]] = {"validation": "/validation", "reset": "/reinitialisation"}
PURPOSES: Final[dict[Kind, str]] = {"validation": "validation", "reset": "password-reset"}
EMAIL_CHANGE: Final = "email-change"
"""The purpose of a link whose page is that of validations: no password is chosen there."""
MAX_TOKEN_CHARACTERS: Final = 200


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes of both kinds of link, each with the form that asks for a new one."""
    found: list[web.RouteDef] = []
    for kind, path in PATHS.items():
        link = _Link(rendering, api, kind)
        found += [
            web.get(path, rendering.guarded(link.show)),
            web.post(path, rendering.guarded(link.press)),
            web.get(f"{path}/lien", rendering.guarded(link.ask)),
            web.post(f"{path}/lien", rendering.guarded(link.send)),
        ]
    return found


@dataclass(frozen=True, slots=True)
class _Link:
    """The pages of one kind of link."""

    rendering: Rendering
    api: Api
    kind: Kind

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What the link is for and whether it still is good."""
        token = request.query.get("token", "")
        if not 0 < len(token) <= MAX_TOKEN_CHARACTERS:
            return self._unknown(request)
        link = await self.api.ask(request, language_of(request), endpoints.LOOK_AT_LINK, parameters={"token": token})
        if isinstance(link, Problem):
            return self._refused(request, link, token)
        email_change = self.kind == "validation" and link.purpose == EMAIL_CHANGE
        if link.purpose != PURPOSES[self.kind] and not email_change:
            return self._unknown(request)
        match link.status:
            case "pending":
                return self._form(request, token, by_ent=link.by_ent, email_change=email_change)
            case "used":
                return self._used(request, token, status=200, email_change=email_change)
            case _:
                return self._expired(request, status=200, email_change=email_change)

    async def press(self, request: web.Request) -> web.StreamResponse:
        """The button."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=self._new_link_address)
        token, password, by_ent = form.get("token", ""), form.get("password", ""), "by_ent" in form
        key = command_key(form, password)
        if not 0 < len(token) <= MAX_TOKEN_CHARACTERS:
            return self._unknown(request)
        language = language_of(request)
        if form.get("repeated", "") != password:
            wrong = [{"field": "repeated", "message": self.rendering.text(language, "link.differs")}]
            return self._form(request, token, status=422, errors=wrong)
        email_change = form.get("purpose") == EMAIL_CHANGE
        done = await self._follow(
            request, language, token, None if by_ent else password, key, email_change=email_change
        )
        if isinstance(done, Problem):
            return self._refused(request, done, token, email_change=email_change)
        if email_change:
            further = LOGIN, self.rendering.text(language, "site.login")
            return self.rendering.message(request, "email-link-done", status=200, further=further)
        login, again = None if done is None else done.login, self._address(token)
        return self.rendering.page(request, f"{self.kind}_done.html", again=again, login=login)

    async def _follow(
        self,
        request: web.Request,
        language: Language,
        token: str,
        password: str | None,
        key: str,
        *,
        email_change: bool,
    ) -> Validated | Problem | None:
        if self.kind == "validation":
            chosen = {"by_ent": True} if password is None else {"password": password}
            given = {"token": token} | ({} if email_change else chosen)
            validation = Validation.model_construct(_fields_set=set(given), **given)
            return await self.api.ask(request, language, endpoints.VALIDATE, body=validation, key=key)
        reset = PasswordReset.model_construct(token=token, password=password or "")
        return await self.api.ask(request, language, endpoints.RESET_PASSWORD, body=reset, key=key)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The form by which a new link is sent."""
        return self._new_link(request, "new-link")

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Send a new link; the answer is the same for addresses that nobody has."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=self._new_link_address)
        endpoint = endpoints.SEND_NEW_LINK if self.kind == "validation" else endpoints.SEND_IDENTIFIERS
        address = AddressBody.model_construct(email=form.get("email", ""))
        key = command_key(form, address.email)
        sent = await self.api.ask(request, language_of(request), endpoint, body=address, key=key)
        if not isinstance(sent, Problem):
            return self.rendering.message(request, "link-sent", status=200, again=self._new_link_address)
        if sent.fields:
            errors = [error.model_dump() for error in sent.fields]
            return self._new_link(request, "new-link", status=422, errors=errors, email=address.email)
        return self.rendering.problem(request, sent, again=self._new_link_address)

    def _form(
        self,
        request: web.Request,
        token: str,
        *,
        status: int = 200,
        by_ent: bool = False,
        email_change: bool = False,
        errors: list[dict[str, Any]] | None = None,
    ) -> web.Response:
        return self.rendering.page(
            request,
            "link.html",
            status=status,
            by_ent=by_ent,
            email_change=email_change,
            again=self._address(token),
            kind=self.kind,
            action=PATHS[self.kind],
            token=token,
            key=secrets.token_urlsafe(16),
            errors={error["field"]: error["message"] for error in errors or ()},
        )

    def _new_link(
        self,
        request: web.Request,
        why: Literal["expired", "new-link"],
        *,
        status: int = 200,
        errors: list[dict[str, Any]] | None = None,
        email: str = "",
    ) -> web.Response:
        return self.rendering.page(
            request,
            "new_link.html",
            status=status,
            again=self._new_link_address,
            kind=self.kind,
            why=why,
            action=self._new_link_address,
            key=secrets.token_urlsafe(16),
            email=email,
            errors={error["field"]: error["message"] for error in errors or ()},
        )

    def _expired(self, request: web.Request, *, status: int, email_change: bool) -> web.Response:
        """A new link can be had: for a change of address by whoever is logged in."""
        if not email_change:
            return self._new_link(request, "expired", status=status)
        further = "/compte/adresse", self.rendering.text(language_of(request), "email-change.title")
        return self.rendering.message(request, "email-link-expired", status=status, further=further)

    def _used(self, request: web.Request, token: str, *, status: int, email_change: bool = False) -> web.Response:
        """The link has done what it is for; whoever did not do that themselves can act at once."""
        further = LOGIN, self.rendering.text(language_of(request), "site.login")
        if self.kind == "reset":
            further = self._new_link_address, self.rendering.text(language_of(request), "reset-used.further")
        said, again = "email-link-done" if email_change else f"{self.kind}-used", self._address(token)
        return self.rendering.message(request, said, status=status, again=again, further=further)

    def _refused(
        self, request: web.Request, problem: Problem, token: str, *, email_change: bool = False
    ) -> web.Response:
        if problem.status == 404:
            return self._unknown(request)
        if problem.status == 410:
            return self._expired(request, status=410, email_change=email_change)
        if problem.slug == ENT_IDENTITY_TAKEN.name:
            return self.rendering.problem(request, problem, again=self._address(token))
        if problem.status == 409:
            return self._used(request, token, status=409, email_change=email_change)
        if problem.fields:
            errors = [error.model_dump() for error in problem.fields]
            return self._form(request, token, status=problem.status, errors=errors)
        return self.rendering.problem(request, problem, again=self._address(token))

    @property
    def _new_link_address(self) -> str:
        return f"{PATHS[self.kind]}/lien"

    def _address(self, token: str) -> str:
        """Where the page of a link is."""
        return f"{PATHS[self.kind]}?token={quote(token, safe='')}"

    def _unknown(self, request: web.Request) -> web.Response:
        further = self._new_link_address, self.rendering.text(language_of(request), "expired.button")
        return self.rendering.message(request, "link-unknown", status=404, further=further)
