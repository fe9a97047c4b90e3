"""No student records: everybody fills in the profile themselves."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from services.chassis.ports.records import RecordFile, WrongRecord
from services.contracts.student_records import StudentRecord


class NoRecords:
    """Knows nobody."""

    async def by_student_number(self, number: str) -> StudentRecord | None:
        """None."""
        return None

    async def by_national_number(self, number: str, birth_date: str) -> StudentRecord | None:
        """None."""
        return None

    def file(self, number: str, name: str) -> AbstractAsyncContextManager[RecordFile]:
        """Raises WrongRecord."""
        raise WrongRecord("no student records")

    async def ping(self) -> None:
        """Return."""

    async def close(self) -> None:
        """Return."""
