"""Student records that tests leave in folders and on a small server, and what a record is."""

from __future__ import annotations

import base64
import csv
import json
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.ents import served

NUMBER = "21404321"
NATIONAL = "0123456789M"
BORN = "2003-05-14"
STUDENT: dict[str, Any] = {
    "student_number": NUMBER,
    "centre": "SCI",
    "identity": {
        "title": "mrs",
        "family_name": "Durand",
        "given_name": "Zoé",
        "birth_date": BORN,
        "birth_country": "FR",
        "birth_place": "Perpignan",
        "nationality": "FR",
        "national_student_number": NATIONAL,
    },
    "baccalaureate": {"kind": "bac", "series": "Générale", "year": 2021, "honours": "Bien"},
    "internal_record": [
        {"year": 2024, "label": "Licence 3 Mathématiques", "code": "L3MATH", "grade": "14,5/20", "result": "Admis"},
        {"year": 2023, "label": "Licence 2 Mathématiques", "result": "Admis", "honours": "Assez bien"},
    ],
}
OTHER: dict[str, Any] = {
    "student_number": "21404322",
    "identity": STUDENT["identity"]
    | {
        "family_name": "Petit",
        "given_name": "Kim",
        "national_student_number": "0987654321F",
        "birth_date": "2001-01-31",
    },
}


def altered(**changes: Any) -> dict[str, Any]:
    """The record of the student with other members of the identity."""
    return STUDENT | {"identity": STUDENT["identity"] | changes}


@dataclass
class Sis:
    """A system of student records of the test's own: what it knows, and what it was asked.

    `says` takes the place of all answers, `status` of their number.
    """

    students: list[dict[str, Any]] = field(default_factory=lambda: [STUDENT, OTHER])
    says: str | bytes | None = None
    status: int = 200
    host: str = ""
    asked: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://parvis:s%C3%A9same@{self.host}/sis"

    async def by_number(self, request: web.Request) -> web.StreamResponse:
        number = request.match_info["number"]
        return self._answered(request, number, lambda each: each["student_number"] == number)

    async def search(self, request: web.Request) -> web.StreamResponse:
        wanted = await request.json()
        return self._answered(
            request,
            f"{wanted['national_student_number']} {wanted['birth_date']}",
            lambda each: {name: each["identity"].get(name) for name in wanted} == wanted,
        )

    async def file(self, request: web.Request) -> web.StreamResponse:
        self.logins.append(base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode())
        found = self.files.get((request.match_info["number"], request.match_info["name"]))
        return web.Response(status=404) if found is None else web.Response(body=found, status=self.status)

    async def health(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({}, status=self.status)

    def _answered(self, request: web.Request, asked: str, fits: Any) -> web.StreamResponse:
        self.asked.append(asked)
        login = request.headers.get("Authorization", "").removeprefix("Basic ")
        self.logins.append(base64.b64decode(login).decode())
        if self.says is not None:
            body = self.says.encode() if isinstance(self.says, str) else self.says
            return web.Response(body=body, status=self.status, content_type="application/json")
        student = next(filter(fits, self.students), None)
        return web.json_response({"student": student}, status=self.status)


@asynccontextmanager
async def sis_server() -> AsyncIterator[Sis]:
    """A running one."""
    sis = Sis()
    routes = {
        ("GET", "/sis/students/{number}"): sis.by_number,
        ("GET", "/sis/students/{number}/documents/{name}"): sis.file,
        ("POST", "/sis/students/search"): sis.search,
        ("GET", "/sis/health"): sis.health,
    }
    async with served(routes) as host:
        sis.host = host
        yield sis


def settle(file: Path, seconds: float = 3600) -> None:
    """Have a file be as if it had been written so long ago; one that is being written is not believed."""
    written = time.time_ns() - round(seconds * 1e9)
    os.utime(file, ns=(written, written))


def write_json(folder: Path, students: Sequence[Mapping[str, Any]] = (STUDENT, OTHER)) -> None:
    """The records as a list of JSON."""
    file = folder / "students.json"
    file.write_text(json.dumps(students, ensure_ascii=False), encoding="utf-8")
    settle(file)


def write_tables(folder: Path, students: Sequence[Mapping[str, Any]] = (STUDENT, OTHER)) -> None:
    """The records as tables, parted by semicolons and with a byte order mark as spreadsheets save them."""
    flat = [
        {"student_number": each["student_number"], "centre": each.get("centre", "")}
        | {
            f"{part}.{name}": value
            for part in ("identity", "baccalaureate")
            for name, value in each.get(part, {}).items()
        }
        for each in students
    ]
    rows = [
        {"student_number": each["student_number"], **row}
        for each in students
        for row in each.get("internal_record", ())
    ]
    documents = [
        {"student_number": each["student_number"], **row} for each in students for row in each.get("documents", ())
    ]
    for name, table in (("students.csv", flat), ("internal_record.csv", rows), ("documents.csv", documents)):
        if not table:
            (folder / name).unlink(missing_ok=True)
            continue
        columns = list(dict.fromkeys(column for row in table for column in row))
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, columns, delimiter=";")
            writer.writeheader()
            writer.writerows(table)
        settle(folder / name)
