"""The student records of the university (its SIS): what the registrar keeps of who is or was a student there."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.chassis.ports.errors import PortError
from services.contracts.student_records import StudentRecord


class RecordsUnavailable(PortError):
    """It did not answer in time, or not at all with what was asked for: ask again later."""


class WrongRecord(PortError):
    """It is there, and has of this person what cannot be taken over: until somebody mends that, it says the same again."""


class RecordFile(Protocol):
    """The bytes of a document that the registrar holds, as they come."""

    async def readany(self) -> bytes:
        """Some bytes, none at the end; raises RecordsUnavailable."""
        ...


class Records(Protocol):
    """Finds one person's record, or none; whoever is asked for is named exactly."""

    async def by_student_number(self, number: str) -> StudentRecord | None:
        """The record of a number that the university itself has given; raises RecordsUnavailable, WrongRecord."""
        ...

    async def by_national_number(self, number: str, birth_date: str) -> StudentRecord | None:
        """The record that bears both the national student number, in capitals, and the whole birth date.

        Raises RecordsUnavailable, WrongRecord.
        """
        ...

    def file(self, number: str, name: str) -> AbstractAsyncContextManager[RecordFile]:
        """The bytes that are given under that name, of the student of that number; who reads them bounds how many.

        Entering raises WrongRecord where there are none under it, and RecordsUnavailable.
        """
        ...

    async def ping(self) -> None:
        """Return if it answers; raises RecordsUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
