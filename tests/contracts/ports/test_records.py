"""Student records: what every adapter owes, and that nobody is ever given the record of another (acceptance 26)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.chassis import urls
from services.chassis.ports import Records, RecordsUnavailable, WrongRecord
from services.chassis.records import file
from services.chassis.records.http import MOST_BYTES, HttpRecords
from services.contracts.student_records import MAX_DOCUMENTS, MAX_INTERNAL_ROWS, StudentRecord
from services.portal.development_ent.people import PEOPLE
from tests.ents import served, silent
from tests.records import (
    BORN,
    NATIONAL,
    NUMBER,
    OTHER,
    STUDENT,
    Sis,
    altered,
    settle,
    sis_server,
    write_json,
    write_tables,
)

HELD = {"code": "RNBAC", "label": "Relevé", "on": "2022-07-05", "expires_on": "2029-05-20"}
Fill = Callable[[list[dict[str, Any]]], None]


@asynccontextmanager
async def opened(records: Records) -> AsyncIterator[Records]:
    try:
        yield records
    finally:
        await records.close()


@pytest.fixture
async def sis() -> AsyncIterator[Sis]:
    async with sis_server() as made:
        yield made


@pytest.fixture(params=["json", "csv", "http"])
async def place(request: pytest.FixtureRequest, tmp_path: Path, sis: Sis) -> AsyncIterator[tuple[Records, Fill]]:
    """The port, and what fills the system behind it anew."""

    def fill(students: list[dict[str, Any]]) -> None:
        if request.param == "http":
            sis.students = students
        else:
            {"json": write_json, "csv": write_tables}[request.param](tmp_path, students)

    fill([STUDENT, OTHER])
    records = urls.open_records(sis.url if request.param == "http" else f"file:{tmp_path}")
    yield records, fill
    await records.close()


async def test_one_person_is_found_by_either_number_and_nobody_else(place: tuple[Records, Fill]) -> None:
    records, _ = place
    whole = StudentRecord.model_validate(STUDENT)
    assert await records.by_student_number(NUMBER) == whole
    assert await records.by_national_number(NATIONAL, BORN) == whole
    assert await records.by_student_number("21404329") is None
    assert await records.by_student_number("../search") is None
    assert await records.by_national_number(NATIONAL, "2003-05-15") is None
    assert await records.by_national_number("0123456788L", BORN) is None
    await records.ping()


async def test_what_has_changed_is_found_as_it_is_now(place: tuple[Records, Fill]) -> None:
    records, fill = place
    await records.by_student_number(NUMBER)
    fill([altered(family_name="Durand-Roux"), OTHER])
    found = await records.by_student_number(NUMBER)
    assert found is not None and found.identity.family_name == "Durand-Roux"
    fill([OTHER])
    assert await records.by_student_number(NUMBER) is None


WRONG: dict[str, Any] = {
    "a title that is none": altered(title="duke"),
    "a name too long": altered(family_name="é" * 101),
    "a member that nobody knows": altered(nickname="Zo"),
    "a year that is none": STUDENT | {"baccalaureate": {"kind": "bac", "year": "deux mille"}},
    "a row without a label": STUDENT | {"internal_record": [{"year": 2024, "grade": "12"}]},
    "rows past the limit": STUDENT | {"internal_record": STUDENT["internal_record"][:1] * (MAX_INTERNAL_ROWS + 1)},
    "documents past the limit": STUDENT | {"documents": [HELD] * (MAX_DOCUMENTS + 1)},
}


@pytest.mark.parametrize("student", WRONG.values(), ids=WRONG)
async def test_a_record_that_is_wrong_is_none_and_leaves_the_others_alone(
    place: tuple[Records, Fill], student: dict[str, Any]
) -> None:
    records, fill = place
    fill([student, OTHER])
    with pytest.raises(WrongRecord) as failure:
        await records.by_student_number(NUMBER)
    assert "é" not in str(failure.value) and "duke" not in str(failure.value)
    assert (await records.by_student_number("21404322")) == StudentRecord.model_validate(OTHER)


async def test_at_the_limit_all_rows_are_taken(place: tuple[Records, Fill]) -> None:
    records, fill = place
    rows, documents = STUDENT["internal_record"][:1] * MAX_INTERNAL_ROWS, [HELD] * MAX_DOCUMENTS
    fill([STUDENT | {"internal_record": rows, "documents": documents}, OTHER])
    found = await records.by_student_number(NUMBER)
    assert found is not None and len(found.internal_record) == MAX_INTERNAL_ROWS
    assert len(found.documents) == MAX_DOCUMENTS


async def test_documents_are_those_of_the_person_who_was_asked_for(place: tuple[Records, Fill]) -> None:
    records, fill = place
    documents = [HELD, {"code": "R" * 20, "label": "Pix"}]
    fill([STUDENT | {"documents": documents}, OTHER])
    found, other = await records.by_student_number(NUMBER), await records.by_student_number("21404322")
    assert found is not None and other is not None and other.documents == []
    assert [each.model_dump(exclude_none=True) for each in found.documents] == documents


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("students.json", "{"),
        ("students.json", '{"students": []}'),
        ("students.json", "[1]"),
        ("students.json", "[" * 100_000),
        ("students.json", b"\xff\xfe"),
        ("students.csv", "student_number;centre\n21404321;SCI;more\n"),
        ("students.csv", 'student_number\n"214'),
        ("notes.txt", "nothing"),
    ],
    ids=range(8),
)
async def test_files_that_cannot_be_read_are_away(tmp_path: Path, name: str, content: str | bytes) -> None:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    settle(tmp_path / name)
    records = urls.open_records(f"file:{tmp_path}")
    with pytest.raises(RecordsUnavailable):
        await records.by_student_number(NUMBER)
    with pytest.raises(RecordsUnavailable):
        await records.ping()


async def test_a_folder_that_is_not_there_is_away(tmp_path: Path) -> None:
    with pytest.raises(RecordsUnavailable):
        await urls.open_records(f"file:{tmp_path / 'nowhere'}").by_student_number(NUMBER)


def pad(file: Path, size: int) -> None:
    """Fill a file up with blanks, which say nothing."""
    with file.open("a") as grown:
        grown.write(" " * (size - file.stat().st_size))
    settle(file)


async def test_a_list_is_read_up_to_a_limit(tmp_path: Path) -> None:
    write_json(tmp_path)
    records, students = urls.open_records(f"file:{tmp_path}"), tmp_path / "students.json"
    pad(students, file.MOST_JSON_BYTES)
    assert await records.by_student_number(NUMBER) is not None
    pad(students, file.MOST_JSON_BYTES + 1)
    with pytest.raises(RecordsUnavailable, match="too large"):
        await records.by_student_number(NUMBER)


async def test_a_table_may_be_larger_than_a_list(tmp_path: Path) -> None:
    write_tables(tmp_path)
    with (tmp_path / "internal_record.csv").open("a") as grown:
        grown.write(f"21404329;2024;{'L' * 1000}\n" * (file.MOST_JSON_BYTES // 1000))
    settle(tmp_path / "internal_record.csv")
    found = await urls.open_records(f"file:{tmp_path}").by_student_number(NUMBER)
    assert found is not None and len(found.internal_record) == 2


async def test_all_files_are_read_up_to_a_limit(tmp_path: Path) -> None:
    write_json(tmp_path)
    records, last = urls.open_records(f"file:{tmp_path}"), tmp_path / "last.json"
    pad(tmp_path / "students.json", file.MOST_JSON_BYTES)
    for number in range(file.MOST_BYTES // file.MOST_JSON_BYTES - 2):
        (tmp_path / f"{number}.json").write_text("[]")
        pad(tmp_path / f"{number}.json", file.MOST_JSON_BYTES)
    last.write_text("[]")
    (tmp_path / "more.json").write_text("[]")
    settle(tmp_path / "more.json")
    pad(last, file.MOST_JSON_BYTES - 2)
    assert await records.by_student_number(NUMBER) is not None
    pad(tmp_path / "more.json", 3)
    with pytest.raises(RecordsUnavailable, match="too large"):
        await records.by_student_number(NUMBER)


async def test_a_file_that_is_being_written_is_not_believed(tmp_path: Path) -> None:
    """Cut at the end of a row it looks like one in which somebody lacks; meanwhile what was known holds."""
    write_tables(tmp_path)
    records, fresh = (urls.open_records(f"file:{tmp_path}") for _ in range(2))
    assert await records.by_student_number(NUMBER) is not None
    write_tables(tmp_path, [OTHER])
    settle(tmp_path / "students.csv", -3600)
    assert await records.by_student_number(NUMBER) is not None
    with pytest.raises(RecordsUnavailable, match="being written"):
        await fresh.by_student_number(NUMBER)
    settle(tmp_path / "students.csv", file.SETTLED_SECONDS)
    for each in (records, fresh):
        assert await each.by_student_number(NUMBER) is None


async def test_two_records_of_one_number_are_nobodys(tmp_path: Path) -> None:
    write_json(tmp_path, [STUDENT, STUDENT])
    records = urls.open_records(f"file:{tmp_path}")
    for asked in (records.by_student_number(NUMBER), records.by_national_number(NATIONAL, BORN)):
        with pytest.raises(WrongRecord, match="several"):
            await asked


async def test_the_samples_are_the_students_of_the_development_ent() -> None:
    records, given = urls.open_records("file:"), list[tuple[str, str]]()
    for person in PEOPLE:
        if person.kind == "student":
            found = await records.by_student_number(person.student_number)
            assert found is not None
            assert (found.identity.family_name, found.identity.given_name) == (person.family_name, person.given_name)
            given += [(person.student_number, each.file) for each in found.documents if each.file]
    async with records.file(*given[0]) as held:  # whoever tries the suite sees a piece that is locked, with its bytes
        assert (await held.readany()).startswith(b"%PDF-")


# --- HTTP -----------------------------------------------------------------------------------------------------------


async def test_the_system_is_told_who_asks_and_no_name_stands_in_an_address(sis: Sis) -> None:
    async with opened(urls.open_records(sis.url)) as records:
        await records.by_student_number(NUMBER)
        await records.by_national_number(NATIONAL, BORN)
    assert sis.logins == ["parvis:sésame"] * 2
    assert sis.asked == [NUMBER, f"{NATIONAL} {BORN}"]


def answer(**changes: Any) -> str:
    return json.dumps({"student": STUDENT | changes})


NONSENSE: dict[str, tuple[int, str | bytes]] = {
    "a page": (200, "<html>maintenance</html>"),
    "nothing": (200, ""),
    "no member": (200, "{}"),
    "a member more": (200, '{"student": null, "more": 1}'),
    "a text for a record": (200, '{"student": "Durand"}'),
    "another encoding": (200, answer().encode("utf-16")),
    "not found": (404, '{"student": null}'),
    "not let in": (401, answer()),
    "elsewhere": (302, answer()),
    "ill": (503, answer()),
    "too large": (200, answer() + " " * (MOST_BYTES + 1 - len(answer()))),
}


@pytest.mark.parametrize(("status", "says"), NONSENSE.values(), ids=NONSENSE)
async def test_an_answer_that_is_none_is_not_believed(sis: Sis, status: int, says: str | bytes) -> None:
    sis.status, sis.says = status, says
    async with opened(urls.open_records(sis.url)) as records:
        for asked in (records.by_student_number(NUMBER), records.by_national_number(NATIONAL, BORN)):
            with pytest.raises(RecordsUnavailable) as failure:
                await asked
            assert "Durand" not in str(failure.value)


@pytest.mark.parametrize(
    "says",
    [answer(baccalaureate={"kind": "bac", "year": "2021"}), json.dumps({"student": OTHER})],
    ids=["text for a number", "another student"],
)
async def test_an_answer_about_one_person_is_the_trouble_of_that_person_alone(sis: Sis, says: str) -> None:
    """The system is there; by either question, what it says of this person is not believed."""
    sis.says = says
    async with opened(urls.open_records(sis.url)) as records:
        for asked in (records.by_student_number(NUMBER), records.by_national_number(NATIONAL, BORN)):
            with pytest.raises(WrongRecord) as failure:
                await asked
            assert "Durand" not in str(failure.value)


async def test_the_longest_record_of_the_contract_is_taken(sis: Sis) -> None:
    """All rows, all members at full length, each character written as JSON's longest escape."""
    row = {
        "year": 2024,
        "label": "𝔸" * 255,
        "code": "𝔸" * 100,
        "grade": "𝔸" * 30,
        "result": "𝔸" * 50,
        "honours": "𝔸" * 30,
    }
    document = HELD | {"code": "R" * 20, "label": "𝔸" * 255}
    sis.says = answer(internal_record=[row] * MAX_INTERNAL_ROWS, documents=[document] * MAX_DOCUMENTS)
    async with opened(urls.open_records(sis.url)) as records:
        found = await records.by_student_number(NUMBER)
    assert found is not None and len(found.internal_record) == MAX_INTERNAL_ROWS


