"""The public API of the catalogue as staff keep it: a programme as it is written, and those within one's reach."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.offers import CURSOR_PATTERN, MAX_LIMIT, Code, Query, Unit, View, Window

MAX_CHOICES: Final = 500
"""Of each kind, of what a programme may name."""

StateName = Literal["open", "upcoming", "closed", "not-offered", "withdrawn"]
"""How a programme stands today; `withdrawn` is not in the catalogue."""
_Line = Annotated[str, Field(max_length=1000)]
_Lines = Annotated[str, Field(max_length=5000)]
_Codes = Annotated[list[Code], Field(max_length=100)]


class Written(BaseModel):
    """Base of what staff write; unknown members are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WrittenLine(Written):
    """One line in French and, if there is one, in English."""

    fr: _Line
    en: _Line | None = None


class WrittenText(Written):
    """A text of several lines in French and, if there is one, in English."""

    fr: _Lines
    en: _Lines | None = None


class WrittenDates(Written):
    """The days of a programme, in this order; one answers until the deadline, or within so many days of the decision."""

    opens_on: date
    closes_on: date
    submission_deadline: date
    review_on: date | None = None
    jury_on: date | None = None
    publication_on: date | None = None
    answer_deadline: date | None = None
    answer_delay_days: int | None = None
    waitlist_answer_deadline: date | None = None
    waitlist_answer_delay_days: int | None = None


class WrittenContact(Written):
    """Whom to ask; without a name, the centre."""

    name: _Line = ""
    address: Annotated[list[_Line], Field(max_length=20)] = []
    email: _Line = ""
    phone: _Line = ""
    url: _Line = ""


class WrittenGroup(Written):
    """A group of the waiting list: its code is said in decisions."""

    code: _Line
    label: WrittenLine
    places: Annotated[int | None, Field(description="How many of its own; null: as many as the programme has.")] = None


class WrittenProgramme(Written):
    """All that the institution says of a programme; centres, boards and what is asked for stand here by their codes."""

    published: Annotated[bool, Field(description="Whether it is in the catalogue.")] = True
    title: WrittenLine
    centre: Code
    diploma: Code
    commission: Annotated[Code | None, Field(description="The board that decides.")] = None
    keywords: Annotated[list[_Line], Field(max_length=100)] = []
    route: Literal["controlled", "direct"] = "controlled"
    offered: Annotated[bool, Field(description="Whether it takes anybody this year.")] = True
    capacity: Annotated[int | None, Field(description="How many are taken, if that is limited.")] = None
    dates: WrittenDates
    contact: WrittenContact = WrittenContact()
    information: WrittenText = WrittenText(fr="")
    requirements: _Codes = []
    forms: _Codes = []
    questions: _Codes = []
    groups: Annotated[
        list[WrittenGroup] | None,
        Field(
            max_length=100,
            description="Of the waiting list, 10 at most, in order; absent or null: those that there are.",
        ),
    ] = None
    passes_on: Annotated[
        bool | None,
        Field(
            description="A place of a group in which nobody waits is for the others, in their order; absent or null: as it "
            "is. At first it is for nobody."
        ),
    ] = None


class StaffProgramme(View):
    """A programme as it is kept, with the version that the next one who writes names in If-Match."""

    code: str
    version: int
    campaign: str
    deadline_in_force: Annotated[
        date, Field(description="The last day of submission that counts: a later one where deadlines were moved.")
    ]
    programme: WrittenProgramme


class CataloguePage(Query):
    """A page of the programmes within one's reach, by code."""

    q: Annotated[str, Field(max_length=100, description="Words, as in the public search.")] = ""
    centre: Annotated[Code | None, Field(description="Only of this centre.")] = None
    diploma: Annotated[Code | None, Field(description="Only of this type of diploma.")] = None
    state: Annotated[StateName | None, Field(description="Only those that stand so today.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50
    after: Annotated[str | None, Field(pattern=CURSOR_PATTERN, description="The `next` of the page before.")] = None


class StaffProgrammeRow(View):
    """A programme in the list of staff."""

    code: str
    title: str
    centre: Unit
    diploma: Unit
    state: StateName
    window: Window
    submission_deadline: date
    version: int


class StaffProgrammes(View):
    """A page of what was found; `total` counts all pages."""

    items: list[StaffProgrammeRow]
    next: str | None
    total: int


class Choices(View):
    """What a programme can name: all that programmes within one's reach do, at most 500 of a kind."""

    centres: list[Unit]
    diplomas: list[Unit]
    commissions: list[Unit]
    requirements: list[Unit]
    forms: list[Unit]
    questions: list[Unit]
