"""A profile as it stands on a cover: questions and answers, with the words of the pages on which it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final

from services.chassis.texts import formats
from services.chassis.texts.catalogues import catalogues
from services.contracts.events.applications import ProfilePart
from services.contracts.languages import Language

Facts = list[tuple[str, str]]

_STEPS: Final = (
    "identity",
    "address",
    "baccalaureate",
    "external_studies",
    "internships",
    "work_experience",
)
_COUNTRIES: Final = frozenset({"birth_country", "country", "nationality"})
_CHOSEN: Final = frozenset({"civility", "kind", "obtained"})
"""Answers that were chosen among some, each with a text of its own."""
_ORDER: Final = (
    *("title", "family_name", "usual_name", "given_name", "other_given_names"),
    *("lines", "postcode", "city"),
    *("kind", "series", "year"),
)
"""Answers that stand before others, as on the pages."""
_CALLED: Final[Mapping[tuple[str, str], str]] = {
    ("identity", "title"): "civility",
    ("internships", "title"): "job_title",
    ("work_experience", "title"): "job_title",
    ("address", "lines"): "lines_0",
}
"""What the pages call a member, where that is another name."""


def sections(profile: ProfilePart, language: Language) -> list[dict[str, Any]]:
    """The steps that were given, in order: `heading`, and `rows` of questions and answers."""
    given = profile.model_dump(mode="json", exclude_none=True)
    return [
        {
            "heading": _said(f"step.{step}", language),
            "rows": [list(_facts(step, row, language)) for row in _rows(given[step])],
        }
        for step in _STEPS
        if step in given
    ]


def answer_of(step: str, member: str, value: Any, language: Language) -> str:
    """One answer as people write it."""
    return _answer(_CALLED.get((step, member), member), value, language)


def _rows(step: Any) -> list[dict[str, Any]]:
    return step if isinstance(step, list) else [step]


def _facts(step: str, row: Mapping[str, Any], language: Language) -> Iterator[tuple[str, str]]:
    for name in sorted(row, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER)):
        called = _CALLED.get((step, name), name)
        yield _said(called, language).rstrip(" *"), _answer(called, row[name], language)


def _answer(name: str, value: Any, language: Language) -> str:
    """The answer as people write it; a code that nothing has a word for stays as it is."""
    if isinstance(value, list):
        return ", ".join(value)
    with suppress(KeyError, ValueError):
        if name in _COUNTRIES:
            return country(value, language)
        if name in _CHOSEN:
            return _said(f"{name}.{value}", language)
        if name == "honours":
            return catalogues().text(f"accounts.word.{value}", language)
        if name == "birth_date":
            return formats.day(date.fromisoformat(value), language)
    return str(value)


def country(code: str, language: Language) -> str:
    """The name of a country, also of one that was; raises KeyError."""
    named = formats.locale_of(language).territories.get(code)
    return str(named) if named is not None else catalogues().text(f"accounts.word.{code}", language)


def _said(name: str, language: Language) -> str:
    return catalogues().text(f"portal.profile.{name}", language)
