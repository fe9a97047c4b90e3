"""Master's mentions as the ministry publishes them: what a row says, and which row of a mention is the current one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from services.contracts.refusals import FieldError
from services.contracts.refusals.offers import NOT_A_MON_MASTER_FILE
from services.contracts.text_folding import fold
from services.offers.domain.programmes import LINE_LENGTH, MAX_CAPACITY, TITLE_LENGTH, URL_LENGTH
from services.offers.domain.rules import Checks

COLUMNS: Final[Mapping[str, str]] = {
    "year": "Année de la campagne de recueil des informations",
    "uai": "Code UAI de l'établissement accrédité",
    "official_name": "Nom officiel (long) de l'établissement accrédité",
    "usual_name": "Nom d'usage de l'établissement accrédité",
    "address": "Adresse de l'établissement accrédité",
    "address_complement": "Complément d'adresse de l'établissement accrédité",
    "postcode": "Code postal de la ville de l'établissement accrédité",
    "town": "Ville de l'établissement accrédité",
    "mention": "Identifiant navette de la mention (INM) de master",
    "domains": "Domaine(s) de la mention de master",
    "title": "Intitulé de la mention de master",
    "open": "Mention ouverte ou non ouverte",
    "partners": "Etablissement(s) co-accrédité(s) en vue de la délivrance du DNM dans la mention",
    "modes": "Modalités d'enseignement de la mention",
    "semester": "Semestre auquel la mention est accessible dans l'établissement accrédité",
    "capacity": "Capacité d'accueil limitée au 1er semestre",
    "degrees": "Licences conseillées pour suivre la formation de la mention",
    "url": "URL de la fiche relative à la mention sur le site internet de l'établissement",
}
"""The columns that are read, by the names that a list of faulty rows uses; the order in the file does not matter."""

_NUMBER: Final = re.compile(r"[0-9]{7}[A-Z]")
_YEAR: Final = re.compile(r"20[0-9]{2}")
_CAPACITY: Final = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file: the line on which it begins, and its cells or what makes it unreadable."""

    number: int
    cells: tuple[str, ...]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Institution:
    """Who offers a mention; `uai` is its number in the national register."""

    uai: str
    name: str
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """What one row says."""

    line: int
    year: int
    number: str
    institution: Institution
    title: str
    keywords: tuple[str, ...]
    offered: bool
    capacity: int | None
    information: str
    url: str

    @property
    def code(self) -> str:
        """The code of the programme that the mention becomes."""
        return f"{self.institution.uai}-{self.number}"


@dataclass(slots=True)
class Newest:
    """What a file comes to: the current mentions, how many older rows they supersede, and every faulty row."""

    mentions: list[Mention] = field(default_factory=list)
    superseded: int = 0
    faults: list[tuple[int, FieldError]] = field(default_factory=list)


def gather(lines: Iterator[Line]) -> Newest:
    """Read all rows and keep, of each mention at each institution, the faultless one of the newest year.

    An institution has the name and address of its newest row. Raises NOT_A_MON_MASTER_FILE if a column is missing.
    """
    places = _places(next(lines, Line(1, ())))
    newest: dict[str, Mention] = {}
    institutions: dict[str, tuple[int, Institution]] = {}
    result = Newest()
    for line in lines:
        mention, faults = _mention(line, places)
        if mention is None:
            result.faults += [(line.number, fault) for fault in faults]
            continue
        there = newest.get(mention.code)
        if there is not None and there.year == mention.year:
            result.faults.append((line.number, FieldError("mention", "same-as-line", {"line": there.line})))
            continue
        if there is not None:
            result.superseded += 1
        if there is None or mention.year > there.year:
            newest[mention.code] = mention
        uai = mention.institution.uai
        if uai not in institutions or mention.year > institutions[uai][0]:
            institutions[uai] = mention.year, mention.institution
    result.mentions = [
        replace(mention, institution=institutions[mention.institution.uai][1]) for mention in newest.values()
    ]
    return result


def _places(head: Line) -> dict[str, int]:
    """Where each column stands."""
    titles = [fold(cell) for cell in head.cells]
    places = {}
    for name, title in COLUMNS.items():
        if fold(title) not in titles:
            raise NOT_A_MON_MASTER_FILE(missing=title)
        places[name] = titles.index(fold(title))
    return places | {"": len(titles)}


def _mention(line: Line, places: Mapping[str, int]) -> tuple[Mention | None, list[FieldError]]:
    checks = Checks()
    if line.fault is not None:
        checks.fault("row", line.fault)
        return None, checks.faults
    if len(line.cells) != places[""]:
        checks.fault("row", "wrong-number-of-cells", expected=places[""], found=len(line.cells))
        return None, checks.faults
    row = {name: " ".join(line.cells[places[name]].split()) for name in COLUMNS}
    _check(checks, row)
    if checks.faults:
        return None, checks.faults
    address = (row["address"], row["address_complement"], f"{row['postcode']} {row['town']}")
    return Mention(
        line=line.number,
        year=int(row["year"]),
        number=row["mention"],
        institution=Institution(
            uai=row["uai"],
            name=row["usual_name"] or row["official_name"],
            address=tuple(part.strip() for part in address if part.strip()),
        ),
        title=row["title"],
        keywords=_once([*row["domains"].split("|"), *row["modes"].split(",")]),
        offered=row["open"] == "1",
        capacity=int(row["capacity"]) if row["capacity"] else None,
        information=_information(row),
        url=row["url"],
    ), []


def _check(checks: Checks, row: Mapping[str, str]) -> None:
    for name, pattern, needed in (
        ("year", _YEAR, True),
        ("uai", _NUMBER, True),
        ("mention", _NUMBER, True),
        ("capacity", _CAPACITY, False),
    ):
        if row[name] or needed:
            checks.like(name, row[name], pattern)
    checks.one_of("open", [row["open"]] if row["open"] else [], ("0", "1"))
    checks.line("title", row["title"], TITLE_LENGTH)
    checks.line("official_name", row["official_name"], LINE_LENGTH)
    for name in ("usual_name", "address", "address_complement", "postcode", "town", "domains", "modes", "semester"):
        checks.line(name, row[name], LINE_LENGTH, required=False)
    for name in ("partners", "degrees"):
        checks.line(name, row[name], 4 * LINE_LENGTH, required=False)
    checks.url("url", row["url"], URL_LENGTH)
    if _CAPACITY.fullmatch(row["capacity"]):
        checks.between("capacity", int(row["capacity"]), 0, MAX_CAPACITY)


def _information(row: Mapping[str, str]) -> str:
    parts = (
        ("Licences conseillées", row["degrees"]),
        ("Modalités d'enseignement", row["modes"]),
        ("Accès", row["semester"]),
        ("Co-accréditation", row["partners"]),
    )
    return "\n".join(f"{name} : {', '.join(_once(value.split(',')))}" for name, value in parts if value)


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
