"""Makes pages of templates and texts, in the reader's language: `?lang=`, else the cookie it set, else Accept-Language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from yarl import URL

import services
from services.chassis.languages import preferred
from services.chassis.texts.catalogues import catalogues
from services.contracts.languages import LANGUAGES, Language
from services.portal.api import ApiUnavailable
from services.portal.csrf import FIELD, Csrf

log = structlog.get_logger()

HERE: Final = Path(__file__).parent
GOVUK: Final = "govuk_frontend_jinja"
LANGUAGE_COOKIE: Final = "lang"
MAX_FORM_BYTES: Final = 16384
MAX_FORM_FIELDS: Final = 64
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


def language_of(request: web.Request) -> Language:
    """The language that this reader chose or prefers."""
    for chosen in (request.query.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        for language in LANGUAGES:
            if language == chosen:
                return language
    return preferred(request.headers.get("Accept-Language"))


class Rendering:
    """Renders pages; `csrf` guards the forms in them."""

    def __init__(self, csrf: Csrf) -> None:
        self.csrf = csrf
        self._texts = catalogues()
        self._templates = Environment(
            loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), PrefixLoader({GOVUK: PackageLoader(GOVUK)})]),
            autoescape=True,
            undefined=ChainableUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

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
        **values: Any,
    ) -> web.Response:
        """A whole page. Templates see `text` (by name, with figures), `language`, `version`, `form_token` and `values`.

        `again` is where a page that answers a form can be read in another language: without it, the home page.
        """
        language = language_of(request)
        token = self.csrf.token(request)
        here = request.rel_url if request.method in ("GET", "HEAD") else URL(again or "/")
        body = self._templates.get_template(template).render(
            text=partial(self.text, language),
            language=language,
            other_languages=[
                (other, self.text(other, "site.language"), _at(here, lang=other))
                for other in LANGUAGES
                if other != language
            ],
            version=services.VERSION,
            form_field=FIELD,
            form_token=token,
            **values,
        )
        response = web.Response(text=body, content_type="text/html", charset="utf-8", status=status)
        response.headers["Content-Language"] = language
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = policy
        self.csrf.give(request, response, token)
        if request.query.get("lang") == language and request.cookies.get(LANGUAGE_COOKIE) != language:
            response.set_cookie(LANGUAGE_COOKIE, language, path="/", httponly=True, samesite="Lax", max_age=31536000)
        return response

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

    def guarded(self, page: Page) -> Page:
        """The page, or what people see instead when the API does not answer."""

        @wraps(page)
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await page(request)
            except ApiUnavailable as error:
                log.warning("portal.api-unavailable", error=str(error))
                response = self.message(request, "unavailable", status=503)
                response.headers["Retry-After"] = "5"
                return response

        return handle

    async def form(self, request: web.Request) -> Mapping[str, str] | None:
        """The fields of a posted form; None if it does not come from one of our pages or is no such form."""
        if (
            request.content_type != "application/x-www-form-urlencoded"
            or (request.charset or "utf-8").lower() not in ("utf-8", "utf8")
            or (request.content_length or 0) > MAX_FORM_BYTES
        ):
            return None
        body = await request.read()
        if len(body) > MAX_FORM_BYTES:
            return None
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FORM_FIELDS)
        except ValueError:
            return None
        fields = dict(pairs)
        return fields if self.csrf.is_own(request, fields) else None


def _at(here: URL, **query: str) -> str:
    """The address of a page within the site, with another query: one slash, because two would begin a host."""
    changed = here.update_query(query)
    return f"/{changed.raw_path.lstrip('/')}?{changed.raw_query_string}"
