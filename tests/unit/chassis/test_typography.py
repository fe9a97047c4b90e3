"""How texts are set, and how sizes, days and spans are written."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.chassis.texts import formats
from services.chassis.texts.typography import typeset

PARIS = ZoneInfo("Europe/Paris")


def plain(text: str) -> str:
    """With plain spaces, whichever the tables take to keep figure and unit together."""
    return re.sub(r"\s", " ", text)


@pytest.mark.parametrize(
    ("written", "french"),
    [
        ("Bonjour !", "Bonjour\u202f!"),
        ("Une question ?", "Une question\u202f?"),
        ("un ; deux : trois", "un\u202f; deux\xa0: trois"),
        ("« Ici »", "«\xa0Ici\xa0»"),
        ("50 %", "50\xa0%"),
        ("n° 7, 30 jours, {max} pages", "n°\xa07, 30\xa0jours, {max}\xa0pages"),
        ("le 1er mai 2027 à 23 h 59", "le 1er\xa0mai\xa02027 à 23\xa0h\xa059"),
        ("{title} pages, 12 mots", "{title} pages, 12 mots"),
        ("https://exemple.fr/a?b=c:d", "https://exemple.fr/a?b=c:d"),
    ],
)
def test_french_signs_stay_with_their_words_and_english_is_left_as_it_is(written: str, french: str) -> None:
    assert typeset(written, "fr") == french
    assert typeset(french, "fr") == french
    assert typeset(written, "en") == written


@pytest.mark.parametrize(
    ("seconds", "french", "english"),
    [
        (1, "1 seconde", "1 second"),
        (120, "120 secondes", "120 seconds"),
        (121, "3 minutes", "3 minutes"),
        (287, "5 minutes", "5 minutes"),
        (7200, "120 minutes", "120 minutes"),
        (7201, "3 heures", "3 hours"),
    ],
)
def test_a_wait_is_said_in_the_unit_that_people_would_use_and_never_too_short(
    seconds: int, french: str, english: str
) -> None:
    assert plain(formats.span(seconds, "fr")) == french
    assert plain(formats.span(seconds, "en")) == english


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (1, "1 octet", "1 byte"),
        (1023, "1 023 octets", "1,023 bytes"),
        (1024, "1 ko", "1 kB"),
        (5 * 2**19, "2,5 Mo", "2.5 MB"),
    ],
)
def test_a_size_is_said_in_the_unit_that_people_would_use(count: int, french: str, english: str) -> None:
    assert plain(formats.size(count, "fr")) == french
    assert plain(formats.size(count, "en")) == english


def test_days_and_instants_are_those_of_the_reader_and_of_the_zone() -> None:
    at = datetime(2027, 1, 18, 23, 5, tzinfo=UTC)
    assert formats.day(date(2027, 1, 19), "fr") == "19\u00a0janvier\u00a02027"
    assert formats.day(date(2027, 1, 19), "en") == "19 January 2027"
    assert formats.day(date(2027, 2, 1), "fr") == "1er\u00a0février\u00a02027"
    assert formats.day(date(2027, 2, 11), "fr") == "11\u00a0février\u00a02027"
    assert formats.day(date(2027, 2, 1), "en") == "1 February 2027"
    assert formats.moment(at, "fr", PARIS, "d MMMM y 'à' H 'h' mm '(heure de' VVV')'") == (
        "19\u00a0janvier\u00a02027 à 0\u00a0h\u00a005 (heure de Paris)"
    )


def test_what_pages_say_again_and_again_is_written_once() -> None:
    """A catalogue says one day for each of its programmes, and Babel takes long for each."""
    written = (formats.day, formats.short_day, formats.size)
    for way in written:
        way.cache_clear()  # whatever else has written the same in this process
    for _ in range(50):
        formats.day(date(2026, 2, 3), "fr")
        formats.short_day(date(2026, 2, 3), "fr")
        formats.size(123_457, "fr")
    assert [way.cache_info().misses for way in written] == [1, 1, 1]
