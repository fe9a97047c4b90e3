"""Makes problem documents (RFC 9457) of refusals: the status of every kind of no, and the texts in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import structlog

from services.chassis.texts.catalogues import Catalogues, catalogues
from services.contracts.instants import instant_text
from services.contracts.languages import DEFAULT, Language
from services.contracts.refusals import ErrorKind, FieldError, RefusedError

log = structlog.get_logger()

STATUS: Final[Mapping[ErrorKind, int]] = {
    ErrorKind.MALFORMED: 400,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.METHOD: 405,
    ErrorKind.NOT_ACCEPTABLE: 406,
    ErrorKind.TIMEOUT: 408,
    ErrorKind.CONFLICT: 409,
    ErrorKind.GONE: 410,
    ErrorKind.STALE: 412,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.UNSUPPORTED: 415,
    ErrorKind.INVALID: 422,
    ErrorKind.THROTTLED: 429,
    ErrorKind.INTERNAL: 500,
    ErrorKind.UNAVAILABLE: 503,
}

SHARED: Final = "chassis"
"""Where the texts stand that every service shares."""
_STANDARD: Final = frozenset({"type", "title", "status", "detail", "slug", "fields"})


class Texts:
    """The texts of one part of the suite, and behind them those that every service shares."""

    def __init__(self, where: str, read: Catalogues | None = None, zone: tzinfo = UTC) -> None:
        """`where` begins the keys of its own texts; instants are written on the clock of `zone`."""
        self._where = where
        self._read = read or catalogues()
        self._zone = zone

    def title(self, slug: str, language: Language) -> str:
        """The short text of a refusal."""
        return self._text(slug, "title", language) or slug

    def detail(self, slug: str, language: Language, params: Mapping[str, Any]) -> str:
        """What is wrong and what to do, with the figures of this case."""
        return self._text(slug, "detail", language, params) or self.title(slug, language)

    def example(self, slug: str, language: Language) -> str:
        """The detail without a case: dots stand for what the case tells."""
        return re.sub(r"\{[^}]*\}", "…", self._read.raw(self._key(slug, "detail"), language) or "")

    def own(self, slug: str) -> bool:
        """Whether the part has a text of its own for a slug."""
        return self._read.has(f"{self._where}.{slug}.title", DEFAULT)

    def _key(self, slug: str, part: str) -> str:
        return f"{self._where if self.own(slug) else SHARED}.{slug}.{part}"

    def _text(self, slug: str, part: str, language: Language, params: Mapping[str, Any] = MappingProxyType({})) -> str:
        """The text, or nothing: a text that is broken still leaves a refusal."""
        try:
            return self._read.text(self._key(slug, part), language, zone=self._zone, **params)
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            log.error("refusal.text-broken", slug=slug, part=part, language=language, error=type(error).__name__)
            return ""


@cache
def generic_texts() -> Texts:
    """The texts of the refusals that every service shares."""
    return Texts(SHARED)


def problem(refusal: RefusedError, language: Language, texts: Texts) -> dict[str, Any]:
    """The problem document of a refusal."""
    slug = refusal.slug.name
    document: dict[str, Any] = {
        "type": f"/problems/{slug}",
        "title": texts.title(slug, language),
        "status": STATUS[refusal.slug.kind],
        "detail": texts.detail(slug, language, refusal.members),
        "slug": slug,
    }
    if refusal.fields:
        document["fields"] = [_field(error, language, texts) for error in refusal.fields]
    document |= {name: _plain(value) for name, value in refusal.members.items() if name not in _STANDARD}
    return document


def problem_example(slug: str, status: int, texts: Texts) -> dict[str, Any]:
    """The problem document of a refusal without a case."""
    return {
        "type": f"/problems/{slug}",
        "title": texts.title(slug, "en"),
        "status": status,
        "detail": texts.example(slug, "en"),
        "slug": slug,
    }


def _field(error: FieldError, language: Language, texts: Texts) -> dict[str, Any]:
    message = texts.detail(error.slug, language, error.params)
    return {
        "field": error.field,
        "slug": error.slug,
        "message": message,
        **{name: _plain(value) for name, value in error.params.items()},
    }


def _plain(value: Any) -> Any:
    """A member as JSON writes it: domains speak of days and instants, clients read text."""
    match value:
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case _:
            return value
