"""Tables as spreadsheets write them, and those that are none: what is read of them, within which bounds."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.applications.domain.decided import TypesInForce
from services.applications.domain.deliberation import WRITTEN
from services.applications.routes.deliberation_words import Words
from services.applications.routes.tables import (
    MAX_COLUMNS,
    MAX_ELEMENTS,
    MAX_OTHER_TAGS,
    MAX_PARTS,
    MAX_UNPACKED,
    read_table,
)
from services.applications.views.cells import cell
from services.contracts.refusals import RefusedError


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


@pytest.mark.parametrize("content", [b"\0", b"PK\x03\x04", b'"a', workbook(["x"])[:-30], b"a\x81\n"])
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
