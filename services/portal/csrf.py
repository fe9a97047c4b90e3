"""Forms are taken only from our own pages: `Sec-Fetch-Site` or `Origin`, and a token that cookie and form must share."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Final

from aiohttp import web

FIELD: Final = "form_token"
MAX_AGE_SECONDS: Final = 90 * 86400
"""Longer than anybody leaves a form open."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Csrf:
    """Gives tokens to forms and checks what comes back; `base_url` is where people reach the suite."""

    def __init__(self, base_url: str) -> None:
        self._origin = "/".join(base_url.split("/", 3)[:3])
        self._secure = base_url.startswith("https:")
        self.cookie: Final = "__Host-form" if self._secure else "form"

    def token(self, request: web.Request) -> str:
        """The browser's token; a fresh one if it has none."""
        known = request.cookies.get(self.cookie, "")
        return known if _TOKEN.fullmatch(known) else secrets.token_urlsafe(32)

    def give(self, request: web.Request, response: web.Response, token: str) -> None:
        """Set the cookie that belongs to a form; it comes along when the link of a mail is opened, also in a second tab."""
        if request.cookies.get(self.cookie) != token:
            response.set_cookie(
                self.cookie,
                token,
                path="/",
                httponly=True,
                secure=self._secure,
                samesite="Lax",
                max_age=MAX_AGE_SECONDS,
            )

    def is_own(self, request: web.Request, form: Mapping[str, str]) -> bool:
        """Whether a posted form comes from one of our own pages in this very browser."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            if site != "same-origin":
                return False
        elif request.headers.get("Origin", self._origin) != self._origin:
            return False
        cookie = request.cookies.get(self.cookie, "")
        given = form.get(FIELD, "")
        return _TOKEN.fullmatch(cookie) is not None and hmac.compare_digest(cookie.encode(), given.encode())
