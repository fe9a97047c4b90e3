"""Whom the student records say that they hold: what both adapters owe, and what each does by itself."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis import urls
from services.chassis.clock import FixedClock
from services.chassis.ports import PreEnrolments, PreEnrolmentsSilent, PreEnrolmentsUnavailable
from services.chassis.pre_enrolments.http import HttpPreEnrolments
from services.contracts.pre_enrolments import HeldEntry
from tests.ents import saying, served
from tests.pre_enrolments import SECRET, SampleSis, sample_sis

NOW = datetime(2027, 2, 1, 3, 0, tzinfo=UTC)
Hold = Callable[[Sequence[HeldEntry]], None]


@pytest.fixture
async def sis() -> AsyncIterator[SampleSis]:
    async with sample_sis() as made:
        made.now = lambda: NOW
        yield made


@pytest.fixture(params=["folder", "http"])
async def place(
    request: pytest.FixtureRequest, tmp_path: Path, sis: SampleSis
) -> AsyncIterator[tuple[PreEnrolments, Hold]]:
    """The port, and how those behind it come to hold somebody."""

    def hold(people: Sequence[HeldEntry]) -> None:
        for each in people:
            told = {"action": "request", "campaign": "2027", "reference": each.reference, "revision": each.revision}
            sis.people[each.reference] = told
        table = tmp_path / "returned" / "2027.csv"
        table.parent.mkdir(exist_ok=True)
        table.write_text("nom;reference;revision\n" + "".join(f"é;{e.reference};{e.revision}\n" for e in people))
        os.utime(table, (NOW.timestamp(), NOW.timestamp()))

    url = sis.url if request.param == "http" else f"folder:{tmp_path}"
    sis.tells = False
    records = urls.open_pre_enrolments(url, tmp_path, FixedClock(NOW), SECRET)
    assert records is not None
    yield records, hold
    await records.close()


async def test_they_say_how_many_and_who_in_order_or_say_that_they_do_not(
    place: tuple[PreEnrolments, Hold], sis: SampleSis
) -> None:
    records, hold = place
    for tried in (records.told("2027"), anext(records.held("2027"))):
        with pytest.raises(PreEnrolmentsSilent):
            await tried
    sis.tells, sis.page = True, 2
    people = [HeldEntry(reference=f"ref{number}", revision=number) for number in (3, 1, 2)]
    hold(people)
    there = await records.told("2027")
    lines = b"ref1.1\nref2.2\nref3.3\n"
    assert (there.digest.count, there.digest.sha256) == (3, hashlib.sha256(lines).hexdigest())
    assert there.as_of == NOW
    assert [each.reference async for each in records.held("2027")] == ["ref1", "ref2", "ref3"]


async def test_a_question_with_another_secret_is_answered_by_nobody(sis: SampleSis) -> None:
    records = HttpPreEnrolments(sis.url, SECRET[::-1], FixedClock(NOW))
    with pytest.raises(PreEnrolmentsUnavailable, match="status 401"):
        await records.told("2027")
    assert sis.unsigned == 1
    await records.close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, ""),
        (302, ""),
        (200, "<p>proxy</p>"),
        (200, '{"count": -1, "sha256": "%s"}' % ("0" * 64)),
        (200, '{"count": 9007199254740992, "sha256": "%s"}' % ("0" * 64)),
    ],
)
async def test_whatever_else_is_said_is_no_answer(status: int, body: str) -> None:
    async with served({("POST", "/opi/digest"): saying(body, status, "text/html")}) as host:
        records = HttpPreEnrolments(f"http://{host}/opi", SECRET, FixedClock(NOW))
        with pytest.raises(PreEnrolmentsUnavailable):
            await records.told("2027")
        await records.close()


async def test_entries_out_of_order_are_believed_by_nobody() -> None:
    page = '{"items": [{"reference": "b", "revision": 1}, {"reference": "a", "revision": 1}]}'
    async with served({("POST", "/opi/entries"): saying(page, 200, "application/json")}) as host:
        records = HttpPreEnrolments(f"http://{host}/opi", SECRET, FixedClock(NOW))
        with pytest.raises(PreEnrolmentsUnavailable, match="out of order"):
            [each async for each in records.held("2027")]
        await records.close()


@pytest.mark.parametrize(
    ("most", "seconds", "why"), [(3, 60.0, ""), (2, 60.0, "too many"), (3, -1.0, "without an end")]
)
async def test_pages_have_an_end_or_are_no_answer(sis: SampleSis, most: int, seconds: float, why: str) -> None:
    """One page of one person after the other, for ever: nobody else would be compared any more."""
    sis.tells, sis.page = True, 1
    for reference in ("a", "b", "c"):
        told = {"action": "request", "campaign": "2027", "reference": reference, "revision": 2**53 - 1}
        sis.people[reference] = told
    records = HttpPreEnrolments(sis.url, SECRET, FixedClock(NOW), most_held=most, held_seconds=seconds)
    with pytest.raises(PreEnrolmentsUnavailable, match=why) if why else nullcontext():
        assert [each.reference async for each in records.held("2027")] == ["a", "b", "c"]
    await records.close()


@pytest.mark.parametrize(
    "table",
    [
        b"reference\nref1\n",
        b"reference;revision\nref1;one\n",
        b"reference;revision\nref1;0\n",
        b"reference;revision\nref1;9007199254740992\n",
        b"reference;revision\nref1;1\nref1;2\n",
        b"reference;revision\n\xff;1\n",
        b'reference;revision\n"ref1;1\n',
    ],
)
async def test_a_table_that_cannot_be_read_is_no_answer(tmp_path: Path, table: bytes) -> None:
    (tmp_path / "returned").mkdir()
    (tmp_path / "returned" / "2027.csv").write_bytes(table)
    records = urls.open_pre_enrolments(f"folder:{tmp_path}", tmp_path, FixedClock(NOW))
    assert records is not None
    with pytest.raises(PreEnrolmentsUnavailable):
        await records.told("2027")
