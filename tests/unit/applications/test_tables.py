"""Tables as spreadsheets write them, and those that are none: what is read of them, within which bounds."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest
import structlog.testing
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.applications.domain.decided import TypesInForce
from services.applications.domain.decisions import Said
from services.applications.domain.deliberation import WRITTEN, TableRow, repeated
from services.applications.routes.deliberation_words import Words, tells_days_first
from services.applications.usecases.table_reading import AT_ONCE, RETRY_SECONDS, Bounds, read_apart
from services.applications.usecases.tables import (
    MAX_COLUMNS,
    MAX_ELEMENTS,
    MAX_OTHER_TAGS,
    MAX_PARTS,
    MAX_UNPACKED,
    read_table,
)
from services.applications.views.cells import cell
from services.applications.views.deliberation import columns_by_heading
from services.chassis.http.places import Places
from services.contracts.api.deliberation import MAX_TABLE_ROWS
from services.contracts.decision_types import DecisionType
from services.contracts.refusals import BUSY, RefusedError

TYPES = TypesInForce(
    tuple(DecisionType(code, "favourable", fr) for code, fr in (("OK", "Oui"), ("AB", "Un"), ("Ab", "Deux")))
)
WORDS = Words(TYPES)


def workbook(*rows: list[Any], at: int = 1) -> bytes:
    book, content = Workbook(), io.BytesIO()
    for number, row in enumerate(rows, at):
        for column, value in enumerate(row, 1):
            book.worksheets[0].cell(number, column, value)
    book.save(content)
    return content.getvalue()


def slug(content: bytes, most: int = 10) -> str:
    with pytest.raises(RefusedError) as refused:
        read_table(content, most)
    return refused.value.slug.name


@pytest.mark.parametrize("line", ["a;b;é", "a,b,é", "a\tb\té"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_is_read_whatever_parts_its_cells_and_writes_its_signs(line: str, encoding: str) -> None:
    content = f"{line}\r\n\r\n{line}\r\n".encode(encoding)
    assert read_table(content, 1) == [(1, ["a", "b", "é"]), (3, ["a", "b", "é"])]


def test_cells_are_read_as_they_would_have_been_typed() -> None:
    content = b'"\'=1+1";\'pour;"un\r\ndeux"; x \n'
    assert read_table(content, 1) == [(1, ["=1+1", "'pour", "un\ndeux", "x"])]
    assert read_table(workbook([3, 3.0, 2.5, True, None, "'-1"]), 1) == [(1, ["3", "3", "2.5", "", "", "-1"])]


def test_a_formula_is_never_evaluated() -> None:
    assert read_table(workbook(["=1+1", "x"]), 1) == [(1, ["", "x"])]


def test_so_many_rows_and_columns_are_read_and_one_more_row_is_refused() -> None:
    rows = [["x"]] * 4
    for content in (b"x\n" * 4, workbook(*rows), workbook(*rows, at=900)):
        assert len(read_table(content, 3)) == 4
        assert slug(content, 2) == "too-many-rows"
    assert read_table(workbook(["x"] * (MAX_COLUMNS + 1)), 1) == [(1, ["x"] * MAX_COLUMNS)]
    assert slug(workbook(["x"], at=5000), 3) == "too-many-rows", "nothing is left out unsaid"


def test_what_unpacks_into_too_much_or_into_too_many_parts_is_refused_before_it_is_unpacked() -> None:
    def packed(*sizes: int) -> bytes:
        content = io.BytesIO(workbook(["x"]))
        with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as book:
            for number, size in enumerate(sizes):
                book.writestr(f"xl/more{number}.xml", b" " * size)
        return content.getvalue()

    assert read_table(packed(1000), 1) == [(1, ["x"])]
    assert len(packed(MAX_UNPACKED)) < 100_000
    assert slug(packed(MAX_UNPACKED)) == "table-unreadable"
    assert slug(packed(*([0] * MAX_PARTS))) == "table-unreadable"


@pytest.mark.parametrize(
    "content",
    [b"\0", b"PK\x03\x04", b'"a', workbook(["x"])[:-30], b"a\x81\n"],
    # A workbook tells when it was made: as the name of a test it would be another one in each process that collects.
    ids=["nul", "head of a workbook", "open quotation", "workbook cut off", "no letter"],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    assert slug(content) == "table-unreadable"


@settings(max_examples=30, deadline=None)
@given(st.text("a '\"=+-@;,\t\n\r\uff1d\uff0b\uff0d\uff20", max_size=12).map(str.strip))
def test_what_goes_out_is_known_again_when_it_comes_back(text: str) -> None:
    stored = dict.fromkeys(WRITTEN, "") | {"comment": text}
    line = io.StringIO()
    csv.writer(line, delimiter=";").writerows([["x", "y"], ["x", cell(text)]])
    for content in (line.getvalue().encode(), workbook(["x", "y"], ["x", cell(text)])):
        [_, (_, cells)] = read_table(content, 1)
        assert Words(TypesInForce(())).carried({"comment": "".join(cells[1:])}, stored) == {"comment": text}


ELEMENTS = [*MAX_ELEMENTS.items(), (b"x:c", MAX_ELEMENTS[b"c"]), (b"col", MAX_OTHER_TAGS)]


@pytest.mark.parametrize(("name", "most"), ELEMENTS)
def test_a_workbook_with_more_elements_than_may_be_read_is_refused_before_it_is_read(name: bytes, most: int) -> None:
    def packed(number: int, begins: bytes = b"") -> bytes:
        content = io.BytesIO(workbook(["x"]))
        with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as book:
            book.writestr("xl/more.xml", begins + b"<" + name + b"/>" + (b"<" + name + b"/>") * (number - 1))
        return content.getvalue()

    with zipfile.ZipFile(io.BytesIO(workbook(["x"]))) as book:
        there = sum(
            len(re.findall(rb"<" + name[-3:].removeprefix(b"x:") + rb"\b", book.read(part))) for part in book.namelist()
        )
    others = 1000 if name == b"col" else 0
    assert read_table(packed(most - there - others), 1) == [(1, ["x"])], "beside those that every workbook has"
    assert slug(packed(most - there + 1)) == "table-unreadable"
    assert slug(packed(1, b"\xff\xfe")) == "table-unreadable", "signs in which tags cannot be counted"
    assert slug(packed(1, b"<!DOCTYPE x>")) == "table-unreadable"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("9:30", "09:30"),
        ("14 h 30", "14:30"),
        ("9H", "09:00"),
        ("14:30:00", "14:30"),
        *((wrong, None) for wrong in ("2:30 PM", "14:300", "14:30:15", "14", "noon", "25:00")),
    ],
)
def test_times_are_read_as_they_are_meant_or_refused(text: str, means: str | None) -> None:
    said, faults = appointment(time=text)
    assert (said and said.appointment and said.appointment.time) == means
    assert [fault.field for fault in faults] == ([] if means else ["time"])


def test_days_of_which_nobody_knows_where_the_month_stands_are_refused() -> None:
    for text in ("9/3/2026", "03/02/2027", "12/11/2026"):
        assert [fault.slug for fault in appointment(day=text)[1]] == ["day-ambiguous"], text
        assert not appointment(day=text, days_first=True)[1]
    for text in ("2027-02-03", "13/02/2027", "3/03/2027"):
        assert not appointment(day=text)[1], text
    assert [fault.slug for fault in appointment(day="2/13/2027")[1]] == ["not-a-day"]
    assert tells_days_first(["9/3/2026", "31/01/2027", "", "x"])
    assert not tells_days_first(["9/3/2026"])
    assert not tells_days_first(["31/01/2027", "1/31/2027"])
    stored = dict.fromkeys(WRITTEN, "") | {"day": "2027-02-03"}
    assert WORDS.carried({"day": "03/02/2027"}, stored) == {"day": "2027-02-03"}, "nobody has touched it"


def appointment(day: str = "2027-02-03", time: str = "14:30", *, days_first: bool = False) -> Any:
    cells = dict.fromkeys(WRITTEN, "") | {"decision": "OK", "place": "Salle 12", "day": day, "time": time}
    return Words(TYPES, days_first=days_first).said(cells)


def test_a_code_is_meant_exactly_before_it_is_meant_in_other_letters() -> None:
    for text, code in (("AB", "AB"), ("Ab", "Ab"), ("aB", None), ("Oui", "OK"), ("ok", "OK")):
        said, faults = WORDS.said(dict.fromkeys(WRITTEN, "") | {"decision": text})
        assert (said and said.type) == code
        assert [fault.slug for fault in faults] == ([] if code else ["unknown-decision-type"])


def test_the_heading_of_a_code_is_not_taken_for_a_title() -> None:
    assert columns_by_heading()["programme"] == "programme"


def test_ranks_are_repeated_by_what_is_written_and_held_by_who_waits() -> None:
    rows = [
        TableRow(number, f"F{number}", "M1", "", {}, Said(rank=rank)) for number, rank in enumerate([1, 1, 2, 2, 3, 3])
    ]
    found = repeated(rows, {1, 2, 3}, {1, 2})
    assert {number: fault.slug for number, fault in found.items()} == {0: "rank-repeated", 5: "rank-repeated"}
    again = [TableRow(0, "ABCD1230", "M1", "", {}), TableRow(1, "abcd-i23o", "M1", "", {})]
    assert repeated(again, {0, 1}, set())[1].slug == "row-repeated", "the same number, misread"


async def test_a_workbook_is_read_by_a_process_of_its_own_up_to_its_last_row_and_within_its_bounds() -> None:
    """Acceptance 93: 5,000 rows beneath the headings and not one more; what takes more memory or time ends alone."""
    rows = [["Numéro", "Avis"], *([f"AB12{number:04}", "OK"] for number in range(MAX_TABLE_ROWS))]
    content = workbook(*rows)
    places = Places("tables", 1, retry_seconds=9)
    ample = Bounds(cpu_seconds=1200, seconds=1200.0)
    assert await read_apart(content, MAX_TABLE_ROWS, places, ample) == [*enumerate(rows, 1)]
    for most, bounds, expected, said in (
        (MAX_TABLE_ROWS - 1, ample, "too-many-rows", ["table.refused"]),
        (MAX_TABLE_ROWS, replace(ample, bytes=2**20), "table-unreadable", ["table.unreadable"]),
        (MAX_TABLE_ROWS, Bounds(seconds=0.0), "busy", []),
    ):
        with pytest.raises(RefusedError) as refused, structlog.testing.capture_logs() as lines:
            await read_apart(content, most, places, bounds)
        assert refused.value.slug.name == expected
        assert [line["event"] for line in lines] == said
    assert places.taken == 0


async def test_so_many_processes_read_at_once_and_who_comes_then_is_told_when_to_come_again() -> None:
    """Acceptance 108: at the limit and one past it; what is no workbook takes no process, and no place."""
    places, content = Places("tables", AT_ONCE, retry_seconds=RETRY_SECONDS), workbook(["x"])
    others = [places.take() for _ in range(AT_ONCE - 1)]
    assert await read_apart(content, 1, places) == [(1, ["x"])]
    others.append(places.take())
    with pytest.raises(RefusedError) as refused:
        await read_apart(content, 1, places)
    assert (AT_ONCE, refused.value.slug, refused.value.retry_after) == (2, BUSY, 10)
    assert await read_apart(b"a;b\n", 1, places) == [(1, ["a", "b"])]
    others.pop().leave()
    assert await read_apart(content, 1, places) == [(1, ["x"])]


def test_what_stands_on_another_sheet_is_not_passed_over_in_silence() -> None:
    book, content = Workbook(), io.BytesIO()
    book.worksheets[0].append(["a"])
    book.create_sheet("Feuil2").append([None, " "])
    book.save(content)
    assert read_table(content.getvalue(), 10) == [(1, ["a"])]
    book.create_sheet("Notes").append([None, "b"])
    content = io.BytesIO()
    book.save(content)
    assert slug(content.getvalue()) == "table-has-sheets"
