"""The public API of offers: campaigns, the searchable catalogue, one programme, the tree."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.limits import CODE_LENGTH

MAX_LIMIT: Final = 200
CODE_PATTERN: Final = r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"
CURSOR_PATTERN: Final = r"^[A-Za-z0-9_-]{1,200}$"

Code = Annotated[str, Field(max_length=CODE_LENGTH, pattern=CODE_PATTERN)]


class Query(BaseModel):
    """Base of what stands behind the `?`; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class View(BaseModel):
    """Base of answers; a field that has nothing to say is left out."""

    model_config = ConfigDict(frozen=True)


class Filter(Query):
    """Which programmes."""

    q: Annotated[
        str,
        Field(
            max_length=100,
            description="Words, of which each must be found in title, keywords, centre, diploma or code; case and accents "
            "make no difference, and a part of a word is enough.",
        ),
    ] = ""
    centre: Annotated[Code | None, Field(description="Only of this centre.")] = None
    diploma: Annotated[Code | None, Field(description="Only of this type of diploma.")] = None
    open: Annotated[bool | None, Field(description="Only those to which one can apply today, or only the others.")] = (
        None
    )


class ProgrammesQuery(Filter):
    """A page of programmes: those found in the title first, then in the order of their codes."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50
    after: Annotated[str | None, Field(pattern=CURSOR_PATTERN, description="The `next` of the page before.")] = None


class TreeQuery(Filter):
    """A page of centres with what they offer."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 20
    after: Annotated[Code | None, Field(description="The `next` of the page before.")] = None


class ProgrammePath(Query):
    """Which programme."""

    code: Code


class ModelPath(Query):
    """Which model document."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}\.pdf$")]


class Institution(View):
    """Whose suite it is, and what it tells everybody just now; empty where nothing is said."""

    name: str
    contact: Annotated[str, Field(description="An e-mail address for questions.")]
    message: str


class Campaign(View):
    """An admission year; days are inclusive."""

    code: str
    label: str
    starts_on: date
    ends_on: date
    state: Literal["planned", "active", "closed"]


class Campaigns(View):
    """All campaigns, the newest first."""

    items: list[Campaign]
    next: str | None = None


class Unit(View):
    """A centre or a type of diploma."""

    code: str
    label: str


class Window(View):
    """When one can apply: calendar days of the institution's zone, inclusive at both ends."""

    opens_on: date
    closes_on: date


class Reason(View):
    """Why one cannot apply today: the rule, the day that it speaks of if there is one, and the sentence for people."""

    slug: Literal["not-yet-open", "closed", "not-offered"]
    day: Annotated[date | None, Field(description="First or last day of the window.")] = None
    text: str


class Leaf(View):
    """A programme as the tree shows it."""

    code: str
    title: str
    keywords: list[str]
    window: Window
    open: Annotated[bool, Field(description="Whether one can apply today.")]
    reason: Annotated[Reason | None, Field(description="Absent while it is open.")] = None
    mode: Annotated[Literal["online"], Field(description="How one applies.")]


class Programme(Leaf):
    """A programme as a search shows it."""

    centre: Unit
    diploma: Unit


class Programmes(View):
    """A page of what was found; `total` counts all pages."""

    items: list[Programme]
    next: str | None
    total: int


class Dates(View):
    """The days of a programme; one answers until the deadline or within so many days of the decision."""

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


class Requirement(View):
    """A document asked for; a conditional one may be declared not applicable."""

    code: str
    label: str
    conditional: bool
    common: Annotated[bool, Field(description="Asked for alike by other programmes, so that it can be given again.")]
    max_bytes: Annotated[int, Field(description="Inclusive.")]
    media_types: list[str]
    model_document: Annotated[str | None, Field(description="Address of a file to fill in and deposit.")] = None
    optional: Annotated[bool, Field(description="It never blocks a submission.")]
    per_application: Annotated[bool, Field(description="Common, and yet wanted anew for each application.")]
    registrar_code: Annotated[
        str | None, Field(description="What the student records hold under this code counts for it.")
    ] = None
    level: Annotated[Literal["university", "centre", "own"], Field(description="Who asks for it.")]


class Form(View):
    """A questionnaire elsewhere."""

    code: str
    label: str
    url: str
    required: bool


class Question(View):
    """A question that is answered in the application."""

    code: str
    label: str
    kind: Annotated[Literal["text", "yes-no"], Field(description="Whether some lines answer it, or yes or no.")]
    required: bool


class Contact(View):
    """Whom to ask."""

    name: str
    address: list[str]
    email: str | None = None
    phone: str | None = None
    url: str | None = None


class ProgrammeDetail(Programme):
    """All that a candidate needs to know of a programme."""

    campaign: str
    version: int
    commission: Annotated[Unit | None, Field(description="The board that decides.")] = None
    dates: Dates
    capacity: Annotated[int | None, Field(description="How many are taken, if that is limited.")] = None
    information: str
    contact: Contact
    requirements: list[Requirement]
    forms: list[Form]
    questions: list[Question]


class MoveDeadline(BaseModel):
    """Until when one may submit, to all programmes of the active campaign, to those of a centre, or to one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    centre: Annotated[Code | None, Field(description="Those of this centre alone.")] = None
    programme: Annotated[Code | None, Field(description="This programme alone; not together with a centre.")] = None
    submission_deadline: Annotated[date, Field(description="The last day, inclusive.")]
    reason: Annotated[str, Field(max_length=500, description="Why; staff alone read it.")]


class DeadlineMove(View):
    """One move that is in force: for all programmes, or for those of a centre, or for one."""

    centre: str | None = None
    programme: str | None = None
    title: Annotated[str | None, Field(description="Of that programme, where it is in the catalogue.")] = None
    submission_deadline: date
    moved_at: Annotated[str, Field(description="RFC 3339, UTC.")]
    moved_by: str
    reason: str


class DeadlineMoves(View):
    """What was moved in the active campaign. The latest of a programme's own day and of those that name it counts."""

    campaign: str
    version: int
    items: list[DeadlineMove]


class PlanCampaign(BaseModel):
    """An admission year as staff plan it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    code: Annotated[Code, Field(max_length=20)]
    label: Annotated[str, Field(min_length=1, max_length=100)]
    label_en: Annotated[str | None, Field(min_length=1, max_length=100, description="Its name in English.")] = None
    starts_on: date
    ends_on: Annotated[date, Field(description="The last day, inclusive.")]


class CampaignPath(Query):
    """Which campaign."""

    campaign: Annotated[Code, Field(max_length=20)]


class DiplomaNode(View):
    """A type of diploma in the tree."""

    code: str
    label: str
    programmes: list[Leaf]


class CentreNode(View):
    """A centre in the tree."""

    code: str
    label: str
    diplomas: list[DiplomaNode]


class Tree(View):
    """A page of centres, each with its types of diploma and their programmes."""

    items: list[CentreNode]
    next: str | None


class Facet(View):
    """A value to filter by, and how many programmes that leaves."""

    code: str
    label: str
    count: int


class Facets(View):
    """What a search could be narrowed to; each list is counted without its own filter."""

    centres: list[Facet]
    diplomas: list[Facet]
    open: Annotated[int, Field(description="How many are open today.")]
    total: int
