"""The generated page of an institution's own catalogue."""

from __future__ import annotations

from services.cli.docs_generation import NOTICE
from services.offers.domain.own_columns import COLUMNS

INTRODUCTION = """\
An institution's programmes, and what they ask for, in one file that spreadsheets write:

```sh
parvis import template > catalogue.csv
parvis import catalogue catalogue.csv --dry-run
parvis import catalogue catalogue.csv
```

The first row names the columns, in any order, by their French titles or by the names below; cells are parted by `;`, `,` or
tabulators. UTF-8, UTF-16 and cp1252 are told apart by themselves. In JSON the file is a list of objects with these names, in
which several values are a list.

Each row is of something: a centre, a type of diploma, a board, a document asked for, a form, a question, or a programme,
which names the others by their codes. Days and contact of a centre are those of its programmes that give none. What a
university or a centre asks for need not be named.

A faulty row is listed with its line, its column and the reason; the others are loaded, but for programmes that need it.
With `--dry-run` every change is listed and none made; a second import of the same file changes nothing. What is in the
catalogue and not in the file stays as it is, and a programme that was withdrawn stays so.

Administrators of everything do the same on the page `/gestion/import-catalogue`, from an empty table to the import: what
would come of a file is shown first, and confirmed as it was shown. The year after, the page `/gestion/campagnes` carries the
programmes over into the campaign that was activated, with new days.

| column | French title | what it says |
|---|---|---|
"""


def catalogue() -> str:
    """Every column of the file."""
    rows = [
        f"| `{name}` | {title} | {meaning.replace('|', chr(92) + '|')} |" for name, (title, meaning) in COLUMNS.items()
    ]
    return "\n".join([NOTICE, "# An institution's own catalogue", "", INTRODUCTION + "\n".join(rows)]) + "\n"
