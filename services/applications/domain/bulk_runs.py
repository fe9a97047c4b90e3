"""One act for many files as something that is under way, can be looked at tomorrow, and perhaps be undone (ADR 112)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

from services.applications.domain.bulk import BulkAct
from services.applications.domain.decision_model import EnteredDecision
from services.contracts.premises import Result
from services.contracts.work import Work, WorkState

MAX_EACH: Final = 50
"""Runs of one person that are kept: the oldest that is over makes room."""
MAX_ALL: Final = 20
"""Runs of everybody that wait or are under way: with 50 of each, as many as are looked at together for whose turn it is."""
KEPT: Final = timedelta(days=30)
"""How long after it was confirmed a run can be looked at, and undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRun(Work):
    """A run of the `action` with its `args`, in JSON as the API was asked for it.

    Its files stand beside it, under the name of its `batch`; `undoes` is the run that it undoes. Once it is over it is
    counted what has become of them.
    """

    action: str
    args: str
    batch: str
    undoes: str | None = None
    changed: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def expires_at(self) -> datetime:
        """From when on it is gone."""
        return self.asked_at + KEPT

    def begun(self) -> Self:
        """The same as a worker goes on with it: what was done is done."""
        return self

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.place is None

    @property
    def has_failed(self) -> bool:
        """Whether it has stopped before its end."""
        return self.state is WorkState.FAILED


ActOf = Callable[[BulkRun], BulkAct]
"""The act of a run."""


def undoing_ids(run: str) -> Sequence[str]:
    """The ids of the runs that undo another one, in their order: one begins where the one before has stopped half-way."""
    return [run + each for each in "uvwxyz"]


@dataclass(frozen=True, slots=True)
class Came:
    """What came of the act for one file, as it is remembered, with the refusal by its slug and figures."""

    result: Result
    at: datetime
    out: Mapping[str, Any]
    refusal: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunFile:
    """One file of a run, at its `number` from 0, of which nothing `came` yet.

    `premise` is what the digest says of it and `place` the one among those that did not refuse, as they were confirmed;
    `entered` is the decision that stood entered on it then, `tries` how often the world has refused this very file.
    """

    batch: str
    number: int
    file: str
    account: str
    premise: str
    place: int
    entered: EnteredDecision | None = None
    came: Came | None = None
    tries: int = 0

    @property
    def id(self) -> str:
        """Its name."""
        return f"{self.batch}.{self.number:03d}"
