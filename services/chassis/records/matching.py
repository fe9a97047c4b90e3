"""Whether a record is of the person who was asked for: whatever a system says, nobody is given the data of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic import ValidationError

from services.chassis.ports.records import WrongRecord
from services.contracts.student_records import StudentRecord

log = structlog.get_logger()


def of_student(record: StudentRecord | None, number: str) -> StudentRecord | None:
    """The record if it bears the student number; raises WrongRecord."""
    if record is not None and record.student_number != number:
        raise WrongRecord("of another person")
    return record


def of_person(record: StudentRecord | None, number: str, birth_date: str) -> StudentRecord | None:
    """The record if it bears the national student number and the birth date; raises WrongRecord."""
    if record is not None and (plain(record.identity.national_student_number), record.identity.birth_date) != (
        plain(number),
        birth_date,
    ):
        raise WrongRecord("of another person")
    return record


def without_wrong_documents(
    record: Any, error: ValidationError, within: Sequence[str] = ()
) -> Mapping[str, Any] | None:
    """A record that lies `within` an answer without its documents that are wrong, told of; None if more is wrong with it.

    One of which the file alone is wrong counts without its bytes.
    """
    place = (*within, "documents")
    at = [each["loc"] for each in error.errors(include_input=False, include_url=False)]
    if not all(each[: len(place)] == place and len(each) > len(place) for each in at):
        return None
    wrong = {each[len(place)] for each in at if each[len(place) + 1 :] != ("file",)}
    without_bytes = {each[len(place)] for each in at} - wrong
    log.warning("records.documents-left-out", why=wrong_places(error))
    return {
        **record,
        "documents": [
            {**each, "file": None} if number in without_bytes else each
            for number, each in enumerate(record["documents"])
            if number not in wrong
        ],
    }


def plain(number: str | None) -> str | None:
    """A national student number without blanks, in capitals; None where there is none."""
    return "".join(number.split()).upper() or None if number is not None else None


def wrong_places(error: ValidationError) -> str:
    """Where a record is wrong, for logs: the first five places, and nothing of what stands there."""
    places = {".".join(map(str, each["loc"])) for each in error.errors(include_input=False, include_url=False)}
    return ", ".join(sorted(places)[:5])
