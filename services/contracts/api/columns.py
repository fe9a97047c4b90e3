"""The columns that lists of files can have, on screens and as files that are taken away."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

COLUMNS: Final = (
    "file_number",
    "family_name",
    "given_name",
    "usual_name",
    "other_given_names",
    "birth_date",
    "birth_place",
    "birth_country",
    "nationality",
    "national_student_number",
    "phone",
    "mobile",
    "address_1",
    "address_2",
    "address_3",
    "address_4",
    "postcode",
    "city",
    "country",
    "programme",
    "title",
    "diploma",
    "centre_code",
    "centre",
    "commission",
    "state",
    "opened_at",
    "submitted_at",
    "submission_deadline",
    "decision",
    "answer",
    "pieces_waiting",
    "pieces",
    "questions",
    "forms",
    "entered_decision",
    "rank",
    "reason",
    "decision_comment",
    "validated_at",
    "answer_deadline",
    "answered_at",
    "enrolment_code",
    "enrolment_state",
    "tags",
    "assignee",
    "notes",
    "reason_code",
    "regime",
    "exemption",
    "amount",
    "conditions",
    "conditions_state",
    "group",
    "campaign",
    "email",
    "civility",
    "baccalaureate",
    "baccalaureate_series",
    "baccalaureate_year",
    "baccalaureate_honours",
)
"""What can stand in a column, by code, in the order of a list with all of them; new ones come behind."""

_ONE: Final = "|".join(COLUMNS)
_LONGEST: Final = len(",".join(COLUMNS))

Column = Annotated[str, Field(pattern=f"^({_ONE})$", examples=["city"])]
"""One column; the codes are those of `GET /review/columns`."""
ColumnCodes = Annotated[
    str,
    Field(min_length=1, max_length=_LONGEST, pattern=f"^({_ONE})(,({_ONE}))*$", examples=["city,state"]),
]
"""Columns by their codes, parted by commas."""
ChosenColumns = Annotated[list[Column], Field(max_length=len(COLUMNS))]
"""Columns in the order in which they are shown, each once."""

__all__ = ["COLUMNS", "ChosenColumns", "Column", "ColumnCodes", "columns_in"]


def columns_in(codes: str | None) -> tuple[str, ...]:
    """The columns of a query, each once, in its order; without one, all."""
    return COLUMNS if codes is None else tuple(dict.fromkeys(codes.split(",")))
