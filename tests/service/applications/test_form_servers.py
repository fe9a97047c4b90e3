"""Forms whose server tells nothing by itself are asked for by night; one that is away holds nobody up (acceptance 64)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.applications.repository.surveys import AFTERWARDS
from services.applications.usecases import form_servers
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.ports.forms import FormsUnavailable
from services.chassis.testing import run_suite
from services.contracts.api.forms import ANSWER_LENGTH, MAX_ANSWERS
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_forms import MORE, PLANS, SECRET, FormServer, of
from tests.service.applications.test_review import Staff
from tests.surveys import QUESTIONS, SurveyServer, survey_server

IN_THE_NIGHT = timedelta(hours=14)
"""From noon in Paris, when the clock of these tests stands, until two o'clock."""


@pytest.fixture
async def server() -> AsyncIterator[SurveyServer]:
    async with survey_server() as made:
        yield made


@pytest.fixture
async def peers(tmp_path: Path, clock: FixedClock, server: SurveyServer) -> AsyncIterator[PeerServices]:
    told: dict[str, Any] = {"forms": server.setting, "forms_secret": SECRET}
    async with run_suite(tmp_path, services=("applications",), clock=clock, timers_by_time=False, **told) as suite:
        yield PeerServices(suite, clock)


@pytest.fixture
async def zoe(peers: PeerServices, server: SurveyServer) -> Candidate:
    await peers.publish_programme(requirements=[], forms=[{**PLANS, "url": server.form}, MORE])
    return await peers.candidate("zoe")


async def by_the_clock(peers: PeerServices) -> None:
    """All that the timers of forms do now."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "test", acting_service("applications"))
    await form_servers.look_for_surveys(app, command)
    for row in [row async for row in form_servers.due(app, command)]:
        with suppress(FormsUnavailable):
            await form_servers.ask(app, row, command)


async def answers_of(zoe: Candidate, id: str) -> list[dict[str, str]]:
    answers: list[dict[str, str]] = (await zoe.ask("GET", f"/applications/{id}/forms/plans")).body["answers"]
    return answers


async def test_a_form_that_nobody_told_of_is_transmitted_by_the_next_night(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    id = await zoe.opened()
    assert not (await zoe.get(id))["can_submit"]
    server.send_off(id)
    server.send_off(id, answers={"submitdate": None, "OU": "Nulle part."})
    server.send_off("0" * 26)
    clock.moment += timedelta(hours=12, minutes=59)  # one minute before one o'clock
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["state"] == "awaiting"
    clock.moment += timedelta(minutes=1)
    await by_the_clock(peers)
    application = await zoe.get(id)
    assert (of(application, "plans")["state_label"], application["can_submit"]) == ("Transmise", True)
    assert of(application, "more")["state"] == "awaiting"
    seen = [{"question": "Où vous voyez-vous dans dix ans ?", "answer": "En mer."}]
    seen.append({"question": "Langues – Anglais", "answer": "Oui"})
    assert await answers_of(zoe, id) == seen
    assert [data["form"] for data in await peers.told("form_filled_in")] == ["plans"]
    clock.moment += timedelta(days=1)
    await by_the_clock(peers)
    assert (await zoe.get(id))["version"] == application["version"], "told again, it changes nothing"


async def test_on_a_files_last_day_nobody_waits_for_the_night(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    """Acceptance 67: who has filled it in is not kept from submitting in time."""
    id = await zoe.opened()
    last = date.fromisoformat((await zoe.get(id))["submission_deadline"])
    clock.moment += timedelta(days=(last - clock.now().date()).days - 1)
    await by_the_clock(peers)
    server.send_off(id, answers={"submitdate": f"{last - timedelta(days=1)} 13:00:00"})
    clock.moment += timedelta(minutes=15)
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["state"] == "awaiting", "it is not the last day yet"
    clock.moment += timedelta(hours=10, minutes=30)
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["state"] == "awaiting", "it is a quarter to midnight"
    clock.moment += timedelta(minutes=15)
    await by_the_clock(peers)
    assert (await zoe.get(id))["can_submit"]


async def test_of_a_call_back_and_of_a_night_what_was_filled_in_last_counts(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    id, other = await zoe.opened(), await (await peers.candidate("kim")).opened()
    told = [{"question": "?", "answer": "À terre."}]
    later = clock.now() + timedelta(hours=1)
    clock.moment += timedelta(hours=2)
    assert (await FormServer(peers).tell(id, answers=told, filled_in_at=later.isoformat())).status == 200
    server.send_off(id)
    clock.moment += IN_THE_NIGHT
    await by_the_clock(peers)
    assert await answers_of(zoe, id) == told, "the file of another waits, so that the survey was asked about"
    assert other != id
    server.send_off(id, answers={"submitdate": "2027-02-02 20:00:00"})
    clock.moment += timedelta(days=1)
    await by_the_clock(peers)
    assert (await answers_of(zoe, id))[0]["answer"] == "En mer."


async def test_nobody_fills_in_the_form_of_somebody_elses_file(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    """Where the address says the file number, too, both must be one file's; acceptance 62."""
    id = await zoe.opened()
    for number in ("ZZ99ZZ99", "", None):
        server.send_off(id, answers={"numDossier": number})
    clock.moment += IN_THE_NIGHT
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["state"] == "awaiting"


