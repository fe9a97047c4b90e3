"""Who has accepted a place is handed over to the student records once, and called off by what ends that (acceptance 87)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.applications.integrity import violations
from services.applications.repository.pre_enrolments import PRE_ENROLMENTS
from services.applications.usecases import pre_enrolments
from services.applications.views.applications import Views
from services.applications.views.pre_enrolments import PreEnrolmentViews
from services.applications.views.submissions import SubmissionViews
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import Actor, CommandContext, acting_service
from services.chassis.events.parking import Parking
from services.chassis.events.record import Record
from services.chassis.ports import PreEnrolmentsUnavailable
from services.chassis.testing import run_suite
from services.contracts.events.applications import ApplicationAccepted
from tests.parameters import hear
from tests.pre_enrolments import SECRET, SampleSis, rows_in
from tests.service.accounts.watched import WatchedStore
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import answer, entered, validate
from tests.service.applications.test_enrolment import offered
from tests.service.applications.test_erasure import a_day_later, erased
from tests.service.applications.test_review import Staff

CODE = "ECAB12CD34"

pytestmark = pytest.mark.usefixtures("code_shown")


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def hand_over(peers: PeerServices) -> None:
    """What the timer does at this moment."""
    ports = peers.suite.service("applications").service.ports
    assert ports.pre_enrolment is not None
    app, parking = use_cases(ports), Parking("applications", ports.store, ports.clock)
    command = CommandContext(peers.clock.now(), "timer", acting_service("applications"))
    await peers.suite.settle()
    with suppress(PreEnrolmentsUnavailable):
        while await pre_enrolments.hand_over(app, ports.pre_enrolment, parking, command):
            pass
    await peers.suite.settle()


async def told_of(peers: PeerServices) -> list[str]:
    """What others have heard of pre-enrolments, in order."""
    found = [event for event in await peers.events() if event["type"].startswith("applications.pre_enrolment.")]
    assert all(CODE not in str(event) and "AB12CD34" not in str(event) for event in found)
    for subject in {event["subject"] for event in found}:
        numbers = [int(event["publicsequence"]) for event in found if event["subject"] == subject]
        assert numbers == list(range(1, len(numbers) + 1))
    return [event["type"].split(".")[2] for event in found]


async def standing(candidate: Candidate, id: str) -> Any:
    """What the candidate sees: the same by both questions, between which the suite's own timer may hand over."""
    one = (await candidate.get(id))["pre_enrolment"]
    (listed,) = (await candidate.ask("GET", "/applications")).body["items"]
    assert listed["pre_enrolment"] in (one, (await candidate.get(id))["pre_enrolment"])
    return one and (one["state"], one["code"])


async def test_who_accepts_is_handed_over_once_and_let_go_by_withdrawal(
    peers: PeerServices, zoe: Candidate, kim: Staff, tmp_path: Path
) -> None:
    """Acceptance 87."""
    id = await offered(zoe, kim)
    assert await standing(zoe, id) is None
    for key in ("one", "one", "another"):
        assert (await answer(zoe, id, "accept", **{"Idempotency-Key": key})).status == 200
        assert await standing(zoe, id) in (("waiting", CODE), ("done", CODE))
    await hand_over(peers)
    assert (await standing(zoe, id), await told_of(peers)) == (("done", CODE), ["requested", "completed"])
    (row,) = rows_in(tmp_path / "pre-enrolment")
    first = str(int(peers.clock.now().timestamp()))
    assert (row["code"], row["action"], row["family_name"]) == (CODE, "request", "Müller-L’Hôte")
    assert row["revision"] == first
    assert (row["address_1"], row["address_2"], row["baccalaureate_year"]) == ("12 rue des Abeilles", "", "2021")
    await answer(zoe, id, "withdraw")
    assert await standing(zoe, id) == ("cancelled", CODE)
    await hand_over(peers)
    await hand_over(peers)
    assert await told_of(peers) == ["requested", "completed", "cancelled"]
    _, row = rows_in(tmp_path / "pre-enrolment")
    assert (row["code"], row["action"], row["family_name"]) == (CODE, "cancel", "")
    assert (row["file_number"], row["programme"], row["centre"]) == ("AB12CD34", "M1-MER", "SEE")
    assert int(row["revision"]) == int(first) + 1
    trail = [each["action"] for each in (await kim.ask("GET", f"/{id}/audit")).body["items"]]
    assert [each for each in trail if each.endswith("_pre_enrolment")] == [
        "request_pre_enrolment",
        "complete_pre_enrolment",
        "cancel_pre_enrolment",
    ]


