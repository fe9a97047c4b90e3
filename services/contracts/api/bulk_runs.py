"""Acts for many files as runs: what is under way, what came of it, and whether it can be undone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Body, Instant, View
from services.contracts.api.bulk import (
    LONGEST_DIGEST,
    BulkActionName,
    BulkArgs,
    BulkFileView,
    BulkIds,
    BulkView,
)
from services.contracts.api.dry_runs import DryRun
from services.contracts.premises import EACH, WHOLE, Result
from services.contracts.undoing import WhyNot, in_words

RunStateName = Literal["waiting", "running", "ready", "failed"]
_DIGEST = Field(
    min_length=WHOLE + EACH,
    max_length=LONGEST_DIGEST,
    pattern="^[0-9a-f]+$",
    examples=["9f86d081884c7d65" + "01ba4719"],
)


class RunPath(BaseModel):
    """Which run."""

    model_config = ConfigDict(frozen=True)

    run: Annotated[str, Field(pattern="^[0-9a-z]{26}[u-z]?$", description="Id of the run.")]


class NewRun(Body):
    """One act for many files, as its dry run has told."""

    ids: BulkIds
    action: BulkActionName
    args: BulkArgs = BulkArgs()
    digest: Annotated[str, _DIGEST, Field(description="That of the dry run (`POST /review/bulk`).")]


class UndoBody(Body):
    """A run is undone: first as a dry run, then with the digest which that gave."""

    dry_run: DryRun = False
    digest: Annotated[str | None, _DIGEST, Field(description="That of the dry run: not needed for one.")] = None


class UndoneBy(View):
    """Whether a run can be undone, and if not, why."""

    by: Annotated[
        str | None,
        Field(description=f"Which act undoes this one, on files that stand as it has left them: {in_words()}"),
    ] = None
    why_not: Annotated[WhyNot | None, Field(description="Why nothing does.")] = None
    possible: Annotated[bool, Field(description="Whether it can be asked for now.")] = False
    run: Annotated[str | None, Field(description="The run that has undone it, or is about to.")] = None


class RunInBrief(View):
    """A run, and how far it is."""

    id: str
    action: BulkActionName
    state: RunStateName
    state_label: str
    done: Annotated[int, Field(ge=0, description="Files of which it is known what came of the act.")]
    total: Annotated[int, Field(ge=0)]
    changed: Annotated[int, Field(ge=0, description="Counted once it is over.")]
    unchanged: Annotated[int, Field(ge=0)]
    refused: Annotated[int, Field(ge=0)]
    asked_at: Instant
    expires_at: Annotated[Instant, Field(description="From then on it is gone.")]
    account: Annotated[str, Field(description="Account of who has confirmed it.")]
    known_as: Annotated[str | None, Field(description="How they are known.")] = None
    undoes: Annotated[str | None, Field(description="The run that this one undoes.")] = None
    reason: Annotated[
        Literal["rights", "gone", "broken"] | None,
        Field(description="Why it has stopped before its end: what was done until then stands."),
    ] = None
    reason_text: Annotated[str | None, Field(description="The same in words.")] = None


class RunItemView(BulkFileView):
    """What came of the act for one file; `waiting`: nothing yet, or in a run that has failed, nothing at all."""

    result: Result | Literal["waiting"]


class RunView(RunInBrief):
    """A run with its files, in the order of the ids; of those beyond one's reach nothing is told but what came of it."""

    undone: UndoneBy
    items: list[RunItemView]


class RunList(View):
    """One's own runs, the newest first; 50 are kept, for 30 days."""

    items: list[RunInBrief]


class UndoView(View):
    """What would be put back (of a dry run), or the run that puts it back."""

    preview: BulkView | None = None
    run: RunView | None = None


__all__ = [
    "NewRun",
    "RunInBrief",
    "RunItemView",
    "RunList",
    "RunPath",
    "RunView",
    "UndoBody",
    "UndoView",
    "UndoneBy",
]
