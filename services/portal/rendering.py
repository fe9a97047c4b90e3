"""Makes pages of templates and texts, in the reader's language: `?lang=`, else the cookie it set, else Accept-Language."""

from __future__ import annotations

import secrets
import string
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial, wraps
from typing import Any, Final, Protocol
from urllib.parse import quote

import structlog
from aiohttp import web
from yarl import URL

import services
from services import PORTAL
from services.chassis.http.headers import traceparent
from services.chassis.languages import preferred
from services.chassis.telemetry import tracing
from services.chassis.telemetry.spans import Attributes, Span, SpanKind
from services.chassis.texts.catalogues import catalogues
from services.contracts.api.problem import Problem
from services.contracts.languages import LANGUAGES, Language
from services.contracts.refusals import MAINTENANCE, NOT_FOUND
from services.contracts.spans import Attribute
from services.portal import paths
from services.portal.api import ApiUnavailable, Refused
from services.portal.csrf import FIELD, Csrf
from services.portal.forms import FIELDS, LONGEST, MAX_FORM_BYTES, SECRETS, TypedForm, own_path, read_fields
from services.portal.kept import Pages
from services.portal.paths import at_query
from services.portal.revalidation import revalidated
from services.portal.templating import templates
from services.portal.visits import WARNING_SECONDS, LoginNeeded, Visits

log = structlog.get_logger()

LANGUAGE_COOKIE: Final = "lang"
LOGIN: Final = paths.LOGIN
RESUME: Final = "/connexion/reprise"
"""Where one sends what was typed before one had to log in."""
EXPLAINED: Final = (403, 404, 409, 412, 429, 503)
"""Refusals of which the texts `refused.<status>` say what one can do."""
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]
WayByEnt = Callable[[web.Request, str], Awaitable[str]]
"""Where students of the university get in, to go on to a path afterwards; empty where they cannot."""
SOON: Final = timedelta(days=1)
"""Every page says of a window of maintenance that begins within it; whoever fills in a form wants to be through before."""


class Closing(Protocol):
    """When pages are closed to people."""

    async def answer(self, rendering: Rendering, request: web.Request) -> web.Response | None:
        """What people see instead of a page while it is closed to them; None while it is not."""

    def announced(self, rendering: Rendering, language: Language, within: timedelta | None = None) -> str:
        """What is said of that before it begins; empty for nothing."""


