"""What a browser brings along and takes away: its session, its device and what it has seen, each in a cookie of its own.

The portal keeps nothing itself: what nobody may read or write is sealed with a key that all its replicas share (ADR 51).
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from http.cookies import SimpleCookie
from typing import Any, Final

from aiohttp import web

from services.chassis.ports import Clock
from services.chassis.security.sealing import Sealer, Unsealable
from services.contracts.actors import ActorKind, Role
from services.contracts.api.accounts import Tokens
from services.contracts.api.identity import BY_ENT, ENROLS
from services.contracts.api.problem import Problem

MAX_COOKIE_CHARACTERS: Final = 4096
"""What browsers keep of a cookie, its name included (RFC 6265, section 6.1)."""
MAX_SEEN_CHARACTERS: Final = 2048
ENTRY_SECONDS: Final = 3600
"""As long as the API lets somebody register who has come from the ENT."""
ASKED_SECONDS: Final = 300
"""As long as the API waits for a code once the password was right."""
MAX_KEPT_CHARACTERS: Final = 2400
"""Of a form that is kept, sealed: with all other cookies it fits into the 8 KiB that servers read of one header."""
KEPT_SECONDS: Final = 1800
"""As long as somebody may take to log in."""
SEEN_SECONDS: Final = 60
"""For so long after a command everybody is asked to have heard of it; by then all have, or something is away."""
DEVICE_SECONDS: Final = 400 * 86400
"""The longest that browsers keep a cookie."""
LAST_SECONDS: Final = 86400
"""Before a session's end: a page that is opened then looks after it."""
WARNING_SECONDS: Final = 1800
"""Before a session's end people are told of it, so that they may go on before."""
EARLY_SECONDS: Final = 30
"""A token that ends so soon is replaced beforehand: it would end on its way."""

_DEVICE: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")


class LoginNeeded(Exception):
    """The page needs somebody who is logged in; `problem` is why the session of `account` that was there is no more."""

    def __init__(self, problem: Problem | None = None, account: str = "") -> None:
        super().__init__("login needed")
        self.problem = problem
        self.account = account


@dataclass(frozen=True)
class Session:
    """What a login has given: an access token, good until `until` (seconds since 1970), and what gets the next one.

    At `ends` one logs in anew.
    """

    access: str
    until: int
    refresh: str
    ends: int

    @property
    def account(self) -> str:
        """Whose it is, as the token says, which came from accounts itself; empty if it says nothing."""
        return str(self._claims.get("sub", ""))

    @property
    def roles(self) -> frozenset[str]:
        """Those that the token says, of a member of staff; services look at them anew, and at their reach."""
        grants = self._claims.get("grants")
        return frozenset(each["role"] for each in grants) if isinstance(grants, list) else frozenset()

    @property
    def reviews(self) -> bool:
        """Whether that is somebody who examines files."""
        return not self.roles.isdisjoint((Role.MANAGER.value, Role.COMMISSION.value))

    @property
    def edits(self) -> bool:
        """Whether that is somebody who keeps the catalogue."""
        return not self.roles.isdisjoint((Role.ADMIN.value, Role.REGISTRAR.value, Role.MANAGER.value))

    @property
    def keeps_everything(self) -> bool:
        """Whether that is somebody who keeps the catalogue of all centres and boards."""
        return self._has_everywhere(Role.ADMIN, Role.REGISTRAR, Role.MANAGER)

    @property
    def administers(self) -> bool:
        """Whether that is somebody who gives rights to others: an admin of everything."""
        return self._has_everywhere(Role.ADMIN)

    @property
    def supports(self) -> bool:
        """Whether that is somebody who looks after mails to anybody: support, or an admin, of everything."""
        return self._has_everywhere(Role.SUPPORT, Role.ADMIN)

    @property
    def fills_in(self) -> bool:
        """Whether that is support of some centres or commissions alone: they find files by number, and no accounts."""
        return Role.SUPPORT.value in self.roles and not self.supports

    @property
    def follows_mails(self) -> bool:
        """Whether that is somebody who sees what became of mails: of all, or of files that they manage."""
        return self.supports or Role.MANAGER.value in self.roles

    @property
    def counts(self) -> bool:
        """Whether that is somebody who sees the statistics."""
        seeing = (Role.ADMIN, Role.REGISTRAR, Role.MANAGER, Role.READONLY)
        return not self.roles.isdisjoint(each.value for each in seeing)

    @property
    def enrols(self) -> bool:
        """Whether that is somebody of staff who has no right before a second factor is set up."""
        return self._claims.get(ENROLS) is True

    @property
    def by_ent(self) -> bool:
        """Whether they came in by the ENT."""
        return self._claims.get(BY_ENT) is True

    @property
    def is_staff(self) -> bool:
        """Whether that is a member of staff."""
        return self._claims.get("kind") == ActorKind.STAFF

    def _has_everywhere(self, *roles: Role) -> bool:
        grants = self._claims.get("grants")
        return isinstance(grants, list) and any(
            each["role"] in roles and "centres" not in each and "commissions" not in each for each in grants
        )

    @cached_property
    def _claims(self) -> Mapping[str, Any]:
        _, _, rest = self.access.partition(".")
        claims = rest.partition(".")[0]
        try:
            said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}


