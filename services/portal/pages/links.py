"""The pages behind the links of mails: validate the account, choose a new password. Opening one changes nothing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiohttp import web

from services.portal.api import Api, Reply
from services.portal.rendering import Rendering, language_of

Kind = Literal["validation", "reset"]

PATHS: Final[dict[Kind, str]] = {"validation": "/validation", "reset": "/reinitialisation"}
PURPOSES: Final[dict[Kind, str]] = {"validation": "validation", "reset": "password-reset"}
MAX_TOKEN_CHARACTERS: Final = 200


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes of both kinds of link, each with the form that asks for a new one."""
    found: list[web.RouteDef] = []
    for kind, path in PATHS.items():
        link = _Link(rendering, api, kind)
        found += [
            web.get(path, rendering.guarded(link.show)),
            web.post(path, rendering.guarded(link.press)),
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
        reply = await self.api.look_at_link(request, language_of(request), token)
        if reply.problem is not None:
            return self._refused(request, reply)
        if reply.body.get("purpose") != PURPOSES[self.kind]:
            return self._unknown(request)
        match reply.body.get("status"):
            case "pending":
                return self._form(request, token)
            case "used":
                return self.rendering.message(request, f"{self.kind}-used", status=200)
            case _:
                return self._expired(request)

    async def press(self, request: web.Request) -> web.StreamResponse:
        """The button."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.message(request, "foreign-form", status=403)
        token, password = form.get("token", ""), form.get("password", "")
        key = _key(form, password)
        if not 0 < len(token) <= MAX_TOKEN_CHARACTERS:
            return self._unknown(request)
        language = language_of(request)
        if form.get("repeated", "") != password:
            wrong = [{"field": "repeated", "message": self.rendering.text(language, "link", "differs")}]
            return self._form(request, token, status=422, errors=wrong)
        ask: Callable[..., Awaitable[Reply]] = (
            self.api.validate if self.kind == "validation" else self.api.reset_password
        )
        reply = await ask(request, language, token, password, key=key)
        if reply.problem is None:
            return self.rendering.page(request, f"{self.kind}_done.html", login=reply.body.get("login"))
        return self._refused(request, reply, token)

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Send a new link; the answer is the same for addresses that nobody has."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.message(request, "foreign-form", status=403)
        send = self.api.send_new_link if self.kind == "validation" else self.api.send_identifiers
        language = language_of(request)
        reply = await send(request, language, form.get("email", ""), key=_key(form, form.get("email", "")))
        if reply.problem is None:
            return self.rendering.message(request, "link-sent", status=200)
        if reply.problem.fields:
            return self._expired(request, status=422, errors=[error.model_dump() for error in reply.problem.fields])
        return self._said(request, reply)

    def _form(
        self, request: web.Request, token: str, *, status: int = 200, errors: list[dict[str, Any]] | None = None
    ) -> web.Response:
        return self.rendering.page(
            request,
            "link.html",
            status=status,
            kind=self.kind,
            action=PATHS[self.kind],
            token=token,
            key=secrets.token_urlsafe(16),
            errors={error["field"]: error["message"] for error in errors or ()},
        )

    def _expired(
        self, request: web.Request, *, status: int = 200, errors: list[dict[str, Any]] | None = None
    ) -> web.Response:
        return self.rendering.page(
            request,
            "link_expired.html",
            status=status,
            kind=self.kind,
            action=f"{PATHS[self.kind]}/lien",
            key=secrets.token_urlsafe(16),
            errors={error["field"]: error["message"] for error in errors or ()},
        )

    def _refused(self, request: web.Request, reply: Reply, token: str | None = None) -> web.Response:
        problem = reply.problem
        if reply.status == 404:
            return self._unknown(request)
        if reply.status == 410:
            return self._expired(request, status=410)
        if reply.status == 409:
            return self.rendering.message(request, f"{self.kind}-used", status=409)
        if problem is not None and problem.fields and token is not None:
            errors = [error.model_dump() for error in problem.fields]
            return self._form(request, token, status=reply.status, errors=errors)
        return self._said(request, reply)

    def _said(self, request: web.Request, reply: Reply) -> web.Response:
        """What the API said, in its own words, which are in the reader's language already."""
        detail = reply.problem.detail if reply.problem else None
        return self.rendering.message(request, "refused", status=reply.status, detail=detail)

    def _unknown(self, request: web.Request) -> web.Response:
        return self.rendering.message(request, "link-unknown", status=404)


def _key(form: Mapping[str, str], content: str) -> str:
    """The idempotency key of a pressed button: pressing twice is pressing once, unless something else was filled in."""
    return hashlib.sha256(f"{form.get('key', '')}\n{content}".encode(errors="replace")).hexdigest()
