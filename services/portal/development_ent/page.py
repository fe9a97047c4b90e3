"""The page on which one says who one is, and the way back to who has asked; it says that it is for development."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from yarl import URL

from services.portal.development_ent.people import BY_LOGIN, PEOPLE, MadeUp
from services.portal.rendering import Rendering, see_other

Bring = Callable[[MadeUp, Mapping[str, str]], Mapping[str, str]]
"""What the browser brings back for a person, of what it came with."""


class LoginPage:
    """One protocol's page, at `path`; people go back to addresses below `public` alone."""

    def __init__(self, rendering: Rendering, public: str, path: str, back: str, bring: Bring) -> None:
        """`back` is the parameter that names where one goes back to."""
        self._rendering = rendering
        self._public = public
        self._path = path
        self._back = back
        self._bring = bring

    async def show(self, request: web.Request) -> web.StreamResponse:
        """All the people there are."""
        return self._page(request, dict(request.query))

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """The button of one of them."""
        form = await self._rendering.form(request)
        if form is None:
            return self._rendering.foreign(request)
        person, back = BY_LOGIN.get(form.get("person", "")), self._own(form.get(self._back, ""))
        if person is None or back is None:
            return self._page(request, form)
        return see_other(str(back.update_query(dict(self._bring(person, form)))))

    def _page(self, request: web.Request, came_with: Mapping[str, str]) -> web.Response:
        known = self._own(came_with.get(self._back, "")) is not None
        passed: dict[str, Any] = {
            name: came_with[name]
            for name in ("service", "redirect_uri", "client_id", "state", "nonce", "code_challenge")
            if name in came_with
        }
        return self._rendering.page(
            request,
            "development_ent.html",
            status=200 if known else 400,
            action=self._path,
            passed=passed if known else {},
            people=PEOPLE if known else (),
            key=secrets.token_urlsafe(16),
        )

    def _own(self, address: str) -> URL | None:
        if not address.startswith(f"{self._public}/"):
            return None
        try:
            return URL(address)
        except ValueError:
            return None