@dataclass(slots=True)
class Visit:
    """One request's browser; what changes goes out with whatever answer it gets.

    `entry` is of who has come from the ENT and has no account yet: what the form of registration needs. It is personal, and
    ends with the form, with any login and with every log-out: browsers are shared. `asked` is of who has shown a password
    and is asked for a code.
    """

    session: Session | None = None
    device: str | None = None
    seen: tuple[str, ...] = ()
    entry: Mapping[str, Any] | None = None
    asked: Mapping[str, Any] | None = None
    kept: str = ""
    changed: set[str] = field(default_factory=set)
    refreshing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def begin(self, session: Session) -> None:
        """Be logged in from now on, or go on being so."""
        if self.session is None or self.session.account != session.account:
            self.enter(None)
        self.session = session
        self.changed.add("session")
        self.be_asked(None)

    def end(self) -> None:
        """Be logged in no more."""
        self.enter(None)
        self.session = None
        self.changed.add("session")
        if self.kept:
            self.carry("")

    def enter(self, entry: Mapping[str, Any] | None) -> None:
        """Have come from the ENT without an account, or (None) be that person no more."""
        if entry != self.entry:
            self.entry = entry
            self.changed.add("entry")

    def be_asked(self, asked: Mapping[str, Any] | None) -> None:
        """Have shown a password and be asked for a code, or (None) not be asked any more."""
        if asked != self.asked:
            self.asked = asked
            self.changed.add("asked")

    def know(self, device: str) -> None:
        """Be a browser that the person has used before."""
        if _DEVICE.fullmatch(device) and device != self.device:
            self.device = device
            self.changed.add("device")

    def carry(self, kept: str) -> bool:
        """Bring along, sealed, what was typed before one logs in; False if it is too long for a cookie."""
        self.kept = kept if len(kept) <= MAX_KEPT_CHARACTERS else ""
        self.changed.add("kept")
        return self.kept == kept

    def see(self, mark: str) -> None:
        """Have seen what a command did (`Parvis-Seen`); of too much the newest is kept."""
        kept = [mark, *(each for each in self.seen if each != mark)]
        while len(",".join(kept)) > MAX_SEEN_CHARACTERS:
            kept.pop()
        self.seen = tuple(kept)
        self.changed.add("seen")


VISIT: Final = web.RequestKey("visit", Visit)


