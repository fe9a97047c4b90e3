"""Of what staff remind a candidate, and that they have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ReminderKind(StrEnum):
    """Of what one is reminded: to hand the file over, of forms to fill in, or of pieces to give."""

    SUBMISSION = "submission"
    FORMS = "forms"
    PIECES = "pieces"


@dataclass(frozen=True, slots=True)
class Reminded:
    """Staff have reminded the candidate of a file that is in their hands until the end of a day, and of all that lacks.

    `awaited` are the codes of the pieces, `forms` those of the forms. It is handed over `again` where it was before.
    """

    about: ReminderKind
    submission_deadline: date
    awaited: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    again: bool = False