async def test_another_decision_calls_it_off_and_another_acceptance_asks_anew(
    peers: PeerServices, zoe: Candidate, kim: Staff, tmp_path: Path
) -> None:
    """One that is entered alone changes nothing of it; the incumbent leaves it alive (incumbent.md, 3.4)."""
    id = await offered(zoe, kim)
    await answer(zoe, id, "accept")
    decision = await entered(kim, id, "unfavourable", reason="Dossier incomplet")
    await hand_over(peers)
    assert await standing(zoe, id) == ("done", CODE)
    assert (await validate(kim, id, decision)).status == 200
    await hand_over(peers)
    assert await standing(zoe, id) == ("cancelled", CODE)
    await validate(kim, id, await entered(kim, id))
    await hear(peers.suite, {"enrolment.code_prefix": "OPI", "enrolment.code_shown": "yes"})
    assert await standing(zoe, id) == ("cancelled", CODE)
    await answer(zoe, id, "accept")
    await hand_over(peers)
    assert await standing(zoe, id) == ("done", "OPIAB12CD34")
    rows = [(row["action"], row["code"]) for row in rows_in(tmp_path / "pre-enrolment")]
    assert rows == [("request", CODE), ("cancel", CODE), ("request", "OPIAB12CD34")]
    assert await told_of(peers) == ["requested", "completed", "cancelled", "requested", "completed"]


@pytest.fixture
async def connected(connected: PeerServices) -> PeerServices:
    await connected.publish_programme()
    return connected


async def test_student_records_that_are_away_for_a_day_keep_nobody_waiting_and_catch_up_once(
    connected: PeerServices, sis: SampleSis, clock: FixedClock
) -> None:
    sis.down = True
    kim, ids = Staff(connected), dict[str, str]()
    for number in range(5):
        account = f"person-{number}"
        person = await connected.candidate(account, file_number=f"AB12CD3{number}")
        ids[account] = await offered(person, kim)
        assert (await answer(person, ids[account], "accept")).status == 200
    gone = Candidate(connected.suite, "person-4")
    for hour in range(24):
        clock.advance(hours=1)
        await hand_over(connected)
        if hour == 12:
            await answer(gone, ids["person-4"], "withdraw")
    sis.down, sis.lose = False, 1
    for _ in range(3):  # the one whose answer was lost waits a minute
        clock.advance(hours=1)
        await hand_over(connected)
    assert sis.codes == [f"ECAB12CD3{number}" for number in range(4)]
    assert len(sis.known) == 5
    assert [each["code"] for each in sis.people.values() if each["action"] == "cancel"] == ["ECAB12CD34"]
    heard = await told_of(connected)
    assert heard.count("requested") == 5 and heard.count("completed") == 4 and heard.count("cancelled") == 1


async def test_without_student_records_nobody_sees_anything_until_there_are_some(
    tmp_path: Path, clock: FixedClock, sis: SampleSis
) -> None:
    """Who has accepted by then is handed over, and who has withdrawn is not."""
    apart: dict[str, Any] = {"services": ("applications",), "clock": clock}
    async with run_suite(tmp_path, **apart, pre_enrolment="none:") as suite:
        peers = PeerServices(suite, clock)
        await peers.publish_programme()
        zoe, kim = await peers.candidate("zoe"), Staff(peers)
        id = await offered(zoe, kim)
        await answer(zoe, id, "accept")
        await suite.settle()
        assert await standing(zoe, id) is None
    async with run_suite(tmp_path, **apart, pre_enrolment=sis.url, pre_enrolment_secret=SECRET) as suite:
        peers = PeerServices(suite, clock)
        await hand_over(peers)
        assert (await standing(Candidate(suite, "zoe"), id), sis.codes) == (("done", CODE), [CODE])


