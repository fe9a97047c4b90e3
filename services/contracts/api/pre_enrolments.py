"""Pre-enrolments as staff look after them: those that are refused or wait, and many of them tried anew (acceptance 87)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Instant, View
from services.contracts.api.bulk import BulkRefusal, ManyFiles
from services.contracts.api.dry_runs import ForeseenOfEach
from services.contracts.api.review import StaffPreEnrolmentView
from services.contracts.premises import Result

PreEnrolmentPile = Literal["refused", "lost", "waiting", "not_called_off"]
"""What there is to look after: who is refused, whom the student records have lost after they had taken them, who waits
for them, and whom they do not let go of.
"""
CURSOR_PATTERN: Final = r"^[A-Za-z0-9_-]+$"
LONGEST_CURSOR: Final = 3000


class PreEnrolmentPage(BaseModel):
    """Which pile, and which page of it."""

    model_config = ConfigDict(frozen=True)

    pile: Annotated[
        PreEnrolmentPile,
        Field(
            description="`refused` and `not_called_off` are in order of their reasons, `waiting` of when they are due."
        ),
    ] = "refused"
    limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 50
    after: Annotated[
        str | None,
        Field(max_length=LONGEST_CURSOR, pattern=CURSOR_PATTERN, description="The `next` of the page before."),
    ] = None


class ListedPreEnrolment(View):
    """Whose it is, for which place, and how far it is."""

    id: Annotated[str, Field(description="Of the application.")]
    file_number: str
    family_name: str | None = None
    given_name: str | None = None
    programme: str
    title: str
    pre_enrolment: StaffPreEnrolmentView


class PreEnrolmentList(View):
    """A page of those within one's reach."""

    items: list[ListedPreEnrolment]
    next: Annotated[str | None, Field(description="For `after`; absent on the last page.")] = None
    connected: Annotated[bool, Field(description="Whether there are student records that take anybody.")]


class DifferingView(View):
    """One who is not the same here and in the student records; of files beyond reach there is none of these."""

    id: Annotated[str, Field(description="Of the application; the `reference` that was handed over.")]
    what: Annotated[
        Literal["missing", "unexpected", "revision", "unknown"],
        Field(
            description="`missing`: taken, and not there any more; `unexpected`: there, though refused or let go of; "
            "`revision`: there in another revision; `unknown`: there, and never heard of here, "
            "for who reaches every programme."
        ),
    ]
    file_number: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    title: str | None = None


class ComparisonView(View):
    """What came of the last comparison of a campaign with what the student records say that they hold."""

    campaign: str
    at: Instant
    as_of: Annotated[Instant | None, Field(description="Of which moment they spoke.")] = None
    outcome: Annotated[
        Literal["same", "different", "outdated", "silent", "unavailable"],
        Field(
            description="`outdated`: what they said is older than 36 hours; `silent`: they do not say whom they hold; "
            "`unavailable`: they could not be asked, or not be understood, and are asked again within the hour."
        ),
    ]
    here: Annotated[int, Field(ge=0, description="How many they should hold, all programmes together.")]
    there: Annotated[int, Field(ge=0, description="How many they hold.")]
    differences: Annotated[
        int, Field(ge=0, description="How many differ, all programmes together, when they were last compared.")
    ]
    differing: Annotated[
        list[DifferingView], Field(description="Those within reach among the first hundred of each kind.")
    ]


class Comparisons(View):
    """Of each campaign, the newest first."""

    items: list[ComparisonView]


class Retries(ManyFiles):
    """Whom the student records are to be asked anew for."""


class RetriedView(View):
    """What comes, or came, of it for one; of a file that is not there nothing is told but its refusal."""

    id: str
    result: Result
    file_number: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    programme: str | None = None
    title: str | None = None
    pre_enrolment: Annotated[StaffPreEnrolmentView | None, Field(description="As it stood before.")] = None
    refusal: BulkRefusal | None = None


class RetriesView(ForeseenOfEach):
    """What comes, or came, of it, in the order of the ids."""

    items: list[RetriedView]
