"""The optional steps of the profile, of which a person may give several rows (acceptance 27)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal

from services.accounts.domain.countries import CODES
from services.contracts.refusals import FieldError

RowsStep = Literal["external_studies", "internships", "work_experience"]
Obtained = Literal["yes", "no", "pending"]

MAX_ROWS: Final = 20
"""Of one step."""
FIRST_YEAR: Final = 1900
AHEAD: Final = 1
"""Years after the current one that may be given: what was begun may end next year."""


@dataclass(frozen=True, slots=True)
class ExternalStudies:
    """A year or a diploma at another institution."""

    year: int
    diploma_label: str
    obtained: Obtained
    institution: str | None = None
    country: str | None = None
    honours: str | None = None


@dataclass(frozen=True, slots=True)
class Internship:
    """A work placement."""

    year: int
    duration: str
    organisation: str
    description: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class WorkExperience:
    """A job."""

    year: int
    title: str
    duration: str
    organisation: str
    description: str | None = None


ProfileRow = ExternalStudies | Internship | WorkExperience

ROW_KINDS: Final[Mapping[RowsStep, type[ProfileRow]]] = MappingProxyType(
    {"external_studies": ExternalStudies, "internships": Internship, "work_experience": WorkExperience}
)


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A row as it was given; `version` counts from 1."""

    id: str
    data: ProfileRow
    version: int


def row_faults(row: ProfileRow, *, today: date) -> list[FieldError]:
    """What is wrong with a row beside its lengths (acceptance 33)."""
    last = today.year + AHEAD
    faults = []
    if not FIRST_YEAR <= row.year <= last:
        faults.append(FieldError("year", "year-out-of-range", {"min": FIRST_YEAR, "max": last}))
    faults += [FieldError(name, "required") for name, value in asdict(row).items() if value == ""]
    if isinstance(row, ExternalStudies) and row.country is not None and row.country not in CODES:
        faults.append(FieldError("country", "not-a-country"))
    return faults


def row_of(step: RowsStep, values: Mapping[str, Any]) -> ProfileRow:
    """The row that was written as JSON values; members that are none of its own are passed over."""
    kind = ROW_KINDS[step]
    return kind(**{name: value for name, value in values.items() if name in kind.__dataclass_fields__})


def plain_row(row: ProfileRow) -> dict[str, Any]:
    """A row as JSON values, what was not given left out."""
    return {name: value for name, value in asdict(row).items() if value is not None}
