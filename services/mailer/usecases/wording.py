"""Days and instants in words, and what all mails of one language have in common: `templates/<language>.toml`."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from pydantic import BaseModel, ConfigDict

from services.chassis.texts import formats
from services.contracts.languages import Language

_VOWEL: Final = re.compile(r"[AEIOUYÀÂÉÈÊËÎÏÔÛ]", re.IGNORECASE)


class Words(BaseModel):
    """The words of one language. Patterns are those of CLDR; `{city}` is that of the institution's time zone.

    `until` is a `{text}` with the last `{day}` for it, `counted` one with its `{number}`, `alone` the foot of a mail that
    nobody can answer, `answered` of one with an `{address}` for answers. A folder of an institution's own may be older than
    what has a default; without `weekday` a day is told as others are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: str
    weekday: str = ""
    hour: str = "HH:mm"
    moment: str
    zone: str
    zone_before_vowel: str
    sign_off: str
    alone: str
    until: str
    counted: str = "{text}: {number}"
    answered: str


class Wording:
    """Writes for people of one language, in the institution's zone."""

    def __init__(self, folder: Path, language: Language, zone: ZoneInfo) -> None:
        """Read the words of the language; raises OSError, ValueError."""
        self.language = language
        self.words = Words.model_validate(tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8")))
        self._zone = zone
        city = get_timezone_location(zone, locale=formats.locale_of(language), return_city=True)
        pattern = self.words.zone_before_vowel if _VOWEL.match(city) else self.words.zone
        self._of_zone = pattern.format(city=city)

    def day(self, day: date) -> str:
        """The day alone: « 19 janvier 2027 »."""
        return self._written(datetime.combine(day, time(12), self._zone), self.words.day)

    def weekday(self, day: date) -> str:
        """The day of an appointment: « mardi 19 janvier 2027 »."""
        return self._written(datetime.combine(day, time(12), self._zone), self.words.weekday or self.words.day)

    def hour(self, hour: time) -> str:
        """An hour of a day that is told beside it: « 14 h 30, heure de Paris »."""
        written = self._written(datetime.combine(date(2000, 1, 2), hour, self._zone), self.words.hour)
        return f"{written}, {self._of_zone}"

    def deadline(self, day: date) -> str:
        """The last minute of a day that still counts: « mardi 19 janvier 2027 à 23 h 59, heure de Paris »."""
        return self.instant(datetime.combine(day, time(23, 59), self._zone))

    def instant(self, moment: datetime) -> str:
        """The moment, to the minute, in the institution's zone."""
        return f"{self._written(moment, self.words.moment)}, {self._of_zone}"

    def _written(self, moment: datetime, pattern: str) -> str:
        return formats.moment(moment, self.language, self._zone, pattern)
