"""The rows of the profile (studies elsewhere, internships, work), and the profile as a whole."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter

from services.contracts.api.accounts import (
    AddressView,
    BaccalaureateView,
    Body,
    Country,
    IdentityView,
    Instant,
    Line30,
    Line50,
    Line100,
    StepName,
    View,
)
from services.contracts.api.texts import LINES, lined, one_line_end, tidied

_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffd]*$"

Duration = Annotated[str, Field(max_length=20, pattern=_LINE), lined(20)]
Label = Annotated[str, Field(max_length=255, pattern=_LINE), lined(255)]
Description = Annotated[
    str,
    Field(max_length=500, pattern=LINES, description="Lines may be parted by line feeds."),
    tidied(500),
    BeforeValidator(one_line_end),
]
Year = Annotated[int, Field(description="1900 to the next one.")]


RowId = Annotated[str, Field(pattern=r"^[0-9][0-9a-z]{25}$")]


class StudiesPath(BaseModel):
    """Which studies."""

    studies: RowId


class InternshipPath(BaseModel):
    """Which internship."""

    internship: RowId


class JobPath(BaseModel):
    """Which job."""

    job: RowId


class ExternalStudies(Body):
    """A year or a diploma at another institution."""

    year: Year
    diploma_label: Label
    obtained: Literal["yes", "no", "pending"]
    institution: Line100 | None = None
    country: Country | None = None
    honours: Line30 | None = None


class Internship(Body):
    """A work placement."""

    year: Year
    duration: Duration
    organisation: Line50
    description: Description
    title: Line50 | None = None


class WorkExperience(Body):
    """A job."""

    year: Year
    title: Line50
    duration: Duration
    organisation: Line50
    description: Description | None = None


RowBody = ExternalStudies | Internship | WorkExperience


class RowView(View):
    """A row as it is kept; `tag` is for If-Match."""

    id: str
    tag: str
    year: int


class ExternalStudiesView(RowView):
    """A year or a diploma at another institution."""

    diploma_label: str
    obtained: Literal["yes", "no", "pending"]
    institution: str | None = None
    country: str | None = None
    honours: str | None = None


class InternshipView(RowView):
    """A work placement."""

    duration: str
    organisation: str
    description: str
    title: str | None = None


class WorkExperienceView(RowView):
    """A job."""

    title: str
    duration: str
    organisation: str
    description: str | None = None


# --- the registrar --------------------------------------------------------------------------------------------------


class InternalStudiesView(View):
    """A year or a diploma at this university, as the registrar writes it."""

    year: int
    label: str
    code: str | None = None
    grade: str | None = None
    result: str | None = None
    honours: str | None = None


class HeldDocumentView(View):
    """A document that the registrar holds; `expires_on` is the last day on which it counts."""

    code: Annotated[str, Field(description="As requirements of the catalogue name it.")]
    label: str
    on: date | None = None
    expires_on: date | None = None


class RegistrarView(View):
    """What the registrar has to do with the profile of who asks."""

    asked: Annotated[
        Literal["never", "waiting", "found", "not-found", "unavailable"],
        Field(
            description="What came of asking for the record: `waiting` is asked again by itself, `unavailable` no more."
        ),
    ]
    offered: Annotated[bool, Field(description="The record can be asked for.")]
    known: Annotated[bool, Field(description="The ENT has said the student number: no other is needed to ask.")]
    contact: Annotated[str, Field(description="Whom to write to about what the registrar manages.")]


class RecordRequest(Body):
    """Somebody says that they are or were a student here, and certifies that they are who they say.

    The number and the whole birth date are needed of whom the ENT has not said a student number.
    """

    certified: Annotated[bool, Field(description="It is they themselves; anything but true is refused.")]
    national_student_number: Annotated[Line30 | None, Field(description="INE, BEA or NNE.")] = None
    birth_date: Annotated[str | None, Field(max_length=10, examples=["2003-05-14"])] = None


class RecordAsked(View):
    """The answer to everybody who asks; the profile says what came of it, mostly within a second."""

    status: Literal["accepted"] = "accepted"


# --- the whole ------------------------------------------------------------------------------------------------------


class Steps(View):
    """All steps of the profile; null or empty where nothing was given."""

    identity: IdentityView | None
    address: AddressView | None
    baccalaureate: BaccalaureateView | None
    internal_record: list[InternalStudiesView] | None = None
    external_studies: list[ExternalStudiesView]
    internships: list[InternshipView]
    work_experience: list[WorkExperienceView]


class Tags(View):
    """The entity tag of each required step, for If-Match; `<step>-0` while it was not given."""

    identity: str
    address: str
    baccalaureate: str


class Remark(View):
    """A field of a given step that something else in the profile makes necessary."""

    step: StepName
    field: str
    slug: str


class ProfileView(View):
    """The profile of who asks."""

    steps: Steps
    missing: Annotated[list[StepName], Field(description="Required steps that lack, in order.")]
    remarks: Annotated[list[Remark], Field(description="Why a step that was given is missing all the same.")]
    locked: Annotated[list[str], Field(description="Members that the registrar manages, `<step>.<member>`.")]
    registrar: RegistrarView
    held: Annotated[
        list[HeldDocumentView],
        Field(
            default_factory=list,
            description="What the registrar holds and counts today: where a programme asks for it, it need not be given.",
        ),
    ]
    tags: Tags


# --- drafts ---------------------------------------------------------------------------------------------------------

DraftStep = Literal["identity", "address", "baccalaureate", "external-studies", "internships", "work-experience"]

_STEPS: Final[TypeAdapter[DraftStep]] = TypeAdapter(DraftStep)

DraftName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
DraftText = Annotated[str, Field(max_length=1000)]


def draft_step(text: str) -> DraftStep:
    """The step of that name; raises ValidationError."""
    return _STEPS.validate_python(text)


class DraftPath(BaseModel):
    """Of which step."""

    step: DraftStep


class Draft(Body):
    """What a form holds, by the names of its fields, whether or not it is right; nothing is made of it."""

    values: Annotated[
        dict[DraftName, DraftText], Field(max_length=40, json_schema_extra={"additionalProperties": False})
    ]


class DraftView(View):
    """What was typed and not saved. It is forgotten when the step is saved, and after 30 days."""

    values: dict[str, str]
    saved_at: Instant


# --- what was given the year before -----------------------------------------------------------------------------------

ProfilePart = Literal["identity", "address", "baccalaureate", "external_studies", "internships", "work_experience"]


class CarriedPart(View):
    """A part of the profile of the campaign before."""

    part: ProfilePart
    state: Annotated[
        Literal["offered", "given", "registrar", "outdated"],
        Field(
            description="`given`: there is one in this campaign; `registrar`: it comes from the registrar anew; "
            "`outdated`: rules of today refuse it."
        ),
    ]


class CarryOverView(View):
    """What of the campaign before may be taken over; `steps` holds what is offered, rows without a place of their own."""

    campaign: Annotated[str | None, Field(description="Its code; null: the person had no account in one before.")]
    parts: list[CarriedPart]
    steps: Steps


class CarryOver(Body):
    """Parts that the person has looked through and takes over."""

    parts: Annotated[list[ProfilePart], Field(min_length=1, max_length=6)]
