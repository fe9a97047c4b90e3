"""Forms are taken only from our own pages, and from who they were made for (ADR 51).

`Sec-Fetch-Site` or `Origin` says where they come from, and a token that only cookie and page know. What stands in a form
made for somebody who is logged in is derived from it and names the account.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from services.portal.visits import Visits

FIELD: Final = "form_token"
MAX_AGE_SECONDS: Final = 90 * 86400
"""Longer than anybody leaves a form open."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Csrf:
    """Gives tokens to forms and checks what comes back; `base_url` is where people reach the suite."""

    def __init__(self, base_url: str, visits: Visits) -> None:
        self._visits = visits
        self._origin = "/".join(base_url.split("/", 3)[:3])
        self.secure = base_url.startswith("https:")
        self.cookie: Final = "__Host-form" if self.secure else "form"

    def token(self, request: web.Request) -> str:
        """The browser's token; a fresh one if it has none."""
        known = request.cookies.get(self.cookie, "")
        return known if _TOKEN.fullmatch(known) else secrets.token_urlsafe(32)

    def field(self, request: web.Request, token: str) -> str:
        """What stands in a form made for who is logged in, of the browser's token; nobody's is that token itself."""
        session = self._visits.of(request).session
        return _field(token, "" if session is None else session.account)

    def give(self, request: web.Request, response: web.Response, token: str) -> None:
        """Set the cookie that belongs to a form; it comes along when the link of a mail is opened, also in a second tab."""
        if request.cookies.get(self.cookie) != token:
            response.set_cookie(
                self.cookie,
                token,
                path="/",
                httponly=True,
                secure=self.secure,
                samesite="Lax",
                max_age=MAX_AGE_SECONDS,
            )

    def is_own(self, request: web.Request, form: Mapping[str, str]) -> bool:
        """Whether a posted form comes from one of our own pages in this very browser, and was made for no other person.

        Who has logged in since a page was shown may send what was made for nobody, and nobody what was made for somebody:
        what it does then is up to the page.
        """
        whose = self.whose(request, form)
        session = self._visits.of(request).session
        return whose is not None and (session is None or whose in ("", session.account))

    def whose(self, request: web.Request, form: Mapping[str, str]) -> str | None:
        """The account that a posted form was made for, empty for nobody's; None if none of our pages made it."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            if site != "same-origin":
                return None
        elif request.headers.get("Origin", self._origin) != self._origin:
            return None
        cookie, given = request.cookies.get(self.cookie, ""), form.get(FIELD, "")
        account = given.rpartition(".")[0]
        if _TOKEN.fullmatch(cookie) is None or not hmac.compare_digest(
            _field(cookie, account).encode(), given.encode(errors="replace")
        ):
            return None
        return account


def _field(token: str, account: str) -> str:
    if not account:
        return token
    mark = hmac.digest(token.encode(), account.encode(errors="replace"), hashlib.sha256)
    return f"{account}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"
