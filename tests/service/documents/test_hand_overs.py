"""Documents follow who was handed over to the student records, by night, and are taken back with their place (ADR 115)."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.testing import Suite
from services.contracts.events.accounts import AccountErased
from services.contracts.events.applications import PreEnrolmentCancelled
from services.documents.domain.hand_overs import Handed, HandedState, HandOver
from services.documents.repository.documents import DOCUMENTS
from services.documents.repository.hand_overs import HAND_OVERS, HandOvers
from services.documents.wiring import reconcile
from tests.parameters import hear
from tests.pre_enrolments import SampleSis, sample_sis
from tests.service.documents.given import APPLICATION, changed, slot
from tests.service.documents.handing_over import (
    NIGHT,
    WANTED,
    ask,
    broken,
    completed,
    night,
    pdf,
    running,
    seen,
    tell,
    timer_of,
    uploaded,
)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NIGHT)


@pytest.fixture
async def sis(clock: FixedClock) -> AsyncIterator[SampleSis]:
    async with sample_sis() as made:
        made.now = clock.now
        yield made


@pytest.fixture
async def suite(tmp_path: Path, clock: FixedClock, sis: SampleSis) -> AsyncIterator[Suite]:
    async with running(tmp_path, clock, sis.url) as made:
        yield made


async def test_validated_documents_follow_by_night_once_and_only_where_the_institution_wants_it(
    suite: Suite, sis: SampleSis, clock: FixedClock
) -> None:
    given = await uploaded(suite, "bac", "cv")
    await night(suite)
    assert sis.asked_documents == []
    await completed(suite)
    await night(suite)
    assert (sis.asked_documents, await seen(suite)) == ([], {"bac": ("waiting", None), "cv": ("waiting", None)})
    await hear(suite, WANTED | {"enrolment.documents_pieces": "cv"})
    await night(suite, hours=12)
    assert sis.asked_documents == [], "it was day"
    await night(suite, hours=12)
    assert sis.held_documents == {"cv": pdf(2)}
    ((told, _),) = sis.documents.values()
    assert (told["reference"], told["document"], told["filename"]) == (APPLICATION, given["cv"], "cv.pdf")
    assert (await seen(suite), await seen(suite, "refused")) == ({"bac": ("waiting", None), "cv": ("done", None)}, {})
    await hear(suite, WANTED, version=2)
    await completed(suite)
    ports = suite.service("documents").service.ports

    async def compared(campaign: str | None = "2027") -> tuple[str, int, int, int]:
        command = CommandContext(clock.now(), "test", acting_service("documents"))
        (one,) = [each async for each in reconcile(ports, campaign, command)]
        assert one.campaign == "2027"
        return one.outcome, one.here, one.there, one.settling

    await night(suite, days=1)
    away = sis.documents.pop((APPLICATION, given["bac"]))
    assert await compared() == ("same", 1, 1, 1), "the other was taken just now"
    sis.documents[APPLICATION, given["bac"]] = away
    await night(suite, days=1)
    assert sis.held_documents == {"bac": pdf(1), "cv": pdf(2)}
    assert len(sis.asked_documents) == 2
    _, found = await ask(suite, path="?pile=all")
    (item,) = found["items"]
    assert (item["family_name"], item["file_number"], found["connected"], found["wanted"]) == (
        "Müller-L’Hôte",
        "AB12CD34",
        True,
        True,
    )
    assert await compared(None) == ("same", 2, 2, 0)
    away = sis.documents.pop((APPLICATION, given["bac"]))
    assert await compared() == ("different", 2, 1, 0)
    sis.documents[APPLICATION, given["bac"]] = away
    await tell(suite, changed(pieces=[slot("cv", given["cv"], state="validated")]))
    assert await compared() == ("settling", 1, 2, 1), "it is to be dropped by night"
    sis.documents.clear()
    assert await compared() == ("different", 1, 0, 1)
    sis.tells = False
    assert await compared() == ("silent", 1, 0, 0)
    assert (await ask(suite, path="?pile=all", centres=["ELSEWHERE"]))[1]["items"] == []
    assert (await ask(suite, "POST", f"/{APPLICATION}/retry", centres=["ELSEWHERE"]))[0] == 404
    pieces = [slot(each, id, state="validated") for each, id in given.items()]
    await tell(suite, changed(state="complete", pieces=pieces))
    examines: dict[str, Any] = {"also": [{"role": "commission"}], "centres": ["ELSEWHERE"]}
    assert (await ask(suite, path="?pile=all", **examines))[1]["items"] == [], "who examines its files manages none"
    assert (await ask(suite, "POST", f"/{APPLICATION}/retry", **examines))[0] == 404


async def test_no_more_than_the_bound_go_in_one_night_and_a_stop_of_days_is_caught_up(
    suite: Suite, sis: SampleSis
) -> None:
    await hear(suite, WANTED | {"enrolment.documents_per_night": 2})
    await uploaded(suite, "a", "b", "c")
    await completed(suite)
    for _ in range(2):
        await night(suite, hours=1)
        assert len(sis.asked_documents) == 2
    await night(suite, days=4)
    assert set(sis.held_documents) == {"a", "b", "c"} and len(sis.asked_documents) == 3


async def test_what_is_to_be_dropped_goes_before_what_has_waited_longer(suite: Suite, sis: SampleSis) -> None:
    await hear(suite, WANTED | {"enrolment.documents_per_night": 1})
    given = await uploaded(suite, "b", "c")
    await completed(suite)
    await night(suite)
    records, due = HandOvers(suite.service("documents").service.ports.store), timer_of(suite).due
    waiting = Handed("1" * 26, "a", HandedState.WAITING, NIGHT, 1, due=NIGHT)
    await records.change("other", lambda there: there, HandOver("zoe", "2027", "M1-MER", True, (waiting,)))
    await tell(suite, changed(pieces=[slot("c", given["c"], state="validated")]))
    command = CommandContext(NIGHT + timedelta(days=1), "test", acting_service("documents"))
    assert due is not None and [row["_id"] async for row in due(command)] == [APPLICATION, "other"]
    await night(suite, days=1)
    assert sis.held_documents == {"c": pdf(2)}
    assert [each.split()[0] for each in sis.asked_documents] == ["put", "drop", "put"], "b is gone before c is given"


async def test_what_they_do_not_drop_of_who_is_gone_is_named_a_last_time(suite: Suite, sis: SampleSis) -> None:
    await hear(suite, WANTED)
    given = await uploaded(suite, "bac")
    await completed(suite)
    await night(suite)
    await tell(suite, AccountErased(account="ann", campaign="2027"), "accounts")
    sis.refuses = {"": "Dossier archivé de Ann Müller"}
    with capture_logs() as lines:
        await night(suite, minutes=1)
    (line,) = [each for each in lines if each["event"] == "hand_over.left-there"]
    assert (line["log_level"], line["document"], line["why"]) == ("error", given["bac"], "refused")
    assert "Müller" not in str(lines), "what they say of somebody who is gone may name them"
    assert await suite.service("documents").service.ports.store.find(HAND_OVERS.name, {}, limit=2) == []


async def test_an_answer_that_was_lost_has_the_same_asked_again_and_nothing_new(suite: Suite, sis: SampleSis) -> None:
    """So has a crash behind the sending, which keeps its place until it is tried again."""
    await hear(suite, WANTED)
    await uploaded(suite, "bac")
    await completed(suite)
    sis.lose = 1
    await night(suite)
    assert await seen(suite, "waiting") == {"bac": ("waiting", None)}
    await night(suite, minutes=1)
    first, again = sis.asked_documents
    assert first == again and await seen(suite) == {"bac": ("done", None)}
    store = suite.service("documents").service.ports.store
    (row,) = await store.find(HAND_OVERS.name, {}, limit=2)
    (document,) = row["documents"]
    crashed = {**document, "state": "waiting", "due": document["since"], "failures": 0, "tried": True}
    row |= {"documents": [crashed], "due_at": document["since"], "waiting": True, "version": row["version"] + 1}
    assert await store.replace(HAND_OVERS.name, row, version=row["version"] - 1)
    await night(suite)
    assert sis.asked_documents == [first] * 3


async def test_a_week_without_an_answer_and_a_refusal_are_shown_and_tried_anew_when_staff_say_so(
    suite: Suite, sis: SampleSis
) -> None:
    await hear(suite, WANTED)
    await uploaded(suite, "bac", "cv")
    await completed(suite)
    sis.refuses = {"bac": "Pièce inconnue"}
    await night(suite)
    assert await seen(suite, "refused") == {"bac": ("refused", "Pièce inconnue"), "cv": ("done", None)}
    sis.refuses, sis.down = {}, True
    for _ in range(2):
        assert (await ask(suite, "POST", f"/{APPLICATION}/retry"))[0] == 200
    await night(suite)
    await night(suite, days=7)
    (state, reason) = (await seen(suite, "refused"))["bac"]
    assert state == "refused" and reason is not None and "semaine" in reason
    sis.down = False
    assert (await ask(suite, "POST", f"/{APPLICATION}/retry"))[0] == 200
    await night(suite)
    assert await seen(suite) == {"bac": ("done", None), "cv": ("done", None)}


async def test_what_is_damaged_or_kept_from_everybody_is_named_and_not_sent(suite: Suite, sis: SampleSis) -> None:
    await hear(suite, WANTED)
    given = await uploaded(suite, "bac", "cv", "photo")
    ports = suite.service("documents").service.ports
    row = await ports.store.get(DOCUMENTS.name, given["bac"])
    assert row is not None
    await ports.objects.delete(row["object"])
    async with ports.objects.stage(100) as stage:
        await stage.write(b"other bytes")
        await stage.finish()
        await stage.commit(row["object"], "application/pdf")
    row = await ports.store.get(DOCUMENTS.name, given["cv"])
    assert row is not None
    await ports.store.replace(
        DOCUMENTS.name, row | {"state": "erasing", "version": row["version"] + 1}, version=row["version"]
    )
    await completed(suite)
    await night(suite)
    assert sis.held_documents == {"photo": pdf(3)} and len(sis.asked_documents) == 1
    found = await seen(suite, "refused")
    assert {name: state for name, (state, _) in found.items()} == {"bac": "refused", "cv": "refused", "photo": "done"}
    assert "abîmé" in str(found["bac"]) and "mis à l’écart" in str(found["cv"])


async def test_bytes_that_cannot_be_read_for_now_keep_no_others_back_and_are_given_up_in_a_week(
    suite: Suite, sis: SampleSis, tmp_path: Path
) -> None:
    await hear(suite, WANTED)
    await uploaded(suite, "bac", "cv")
    broken(tmp_path, pdf(1))
    await completed(suite)
    for _ in range(2):
        await night(suite, seconds=1)
    assert sis.held_documents == {"cv": pdf(2)} and await seen(suite, "refused") == {}
    await night(suite, days=7)
    assert await seen(suite, "refused") == {}, "two bad moments are no week without it"
    await night(suite, minutes=2)
    (_, reason) = (await seen(suite, "refused"))["bac"]
    assert reason is not None and "pas forcément abîmé" in reason


async def test_a_round_that_is_slow_ends_with_the_night(suite: Suite, sis: SampleSis, clock: FixedClock) -> None:
    await hear(suite, WANTED)
    await uploaded(suite, "a", "b", "c")
    await completed(suite)

    def slow() -> datetime:
        begun = clock.now()
        clock.advance(minutes=11)
        return begun

    sis.now = slow
    await night(suite, hours=7, minutes=5)
    assert len(sis.asked_documents) == 1, "the second would have begun at 6:01"
    sis.now = clock.now
    await night(suite, hours=17)
    assert len(sis.held_documents) == 3


@pytest.mark.parametrize("ends", ["withdrawn", "erased", "no more validated"])
async def test_what_ends_a_place_takes_back_what_was_not_sent_and_has_the_rest_dropped(
    suite: Suite, sis: SampleSis, ends: str
) -> None:
    """Also where the institution wants no documents to go by then."""
    await hear(suite, WANTED | {"enrolment.documents_pieces": "bac"})
    given = await uploaded(suite, "bac", "cv")
    await completed(suite)
    await night(suite)
    assert set(sis.held_documents) == {"bac"}
    await hear(suite, {}, version=2)
    if ends == "withdrawn":
        await completed(suite, PreEnrolmentCancelled)
        assert await seen(suite) == {"bac": ("called-off", None)}
    elif ends == "erased":
        await tell(suite, AccountErased(account="ann", campaign="2027"), "accounts")
        (row,) = await suite.service("documents").service.ports.store.find(HAND_OVERS.name, {}, limit=2)
        assert "ann" not in row.values() and "bac" not in str(row)
    else:
        await tell(suite, changed(pieces=[slot("bac", given["bac"], state="refused")]))
    await night(suite, minutes=1)
    assert (sis.held_documents, len(sis.asked_documents)) == ({}, 2)
    ((told, content),) = sis.documents.values()
    assert (told["action"], content) == ("drop", b"")
    assert set(told) == {"reference", "document", "revision", "action", "campaign", "programme"}
    rows = await suite.service("documents").service.ports.store.find(HAND_OVERS.name, {}, limit=2)
    assert [row["documents"] for row in rows] == ([[]] if ends == "no more validated" else [])
    await completed(suite)  # told again after a restore, or accepted anew
    await hear(suite, WANTED, version=3)
    await night(suite, days=1)
    assert set(sis.held_documents) == ({"bac", "cv"} if ends == "withdrawn" else set())


async def test_a_folder_has_them_by_person(tmp_path: Path, clock: FixedClock) -> None:
    async with running(tmp_path, clock, f"folder:{tmp_path / 'opi'}") as suite:
        await hear(suite, WANTED)
        given = await uploaded(suite, "bac")
        await completed(suite)
        await night(suite)
        folder = tmp_path / "opi" / "documents" / APPLICATION
        with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
            (row,) = csv.DictReader(file, delimiter=";")
        assert (row["document"], (folder / row["file"]).read_bytes()) == (given["bac"], pdf(1))
