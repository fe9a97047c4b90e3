"""Makes problem documents (RFC 9457) of refusals: the status of every kind of no, and the texts in two languages."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import structlog
from babel.dates import format_date, format_datetime
from babel.lists import format_list

from services.chassis.languages import LANGUAGES, Language
from services.chassis.refusals import TEXTS
from services.contracts.instants import instant, instant_text
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

_STANDARD: Final = frozenset({"type", "title", "status", "detail", "slug", "fields"})


class Texts:
    """The texts of refusals and field rules from `refusals.toml` files, later files going before earlier ones.

    A text may name members as `{max}`, or with how to write them: `{max_bytes:size}`, `{closes_on:date}`,
    `{expires_at:instant}`, `{allowed:list}`, `{missing:words}` (looked up in the table `[words]`, a list of them joined).
    """

    def __init__(self, *files: Path) -> None:
        self.slugs: dict[str, dict[str, str]] = {}
        self.words: dict[str, dict[str, str]] = {}
        for file in files:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
            self.words |= tables.pop("words", {})
            self.slugs |= tables

    def title(self, slug: str, language: Language) -> str:
        """The short text of a refusal."""
        return self._text(slug, "title", language)

    def detail(self, slug: str, language: Language, params: Mapping[str, Any]) -> str:
        """What is wrong and what to do, with the figures of this case."""
        values = {name: _Value(value, language, self.words) for name, value in params.items()}
        try:
            return self._text(slug, "detail", language).format_map(values)
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            log.error("refusal.text-broken", slug=slug, language=language, error=type(error).__name__)
            return self.title(slug, language)

    def _text(self, slug: str, part: str, language: Language) -> str:
        text = self.slugs.get(slug, {}).get(f"{part}_{language}")
        if text is None:
            log.error("refusal.text-missing", slug=slug, part=part, language=language)
            return slug
        return text

    def faults(self, slugs: Iterable[str]) -> list[str]:
        """What is wrong with the texts themselves, in words; `slugs` are those that must have texts, and no others."""
        wanted = set(slugs)
        found = [f"{slug}: no texts" for slug in sorted(wanted - self.slugs.keys())]
        found += [f"{slug}: texts of nothing" for slug in sorted(self.slugs.keys() - wanted)]
        for slug, table in self.slugs.items():
            names = []
            for language in LANGUAGES:
                for part in ("title", "detail"):
                    if not table.get(f"{part}_{language}", "").strip():
                        found.append(f"{slug}: no {part}_{language}")
                names.append(
                    {name for _, name, _, _ in string.Formatter().parse(table.get(f"detail_{language}", "")) if name}
                )
            if names[0] != names[1]:
                found.append(f"{slug}: languages name other members")
        return found


@cache
def generic_texts() -> Texts:
    """The texts of the refusals that every service shares."""
    return Texts(TEXTS)


class _Value:
    """A member as it is written inside a text."""

    def __init__(self, value: Any, language: Language, words: Mapping[str, Mapping[str, str]]) -> None:
        self._value = value
        self._language = language
        self._words = words

    def __format__(self, how: str) -> str:
        value, language = self._value, self._language
        match how:
            case "size":
                return _size(value, language)
            case "date":
                return format_date(
                    date.fromisoformat(value) if isinstance(value, str) else value, "long", locale=language
                )
            case "instant":
                moment = instant(value) if isinstance(value, str) else value
                return format_datetime(moment, "long", locale=language)
            case "list":
                return format_list([str(item) for item in value], style="or", locale=language)
            case "words":
                items = [value] if isinstance(value, str) else list(value)
                return format_list([self._words[item][language] for item in items], locale=language)
            case "":
                return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            case _:
                raise ValueError(f"no such way to write a member: {how}")


def _size(count: int, language: Language) -> str:
    """Bytes for people: whole binary megabytes and kilobytes as everybody calls them."""
    units = {"fr": ("octets", "Ko", "Mo"), "en": ("bytes", "KB", "MB")}[language]
    for power, unit in ((2, units[2]), (1, units[1])):
        if count >= 1024**power:
            number = f"{count / 1024**power:.1f}".removesuffix(".0")
            return f"{number.replace('.', ',') if language == 'fr' else number}\N{NO-BREAK SPACE}{unit}"
    return f"{count}\N{NO-BREAK SPACE}{units[0]}"


def problem(refusal: RefusedError, language: Language, texts: Texts) -> dict[str, Any]:
    """The problem document of a refusal; what `texts` does not hold is looked up among the generic texts."""
    slug = refusal.slug.name
    about = _holder(slug, texts)
    document: dict[str, Any] = {
        "type": f"/problems/{slug}",
        "title": about.title(slug, language),
        "status": STATUS[refusal.slug.kind],
        "detail": about.detail(slug, language, refusal.members),
        "slug": slug,
    }
    if refusal.fields:
        document["fields"] = [_field(error, language, texts) for error in refusal.fields]
    document |= {name: _plain(value) for name, value in refusal.members.items() if name not in _STANDARD}
    return document


def problem_example(slug: str, status: int, texts: Texts) -> dict[str, Any]:
    """The problem document of a refusal without a case: in its detail dots stand for what the case tells."""
    about = _holder(slug, texts)
    detail = re.sub(r"\{[^}]*\}", "…", about.slugs.get(slug, {}).get("detail_en", ""))
    return {
        "type": f"/problems/{slug}",
        "title": about.title(slug, "en"),
        "status": status,
        "detail": detail,
        "slug": slug,
    }


def _field(error: FieldError, language: Language, texts: Texts) -> dict[str, Any]:
    message = _holder(error.slug, texts).detail(error.slug, language, error.params)
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


def _holder(slug: str, texts: Texts) -> Texts:
    return texts if slug in texts.slugs else generic_texts()
