"""Documents in student records: one that is wrong is left out alone, and a broken table does not say that there are none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.chassis import urls
from services.chassis.ports import Records, RecordsUnavailable, WrongRecord
from services.chassis.records import file
from services.contracts.student_records import StudentRecord
from tests.records import NUMBER, OTHER, STUDENT, altered, settle, sis_server, write_json, write_tables

HELD = {"code": "RNBAC", "label": "Relevé", "on": "2022-07-05", "expires_on": "2029-05-20"}
Fill = Callable[[list[dict[str, Any]]], None]


@pytest.fixture(params=["json", "csv", "http"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Records, Fill]]:
    """The port, and what fills the system behind it anew."""
    async with sis_server() as sis:

        def fill(students: list[dict[str, Any]]) -> None:
            if request.param == "http":
                sis.students = students
            else:
                {"json": write_json, "csv": write_tables}[request.param](tmp_path, students)

        records = urls.open_records(sis.url if request.param == "http" else f"file:{tmp_path}")
        yield records, fill
        await records.close()


@pytest.mark.parametrize(
    "wrong", [{"on": "2022-02-30"}, {"code": "R" * 21}, {"label": " "}, {"expires_on": "20/05/2029"}]
)
async def test_a_document_that_is_wrong_is_left_out_and_the_rest_of_its_record_taken(
    place: tuple[Records, Fill], wrong: dict[str, str]
) -> None:
    records, fill = place
    fill([STUDENT | {"documents": [HELD | wrong, HELD]}, OTHER])
    with capture_logs() as logs:
        found = await records.by_student_number(NUMBER)
    assert found == StudentRecord.model_validate(STUDENT | {"documents": [HELD]})
    assert [each["event"] for each in logs] == ["records.documents-left-out"]
    fill([altered(title="duke") | {"documents": [HELD | wrong]}, OTHER])
    with pytest.raises(WrongRecord):
        await records.by_student_number(NUMBER)


DOCUMENTS = "student_number;code;label;on\n21404321;RNBAC;Relevé;2022-07-05\n"


@pytest.mark.parametrize(
    "table",
    [
        DOCUMENTS,
        DOCUMENTS.replace("student_number", " Student_Number "),
        DOCUMENTS.replace("21404321", " 21404321 ").replace("RNBAC", " RNBAC "),
    ],
)
async def test_documents_are_found_however_their_table_is_written(tmp_path: Path, table: str) -> None:
    write_tables(tmp_path, [STUDENT])
    (tmp_path / "documents.csv").write_text(table, encoding="utf-8")
    settle(tmp_path / "documents.csv")
    found = await file.FileRecords(tmp_path).by_student_number(NUMBER)
    assert found is not None and [each.code for each in found.documents] == ["RNBAC"]


@pytest.mark.parametrize(
    "table", ["", DOCUMENTS.replace("student_number", "student"), DOCUMENTS.replace("code", "kind")]
)
async def test_a_table_without_its_columns_does_not_say_that_nothing_is_held(tmp_path: Path, table: str) -> None:
    write_tables(tmp_path, [STUDENT])
    (tmp_path / "documents.csv").write_text(table, encoding="utf-8")
    settle(tmp_path / "documents.csv")
    with pytest.raises(RecordsUnavailable, match=r"documents\.csv"):
        await file.FileRecords(tmp_path).by_student_number(NUMBER)
