"""What a campaign came to that was played: by programme, by mail, and every broken promise by name."""

from __future__ import annotations

from collections import Counter
from typing import Final

from services.cli.rehearsing.comparing import counted
from services.cli.rehearsing.ledger import Ledger

COLUMNS: Final = (
    "places",
    "most taken",
    "opened",
    "submitted",
    "decided",
    "accepted",
    "withdrawn",
    "promoted",
)


def text(ledger: Ledger, *, people: int, seed: int, moments: int) -> str:
    """The report, as lines."""
    lines = [f"{people} people, seed {seed}, {moments} moments from before the opening to the erasure", ""]
    table: list[tuple[str, ...]] = [("programme", *COLUMNS)]
    for course in ledger.courses.values():
        owed = counted(course)
        decided = sum(file.decision is not None for file in course.files)
        figures = (
            "any" if course.capacity is None else course.capacity,
            course.most_taken,
            owed["opened"],
            owed["submitted"],
            decided,
            owed["accepted"],
            owed["withdrawn"],
            course.promoted,
        )
        table.append((course.code, *(str(each) for each in figures)))
    lines += _aligned(table)
    mails: Counter[str] = Counter()
    for kinds in ledger.mails.values():
        mails += kinds
    lines += ["", *_aligned([("mail", "sent"), *((kind, str(number)) for kind, number in sorted(mails.items()))])]
    lines += ["", f"{len(ledger.broken)} broken promises" if ledger.broken else "The ledger is exact.", *ledger.broken]
    return "\n".join(lines)


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
