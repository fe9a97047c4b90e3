"""`parvis gateway`: the configuration of nginx in front of the suite, from the one table of routes.

What the gateway says where no service answers is what a service would say: problem documents (RFC 9457) for programs, in
French and English; pages of the same words for people.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import click
from jinja2 import Environment, StrictUndefined
from pydantic_core import to_json

from services import PORTAL, SERVICES
from services.chassis.http.arrival import ARRIVED
from services.chassis.http.headers import security_headers
from services.chassis.http.jsonbody import MAX_BODY_BYTES
from services.chassis.http.problems import STATUS, Texts, problem
from services.chassis.refusals import BODY_TOO_LARGE, MALFORMED_REQUEST, UNAVAILABLE
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.docs_generation import texts_of
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.all import APIS
from services.contracts.api.endpoints.bundles import FILE as BUNDLE
from services.contracts.api.endpoints.documents import UPLOAD
from services.contracts.api.problem import MEDIA_TYPE
from services.contracts.languages import DEFAULT, LANGUAGES, Language
from services.contracts.refusals import ErrorCode, ErrorKind, RefusedError
from services.contracts.refusals import documents as documents_refusals
from services.portal.paths import BUNDLE_FILE, FOLLOWED, LARGE_PAGES, LARGEST_FORM, LARGEST_LOGIN

TOO_MANY_REQUESTS: Final = ErrorCode("too-many-requests", ErrorKind.THROTTLED)
MAINTENANCE: Final = ErrorCode("maintenance", ErrorKind.UNAVAILABLE)

EVERY: Final = "all"
"""Stands for every service and the portal, where one process is the whole suite."""

CONTAINERS: Final = "127.0.0.11"  # the name server that every container has

NGINX_PARAMETER: Final = 4095
"""Bytes of the longest parameter that nginx reads."""

FACES: Final = {"problem": MEDIA_TYPE, "page": "text/html; charset=utf-8"}
_STYLE: Final = (
    "body{margin:0;font:1.2rem/1.5 system-ui,sans-serif;color:#1d2733;background:#f2f4f7}"
    "main{max-width:36rem;margin:4rem auto;padding:1.5rem;background:#fff;border-top:.5rem solid #1f4e79}"
)
_PAGE: Final = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width"><style>{style}</style></head>'
    "<body><main><h1>{title}</h1><p>{detail}</p></main></body></html>"
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where nginx listens, whom it asks, what it writes.

    `upstreams` names the addresses (`HOST:PORT`) of every service's replicas and of the portal's. On `internal`, which
    nobody but the portal may reach, it is the portal that says whose request it is. `tls` is certificate and
    key; without them plain HTTP is spoken, to stand behind something that ends TLS. While the file `flag` is there the suite
    is closed to all but the networks of `operators`. `scratch` is a folder for what nginx buffers. `resolver` is the name
    server that is asked again for the names of `upstreams` (nginx 1.27.3 or newer); without one they are looked up when
    nginx starts or reloads.
    """

    upstreams: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {name: (f"{name}:8080",) for name in (*SERVICES, PORTAL)}
    )
    listen: str = "443"
    redirect: str = "80"
    internal: str = "8081"
    tls: tuple[str, str] | None = ("/etc/parvis/tls/fullchain.pem", "/etc/parvis/tls/privkey.pem")
    flag: str = "/run/parvis/maintenance"
    operators: Sequence[str] = ()
    scratch: str = "/var/cache/nginx"
    log: str = "/dev/stdout"
    resolver: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one line may send: a rate, and how many at once above it; and how much it may have under way.

    `following` are connections over which people are told of changes, for minutes, beside what is under way: of a line, of
    its neighbours, and of everybody, each of which may take four connections of this gateway.

    A line is an address of IPv4 or a /64 of IPv6, its neighbours are the /24 or /48. Strangers are those who write unknown,
    partners the servers that sign what they tell, such as those of forms.
    """

    everything: str = "50r/s"
    everything_burst: int = 200
    strangers: str = "10r/s"
    strangers_burst: int = 60
    uploads: int = 64
    under_way: int = 256
    under_way_neighbours: int = 1024
    partners: str = "20r/s"
    partners_burst: int = 200
    following: int = 256
    following_neighbours: int = 512
    following_all: int = 1024


@dataclass(frozen=True, slots=True)
class _Place:
    """A route as a location of nginx."""

    service: str
    match: str
    summary: str
    name: str = ""
    max_bytes: int = 0
    is_large: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of one error: `texts` by `face:language`."""

    status: int
    texts: Mapping[str, str]
    retry_after: int | None

    def has(self, face: str) -> bool:
        """Whether it is said with this face."""
        return any(case.startswith(f"{face}:") for case in self.texts)


