"""A deliberation as a table: the complete files of a programme or a commission, with what is decided on each."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Code, View
from services.contracts.api.bulk import DecisionInBrief
from services.contracts.api.decisions import AppointmentView
from services.contracts.api.dry_runs import DryRun, ForeseenOfEach, WholeDigest
from services.contracts.premises import Result

MAX_TABLE_BYTES: Final = 2 * 2**20
"""Of a table that is sent, packed as it comes."""
MAX_TABLE_ROWS: Final = 5_000
"""Files of one table, inclusive."""
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TableColumn = Literal[
    "file_number",
    "family_name",
    "given_name",
    "programme",
    "title",
    "decision",
    "reason",
    "group",
    "rank",
    "comment",
    "place",
    "day",
    "time",
    "stamp",
]
TABLE_COLUMNS: Final[tuple[TableColumn, ...]] = get_args(TableColumn)
"""The columns of a table, in order. All but names, title and group must be there when it comes back, in any order."""


class DeliberationScope(BaseModel):
    """Whose files: those of a programme, of a commission, or of that commission in that programme; one must be named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    programme: Annotated[Code | None, Field(description="Code of a programme.")] = None
    commission: Annotated[Code | None, Field(description="Code of a commission.")] = None


class DeliberationQuery(DeliberationScope):
    """The same, and whether anything is done."""

    dry_run: DryRun = False
    digest: WholeDigest = None


class TableFault(View):
    """What is wrong with a row, or with one of its cells."""

    column: Annotated[TableColumn | None, Field(description="Absent where it is the whole row.")] = None
    slug: str
    detail: str


class TableRow(View):
    """What comes, or came, of one row; of one that names no file of the table's only what it says."""

    row: Annotated[int, Field(ge=2, description="Its number in the table; the headings are row 1.")]
    result: Result
    file_number: str
    programme: str
    id: Annotated[str | None, Field(description="Of the application.")] = None
    family_name: str | None = None
    given_name: str | None = None
    before: DecisionInBrief | None = None
    after: DecisionInBrief | None = None
    reason: Annotated[str | None, Field(description="What goes with the decision that comes, where it is changed.")] = (
        None
    )
    comment: str | None = None
    appointment: AppointmentView | None = None
    mails: Annotated[
        list[str], Field(description="Kinds of mail that go when the decision is validated.", examples=[[]])
    ]
    faults: list[TableFault]


class DeliberationView(ForeseenOfEach):
    """What comes, or came, of a table, in the order of its rows. Decisions are entered, and not validated."""

    items: list[TableRow]