class Visits:
    """Reads the cookies of requests, and gives those of answers; `base_url` is where people reach the suite."""

    def __init__(self, sealer: Sealer, clock: Clock, base_url: str) -> None:
        self._sealer = sealer
        self._clock = clock
        self._secure = base_url.startswith("https:")

    def of(self, request: web.Request) -> Visit:
        """The visit that a request belongs to."""
        visit = request.get(VISIT)
        if visit is None:
            visit = request[VISIT] = self._read(request)
        return visit

    def begun(self, tokens: Tokens) -> Session:
        """The session of these tokens, which have just been given."""
        now = self._now
        return Session(
            tokens.access_token, now + tokens.expires_in, tokens.refresh_token, now + tokens.session_expires_in
        )

    def seconds_left(self, request: web.Request) -> int | None:
        """How long the session still is, where that is so short that a page left open may outlive it; else None."""
        session = self.of(request).session
        left = None if session is None else max(0, session.ends - self._now)
        return left if left is not None and left <= LAST_SECONDS else None

    def is_stale(self, session: Session) -> bool:
        """Whether its access token is over, or nearly so."""
        return session.until - EARLY_SECONDS <= self._now

    async def give(self, request: web.Request, response: web.StreamResponse) -> None:
        """Send along what has changed: a signal, so that it goes out with refusals and redirections as well."""
        visit = request.get(VISIT)
        if visit is None:
            return
        for name in sorted(visit.changed):
            match name:
                case "session" if visit.session is not None:
                    value = list(astuple(visit.session))
                    self._set(response, "session", self.seal("session", value))
                case "entry" if visit.entry is not None:
                    value = [self._now + ENTRY_SECONDS, dict(visit.entry)]
                    self._set(response, "entry", self.seal("entry", value))
                case "asked" if visit.asked is not None:
                    value = [self._now + ASKED_SECONDS, dict(visit.asked)]
                    self._set(response, "asked", self.seal("asked", value), max_age=ASKED_SECONDS)
                case "session" | "entry" | "asked":
                    self._set(response, name, "", max_age=0)
                case "seen":
                    sealed = self.seal("seen", list(visit.seen))
                    self._set(response, "seen", sealed, max_age=SEEN_SECONDS)
                case "kept":
                    self._set(response, "kept", visit.kept, max_age=KEPT_SECONDS if visit.kept else 0)
                case "device":
                    self._set(response, "device", visit.device or "", max_age=DEVICE_SECONDS)
        visit.changed.clear()

    def seal(self, use: str, value: Any) -> str:
        """A JSON value for this one use, which only the portal can read and write; raises ValueError for no JSON."""
        return self._sealer.seal(json.dumps([use, value], ensure_ascii=False, separators=(",", ":")))

    def open(self, use: str, sealed: str) -> Any:
        """The value that was sealed for this use; None for anything else."""
        try:
            found, value = json.loads(self._sealer.open(sealed))
        except (Unsealable, ValueError, TypeError):
            return None
        return value if found == use else None

    @property
    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _read(self, request: web.Request) -> Visit:
        device = request.cookies.get(self._name("device"), "")
        return Visit(
            session=self._session(request.cookies.get(self._name("session"), "")),
            device=device if _DEVICE.fullmatch(device) else None,
            seen=self._seen(request.cookies.get(self._name("seen"), "")),
            entry=self._for_a_while("entry", request),
            asked=self._for_a_while("asked", request),
            kept=request.cookies.get(self._name("kept"), ""),
        )

    def _session(self, sealed: str) -> Session | None:
        match self.open("session", sealed) if sealed else None:
            case [str(access), int(until), str(refresh), int(ends)]:
                return Session(access, until, refresh, ends)
            case _:
                return None

    def _for_a_while(self, use: str, request: web.Request) -> Mapping[str, Any] | None:
        sealed = request.cookies.get(self._name(use), "")
        match self.open(use, sealed) if sealed else None:
            case [int(until), dict(entry)] if self._now < until:
                return entry
            case _:
                return None

    def _seen(self, sealed: str) -> tuple[str, ...]:
        found = self.open("seen", sealed) if sealed else None
        return tuple(map(str, found)) if isinstance(found, list) else ()

    def _name(self, name: str) -> str:
        """With this prefix browsers take a cookie from this very host alone, and over TLS alone."""
        return f"__Host-{name}" if self._secure else name

    def _set(self, response: web.StreamResponse, name: str, value: str, *, max_age: int | None = None) -> None:
        """As a header: when the signal comes, aiohttp has written the cookies of the response already."""
        cookies: SimpleCookie = SimpleCookie({self._name(name): value})
        cookie = cookies[self._name(name)]
        cookie["path"], cookie["samesite"] = "/", "Lax"
        cookie["httponly"], cookie["secure"] = True, self._secure
        if max_age is not None:
            cookie["max-age"] = max_age
        response.headers.add("Set-Cookie", cookie.OutputString())