async def gateway(
    *,
    upstream: Sequence[str],
    listen: str,
    internal: str,
    tls: tuple[str, str] | None,
    plain: bool,
    flag: str | None,
    operators: Sequence[str],
    scratch: str | None,
    log: str | None,
    resolver: str,
) -> int:
    """Print the configuration for the settings of this environment."""
    configure_logging(Settings())
    site = Site()
    given: dict[str, list[str]] = {}
    for replica in upstream:
        name, _, address = replica.partition("=")
        if name not in (*site.upstreams, EVERY) or not re.fullmatch(r"[\w.\[\]:-]+:\d{1,5}", address):
            raise click.UsageError(
                f"--upstream {replica}: takes NAME=HOST:PORT, NAME one of {', '.join((*site.upstreams, EVERY))}"
            )
        for each in site.upstreams if name == EVERY else (name,):
            given.setdefault(each, []).append(address)
    chosen = replace(
        site,
        upstreams={**site.upstreams, **given},
        listen=listen,
        internal=internal,
        tls=None if plain else tls or site.tls,
        flag=flag or site.flag,
        operators=operators,
        scratch=scratch or site.scratch,
        log=log or site.log,
        resolver=resolver,
    )
    click.echo(configuration(chosen), nl=False)
    return 0


def deployed() -> str:
    """The text of `deploy/gateway/nginx.conf`."""
    return configuration(Site(resolver=CONTAINERS))


def configuration(site: Site, limits: Limits = Limits()) -> str:
    """The whole nginx.conf."""
    uploads = [_upload(each) for each in _endpoints() if each.upload is not None]
    own = {
        "malformed": _said(MALFORMED_REQUEST()),
        "too_large": _said(BODY_TOO_LARGE(max_bytes=MAX_BODY_BYTES)),
        "too_many": _said(TOO_MANY_REQUESTS(retry_after=2)),
        "unavailable": _said(UNAVAILABLE(retry_after=5)),
        "maintenance": _said(MAINTENANCE(retry_after=300)),
    }
    for endpoint in _endpoints():
        if endpoint.upload is not None:
            code = next(code for code in endpoint.refusals if code.kind is ErrorKind.TOO_LARGE)
            refusal = code(max_bytes=endpoint.upload.most)
            own[_name(endpoint)] = _said(refusal, texts_of(endpoint.service))
    # Refused for its size alone, before anybody has looked into it.
    together = ErrorCode(documents_refusals.PARTS_TOO_LARGE.name, ErrorKind.TOO_LARGE)
    own["files_too_large"] = _said(together(max_bytes=LARGEST_FORM), texts_of("documents"))
    slow = [
        *(_place(each) for each in _endpoints() if each.takes_long and each.upload is None),
        _Place(PORTAL, _pattern(BUNDLE_FILE), BUNDLE.summary, is_large=True),
    ]
    following = [
        *(_place(each) for each in _endpoints() if each.tells is not None),
        _Place(PORTAL, _pattern(FOLLOWED), "A page hears of changes."),
    ]
    return (
        _environment()
        .from_string(Path(__file__).with_name("nginx.conf.jinja").read_text())
        .render(
            site=site,
            limits=limits,
            own=own,
            faces=FACES,
            default=DEFAULT,
            languages=[language for language in LANGUAGES if language != DEFAULT],
            headers={face: _headers(face, https=site.tls is not None) for face in FACES},
            uploads=uploads,
            pages=[
                replace(
                    _upload(UPLOAD),
                    match=_pattern(path),
                    name="files_too_large" if most > LARGEST_LOGIN else "too_large",
                    max_bytes=most,
                )
                for path, most in LARGE_PAGES.items()
            ],
            slow=slow,
            strangers=[_place(each) for each in _endpoints() if _is_of_strangers(each)],
            partners=[_place(each) for each in _endpoints() if each.signed],
            upstreams=[
                *site.upstreams.items(),
                *((f"{name}_following", site.upstreams[name]) for name in sorted({each.service for each in following})),
            ],
            following=following,
            services=SERVICES,
            portal=PORTAL,
            events="offers",
            arrived=ARRIVED,
            max_body=MAX_BODY_BYTES,
        )
    )