async def test_a_server_that_is_away_holds_nobody_up_is_told_of_and_asked_again(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    id = await zoe.opened()
    server.send_off(id)
    server.says = "<!DOCTYPE html><title>Maintenance</title>"
    clock.moment += IN_THE_NIGHT
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["state"] == "awaiting"
    async with peers.suite.client.get(f"{peers.suite.ops_url}/status") as answer:
        status = await answer.json()
    assert (status["ready"], status["dependencies"]["forms"]["error"]) == (True, "FormsUnavailable")
    server.says = None
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["state"] == "awaiting", "not at once"
    clock.moment += form_servers.PAUSES.first
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["state"] == "answered"


async def test_after_failing_for_most_of_a_day_or_saying_no_a_survey_waits_for_the_next_night(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    store = peers.suite.service("applications").service.ports.store
    id = await zoe.opened()
    server.send_off(id)
    server.status = 503
    clock.moment += IN_THE_NIGHT
    for _ in range(form_servers.MAX_FAILURES):
        await by_the_clock(peers)
        clock.moment += form_servers.PAUSES.longest
    assert [row["_id"] for row in await store.find("surveys", {}, limit=10) if "due_at" in row] == []
    server.status = 200
    server.results["list_questions"] = {"status": "No permission"}
    clock.moment += timedelta(days=1)
    await by_the_clock(peers)
    assert [row["_id"] for row in await store.find("surveys", {}, limit=10) if "due_at" in row] == []
    server.results.clear()
    clock.moment += timedelta(days=1)
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["state"] == "answered"


async def test_who_changes_an_answer_is_read_anew_and_staff_see_both_after_the_submission(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    """LimeSurvey lets a response be changed under its number, and its date stay; a deleted one is said, and kept."""
    id = await zoe.opened()
    server.send_off(id)
    clock.moment += IN_THE_NIGHT
    await by_the_clock(peers)
    server.responses[1] |= {"submitdate": None, "OU": "À moitié."}  # it is being changed
    clock.moment += timedelta(days=1)
    await by_the_clock(peers)
    assert (await answers_of(zoe, id))[0]["answer"] == "En mer."
    server.send_off(id, 1, answers={"OU": "À terre."})
    clock.moment += timedelta(days=1)
    await by_the_clock(peers)
    assert (await answers_of(zoe, id))[0]["answer"] == "À terre."
    assert (await zoe.submit(id)).status == 200
    server.send_off(id, 1, answers={"OU": "Au lac.", "datestamp": "2027-02-05 08:00:00"})
    for _ in range(2):
        clock.moment += timedelta(days=1)
        await by_the_clock(peers)
    server.results["get_summary"] = {"token_count": "1"}  # whoever ends a survey there takes its responses out of use
    clock.moment += timedelta(days=1)
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["gone_at"] is None
    server.results.clear()
    # Rolled over meanwhile: it is offered in the next campaign, and what was asked of the files of this one goes on.
    await peers.publish_programme(changed=True, version=2, campaign="2028")
    del server.responses[1]
    for _ in range(2):
        clock.moment += timedelta(days=1)
        await by_the_clock(peers)
    form = (await Staff(peers).ask("GET", f"/{id}")).body["forms"][0]
    assert (form["answers"][0]["answer"], form["changed"][0]["answer"]) == ("À terre.", "Au lac.")
    assert form["changed_at"] < form["gone_at"]
    record = (await zoe.ask("GET", f"/applications/{id}/receipt")).body
    assert record["forms"]["plans"][0]["answer"] == "À terre."
    assert len(await peers.told("form_filled_in")) == 2
    assert [data["what"] for data in await peers.told("form_changed")] == ["answers", "deleted"]


async def test_long_after_the_last_day_nobody_asks_whether_anything_has_changed(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    id = await zoe.opened()
    server.send_off(id)
    clock.moment += IN_THE_NIGHT
    await by_the_clock(peers)
    assert (await zoe.submit(id)).status == 200
    last = date.fromisoformat((await zoe.get(id))["submission_deadline"])
    clock.moment += timedelta(days=(last - clock.now().date()).days) + AFTERWARDS
    asked = server.count("get_session_key")
    await by_the_clock(peers)
    assert server.count("get_session_key") == asked + 1
    clock.moment += timedelta(days=1)
    await by_the_clock(peers)
    assert server.count("get_session_key") == asked + 1


async def test_a_file_that_is_handed_over_keeps_what_comes_beside_it_and_one_that_is_late_stays_as_it_is(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    optional = {**PLANS, "url": server.form, "required": False}
    await peers.publish_programme(version=2, changed=True, requirements=[], forms=[optional])
    id, waiting = await zoe.opened(), await (await peers.candidate("kim")).opened()
    assert (await zoe.submit(id)).status == 200
    server.send_off(id)
    clock.moment += IN_THE_NIGHT
    await by_the_clock(peers)
    form = of(await zoe.get(id), "plans")
    assert (form["state"], bool(form["changed_at"])) == ("awaiting", True)
    server.send_off(waiting)
    clock.moment += timedelta(days=100)
    await by_the_clock(peers)
    assert await peers.told("form_filled_in") == []


@pytest.mark.parametrize("count", [MAX_ANSWERS, MAX_ANSWERS + 1])
async def test_what_is_too_much_is_cut_off_where_that_is_seen(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock, count: int
) -> None:
    id = await zoe.opened()
    codes = [f"Q{number}" for number in range(count)]
    more: list[dict[str, Any]] = [
        {"qid": f"1{code[1:]}00", "parent_qid": "0", "title": code, "question": code} for code in codes
    ]
    server.results["list_questions"] = [*QUESTIONS[:2], *more]
    longest = ANSWER_LENGTH + count - MAX_ANSWERS
    server.send_off(id, answers=dict.fromkeys(codes, "é" * longest))
    clock.moment += IN_THE_NIGHT
    await by_the_clock(peers)
    answers = await answers_of(zoe, id)
    assert len(answers) == MAX_ANSWERS
    assert {len(each["answer"]) for each in answers[:-1]} == {ANSWER_LENGTH}
    cut = count > MAX_ANSWERS
    assert (answers[0]["answer"].endswith("[…]"), answers[-1]["question"] == "[…]") == (cut, cut)


async def test_a_file_that_cannot_be_read_keeps_none_of_the_others_from_being_asked_about(
    peers: PeerServices, zoe: Candidate, server: SurveyServer, clock: FixedClock
) -> None:
    store = peers.suite.service("applications").service.ports.store
    id = await zoe.opened()
    row = await store.get("applications", id)
    assert row is not None
    broken = {
        "_id": "broken",
        "account": "a",
        "slot": "s",
        "slot_key": "s",
        "active_key": "a|M1-MER|2027",
        "forms": [1],
    }
    await store.insert("applications", row | broken)
    server.send_off(id)
    server.send_off("broken")
    clock.moment += IN_THE_NIGHT
    await by_the_clock(peers)
    assert of(await zoe.get(id), "plans")["state"] == "answered"
