"""The lists that forms offer: countries and nationalities, communes, series and honours of the baccalaureate.

`communes.csv.gz` is made of the open data of INSEE (official geographic code) and La Poste (postcodes), Licence Ouverte 2.0;
newer years take its place as they are: `code,name,postcodes,kind`, postcodes parted by blanks.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from importlib import resources
from typing import Final

from services.accounts.domain.communes import Commune, Communes
from services.accounts.domain.countries import BIRTH_COUNTRIES, CODES, NATIONALITIES
from services.accounts.domain.series import SERIES
from services.accounts.domain.text import bare
from services.chassis.texts.catalogues import catalogues
from services.chassis.texts.formats import locale_of
from services.contracts.api import reference as api
from services.contracts.languages import Language

HONOURS: Final = ("passable", "fairly-good", "good", "very-good", "congratulations")
"""What stands beside a mark of the baccalaureate, the lowest first; kept in French, as diplomas have it."""


async def communes() -> Communes:
    """The communes of the shipped list; it is read when somebody first asks for one, beside the loop."""
    return await asyncio.to_thread(_communes)


@cache
def _communes() -> Communes:
    return Communes(_rows())


def _rows() -> Iterator[tuple[str, Commune]]:
    packed = resources.files(__package__).joinpath("communes.csv.gz").read_bytes()
    with gzip.open(io.BytesIO(packed), "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            for postcode in row["postcodes"].split():
                yield postcode, Commune(row["code"], row["name"])


async def listed(name: api.ListName, query: api.ReferenceQuery, language: Language) -> api.ReferenceList:
    """A list as people of a language read it; communes are those of a postcode, without one none."""
    match name:
        case "countries":
            return _countries(CODES, language)
        case "birth-countries":
            return _countries(BIRTH_COUNTRIES, language)
        case "nationalities":
            return _countries(NATIONALITIES, language)
        case "baccalaureate-honours":
            return _list(api.ReferenceItem(code=_word(code, "fr"), label=_word(code, language)) for code in HONOURS)
        case "baccalaureate-series":
            return _series(query.year)
        case "communes":
            there = (await communes()).at(query.postcode) if query.postcode is not None else ()
            return _list(api.ReferenceItem(code=commune.code, label=commune.name) for commune in there)


def _countries(codes: AbstractSet[str], language: Language) -> api.ReferenceList:
    """In the order of their names; what is no country, nationalities of nobody, comes last."""
    names = locale_of(language).territories
    items = [api.ReferenceItem(code=code, label=names[code]) for code in codes & CODES]
    others = [api.ReferenceItem(code=code, label=_word(code, language)) for code in codes - CODES]
    return _list([*_sorted(items), *_sorted(others)])


def _series(year: int | None) -> api.ReferenceList:
    return _list(
        api.ReferenceItem(
            code=series.code, label=series.name, first_year=series.first or None, last_year=series.last or None
        )
        for series in SERIES
        if year is None or series.was_passed(year)
    )


def _sorted(items: list[api.ReferenceItem]) -> list[api.ReferenceItem]:
    return sorted(items, key=lambda item: bare(item.label))


def _word(code: str, language: Language) -> str:
    return catalogues().text(f"accounts.word.{code}", language)


def _list(items: Iterator[api.ReferenceItem] | list[api.ReferenceItem]) -> api.ReferenceList:
    return api.ReferenceList(items=list(items))
