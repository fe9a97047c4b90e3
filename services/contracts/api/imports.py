"""The public API of imports: a whole catalogue in a file, seen before it is in force."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from services.contracts.api.dry_runs import DIGEST_PATTERN, DryRun
from services.contracts.api.offers import Query, View

MAX_IMPORT_BYTES: Final = 8 * 1024 * 1024
"""Of a catalogue that is sent over HTTP; some thousand programmes with all their texts."""


class ImportQuery(Query):
    """How a catalogue is imported."""

    dry_run: DryRun = False
    digest: Annotated[
        str | None,
        Field(
            pattern=DIGEST_PATTERN,
            description="That of the dry run of this very file: nothing is done if something else would come of it now.",
        ),
    ] = None


class ImportChange(View):
    """A row that changes the catalogue."""

    line: int
    code: str
    title: Annotated[str, Field(description="Of the programme, as the file has it.")]
    change: Literal["created", "updated"]
    differences: Annotated[list[str], Field(description="What is other than before.")]


class RejectedRow(View):
    """A fault of a row, which was left out for it; others of its faults stand beside."""

    line: Annotated[int, Field(description="Where the row begins in the file; the first line is 1.")]
    field: Annotated[str, Field(description="The column, or `row` for the row as a whole.")]
    column: Annotated[str | None, Field(description="The column's heading in the table; absent for the whole row.")] = (
        None
    )
    slug: Annotated[str, Field(description="The rule that it breaks.")]
    message: Annotated[str, Field(description="The rule in words, in the language asked for.")]


class ImportResult(View):
    """What came of an import; rows of programmes are counted, or named among the rejected."""

    dry_run: bool
    digest: Annotated[
        str | None,
        Field(description="What confirms this very preview; of a dry run.", examples=["9f86d081884c7d65" * 2]),
    ] = None
    created: int
    updated: int
    unchanged: int
    changes: list[ImportChange]
    rejected: list[RejectedRow]
