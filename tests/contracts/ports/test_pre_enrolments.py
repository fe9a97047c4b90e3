"""Pre-enrolments: what every adapter owes, and what each does by itself (acceptance 87)."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from services.chassis import urls
from services.chassis.ports import (
    PreEnrolmentAnswer,
    PreEnrolments,
    PreEnrolmentsNotUnderstood,
    PreEnrolmentsUnavailable,
)
from services.chassis.pre_enrolments.folder import ABANDONED_SECONDS, COLUMNS
from services.chassis.pre_enrolments.http import MOST_UNANSWERED, HttpPreEnrolments
from services.contracts.pre_enrolments import LONGEST_REASON, PreEnrolmentEntry
from tests.ents import saying, served
from tests.pre_enrolments import SECRET, SampleSis, entry, rows_in, sample_sis

Kept = Callable[[], Mapping[str, tuple[int, str]]]
"""The newest of each reference there: revision and what was asked."""


@pytest.fixture
async def sis() -> AsyncIterator[SampleSis]:
    async with sample_sis() as made:
        yield made


@pytest.fixture(params=["folder", "http"])
async def place(
    request: pytest.FixtureRequest, tmp_path: Path, sis: SampleSis
) -> AsyncIterator[tuple[PreEnrolments, Kept]]:
    """The port, and what those behind it make of it."""

    def kept() -> Mapping[str, tuple[int, str]]:
        told: list[Any] = list(sis.people.values()) if request.param == "http" else rows_in(tmp_path)
        return {each["reference"]: (int(each["revision"]), each["action"]) for each in told}

    url = sis.url if request.param == "http" else f"folder:{tmp_path}"
    records = urls.open_pre_enrolments(url, tmp_path, urls.open_clock("system:"), SECRET)
    assert records is not None
    yield records, kept
    await records.close()


async def handed_over(records: PreEnrolments, *entries: PreEnrolmentEntry) -> list[PreEnrolmentAnswer]:
    return [answer async for answer in records.hand_over(entries)]


async def test_each_has_an_answer_and_the_newest_revision_counts(place: tuple[PreEnrolments, Kept]) -> None:
    """Sent again, or late, it changes nothing there."""
    records, kept = place
    zoe, kim = entry(), entry("ECKIM00001", campaign="2026")
    assert await handed_over(records) == []
    assert {(each.entry, each.what) for each in await handed_over(records, zoe, kim)} == {
        (zoe, "taken"),
        (kim, "taken"),
    }
    later = entry(revision=2, action="cancel", family_name=None)
    for _ in range(2):
        assert [each.what for each in await handed_over(records, later)] == ["taken"]
    await handed_over(records, zoe)
    assert kept() == {zoe.reference: (2, "cancel"), kim.reference: (1, "request")}
    await records.ping()


# --- files ------------------------------------------------------------------------------------------------------------


async def test_a_file_is_a_table_of_one_line_for_each_person(tmp_path: Path) -> None:
    """Whatever somebody has typed; the same entries, in any order, are the same file."""
    records = urls.open_pre_enrolments("folder:", tmp_path, urls.open_clock("system:"))
    assert records is not None
    zoe, kim = entry(), entry("ECKIM00001", baccalaureate_year=2021, asked_at="2027-02-01T12:00:00.000Z")
    await handed_over(records, zoe, kim)
    await handed_over(records, kim, zoe)
    (file,) = (tmp_path / "pre-enrolment").iterdir()
    assert file.name.startswith("pre-enrolments-20270201T120000.000Z-") and file.name.endswith(".csv")
    lines = file.read_bytes().decode("utf-8").split("\r\n")
    assert lines[0].split(";") == list(COLUMNS) and len(lines) == 4 and lines[3] == ""
    first, second = rows_in(file.parent)
    assert (first["birth_place"], first["usual_name"]) == ('Saint-Jean;"d’Angély" Nord', "")
    assert (second["code"], second["baccalaureate_year"]) == ("ECKIM00001", "2021")


async def test_nothing_unfinished_is_seen_and_what_a_crash_has_left_goes(tmp_path: Path) -> None:
    old, young = (tmp_path / f".pre-enrolments-{name}.csv.1.part" for name in ("old", "young"))
    for left, age in ((old, ABANDONED_SECONDS + 60), (young, 60)):
        left.write_text("half a li")
        os.utime(left, (time.time() - age, time.time() - age))
    records = urls.open_pre_enrolments(f"folder:{tmp_path}", tmp_path, urls.open_clock("system:"))
    assert records is not None
    await handed_over(records, entry())
    assert (old.exists(), young.exists(), len(rows_in(tmp_path))) == (False, True, 1)


async def test_a_folder_that_is_none_takes_nobody(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("a file")
    records = urls.open_pre_enrolments(f"folder:{tmp_path / 'there'}", tmp_path, urls.open_clock("system:"))
    assert records is not None
    for tried in (lambda: handed_over(records, entry()), records.ping):
        with pytest.raises(PreEnrolmentsUnavailable):
            await tried()


# --- HTTP -------------------------------------------------------------------------------------------------------------


async def test_a_refusal_says_why_and_the_others_are_taken(sis: SampleSis) -> None:
    records = HttpPreEnrolments(sis.url, SECRET, urls.open_clock("system:"))
    sis.refuses = {"ECAB12CD34": f"INE\u202e inconnu\n{'é' * LONGEST_REASON}"}
    refused, taken = await handed_over(records, entry(), entry("ECKIM00001"))
    assert (refused.what, taken.what) == ("refused", "taken")
    assert refused.reason.startswith("INE inconnu éé") and len(refused.reason) == LONGEST_REASON
    await records.close()


async def test_an_answer_that_was_lost_is_given_again(sis: SampleSis) -> None:
    records = HttpPreEnrolments(sis.url, SECRET, urls.open_clock("system:"))
    sis.lose = 1
    assert [each.what for each in await handed_over(records, entry())] == ["unanswered"]
    assert [each.what for each in await handed_over(records, entry())] == ["taken"]
    assert (len(sis.known), sis.codes, set(sis.asked)) == (1, ["ECAB12CD34"], {entry().key})
    await records.close()


async def test_what_is_signed_otherwise_is_believed_by_nobody(sis: SampleSis) -> None:
    records = HttpPreEnrolments(sis.url, SECRET[::-1], urls.open_clock("system:"))
    (answer,) = await handed_over(records, entry())
    assert (answer.what, answer.reason, sis.unsigned, sis.asked) == ("unanswered", "status 401", 1, [])
    await records.close()


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, ""), (302, ""), (404, ""), (422, "<p>proxy</p>"), (422, '{"reason": ""}'), (422, '{"reason": " \\u200b"}')],
)
async def test_whatever_else_is_said_is_no_answer(status: int, body: str) -> None:
    async with served({("POST", "/opi"): saying(body, status, "text/html")}) as host:
        records = HttpPreEnrolments(f"http://{host}/opi", SECRET, urls.open_clock("system:"))
        assert [each.what for each in await handed_over(records, entry())] == ["unanswered"]
        await records.close()


PAGE = "<!DOCTYPE html><title>Authentification</title>"


@pytest.mark.parametrize("body", [PAGE, "{", "[" * 60_000, "OK"])
async def test_a_page_in_the_place_of_an_answer_takes_nobody(body: str) -> None:
    """As somebody who logs out the account of Parvis has it; told till an answer is one that was agreed on."""
    told: dict[str, Any] = {"body": body}

    async def say(request: web.Request) -> web.StreamResponse:
        return web.Response(text=told["body"], content_type="text/html")

    async with served({("POST", "/opi"): say, ("OPTIONS", "/opi"): say}) as host:
        records = HttpPreEnrolments(f"http://{host}/opi", SECRET, urls.open_clock("system:"))
        await records.ping()
        answers = records.hand_over([entry()])
        assert [(await anext(answers)).what] == ["unanswered"]
        for tried in (lambda: anext(answers), records.ping):
            with pytest.raises(PreEnrolmentsNotUnderstood):
                await tried()
        for told["body"] in (" \n", '{"number": 12}', "null"):
            assert [each.what for each in await handed_over(records, entry())] == ["taken"]
        await records.ping()
        await records.close()


async def test_who_does_not_answer_some_in_a_row_is_asked_no_more(sis: SampleSis) -> None:
    """One who alone has no answer keeps nobody else waiting."""
    clock = urls.open_clock("system:")
    records, hasty = HttpPreEnrolments(sis.url, SECRET, clock), HttpPreEnrolments(sis.url, SECRET, clock, seconds=0.2)
    people = [entry(f"ECPERSON{number}") for number in range(MOST_UNANSWERED + 2)]
    sis.failing = {people[0].code, people[2].code, people[3].code}
    said = [each.what for each in await handed_over(records, *people)]
    assert said == ["unanswered", "taken", "unanswered", "unanswered", "taken"]
    sis.silent = True
    answers = hasty.hand_over(people)
    assert [(await anext(answers)).what for _ in range(MOST_UNANSWERED)] == ["unanswered"] * MOST_UNANSWERED
    with pytest.raises(PreEnrolmentsUnavailable):
        await anext(answers)
    await records.close()
    await hasty.close()


@pytest.mark.parametrize(
    ("url", "secret"),
    [("https://sis.univ.test/opi", ""), ("https://u:p@sis.univ.test/opi", SECRET), ("ftp://x", SECRET)],
)
def test_an_address_that_cannot_be_used_is_refused(tmp_path: Path, url: str, secret: str) -> None:
    with pytest.raises(urls.UnusableUrl, match="pre_enrolment: "):
        urls.open_pre_enrolments(url, tmp_path, urls.open_clock("system:"), secret)
    assert urls.open_pre_enrolments("none:", tmp_path, urls.open_clock("system:")) is None