# --- routes -----------------------------------------------------------------------------------------------------


def _endpoints() -> Iterator[Endpoint[Any, Any]]:
    return (endpoint for api in APIS.values() for endpoint in api)


def _place(endpoint: Endpoint[Any, Any]) -> _Place:
    return _Place(endpoint.service, _match(endpoint), endpoint.summary, is_large=endpoint is BUNDLE)


def _upload(endpoint: Endpoint[Any, Any]) -> _Place:
    """A call that takes raw bytes: they are handed on as they come, as many as any institution takes."""
    most = 0 if endpoint.upload is None else endpoint.upload.most
    return replace(_place(endpoint), name=_name(endpoint), max_bytes=most)


def _is_of_strangers(endpoint: Endpoint[Any, Any]) -> bool:
    """Whether somebody unknown writes by it: registration, login, one-time links."""
    return endpoint.access.public and endpoint.method != "GET" and endpoint.upload is None and not endpoint.signed


def _match(endpoint: Endpoint[Any, Any]) -> str:
    return _pattern(endpoint.full_path)


def _pattern(path: str) -> str:
    """What nginx compares a path with, of which parameters stand in braces."""
    if "{" not in path:
        return f"= {path}"
    parts = [part if "{" in part else re.escape(part) for part in re.split(r"(\{[^}]*\})", path)]
    return "~ ^" + "".join("[^/]+" if part.startswith("{") else part for part in parts) + "$"


def _name(endpoint: Endpoint[Any, Any]) -> str:
    return "too_large_" + re.sub(r"\W+", "_", f"{endpoint.service}{endpoint.path}").strip("_")


# --- what the gateway says itself -------------------------------------------------------------------------------


def _said(refusal: RefusedError, texts: Texts | None = None) -> _Said:
    texts = texts or Texts("gateway")
    said = {f"{face}:{language}": _text(face, refusal, language, texts) for face in FACES for language in LANGUAGES}
    return _Said(STATUS[refusal.slug.kind], said, refusal.retry_after)


def _text(face: str, refusal: RefusedError, language: Language, texts: Texts) -> str:
    document = problem(refusal, language, texts)
    if face == "problem":
        return to_json(document).decode()
    title, detail = html.escape(document["title"]), html.escape(document["detail"])
    return _PAGE.format(language=language, title=title, detail=detail, style=_STYLE)


def _headers(face: str, *, https: bool) -> dict[str, str]:
    headers = dict(security_headers(https=https))
    if face == "page":
        digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
        headers["Content-Security-Policy"] = policy
    return headers


def _environment() -> Environment:
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - nginx is no HTML; what goes into strings is quoted
    )
    environment.filters["quoted"] = _quoted
    return environment


def _quoted(text: Any) -> str:
    """A string of nginx; raises ValueError for what it cannot say."""
    text = str(text)
    if "$" in text or "\n" in text or len(text.encode()) > NGINX_PARAMETER:
        raise ValueError(f"nginx cannot say this: {text[:80]}")
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