async def about_the_gone(peers: PeerServices) -> list[str]:
    """What is said to be here of people who are gone."""
    await peers.suite.settle()
    ports = peers.suite.service("applications").service.ports
    record = Record({"applications": ports.store, "accounts": ports.store})  # accounts is not there, and tells nothing
    return [line async for line in violations(ports, use_cases(ports), record) if "that was erased" in line]


@pytest.mark.parametrize("withdrawn", [False, True])
async def test_who_is_forgotten_is_let_go_of_before_the_last_of_them_goes(
    connected: PeerServices, sis: SampleSis, *, withdrawn: bool
) -> None:
    """Whether they withdrew before or not: the student records, which were away, hear of it, and of no name."""
    zoe, store = await connected.candidate("zoe"), connected.suite.service("applications").service.ports.store
    id = await offered(zoe, Staff(connected))
    await answer(zoe, id, "accept")
    await hand_over(connected)
    assert sis.codes == [CODE]
    sis.down = True
    if withdrawn:
        await answer(zoe, id, "withdraw")
    await erased(connected)
    await hand_over(connected)
    (left,) = await store.find(PRE_ENROLMENTS.name, {})
    assert "Müller" not in str(left) and not any("personal" in entry for entry in left["audit"]["pending"])
    assert await about_the_gone(connected) == []
    await a_day_later(connected)
    assert await store.count(PRE_ENROLMENTS.name, {}) == 1
    sis.down = False
    connected.clock.advance(hours=2)
    await hand_over(connected)
    (told,) = sis.people.values()
    said = {name: told[name] for name in ("action", "code", "file_number", "programme", "programme_title", "centre")}
    assert said == {
        "action": "cancel",
        "code": CODE,
        "file_number": "AB12CD34",
        "programme": "M1-MER",
        "programme_title": "Sciences de la mer",
        "centre": "SEE",
    }
    assert "family_name" not in told
    await a_day_later(connected)
    assert await store.count(PRE_ENROLMENTS.name, {}) == 0
    assert await about_the_gone(connected) == []


async def test_whom_student_records_never_let_go_of_is_forgotten_after_a_week(
    connected: PeerServices, sis: SampleSis
) -> None:
    zoe, store = await connected.candidate("zoe"), connected.suite.service("applications").service.ports.store
    await answer(zoe, await offered(zoe, Staff(connected)), "accept")
    await hand_over(connected)
    sis.down = True
    await erased(connected)
    await hand_over(connected)
    connected.clock.advance(days=7)
    await hand_over(connected)
    await a_day_later(connected)
    await a_day_later(connected)
    assert (sis.codes, await store.count(PRE_ENROLMENTS.name, {})) == ([CODE], 0)


async def test_where_nobody_was_ever_told_nothing_is_kept_of_who_is_gone(tmp_path: Path, clock: FixedClock) -> None:
    async with run_suite(tmp_path, services=("applications",), clock=clock, pre_enrolment="none:") as suite:
        peers = PeerServices(suite, clock)
        await peers.publish_programme()
        zoe = await peers.candidate("zoe")
        await answer(zoe, await offered(zoe, Staff(peers)), "accept")
        await suite.settle()
        await erased(peers)
        await a_day_later(peers)
        assert await suite.service("applications").service.ports.store.count(PRE_ENROLMENTS.name, {}) == 0
        assert await told_of(peers) == ["requested", "cancelled"]


