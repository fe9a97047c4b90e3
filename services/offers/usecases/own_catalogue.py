"""Importing an institution's own catalogue from a table or from JSON, as registrars' programs save them."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, Literal

from services.chassis.context import CommandContext
from services.contracts.api.identity import Grant
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.offers import IMPORT_TOO_LONG, NOT_A_CATALOGUE_FILE
from services.contracts.text_folding import fold
from services.offers.domain.kept import Centre, KeptPart, Kind, Uses, is_used_elsewhere, kind_of, taken_over
from services.offers.domain.mentions import Line
from services.offers.domain.own_catalogue import Plan, Planned, plan, within
from services.offers.domain.own_columns import COLUMNS, SEPARATOR, Entry
from services.offers.domain.programmes import Content
from services.offers.domain.reach import reaches
from services.offers.usecases.app import App
from services.offers.usecases.campaigns import current_campaign
from services.offers.usecases.csv_reader import LINE_CHARACTERS, MAX_LINES, decoded, rows_of
from services.offers.usecases.imports import ImportReport, Progress, Row, import_programmes
from services.offers.usecases.kept import reached, take_over
from services.offers.usecases.programmes import Describe

MAX_BYTES: Final = 32 * 1024 * 1024
Form = Literal["table", "json"]
_DELIMITERS: Final = ";,\t"
_USUAL: Final = 4096
"""Characters in which an object of a list has room, mostly."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Of somebody who brings a file and has no right to all of the catalogue; `uses` is what its programmes say."""

    grants: Sequence[Grant]
    uses: Uses


async def import_catalogue(
    app: App, path: Path, command: CommandContext, *, dry_run: bool, progress: Progress
) -> ImportReport:
    """Publish what the file describes; every programme is counted or listed, and a second run changes nothing.

    Raises what `import_content` raises, OSError.
    """
    content = await asyncio.to_thread(_read, path)
    return await import_content(app, content, command, dry_run=dry_run, progress=progress)


