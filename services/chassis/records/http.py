"""Student records over HTTP, by the calls of docs/operations/student-records.openapi.json."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from pydantic import ValidationError

from services.chassis.outbound import SECONDS, Outbound
from services.chassis.ports.records import RecordFile, RecordsUnavailable, WrongRecord
from services.chassis.records.matching import of_person, of_student, without_wrong_documents, wrong_places
from services.contracts.student_records import StudentAnswer, StudentRecord, StudentSearch

STUDENT_PATH: Final = "/students/{student_number}"
FILE_PATH: Final = "/students/{student_number}/documents/{name}"
SEARCH_PATH: Final = "/students/search"
HEALTH_PATH: Final = "/health"
FILE_SECONDS: Final = 60.0
"""How long one file may take; each of its pieces as long as any answer."""
GONE: Final = frozenset({403, 404, 410})
"""By which it is said that there is no such file for us."""
MOST_BYTES: Final = 2**20
"""Of an answer: more than a record of the contract has at full length, however JSON writes its characters."""


class HttpRecords:
    """The system below `address`; `user` and `password` are sent to it (RFC 7617) where they are given."""

    def __init__(self, address: str, *, user: str = "", password: str = "", seconds: float = SECONDS) -> None:
        self._address = address.rstrip("/")
        self._headers = {"Authorization": aiohttp.encode_basic_auth(user, password, "utf-8")} if user else {}
        self._outbound = Outbound(RecordsUnavailable, seconds=seconds, most_bytes=MOST_BYTES)

    async def by_student_number(self, number: str) -> StudentRecord | None:
        """The record of a number of the university's own."""
        path = STUDENT_PATH.format(student_number=quote(number, safe=""))
        return of_student(await self._asked("GET", path), number)

    async def by_national_number(self, number: str, birth_date: str) -> StudentRecord | None:
        """The record that bears both; asked for in a body, so that neither stands in the log of a proxy."""
        search = StudentSearch(national_student_number=number, birth_date=birth_date)
        return of_person(await self._asked("POST", SEARCH_PATH, json=search.model_dump()), number, birth_date)

    @asynccontextmanager
    async def file(self, number: str, name: str) -> AsyncIterator[RecordFile]:
        """The bytes of a document, as they come."""
        path = FILE_PATH.format(student_number=quote(number, safe=""), name=quote(name, safe=""))
        address = f"{self._address}{path}"
        async with self._outbound.stream(address, seconds=FILE_SECONDS, headers=self._headers) as answer:
            if answer.status != 200:
                raise (WrongRecord if answer.status in GONE else RecordsUnavailable)(f"status {answer.status}")
            yield answer

    async def ping(self) -> None:
        """Return if it says that it is well."""
        if (
            answer := await self._outbound.ask("GET", f"{self._address}{HEALTH_PATH}", headers=self._headers)
        ).status != 200:
            raise RecordsUnavailable(f"status {answer.status}")

    async def close(self) -> None:
        """Let go."""
        await self._outbound.close()

    async def _asked(self, method: str, path: str, **body: Any) -> StudentRecord | None:
        reply = await self._outbound.ask(method, f"{self._address}{path}", headers=self._headers, **body)
        if reply.status != 200:
            # 404 too: who is not known is answered 200 with null, so that a wrong address makes nobody unknown.
            raise RecordsUnavailable(f"status {reply.status}")
        try:
            return StudentAnswer.model_validate_json(reply.body).student
        except ValidationError as error:
            said = json.loads(reply.body) if error.errors()[0]["type"] != "json_invalid" else {}
            right = (
                without_wrong_documents(said.get("student"), error, ("student",)) if isinstance(said, dict) else None
            )
            if right is not None:
                return StudentRecord.model_validate(right)
            within = all(len(each["loc"]) > 1 for each in error.errors(include_input=False, include_url=False))
            refused = WrongRecord if within else RecordsUnavailable
            raise refused(f"no answer: {wrong_places(error)}") from None
