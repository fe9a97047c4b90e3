"""What a system of student records (SIS) says of one person, over HTTP and in files; docs/operations/student-records.md."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.contracts.api.accounts import (
    Baccalaureate,
    BirthCountry,
    BirthDate,
    Line30,
    Line50,
    Line100,
    Name,
    Nationality,
)
from services.contracts.api.profile import Label

MAX_INTERNAL_ROWS: Final = 100
"""Years and diplomas of one person."""
MAX_DOCUMENTS: Final = 100
"""That the registrar holds of one person."""
FILE_PATTERN: Final = r"^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$"
"""Of the name of a file: what is safe below a folder, and in a path."""


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


StudentNumber = Annotated[
    str, Field(pattern=r"^[0-9A-Za-z._-]{1,30}$", description="As the ENT says it (supannEtuId).")
]


Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"}),
    AfterValidator(_is_day),
]


class _Said(BaseModel):
    """A member that is not known is refused: a misspelt one would be lost without a word."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class StudentIdentity(_Said):
    """Who the person is; somebody with one name alone has no given name."""

    title: Literal["mr", "mrs", "mx"]
    family_name: Name
    given_name: Name | None = None
    usual_name: Line100 | None = None
    other_given_names: Line100 | None = None
    birth_date: BirthDate
    birth_country: BirthCountry
    birth_place: Name
    nationality: Nationality
    national_student_number: Annotated[Line30 | None, Field(description="INE, BEA or NNE.")] = None


class StudentBaccalaureate(Baccalaureate):
    """The baccalaureate, or what counts as one, or `none`."""

    kind: Literal["bac", "equivalent", "none"]


class InternalRecordRow(_Said):
    """A year or a diploma at this university."""

    year: Annotated[int, Field(ge=1900, le=2200, description="In which the academic year began.")]
    label: Label
    code: Line100 | None = None
    grade: Annotated[Line30 | None, Field(description="As it is printed.", examples=["14,5/20"])] = None
    result: Annotated[Line50 | None, Field(description="As it is printed.", examples=["Admis"])] = None
    honours: Line30 | None = None


class HeldDocument(_Said):
    """A document that the registrar holds: it need not be given again until the end of `expires_on`.

    Its bytes are asked for by themselves, under the name of its `file`, where there is one.
    """

    code: Annotated[
        str,
        Field(pattern=r"^[0-9A-Za-z._-]{1,20}$", description="As requirements of the catalogue name it."),
    ]
    label: Annotated[Label, Field(min_length=1)]
    on: Annotated[Day | None, Field(description="Of which day it is, or when it came.")] = None
    expires_on: Annotated[Day | None, Field(description="The last day on which it counts.")] = None
    file: Annotated[
        str | None,
        Field(
            pattern=FILE_PATTERN,
            description="Under which name its bytes are given; other bytes have another name. Absent: there are none.",
        ),
    ] = None


class StudentRecord(_Said):
    """All that is taken over of one person; `centre` is the code of the catalogue's centre that looks after them."""

    student_number: StudentNumber
    centre: Line50 | None = None
    identity: StudentIdentity
    baccalaureate: StudentBaccalaureate | None = None
    internal_record: Annotated[list[InternalRecordRow], Field(max_length=MAX_INTERNAL_ROWS)] = []
    documents: Annotated[list[HeldDocument], Field(max_length=MAX_DOCUMENTS)] = []


class StudentSearch(_Said):
    """Who is asked for that gave no student number: both must be the record's."""

    national_student_number: str
    birth_date: str


class StudentAnswer(_Said):
    """The record, or null: nobody like that is or was a student here."""

    student: StudentRecord | None
