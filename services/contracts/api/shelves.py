"""Which columns one's lists have, and what is asked of lists again and again: views, kept under a name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import ID_PATTERN
from services.contracts.api.applications import FileStateName
from services.contracts.api.basics import Body, Code, Instant, View
from services.contracts.api.columns import ChosenColumns
from services.contracts.api.condition_views import ConditionStateName
from services.contracts.api.fees import FeeCode
from services.contracts.api.filters import CampaignFilter, DecidedFilter, LostFilter
from services.contracts.api.sheets import Tag

VIEW_NAME = r"^[^\x00-\x1f\x7f/\\]+$"
MAX_NAME = 60

# --- asked ------------------------------------------------------------------------------------------------------


class ViewPath(BaseModel):
    """Which view."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_NAME,
            pattern=VIEW_NAME,
            description="What it is called, whatever the case and accents.",
        ),
    ]


class Shelf(BaseModel):
    """Where a view is kept: for oneself, or where it is shared with a centre or a commission within one's reach."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    centre: Annotated[Code | None, Field(description="Shared with all who see files of this centre.")] = None
    commission: Annotated[Code | None, Field(description="Shared with all who see files of this commission.")] = None


class ViewFilter(Body):
    """What a view narrows a list by. What somebody is searched by is kept in no view: it names people."""

    state: FileStateName | None = None
    campaign: Annotated[
        CampaignFilter | None, Field(description="Without it the list is that of the active campaign, each year anew.")
    ] = None
    centre: Code | None = None
    commission: Code | None = None
    programme: Code | None = None
    waiting: bool | None = None
    decision: DecidedFilter | None = None
    answer: Literal["none", "accept", "withdraw", "left"] | None = None
    conditions: ConditionStateName | None = None
    tag: Tag | None = None
    assignee: Annotated[
        str | None, Field(pattern=ID_PATTERN, description="`me` is whoever uses the view, `nobody` nobody.")
    ] = None
    regime: FeeCode | None = None
    exemption: FeeCode | None = None
    mail: LostFilter | None = None


class WrittenView(Body):
    """What a view is; it stands in the place of one of its name."""

    filter: ViewFilter = ViewFilter()
    sort: Annotated[
        Literal["oldest", "newest", "name", "file_number"] | None,
        Field(description="`name` and `file_number` not with `decision`, `answer`, `conditions` or `assignee`."),
    ] = None
    columns: Annotated[
        ChosenColumns, Field(default_factory=list, description="None: those that one's lists have anyway.")
    ]


class WrittenColumns(Body):
    """The columns of one's lists."""

    columns: Annotated[ChosenColumns, Field(description="None: those that lists have by themselves.")]


# --- shown ------------------------------------------------------------------------------------------------------


class ColumnView(View):
    """A column that lists can have."""

    code: str
    label: str


class ReviewColumns(View):
    """The columns that lists can have, and those that one's own have."""

    items: list[ColumnView]
    chosen: Annotated[list[str], Field(description="None: those that lists have by themselves.")]
    version: Annotated[int, Field(description="0: nothing was ever chosen.")]


class SavedView(View):
    """A view, and where it is kept."""

    name: str
    centre: Annotated[str | None, Field(description="With which centre it is shared.")] = None
    commission: Annotated[str | None, Field(description="With which commission it is shared.")] = None
    filter: ViewFilter
    sort: str | None = None
    columns: list[str]
    by: Annotated[str, Field(description="Account of who has written it last.")]
    by_name: Annotated[str | None, Field(description="How they are known.")] = None
    at: Instant
    mine: Annotated[bool, Field(description="Whether one may write over it and take it away.")]
    version: int


class ReviewViews(View):
    """The views that one has: one's own, then those that are shared with one's centres and commissions."""

    items: list[SavedView]
    more: Annotated[bool, Field(description="There are more shared ones than the 300 that are told.")]