async def test_the_largest_answer_is_taken(sis: Sis) -> None:
    sis.says = answer() + " " * (MOST_BYTES - len(answer()))
    async with opened(urls.open_records(sis.url)) as records:
        assert await records.by_student_number(NUMBER) is not None


async def test_who_bears_the_number_alone_or_the_date_alone_is_somebody_else(sis: Sis) -> None:
    """Matched by INE *and* birth date, whatever the system finds enough."""
    async with opened(urls.open_records(sis.url)) as records:
        for changes in ({"birth_date": "2003-05-15"}, {"national_student_number": "0987654321F"}):
            sis.says = json.dumps({"student": altered(**changes)})
            with pytest.raises(WrongRecord, match="another person"):
                await records.by_national_number(NATIONAL, BORN)


async def test_a_system_that_says_nothing_is_waited_for_no_longer_than_that() -> None:
    async with (
        served({("GET", "/students/{number}"): silent}) as host,
        opened(HttpRecords(f"http://{host}", seconds=0.05)) as records,
    ):
        with pytest.raises(RecordsUnavailable):
            await records.by_student_number(NUMBER)


async def test_a_system_that_is_away_is_so_in_words() -> None:
    async with served({}) as host:
        pass
    async with opened(urls.open_records(f"http://{host}")) as records:
        for asked in (records.by_student_number(NUMBER), records.ping()):
            with pytest.raises(RecordsUnavailable):
                await asked


async def test_no_records_know_nobody() -> None:
    records = urls.open_records("none:")
    assert await records.by_student_number(NUMBER) is None
    assert await records.by_national_number(NATIONAL, BORN) is None
    await records.ping()
