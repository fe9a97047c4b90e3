"""Lists of files that are made into a file in the background, and fetched when they are ready."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import ID_PATTERN
from services.contracts.api.applications import FileStateName
from services.contracts.api.basics import Body, Code, Instant, View
from services.contracts.api.columns import ChosenColumns
from services.contracts.api.condition_views import ConditionStateName
from services.contracts.api.fees import FeeCode
from services.contracts.api.filters import DecidedFilter, LostFilter
from services.contracts.api.sheets import Tag

ExportStateName = Literal["waiting", "running", "ready", "failed"]


class ExportPath(BaseModel):
    """Which export."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern="^[0-9a-z]{26}$", description="Id of the export.")]


class NewExport(Body):
    """Which files, in which order, with which columns, as a list has them; what `GET /review` says of each holds here."""

    format: Literal["xlsx", "csv"]
    state: FileStateName | None = None
    centre: Code | None = None
    commission: Code | None = None
    programme: Code | None = None
    account: Annotated[str | None, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")] = None
    waiting: bool | None = None
    decision: DecidedFilter | None = None
    answer: Literal["none", "accept", "withdraw", "left"] | None = None
    conditions: ConditionStateName | None = None
    tag: Tag | None = None
    assignee: Annotated[str | None, Field(pattern=ID_PATTERN)] = None
    regime: FeeCode | None = None
    exemption: FeeCode | None = None
    mail: LostFilter | None = None
    q: Annotated[str | None, Field(min_length=2, max_length=100)] = None
    sort: Annotated[str | None, Field(min_length=1, max_length=20, pattern="^[a-z_]+$")] = None
    columns: Annotated[ChosenColumns, Field(default_factory=list, description="None: all.")]


class ExportView(View):
    """An export, and how far it is."""

    id: str
    format: Literal["xlsx", "csv"]
    state: ExportStateName
    state_label: str
    done: Annotated[int, Field(description="Files that are written.")]
    total: Annotated[int, Field(description="Files that there are; 0 while that is not known.")]
    asked_at: Instant
    expires_at: Annotated[Instant, Field(description="From then on it is gone.")]
    size: Annotated[int | None, Field(description="In bytes, once it is ready.")] = None
    sha256: Annotated[str | None, Field(description="In hexadecimal, once it is ready.")] = None
    file: Annotated[str | None, Field(description="Where its bytes are, once it is ready.")] = None
    reason: Annotated[
        Literal["too-many-rows", "too-large", "beyond-reach", "rights", "broken"] | None,
        Field(description="Why it has failed."),
    ] = None
    reason_text: Annotated[str | None, Field(description="The same in words.")] = None


class ExportList(View):
    """One's own exports, the newest first."""

    items: list[ExportView]
