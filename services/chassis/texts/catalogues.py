"""The texts of the suite, by key and language, from the catalogues (gettext) in `services/locale`.

A key is `<where>.<slug>.<part>`. A text names its figures as `{max}`, or with how to write them: `{max_bytes:size}`,
`{seconds:span}`, `{closes_on:day}`, `{closes_on:date}` (in figures), `{expires_at:moment}`, `{allowed:list}`,
`{missing:words}` (each looked up as `<where>.word.<name>`). Where a text depends on how many, its `msgid_plural` names the
figure that counts: `{max}`.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache, lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from services.chassis.texts import formats
from services.chassis.texts.typography import typeset
from services.contracts.instants import instant
from services.contracts.languages import CATALOGUE, LOCALE, languages_of

MOMENT: Final = "format.moment"
"""The key of the pattern (CLDR) by which a language writes an instant."""
_UTC: Final = ZoneInfo("UTC")
_REMEMBERED: Final = 8192
"""Texts that are taken apart once; the catalogues have fewer."""


class _Missing(NullTranslations):
    """What is behind a catalogue: no text of another language, and no key instead of a text."""

    def gettext(self, message: str) -> str:
        raise KeyError(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise KeyError(msgid1)


class _Language:
    """One catalogue."""

    def __init__(self, language: str, file: Path) -> None:
        with file.open("rb") as content:
            read: Catalog = read_po(content, locale=formats.locale_of(language), domain="parvis", abort_invalid=True)
        self.counts: dict[str, str] = {}
        for message in read:
            if isinstance(message.id, tuple):
                key, counted = message.id
                self.counts[key] = counted.strip("{}")
                message.string = tuple(typeset(form, language) for form in message.string or ())
            elif message.id:
                message.string = typeset(str(message.string), language)
        compiled = BytesIO()
        write_mo(compiled, read)
        compiled.seek(0)
        self._texts = Translations(compiled, domain="parvis")
        self._texts.add_fallback(_Missing())

    def text(self, key: str, values: Mapping[str, Any]) -> str:
        """The text of a key as it stands there, in the number of its figure; raises KeyError."""
        if key in self.counts:
            return str(self._texts.ngettext(key, key, int(values[self.counts[key]])))
        return str(self._texts.gettext(key))


class Catalogues:
    """Every text in every language."""

    def __init__(self, folder: Path = LOCALE) -> None:
        """Read all catalogues; raises OSError, babel.messages.pofile.PoFileError."""
        self.languages: Final = languages_of(folder)
        self._read: Final = {
            language: _Language(language, folder / language / CATALOGUE) for language in self.languages
        }

    def has(self, key: str, language: str) -> bool:
        """Whether there is such a text, whichever its figures are."""
        return self.raw(key, language) is not None

    def raw(self, key: str, language: str) -> str | None:
        """The text of a key with its figures still named, as of many; None if there is none."""
        read = self._read[language]
        try:
            return read.text(key, dict.fromkeys(read.counts.values(), 2))
        except KeyError:
            return None

    def text(self, key: str, language: str, /, zone: tzinfo = _UTC, **values: Any) -> str:
        """The text of a key with its figures; raises KeyError for what the catalogue or the caller does not give."""
        parts = _parts(self._read[language].text(key, values))
        if len(parts) == 1 and parts[0][1] is None:
            return parts[0][0]
        frame = _Frame(key.partition(".")[0], language, zone, values, self)
        return "".join(
            literal if name is None else literal + _WAYS[how or ""](frame, values[name]) for literal, name, how in parts
        )


@cache
def catalogues() -> Catalogues:
    """The catalogues of the suite, read once."""
    return Catalogues()


@lru_cache(_REMEMBERED)
def _parts(text: str) -> tuple[tuple[str, str | None, str | None], ...]:
    """A text taken apart: what stands there, and the figure behind it with how it is written, if there is one."""
    parsed = string.Formatter().parse(text)
    return tuple((literal, name, how) for literal, name, how, _ in parsed) or (("", None, None),)


def named(text: str) -> frozenset[str]:
    """The figures that a text names, each with how it is written."""
    return frozenset(f"{name}:{how}" for _, name, how, _ in string.Formatter().parse(text) if name is not None)


@dataclass(slots=True)
class _Frame:
    """The text that figures stand in: where it is from, its language, the zone of its clock, and all its figures."""

    where: str
    language: str
    zone: tzinfo
    values: Mapping[str, Any]
    texts: Catalogues

    def plain(self, value: Any) -> str:
        """As it is; several one behind the other."""
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

    def size(self, count: int) -> str:
        """Bytes."""
        return formats.size(count, self.language)

    def span(self, seconds: int) -> str:
        """A span of seconds."""
        return formats.span(seconds, self.language)

    def day(self, day: date | str) -> str:
        """A day, also as RFC 3339 writes it."""
        return formats.day(date.fromisoformat(day) if isinstance(day, str) else day, self.language)

    def in_figures(self, day: date) -> str:
        """A day in figures."""
        return formats.short_day(day, self.language)

    def moment(self, moment: datetime | str) -> str:
        """An instant, also as RFC 3339 writes it."""
        at = instant(moment) if isinstance(moment, str) else moment
        return formats.moment(at, self.language, self.zone, self.texts.text(MOMENT, self.language))

    def list(self, items: Iterable[Any]) -> str:
        """One of these."""
        return format_list([str(item) for item in items], style="or", locale=formats.locale_of(self.language))

    def called(self, names: str | Iterable[str]) -> str:
        """What these are called; a word may name the other figures of the text."""
        found = [
            self.texts.text(f"{self.where}.word.{name}", self.language, zone=self.zone, **self.values)
            for name in ([names] if isinstance(names, str) else names)
        ]
        return format_list(found, locale=formats.locale_of(self.language))


_WAYS: Final[Mapping[str, Callable[[_Frame, Any], str]]] = {
    "": _Frame.plain,
    "size": _Frame.size,
    "span": _Frame.span,
    "day": _Frame.day,
    "date": _Frame.in_figures,
    "moment": _Frame.moment,
    "list": _Frame.list,
    "words": _Frame.called,
}
