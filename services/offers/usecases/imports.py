"""Importing programmes: many rows at once, each for itself, so that a faulty one never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import field as part
from typing import Any, Final

from services.chassis.context import CommandContext
from services.chassis.store.rows import UnreadableRow, tell
from services.chassis.telemetry.supervisor import task_group
from services.contracts.premises import Premises
from services.contracts.refusals import INVALID_FIELDS, FieldError, RefusedError
from services.offers.domain.premises import premises
from services.offers.domain.programmes import Content
from services.offers.domain.text import Text
from services.offers.usecases.app import App
from services.offers.usecases.programmes import Change, Describe, Published, preview_programme, publish_programme

AT_ONCE: Final = 64
"""Rows under way at a time: enough for the store to commit them in groups."""

Progress = Callable[[int, int], None]
"""Called with how many rows are done and how many there are."""


@dataclass(frozen=True, slots=True)
class Row:
    """One readable row: the line of the file on which it begins, and the programme that it describes."""

    line: int
    code: str
    content: Content | Describe


@dataclass(frozen=True, slots=True)
class Rejected:
    """A faulty row: its line, the field and the rule that it breaks, with the figures that the rule's text needs."""

    line: int
    field: str
    slug: str
    params: dict[str, Any] = part(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that changes the catalogue; `differences` names what is other than before, `before` the revision it had."""

    line: int
    code: str
    change: Change
    differences: tuple[str, ...] = ()
    before: int = 0
    title: Text | None = None


@dataclass(slots=True)
class ImportReport:
    """What came of an import: every row is counted in exactly one of the numbers or is named in `rejected`.

    `superseded` rows describe what a later row of the same file describes anew. `changes` holds the created and updated.
    `parts` are those that programmes name and that are kept, which become others by it, with the revisions that they had.
    `digest` is what confirms a dry run.
    """

    dry_run: bool = False
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    rejected: list[Rejected] = part(default_factory=list)
    changes: list[Changed] = part(default_factory=list)
    parts: tuple[tuple[str, str, int], ...] = ()
    digest: str | None = None

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.created + self.updated + self.unchanged + self.superseded + self.faulty

    @property
    def faulty(self) -> int:
        """How many rows are in `rejected`, where a row stands once for each of its faults."""
        return len({row.line for row in self.rejected})

    def count(self, line: int, published: Published) -> None:
        """Take one row's outcome in."""
        match published.change:
            case "created":
                self.created += 1
            case "updated":
                self.updated += 1
            case "unchanged":
                self.unchanged += 1
                return
        self.changes.append(
            Changed(line, published.code, published.change, published.differences, published.before, published.title)
        )

    def reject(self, line: int, faults: Iterable[FieldError]) -> None:
        """Take one faulty row in."""
        self.rejected += [Rejected(line, fault.field, fault.slug, dict(fault.params)) for fault in faults]

    def premises(self, asked: str) -> Premises:
        """What a dry run says would come of what is `asked`."""
        changes = [(each.line, each.code, each.change, each.differences, each.before) for each in self.changes]
        rejected = [(each.line, each.field, each.slug) for each in self.rejected]
        return premises(asked, [*changes, *rejected, *self.parts])

    def in_order(self) -> ImportReport:
        """Put what is listed in the order of the file."""
        self.rejected.sort(key=lambda row: row.line)
        self.changes.sort(key=lambda row: row.line)
        return self


async def import_programmes(
    app: App,
    rows: Iterable[Row],
    command: CommandContext,
    *,
    dry_run: bool = False,
    report: ImportReport | None = None,
    done: Callable[[], None] = lambda: None,
) -> ImportReport:
    """Publish every row's programme, many at a time; a second run of the same rows writes nothing.

    A programme that staff have withdrawn stays withdrawn, and counts as unchanged.
    `report` may already hold rows that were found faulty or superseded; `done` is called after each row. Only the world
    (StoreUnavailable) stops an import, and running it again goes on where it stopped.
    """
    report = report or ImportReport(dry_run=dry_run)
    left = iter(rows)

    async def work() -> None:
        for row in left:
            try:
                if dry_run:
                    published = await preview_programme(app, row.code, row.content, revive=False)
                else:
                    published = await publish_programme(app, row.code, row.content, command, revive=False)
                report.count(row.line, published)
            except RefusedError as refusal:
                if refusal.slug != INVALID_FIELDS:
                    raise
                report.reject(row.line, refusal.fields)
            except UnreadableRow as error:
                tell("offers", error)  # what is stored is damaged, and only a person can mend it
            done()

    try:
        async with task_group() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return report.in_order()
