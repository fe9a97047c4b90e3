"""One act of staff for many files: how it is asked, and what is told of it before and after."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import ID_PATTERN
from services.contracts.api.applications import FileStateName, PieceStateName
from services.contracts.api.basics import Body, Code, Day, View
from services.contracts.api.decisions import DecisionGiven, DecisionName, GroupView
from services.contracts.api.dry_runs import DryRun, ForeseenOfEach
from services.contracts.api.fees import FeesGiven, FeesView
from services.contracts.api.review import Text
from services.contracts.languages import Language
from services.contracts.premises import EACH, WHOLE, Result

BulkActionName = Literal[
    "mark_submitted",
    "mark_incomplete",
    "mark_complete",
    "reopen",
    "extend",
    "enter_decision",
    "validate_decision",
    "set_fees",
    "assign",
    "judge",
    "remind",
]
MAX_BULK: Final = 200
"""Files of one bulk act, inclusive."""
LONGEST_DIGEST: Final = WHOLE + EACH * MAX_BULK


class BulkFiles(BaseModel):
    """Which files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_BULK * 27,
            pattern=rf"^[0-9a-z]{{1,64}}(,[0-9a-z]{{1,64}}){{0,{MAX_BULK - 1}}}$",
            description="Ids of applications, 200 at most, parted by commas; those beyond one's reach are passed over.",
            examples=["01arz3ndektsv4rrffq69g5fav"],
        ),
    ]


class BulkVerdict(Body):
    """What is thought of one piece of each file; as for one file."""

    piece: Annotated[
        Code, Field(description="Code of the piece, the same in all; `piece-not-asked` of files without it.")
    ]
    verdict: Literal["validated", "refused"]
    comment: Annotated[
        Text | None, Field(description="For the candidate of each; without one the one that stands there goes.")
    ] = None


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
    verdict: Annotated[
        BulkVerdict | None,
        Field(description="Of `judge`, which needs it: candidates are told as they are of a single verdict."),
    ] = None
    about: Annotated[
        Literal["submission", "forms", "pieces"] | None,
        Field(
            description="Of `remind`, which needs it: of files to be handed over, with forms to be filled in, or with "
            "pieces to be given. The mail says all that lacks; of each kind there is one a day for a file."
        ),
    ] = None
    assignee: Annotated[
        str | None,
        Field(
            pattern=ID_PATTERN,
            description="Of `assign`, which needs it: account of who of staff looks after them from then on, or `nobody`.",
        ),
    ] = None


BulkIds = Annotated[
    list[Annotated[str, Field(pattern=r"^[0-9a-z]{1,64}$")]],
    Field(
        min_length=1,
        max_length=MAX_BULK,
        json_schema_extra={"uniqueItems": True},
        description="Ids of the applications; one named twice is refused, `repeated`. Of those beyond one's reach "
        "the answer says `not-found`, as of those that do not exist.",
    ),
]


class ManyFiles(Body):
    """Files of one act: first for a dry run, then with the digest which that gave."""

    ids: BulkIds
    dry_run: DryRun = False
    digest: Annotated[
        str | None,
        Field(
            min_length=WHOLE + EACH,
            max_length=LONGEST_DIGEST,
            pattern="^[0-9a-f]+$",
            description="That of the dry run: not needed for one, and for nothing else to be left out.",
        ),
    ] = None


class Bulk(ManyFiles):
    """One act for many files: first as a dry run, then with the digest which that gave."""

    action: BulkActionName
    args: BulkArgs = BulkArgs()


class DecisionInBrief(View):
    """A decision on a file, and whether it was validated."""

    kind: DecisionName
    label: str
    group: Annotated[str | None, Field(description="What the group that it names is called.")] = None
    rank: int | None = None
    conditions: Annotated[int, Field(description="Under how many one is admitted.")] = 0
    validated: bool


class BulkPiece(View):
    """A piece that some files are asked for."""

    code: str
    label: Annotated[str, Field(description="As it is called in the first of these files.")]
    files: Annotated[int, Field(description="How many of the files are asked for it.")]
    waiting: Annotated[int, Field(description="In how many of them it waits for a verdict.")]


class BulkPieces(View):
    """The pieces of some files: those first of which most wait for a verdict."""

    items: list[BulkPiece]
    groups: Annotated[list[GroupView], Field(description="Those of the waiting lists of these files' programmes.")]


class PieceInBrief(View):
    """A piece, and what stands there for the candidate."""

    label: str
    state: PieceStateName
    state_label: str
    comment: str | None = None
    filename: Annotated[
        str | None, Field(description="Name of the document that is there, which the digest stands for.")
    ] = None


class FileStatusView(View):
    """How a file stands; of acts that decide, with the decision."""

    state: FileStateName
    state_label: str
    submission_deadline: Day
    decision: DecisionInBrief | None = None
    fees: Annotated[FeesView | None, Field(description="Of `set_fees`.")] = None
    assignee: Annotated[str | None, Field(description="Of `assign`: account of who looks after it, or `nobody`.")] = (
        None
    )
    assignee_name: Annotated[str | None, Field(description="How they are known.")] = None
    piece: Annotated[PieceInBrief | None, Field(description="Of `judge`, in files that are asked for the piece.")] = (
        None
    )


class BulkRefusal(View):
    """Why nothing is done to a file: as the problem document of the single act says it."""

    slug: str
    title: str
    detail: str


class BulkFileView(View):
    """One file of an act for many; where it is refused there is no `after`.

    Of a file that is not there nothing is told but its refusal.
    """

    id: str
    file_number: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    programme: Annotated[str | None, Field(description="Code of the programme.")] = None
    title: str | None = None
    before: FileStatusView | None = None
    after: FileStatusView | None = None
    mails: Annotated[list[str], Field(description="Kinds of mail that go to the candidate.", examples=[[]])]
    mail_language: Annotated[
        Language | None,
        Field(description="In which language they are written; null where none goes, or it is not known."),
    ] = None
    never_submitted: Annotated[
        bool,
        Field(description="Something is decided on a file that its candidate has in hand and has never submitted."),
    ] = False
    refusal: BulkRefusal | None = None


class BulkItemView(BulkFileView):
    """What comes, or came, of the act for one file."""

    result: Result


class BulkView(ForeseenOfEach):
    """What comes, or came, of a bulk act, in the order of the ids."""

    items: list[BulkItemView]
