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


async def test_a_document_whose_file_alone_has_a_wrong_name_counts_without_its_bytes(
    place: tuple[Records, Fill],
) -> None:
    records, fill = place
    fill(
        [STUDENT | {"documents": [HELD | {"file": "Relevé de notes.pdf"}, HELD | {"file": "b.pdf", "on": "?"}]}, OTHER]
    )
    with capture_logs() as logs:
        found = await records.by_student_number(NUMBER)
    assert found == StudentRecord.model_validate(STUDENT | {"documents": [HELD]})
    assert [each["event"] for each in logs] == ["records.documents-left-out"]


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


async def content_of(records: Records, number: str, name: str) -> bytes:
    found = b""
    async with records.file(number, name) as given:
        while chunk := await given.readany():
            found += chunk
    return found


@pytest.fixture(params=["file", "http"])
async def archive(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Records, Callable[..., None]]]:
    """The port, and what puts a file of a student there."""
    async with sis_server() as sis:

        def put(content: bytes, number: str = NUMBER, name: str = "releve.pdf") -> None:
            sis.files[number, name] = content
            place = tmp_path / file.FILES / number / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            settle(place)

        write_json(tmp_path)
        records = urls.open_records(sis.url if request.param == "http" else f"file:{tmp_path}")
        yield records, put
        await records.close()


async def test_the_bytes_of_a_document_come_as_they_are_and_are_nobody_elses(
    archive: tuple[Records, Callable[..., None]],
) -> None:
    records, put = archive
    content = bytes(range(256)) * 2500
    put(content)
    put(b"another", OTHER["student_number"])
    assert await content_of(records, NUMBER, "releve.pdf") == content
    assert await content_of(records, OTHER["student_number"], "releve.pdf") == b"another"
    for number, name in (
        (NUMBER, "autre.pdf"),
        (NUMBER, f"../{OTHER['student_number']}/releve.pdf"),
        (f"x/../{NUMBER}", "releve.pdf"),
        ("..", "students.json"),
        (NUMBER, ""),
    ):
        with pytest.raises(WrongRecord):
            await content_of(records, number, name)


async def test_files_that_are_written_or_point_elsewhere_and_a_system_that_is_away_are_not_taken_for_nothing(
    tmp_path: Path,
) -> None:
    records = file.FileRecords(tmp_path)
    with pytest.raises(RecordsUnavailable):
        await content_of(records, NUMBER, "releve.pdf")
    of_student = tmp_path / file.FILES / NUMBER
    of_student.mkdir(parents=True)
    (of_student / "releve.pdf").write_bytes(b"half")
    with pytest.raises(RecordsUnavailable):
        await content_of(records, NUMBER, "releve.pdf")
    settle(of_student / "releve.pdf")
    (of_student / "autre.pdf").symlink_to(tmp_path / "secret")
    settle(of_student / "releve.pdf")
    (tmp_path / "secret").write_bytes(b"of another")
    settle(tmp_path / "secret")
    with pytest.raises(WrongRecord):
        await content_of(records, NUMBER, "autre.pdf")
    async with sis_server() as sis:
        sis.status, sis.files[NUMBER, "releve.pdf"] = 503, b"never mind"
        records_there = urls.open_records(sis.url)
        with pytest.raises(RecordsUnavailable):
            await content_of(records_there, NUMBER, "releve.pdf")
        await records_there.close()
    stopped = urls.open_records(sis.url)
    with pytest.raises(RecordsUnavailable):
        await content_of(stopped, NUMBER, "releve.pdf")
    await stopped.close()
