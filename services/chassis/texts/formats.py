"""Figures, days, instants and spans of time as people of a language write them, from the tables of Babel (CLDR)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Final

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.units import format_unit

from services.chassis.texts.typography import NO_BREAK, typeset

_TERRITORY: Final = {"en": "GB"}
"""Where the tables of a language are those of another place than ours."""
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_WHOLE: Final = 2
"""A unit is used from this many of it on; below, the smaller one says more."""

_DAY_OF_MONTH: Final = re.compile(r"\bd\b")
_FIRST: Final = {"fr": "1er"}
"""The first of a month, where its number is not said like the others."""
_REMEMBERED: Final = 2048
"""Of each way to write something: pages say the same days and sizes again and again, which Babel takes long to write."""


@lru_cache(_REMEMBERED)
def locale_of(language: str) -> Locale:
    """The tables of a language; raises babel.UnknownLocaleError."""
    return Locale(language, _TERRITORY.get(language))


@lru_cache(_REMEMBERED)
def day(value: date, language: str) -> str:
    """A day: `19 janvier 2027`, `1er février 2027`."""
    locale = locale_of(language)
    pattern = _first(locale.date_formats["long"].pattern, value, language)
    return typeset(format_date(value, pattern, locale=locale), language)


@lru_cache(_REMEMBERED)
def short_day(value: date, language: str) -> str:
    """A day in figures: `24/04/2027`."""
    return format_date(value, "short", locale=locale_of(language))


def moment(value: datetime, language: str, zone: tzinfo, pattern: str) -> str:
    """An instant on the clock of a zone, by a pattern of CLDR (UTS 35, date field symbols)."""
    return _moment(value.astimezone(UTC), language, zone, pattern)


@lru_cache(_REMEMBERED)
def _moment(value: datetime, language: str, zone: tzinfo, pattern: str) -> str:
    """Of an instant in UTC, where no two that are equal are different ones, as they are where clocks are set back."""
    pattern = _first(pattern, value.astimezone(zone), language)
    return typeset(format_datetime(value, pattern, tzinfo=zone, locale=locale_of(language)), language)


def _first(pattern: str, day: date, language: str) -> str:
    """The pattern with the first of a month as it is written, where that is not its figure."""
    return _DAY_OF_MONTH.sub(f"'{_FIRST[language]}'", pattern) if day.day == 1 and language in _FIRST else pattern


@lru_cache(_REMEMBERED)
def size(count: int, language: str) -> str:
    """Bytes for people: binary megabytes and kilobytes, to one decimal, as everybody calls them."""
    for unit, least in (("digital-megabyte", 1024**2), ("digital-kilobyte", 1024)):
        if count >= least:
            return _kept(format_unit(round(count / least, 1), unit, "short", locale=locale_of(language)))
    return _kept(format_unit(count, "digital-byte", locale=locale_of(language)))


def span(seconds: int, language: str) -> str:
    """How long to wait, never too short: `45 secondes`, `5 minutes`, `3 heures`."""
    for unit, length in (("duration-hour", _HOUR), ("duration-minute", _MINUTE)):
        if seconds > _WHOLE * length:
            return _kept(format_unit(-(-seconds // length), unit, locale=locale_of(language)))
    return _kept(format_unit(seconds, "duration-second", locale=locale_of(language)))


def _kept(text: str) -> str:
    """A figure and its unit on one line."""
    return text.replace(" ", NO_BREAK)