def language_of(request: web.Request) -> Language:
    """The language that this reader chose or prefers."""
    for chosen in (request.query.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        for language in LANGUAGES:
            if language == chosen:
                return language
    return preferred(request.headers.get("Accept-Language"))


class Rendering:
    """Renders pages; `csrf` guards the forms in them, `visits` knows whose browser it is."""

    def __init__(self, csrf: Csrf, visits: Visits, way_by_ent: WayByEnt, closing: Closing) -> None:
        self._way_by_ent = way_by_ent
        self._closing = closing
        self.csrf = csrf
        self.visits = visits
        self._texts = catalogues()
        self._templates = templates()
        self._made = Pages()

    def text(self, language: Language, name: str, **values: Any) -> str:
        """One text of the pages."""
        return self._texts.text(f"portal.{name}", language, **values)

    def page(
        self,
        request: web.Request,
        template: str,
        *,
        status: int = 200,
        policy: str = POLICY,
        again: str | None = None,
        public: bool = False,
        made_of: tuple[object, ...] | None = None,
        **values: Any,
    ) -> web.Response:
        """A whole page. Templates see `text` (by name, with figures), `language`, `signed_in`, `form_token` and `values`.

        `again` is where a page that answers a form can be read in another language: without it, the home page. A `public`
        one has no form that changes anything; to who is not logged in it is the same as to everybody, may be kept, and is
        not sent again while it is the same. What depends on kept answers of the API (`made_of`), on address and language
        alone is made once for who is not logged in.
        """
        language, session = language_of(request), self.visits.of(request).session
        signed_in, left = session is not None, self.visits.seconds_left(request)
        if left is not None and "script-src" not in policy:
            policy = f"{policy}; script-src 'self'"
        token = self.csrf.token(request)
        here = request.rel_url if request.method in ("GET", "HEAD") else URL(again or "/")
        soon = self._closing.announced(self, language, SOON)
        fills = {"form_token": self.csrf.field(request, token)}
        fills |= {"key": values.pop("key")} if "key" in values else {}
        render = partial(
            self._templates.get_template(template).render,
            text=partial(self.text, language),
            language=language,
            other_languages=[
                (other, self.text(other, "site.language"), at_query(here, lang=other))
                for other in LANGUAGES
                if other != language
            ],
            version=services.VERSION,
            signed_in=signed_in,
            seconds_left=left,
            warning_seconds=WARNING_SECONDS,
            closing_soon=soon,
            is_staff=session is not None and session.is_staff,
            by_ent_session=session is not None and session.by_ent,
            reviews=session is not None and session.reviews,
            edits=session is not None and session.edits,
            administers=session is not None and session.administers,
            supports=session is not None and session.supports,
            fills_in=session is not None and session.fills_in,
            follows_mails=session is not None and session.follows_mails,
            counts=session is not None and session.counts,
            form_field=FIELD,
            **values,
        )
        if made_of is None or signed_in or status != 200:
            body = render(fills).encode()
        else:
            body = self._made.page((template, language, str(here), soon), made_of, render, fills)
        response = web.Response(body=body, content_type="text/html", charset="utf-8", status=status)
        response.headers["Content-Language"] = language
        response.headers["Content-Security-Policy"] = policy
        if public and status == 200 and not signed_in and "lang" not in request.query:
            return revalidated(request, response, body)
        response.headers["Cache-Control"] = "no-store"
        self.csrf.give(request, response, token)
        if request.query.get("lang") == language and request.cookies.get(LANGUAGE_COOKIE) != language:
            response.set_cookie(LANGUAGE_COOKIE, language, path="/", httponly=True, samesite="Lax", max_age=31536000)
        return response

    def written(self, language: Language, template: str, **values: Any) -> str:
        """A page that people take away with them: nothing of the site is around it."""
        return self._templates.get_template(template).render(
            text=partial(self.text, language), language=language, **values
        )

    def message(
        self,
        request: web.Request,
        name: str,
        *,
        status: int,
        detail: str | None = None,
        again: str | None = None,
        further: tuple[str, str] | None = None,
    ) -> web.Response:
        """A page that only says something: the texts `name.title` and `name.body`, and a link `further`, if any."""
        language = language_of(request)
        title, body = self.text(language, f"{name}.title"), detail or self.text(language, f"{name}.body")
        return self.page(request, "message.html", status=status, again=again, title=title, body=body, further=further)

    def problem(self, request: web.Request, problem: Problem, *, again: str | None = None) -> web.Response:
        """Any refusal of the API as a page: its own words, which are in the reader's language, and what one can do."""
        is_explained = problem.status in EXPLAINED and problem.slug not in (MAINTENANCE.name, NOT_FOUND.name)
        advice = self.text(language_of(request), f"refused.{problem.status}") if is_explained else ""
        response = self.page(
            request,
            "refused.html",
            status=problem.status,
            again=again,
            problem=problem,
            advice=advice,
            here=request.rel_url.raw_path_qs if request.method == "GET" else None,
        )
        return come_back(response, problem)

    async def login(
        self,
        request: web.Request,
        *,
        status: int = 200,
        onward: str = "",
        kept: str = "",
        login: str = "",
        ended: bool = False,
        campaign_is_over: bool = False,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        """The page by which one logs in, and goes `onward` (a path of our own) afterwards.

        `kept` is what was typed into another form when its session was over (`keep`), `ended` says that it was. What is
        short enough goes along in a cookie as well, so that nothing is lost by the way through the ENT either.
        """
        by_ent = ""
        if not kept or self.visits.of(request).carry(kept):
            by_ent = await self._way_by_ent(request, RESUME if kept else onward)
        again = str(URL(LOGIN).with_query(next=onward)) if onward else LOGIN
        return self.page(
            request,
            "login.html",
            status=status,
            again=again,
            action=LOGIN,
            key=secrets.token_urlsafe(16),
            onward=onward,
            kept=kept,
            login=login,
            ended=ended,
            campaign_is_over=campaign_is_over,
            by_ent=by_ent,
            errors=errors or {},
        )

    def guarded(self, page: Page, *, signed_in: bool = False, longest: int = MAX_FORM_BYTES) -> Page:
        """The page, or what people see instead: with `signed_in`, and where the API needs to know who asks, the login.

        What had been typed into a form comes back after it, up to the `longest` that the page takes, in bytes. Refused is
        shown as a page, and so is an API that is away.
        """

        @wraps(page)
        async def handle(request: web.Request) -> web.StreamResponse:
            request[LONGEST] = longest
            with _page(request) as span:
                response = await answer(request)
                span.set(Attribute.STATUS, response.status)
            return response

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                if (closed := await self._closing.answer(self, request)) is not None:
                    return closed
                if signed_in and self.visits.of(request).session is None:
                    raise LoginNeeded
                return await page(request)
            except LoginNeeded as needed:
                return await self._to_login(request, needed)
            except Refused as refused:
                return self.problem(request, refused.problem)
            except ApiUnavailable as error:
                log.warning("portal.api-unavailable", error=str(error))
                response = self.message(request, "unavailable", status=503)
                response.headers["Retry-After"] = "5"
                return response

        return handle

    async def form(self, request: web.Request, *, of_anybody: bool = False) -> Mapping[str, str] | None:
        """The fields of a posted form; None if it does not come from one of our pages or is no such form.

        Nor is it taken if it was made for another account than is logged in, unless it does the same `of_anybody`. Of
        fields of one name the last counts; all of them are `request[FIELDS]`.
        """
        fields = await read_fields(request, request.get(LONGEST, MAX_FORM_BYTES))
        if fields is None or self.csrf.whose(request, dict(fields)) is None:
            return None
        if not of_anybody and not self.csrf.is_own(request, dict(fields)):
            return None
        request[FIELDS] = fields
        return dict(fields)

    def foreign(self, request: web.Request, *, again: str | None = None) -> web.Response:
        """The answer to what is no form of ours."""
        return self.message(request, "foreign-form", status=403, again=again)

    def keep(self, request: web.Request, account: str) -> str:
        """What was typed into this form, while one logs in, for the same browser; but for passwords.

        It is for the account that the form was made for, else for `account`, whose session was over.
        """
        account = self.csrf.whose(request, dict(request.get(FIELDS, ()))) or account
        fields = [field for field in request.get(FIELDS, ()) if field[0] != FIELD and field[0] not in SECRETS]
        here = request.rel_url.raw_path_qs
        onward = own_path(here) if _can_be_opened(request) else None
        return self.visits.seal("form", [self.csrf.token(request), account, here, onward or "", fields])

    def kept(self, request: web.Request, sealed: str) -> TypedForm | None:
        """The form that was kept in this browser."""
        match self.visits.open("form", sealed) if sealed else None:
            case [str(token), str(account), str(path), str(onward), list(fields)] if token == self.csrf.token(request):
                return TypedForm(account, path, onward, [(str(name), str(value)) for name, value in fields])
            case _:
                return None

    async def _to_login(self, request: web.Request, needed: LoginNeeded) -> web.StreamResponse:
        """The page by which one logs in: after a form at once, with what was typed, else by its own address."""
        here = own_path(request.rel_url.raw_path_qs) or ""
        if request.method == "POST":
            if FIELDS not in request:
                await self.form(request)
            onward = here if _can_be_opened(request) else ""
            kept = self.keep(request, needed.account) if FIELDS in request else ""
            return await self.login(request, status=403, onward=onward, kept=kept, ended=needed.problem is not None)
        location = URL(LOGIN).with_query({"next": here} | ({"fin": "1"} if needed.problem is not None else {}))
        return see_other(str(location))


def see_other(path: str) -> web.Response:
    """Go on to a page of our own, by GET: what follows a form that was taken. What no address may have is escaped."""
    location = quote(path, safe=string.punctuation)
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})


def come_back(response: web.Response, problem: Problem) -> web.Response:
    """The page of a refusal, which says when to come back if that does."""
    if (wait := getattr(problem, "retry_after", None)) is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _can_be_opened(request: web.Request) -> bool:
    """Whether what was posted to is a page as well."""
    posted = request.match_info.route.resource
    resources = request.app.router.resources()
    return posted is not None and any(
        route.method == "GET" for each in resources if each.canonical == posted.canonical for route in each
    )


def _page(request: web.Request) -> AbstractContextManager[Span]:
    """The span of a page, below the trace of whoever asks for it."""
    resource = request.match_info.route.resource
    route = "" if resource is None else resource.canonical
    attributes: Attributes = {Attribute.SERVICE: PORTAL, Attribute.METHOD: request.method, Attribute.ROUTE: route}
    parent = traceparent(request.headers.get("traceparent"))
    return tracing.span(f"{request.method} {route}", SpanKind.SERVER, attributes, parent)
