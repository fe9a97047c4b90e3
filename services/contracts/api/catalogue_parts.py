"""The public API of what programmes name: centres, boards and requirements as staff write them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from services.contracts.api.catalogue import Written, WrittenContact, WrittenLine
from services.contracts.api.decisions import LetterName
from services.contracts.api.offers import MAX_LIMIT, Code, Query, View
from services.contracts.events.commissions import AlertName

MediaType = Literal["application/pdf", "image/jpeg", "image/png"]
USUAL_BYTES: Final = 2 * 1024 * 1024
_Line = Annotated[str, Field(max_length=1000)]


class WrittenDays(Written):
    """The days and delays that a centre's new programmes begin with; each may be open."""

    opens_on: date | None = None
    closes_on: date | None = None
    submission_deadline: date | None = None
    review_on: date | None = None
    jury_on: date | None = None
    publication_on: date | None = None
    answer_deadline: date | None = None
    answer_delay_days: int | None = None
    waitlist_answer_deadline: date | None = None
    waitlist_answer_delay_days: int | None = None


class WrittenCentre(Written):
    """All that is said of a centre; who had no contact of their own follow when its contact becomes another."""

    label: WrittenLine
    contact: Annotated[WrittenContact, Field(description="Whom a programme names that has no contact of its own.")] = (
        WrittenContact()
    )
    dates: WrittenDays = WrittenDays()


class WrittenLetters(Written):
    """Which letters a board's candidates are given, and who signs them; letters that were made before stay as they are."""

    kinds: Annotated[list[LetterName], Field(max_length=10, default_factory=lambda: list(get_args(LetterName)))]
    signatory: Annotated[
        _Line, Field(description="Who signs, 255 characters at most; empty: as the letter's words say.")
    ] = ""
    function: Annotated[_Line, Field(description="As what they sign, 255 characters at most.")] = ""
    signature: Annotated[
        _Line,
        Field(description="The picture of their signature, as `PUT /api/documents/signatures/{commission}` named it."),
    ] = ""


class WrittenAlerts(Written):
    """Of what a board is told, in one mail for all that happened within some minutes; without an address of nothing."""

    on: Annotated[list[AlertName], Field(max_length=10, default_factory=list)]
    email: Annotated[_Line, Field(description="80 characters at most.")] = ""
    language: Literal["fr", "en"] = "fr"


class WrittenCommission(Written):
    """All that is said of a board; its contact, if it has one, stands before that of its centre."""

    label: WrittenLine
    centre: Annotated[Code | None, Field(description="Whose it is; absent: the whole university's.")] = None
    contact: WrittenContact = WrittenContact()
    letters: Annotated[WrittenLetters, Field(default_factory=WrittenLetters)]
    alerts: Annotated[WrittenAlerts, Field(default_factory=WrittenAlerts)]


class WrittenRequirement(Written):
    """A document that can be asked for."""

    label: WrittenLine
    centre: Annotated[Code | None, Field(description="Whose it is; absent: the whole university's.")] = None
    conditional: Annotated[bool, Field(description="Candidates may declare that it does not concern them.")] = False
    optional: Annotated[bool, Field(description="One can submit without it.")] = False
    common: Annotated[bool, Field(description="Given once for several applications.")] = False
    per_application: Annotated[bool, Field(description="A common one that is wanted anew each time.")] = False
    max_bytes: Annotated[int, Field(description="The largest file, inclusive; 20 MiB at most.")] = USUAL_BYTES
    media_types: Annotated[
        list[MediaType], Field(max_length=10, default_factory=lambda: ["application/pdf", "image/jpeg"])
    ]
    model_document: Annotated[_Line | None, Field(description="Address of a file to fill in.")] = None
    registrar_code: Annotated[
        _Line | None, Field(description="Under which the student records hold it: so held, it need not be given.")
    ] = None


class KeptRequirement(WrittenRequirement):
    """The same, as it is kept."""


class StaffPart(View):
    """How it is kept: `version` 0 is what programmes alone say, and what the first who writes names in If-Match."""

    code: str
    version: int
    programmes: Annotated[int, Field(description="How many of the active campaign name it.")]


class StaffCentre(StaffPart):
    """A centre as it is kept."""

    centre: WrittenCentre


class StaffCommission(StaffPart):
    """A board as it is kept."""

    commission: WrittenCommission


class StaffRequirement(StaffPart):
    """A requirement as it is kept."""

    requirement: KeptRequirement


class PartsPage(Query):
    """A page by code."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50
    after: Annotated[Code | None, Field(description="The `next` of the page before.")] = None


class StaffPartRow(StaffPart):
    """One of a list; `centre` is whose it is."""

    label: str
    centre: Annotated[str | None, Field(description="Absent: the whole university's.")] = None


class StaffParts(View):
    """A page of what is within one's reach."""

    items: list[StaffPartRow]
    next: str | None
    total: int


class PartPath(Query):
    """Which one."""

    code: Code