async def import_content(
    app: App,
    content: bytes,
    command: CommandContext,
    *,
    dry_run: bool,
    digest: str | None = None,
    form: Form | None = None,
    rights: Rights | None = None,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """Publish what the bytes of such a file describe, which are of that form, or of the one that they look like.

    What is in the catalogue and not in the file stays as it is. `digest` is that of a dry run of the same file: nothing is
    done if something else would come of it now, but for what says already all that the file does. Rows beyond the `rights`
    of who brings it are faulty, and so are programmes that name them; None is all of the catalogue. Raises
    NOT_A_CATALOGUE_FILE, IMPORT_TOO_LONG, NO_ACTIVE_CAMPAIGN, PREMISES_CHANGED, StoreUnavailable.
    """
    campaign = await current_campaign(app, command, dry_run=dry_run or digest is not None)
    planned = await asyncio.to_thread(described, content, campaign.code, form)
    grants = None if rights is None else rights.grants
    if rights is not None:
        if foreign := await _foreign(app, planned, rights):
            planned = await asyncio.to_thread(described, content, campaign.code, form, foreign)
        within(planned, rights.grants)
    asked = f"{campaign.code} {form} {await asyncio.to_thread(_told, content)}"
    if dry_run:
        report = await _imported(app, planned, command, dry_run=True, grants=grants, progress=progress)
        report.digest = report.premises(asked).digest
        return report
    if digest is not None:
        foreseen = await _imported(app, planned, command, dry_run=True, grants=grants)
        foreseen.premises(asked).confirm(digest, done=not (foreseen.changes or foreseen.parts))
        await current_campaign(app, command)  # where none was ever planned, it begins now
    await take_over(app, planned.named, command, grants=grants)
    return await _imported(app, planned, command, dry_run=False, grants=grants, progress=progress)


async def _foreign(app: App, planned: Plan, rights: Rights) -> frozenset[tuple[Kind, str]]:
    """What the file says otherwise than it is, and is not for these rights to say."""
    found = set()
    for said in planned.named:
        key = kind_of(said), said.unit.code
        saved, use = await app.kept.one(*key), rights.uses.get(key)
        there = saved.state if saved is not None else KeptPart(*key, 0, use.said) if use is not None else None
        if there is None:
            foreign = not reached(said, rights.grants) if isinstance(said, Centre) else False
        else:
            mine = reached(there.said, rights.grants) and not is_used_elsewhere(there.said, use)
            foreign = not mine and taken_over(there, said) != there
        if foreign:
            found.add(key)
    return frozenset(found)


async def _taken_over(app: App, planned: Plan, grants: Sequence[Grant] | None) -> AsyncIterator[tuple[str, str, int]]:
    """What `take_over` would make another, which programmes that are not in the file follow as well."""
    for said in planned.named:
        saved = await app.kept.one(kind_of(said), said.unit.code)
        if saved is None or (grants is not None and not reached(saved.state.said, grants)):
            continue
        if taken_over(saved.state, said) != saved.state:
            yield saved.state.kind, saved.state.code, saved.state.revision


async def _imported(
    app: App,
    planned: Plan,
    command: CommandContext,
    *,
    dry_run: bool,
    grants: Sequence[Grant] | None,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    report = ImportReport(dry_run=dry_run)
    if dry_run:
        report.parts = tuple([each async for each in _taken_over(app, planned, grants)])
    for line, fault in planned.faults:
        report.reject(line, [fault])
    done, total = 0, len(planned.programmes)
    progress(done, total)

    def tick() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    rows = (Row(each.line, each.code, _owned(each, grants)) for each in planned.programmes)
    return await import_programmes(app, rows, command, dry_run=dry_run, report=report, done=tick)


def _owned(planned: Planned, grants: Sequence[Grant] | None) -> Describe:
    """It, unless by its code there is a programme beyond these rights."""

    def describe(there: Content | None) -> Content:
        if grants is not None and there is not None and not any(reaches(grant, there) for grant in grants):
            raise INVALID_FIELDS(fields=[FieldError("code", "foreign-row")])
        return planned.over(there)

    return describe


def template() -> str:
    """An empty table with every column by its French title, with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO("\N{ZERO WIDTH NO-BREAK SPACE}")
    text.seek(0, io.SEEK_END)
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow(title for title, _ in COLUMNS.values())
    return text.getvalue()


def _told(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise IMPORT_TOO_LONG(max=MAX_LINES)
    return content


def described(
    content: bytes, campaign: str, form: Form | None = None, foreign: Collection[tuple[Kind, str]] = ()
) -> Plan:
    """What the bytes of such a file say; raises NOT_A_CATALOGUE_FILE, IMPORT_TOO_LONG."""
    text = decoded(content)
    is_json = text.lstrip().startswith(("[", "{")) if form is None else form == "json"
    return plan(_of_json(text) if is_json else _of_table(text), campaign, foreign)


def _of_table(text: str) -> Iterator[Entry]:
    """The rows of a table; its head tells what parts the cells, and which column stands where."""
    head_line = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head_line.count)
    rows = rows_of(io.StringIO(text, newline=""), delimiter)
    head = next(rows, Line(1, ()))
    known = {fold(word): name for name, (title, _) in COLUMNS.items() for word in (name, title)}
    names = [known.get(fold(cell), "") for cell in head.cells]
    for needed in ("kind", "code", "label_fr"):
        if needed not in names:
            raise NOT_A_CATALOGUE_FILE(missing=COLUMNS[needed][0], line=head.number)
    return (_entry(row, names) for row in rows if row.fault or any(cell.strip() for cell in row.cells))


def _entry(row: Line, names: list[str]) -> Entry:
    if row.fault is not None:
        return Entry(row.number, {}, row.fault)
    # Programs leave out empty cells at the end of a row, and add some; what stands beyond the head belongs nowhere.
    if any(cell.strip() for cell in row.cells[len(names) :]):
        return Entry(row.number, {}, "more-cells-than-columns")
    return Entry(
        row.number, {name: cell for name, cell in zip_longest(names, row.cells[: len(names)], fillvalue="") if name}
    )


def _of_json(text: str) -> Iterator[Entry]:
    """The objects of a list, each with the line on which it begins; raises NOT_A_CATALOGUE_FILE for what is no such list."""
    decoder = json.JSONDecoder()
    at = _behind_blanks(text, 0)
    separator = "["
    entries = []
    line = counted = 0
    while text[at : at + 1] == separator:
        at = _behind_blanks(text, at + 1)
        if text[at : at + 1] == "]" and separator == "[":
            break
        line, counted = line + text.count("\n", counted, at), at
        value, end = _value(decoder, text, at, line + 1)
        entries.append(_of_object(line + 1, value))
        if len(entries) > MAX_LINES:
            raise IMPORT_TOO_LONG(max=MAX_LINES)
        at, separator = _behind_blanks(text, end), ","
    if text[at : at + 1] != "]" or text[at + 1 :].strip():
        raise NOT_A_CATALOGUE_FILE(missing="JSON", line=text.count("\n", 0, at) + 1)
    return iter(entries)


def _value(decoder: json.JSONDecoder, text: str, at: int, line: int) -> tuple[Any, int]:
    """A value and where it ends; none is longer than a row may be, for no other thread runs until all of it is read."""
    for longest in (_USUAL, LINE_CHARACTERS):
        try:
            value, length = decoder.raw_decode(text[at : at + longest])
        except (ValueError, RecursionError):
            continue
        return value, at + length
    raise NOT_A_CATALOGUE_FILE(missing="JSON", line=line)


def _behind_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\n", "\r", "\t"):
        at += 1
    return at


def _of_object(line: int, value: Any) -> Entry:
    if not isinstance(value, dict):
        return Entry(line, {}, "not-an-object")
    if not value.keys() <= COLUMNS.keys():
        return Entry(line, {}, "unknown-member")
    cells = {name: _cell(member) for name, member in value.items()}
    if None in cells.values():
        return Entry(line, {}, "not-a-cell")
    return Entry(line, {name: cell for name, cell in cells.items() if cell is not None})


def _cell(member: Any) -> str | None:
    """What would stand in the cell of a table; None for what could not."""
    if isinstance(member, list):
        parts = [_cell(each) if isinstance(each, str) else None for each in member]
        whole = [part for part in parts if part is not None and SEPARATOR not in part]
        return SEPARATOR.join(whole) if len(whole) == len(member) else None
    if isinstance(member, bool):
        return "yes" if member else "no"
    if member is None:
        return ""
    return str(member) if isinstance(member, str | int) else None
