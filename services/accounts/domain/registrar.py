"""What the registrar knows of a student: which members of the steps it manages, and the studies at this university."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class InternalStudies:
    """A year or a diploma at this university, as the registrar writes it."""

    year: int
    label: str
    code: str | None = None
    grade: str | None = None
    result: str | None = None
    honours: str | None = None


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A document that the registrar holds, under its code; `expires_on` is the last day on which it counts.

    `file` is the name under which its bytes are given, if they are.
    """

    code: str
    label: str
    on: date | None = None
    expires_on: date | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class RegistrarRecord:
    """The record of a student as far as it is no step: `managed` are locked members, `<step>.<member>`.

    `centre` is the code of the one that looks after the student, empty if none is known; `studies` are the newest first,
    `documents` in the registrar's order.
    """

    student_number: str
    centre: str = ""
    managed: tuple[str, ...] = ()
    studies: tuple[InternalStudies, ...] = ()
    documents: tuple[HeldDocument, ...] = ()

    def manages(self, step: str) -> tuple[str, ...]:
        """The locked members of a step."""
        return tuple(name.partition(".")[2] for name in self.managed if name.startswith(f"{step}."))


def plain_studies(studies: InternalStudies) -> dict[str, Any]:
    """Studies as JSON values, what was not given left out."""
    return {name: value for name, value in asdict(studies).items() if value is not None}


def studies_of(values: Mapping[str, Any]) -> InternalStudies:
    """The studies that `plain_studies` wrote; members that are none of theirs are passed over."""
    return InternalStudies(**{name: value for name, value in values.items() if name in InternalStudies.__slots__})
