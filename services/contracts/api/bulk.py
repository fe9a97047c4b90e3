"""One act of staff for many files: how it is asked, and what is told of it before and after."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from services.contracts.api.applications import FileStateName
from services.contracts.api.basics import Body, Day, View
from services.contracts.api.decisions import DecisionGiven, DecisionName
from services.contracts.api.fees import FeesGiven, FeesView
from services.contracts.api.review import Text

BulkActionName = Literal[
    "mark_submitted",
    "mark_incomplete",
    "mark_complete",
    "reopen",
    "extend",
    "enter_decision",
    "validate_decision",
    "set_fees",
]
MAX_BULK: Final = 200
"""Files of one bulk act, inclusive."""
LONGEST_DIGEST: Final = 16 + 8 * MAX_BULK


class BulkArgs(Body):
    """What the form of a single file asks for the same action; what the action does not take is refused."""

    on: Annotated[date | None, Field(description="Of a mark: as for one file.")] = None
    submission_deadline: Annotated[
        date | None, Field(description="As for one file: of `extend` it must be given, of others it may be.")
    ] = None
    reason: Annotated[Text | None, Field(description="Of `reopen`, which needs it.")] = None
    decision: Annotated[
        DecisionGiven | None,
        Field(
            description="Of `enter_decision`, which needs it. A `rank` is that of the first file, the others follow in the "
            "order of the ids. Where no `conditions` are said, a favourable one leaves those that are there."
        ),
    ] = None
    answer_deadline: Annotated[
        date | None,
        Field(
            description="Of `validate_decision`: until when places may be answered that are offered; as for one file."
        ),
    ] = None
    fees: Annotated[
        FeesGiven | None,
        Field(description="Of `set_fees`, which needs one member of it: as for one file."),
    ] = None


class Bulk(Body):
    """One act for many files: first as a dry run, then with the digest which that gave."""

    action: BulkActionName
    args: BulkArgs = BulkArgs()
    ids: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9a-z]{1,64}$")]],
        Field(
            min_length=1,
            max_length=MAX_BULK,
            json_schema_extra={"uniqueItems": True},
            description="Ids of the applications; one named twice is refused, `repeated`. Of those beyond one's reach "
            "the answer says `not-found`, as of those that do not exist.",
        ),
    ]
    dry_run: Annotated[bool, Field(description="Whether it is only told what would come of it.")] = False
    digest: Annotated[
        str | None,
        Field(
            min_length=24,
            max_length=LONGEST_DIGEST,
            pattern="^[0-9a-f]+$",
            description="That of the dry run: not needed for one, and for nothing else to be left out.",
        ),
    ] = None


class DecisionInBrief(View):
    """A decision on a file, and whether it was validated."""

    kind: DecisionName
    label: str
    rank: int | None = None
    conditions: Annotated[int, Field(description="Under how many one is admitted.")] = 0
    validated: bool


class FileStatusView(View):
    """How a file stands; of acts that decide, with the decision."""

    state: FileStateName
    state_label: str
    submission_deadline: Day
    decision: DecisionInBrief | None = None
    fees: Annotated[FeesView | None, Field(description="Of `set_fees`.")] = None


class BulkRefusal(View):
    """Why nothing is done to a file: as the problem document of the single act says it."""

    slug: str
    title: str
    detail: str


class BulkItemView(View):
    """What comes, or came, of the act for one file; where it is refused there is no `after`.

    Of a file that is not there nothing is told but its refusal.
    """

    id: str
    result: Literal["changed", "unchanged", "refused"]
    file_number: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    programme: Annotated[str | None, Field(description="Code of the programme.")] = None
    title: str | None = None
    before: FileStatusView | None = None
    after: FileStatusView | None = None
    mails: Annotated[list[str], Field(description="Kinds of mail that go to the candidate.", examples=[[]])]
    never_submitted: Annotated[
        bool,
        Field(description="Something is decided on a file that its candidate has in hand and has never submitted."),
    ] = False
    refusal: BulkRefusal | None = None


class BulkView(View):
    """What comes, or came, of a bulk act, in the order of the ids."""

    dry_run: bool
    digest: Annotated[
        str, Field(description="What confirms this very preview.", examples=["9f86d081884c7d65" + "0" * 8])
    ]
    changed: Annotated[int, Field(ge=0)]
    unchanged: Annotated[int, Field(ge=0)]
    refused: Annotated[int, Field(ge=0)]
    items: list[BulkItemView]