async def test_the_file_says_who_is_asked_for_and_not_an_event_of_before(
    connected: PeerServices, sis: SampleSis
) -> None:
    """An acceptance is heard again after its withdrawal; and a record is older than its file."""
    ports = connected.suite.service("applications").service.ports
    app, store = use_cases(ports), ports.store
    sis.down = True
    zoe = await connected.candidate("zoe")
    id = await offered(zoe, Staff(connected))
    await answer(zoe, id, "accept")
    await hand_over(connected)
    asked = await store.get(PRE_ENROLMENTS.name, id)
    await answer(zoe, id, "withdraw")
    await hand_over(connected)
    there = await store.get(PRE_ENROLMENTS.name, id)
    assert asked is not None and there is not None
    await store.delete(PRE_ENROLMENTS.name, id, version=there["version"])
    command = CommandContext(connected.clock.now(), "replay", acting_service("applications"))
    accepted = ApplicationAccepted(application=id, account="zoe", programme="M1-MER", campaign="2027")
    await pre_enrolments.follow(app, accepted, command)
    assert await store.count(PRE_ENROLMENTS.name, {}) == 0
    await store.insert(PRE_ENROLMENTS.name, asked)
    sis.down, sis.asked = False, []
    connected.clock.advance(hours=2)
    await hand_over(connected)
    assert (sis.asked, sis.codes) == ([], [])


async def test_only_where_a_place_was_ever_accepted_student_records_are_looked_for(connected: PeerServices) -> None:
    """Also once that place is taken away: it is called off then, and candidates see so."""
    ports = connected.suite.service("applications").service.ports
    zoe, kim = await connected.candidate("zoe"), Staff(connected)
    id = await offered(zoe, kim)
    app = use_cases(replace(ports, store=(watched := WatchedStore(ports.store))))
    made = SubmissionViews(app.applications, app.submissions)
    looks = PreEnrolmentViews(app.pre_enrolments, app.parameters, connected=True)
    views = Views(app.applications, made, app.programmes, app.boards, app.parameters, app.ranks, looks)

    async def looked() -> int:
        await connected.suite.settle()
        watched.work.clear()
        command = CommandContext(connected.clock.now(), "test", Actor("zoe"))
        await views.read(command.actor, id, "fr", app.moment(command))
        return sum(asked["find", PRE_ENROLMENTS.name] for asked in watched.work.values())

    assert await looked() == 0
    await answer(zoe, id, "accept")
    assert await looked() == 1
    await validate(kim, id, await entered(kim, id, "unfavourable", reason="Dossier incomplet"))
    await hand_over(connected)
    assert (await looked(), await standing(zoe, id)) == (1, ("cancelled", CODE))


async def test_staff_read_why_somebody_was_refused_and_have_it_tried_anew(
    connected: PeerServices, sis: SampleSis
) -> None:
    """The candidate keeps the place whatever the student records say, and is told of no reason."""
    sis.refuses = {CODE: "INE inconnu"}
    zoe, kim = await connected.candidate("zoe"), Staff(connected)
    id = await offered(zoe, kim)
    path = f"/{id}/pre-enrolment/retry"
    assert (await kim.ask("POST", path)).slug == "nothing-refused"
    await answer(zoe, id, "accept")
    await hand_over(connected)
    shown = await zoe.get(id)
    assert (shown["answer"], shown["pre_enrolment"]["state"]) == ("accept", "refused")
    assert "INE" not in str(shown)
    seen = (await kim.ask("GET", f"/{id}")).body["pre_enrolment"]
    assert (seen["state"], seen["code"], seen["reason"]) == ("refused", CODE, "INE inconnu")
    sis.refuses = {}
    for _ in range(2):
        again = await kim.ask("POST", path, headers={"Idempotency-Key": "again"})
        assert again.status == 200, again.body
    await hand_over(connected)
    assert (await standing(zoe, id), sis.codes) == (("done", CODE), [CODE])
    assert (await kim.ask("POST", path)).slug == "nothing-refused"
    assert await told_of(connected) == ["requested", "refused", "requested", "completed"]
    assert (await kim.ask("POST", path.replace(id, "nobody"))).status == 404
