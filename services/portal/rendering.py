"""Makes pages of templates and texts, in the reader's language: `?lang=`, else the cookie it set, else Accept-Language."""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader

import services
from services.chassis.languages import LANGUAGES, Language, preferred
from services.portal.api import ApiUnavailable
from services.portal.csrf import FIELD, Csrf

log = structlog.get_logger()

HERE: Final = Path(__file__).parent
TEXTS: Final = HERE / "locale" / "texts.toml"
GOVUK: Final = "govuk_frontend_jinja"
LANGUAGE_COOKIE: Final = "lang"
MAX_FORM_BYTES: Final = 16384
MAX_FORM_FIELDS: Final = 64
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


def texts(language: Language) -> dict[str, dict[str, str]]:
    """The texts of all pages in one language, by page and name."""
    tables = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    return {page: {name: both[language] for name, both in table.items()} for page, table in tables.items()}


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
        self._texts = {language: texts(language) for language in LANGUAGES}
        self._templates = Environment(
            loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), PrefixLoader({GOVUK: PackageLoader(GOVUK)})]),
            autoescape=True,
            undefined=ChainableUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def text(self, language: Language, page: str, name: str) -> str:
        """One text."""
        return self._texts[language][page][name]

    def page(
        self, request: web.Request, template: str, *, status: int = 200, policy: str = POLICY, **values: Any
    ) -> web.Response:
        """A whole page. Templates see `t` (texts by page and name), `language`, `languages`, `version`, `form_token`."""
        language = language_of(request)
        token = self.csrf.token(request)
        known = self._texts[language]
        body = self._templates.get_template(template).render(
            t=known,
            language=language,
            other_language=next(other for other in LANGUAGES if other != language),
            other_url=_here(request, lang=next(other for other in LANGUAGES if other != language)),
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

    def message(self, request: web.Request, name: str, *, status: int, detail: str | None = None) -> web.Response:
        """A page that only says something: `name` is a table of the texts with `title` and `body`."""
        known = self._texts[language_of(request)][name]
        return self.page(request, "message.html", status=status, title=known["title"], body=detail or known["body"])

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


def _here(request: web.Request, **query: str) -> str:
    """The address of this page within the site, with another query: one slash, because two would begin a host."""
    changed = request.rel_url.update_query(query)
    return f"/{changed.raw_path.lstrip('/')}?{changed.raw_query_string}"
