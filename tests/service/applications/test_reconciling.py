"""Every night it is compared whom the student records hold; who is lost there shows, and is handed over anew."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.applications.usecases import reconciling
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.telemetry import metrics
from tests.pre_enrolments import SECRET, SampleSis
from tests.processes import parvis
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_decisions import answer
from tests.service.applications.test_enrolment import offered
from tests.service.applications.test_pre_enrolment import hand_over
from tests.service.applications.test_review import Staff, set_to

COMPARISONS = "/pre-enrolments/comparisons"
LOST = "/pre-enrolments?pile=lost"


@pytest.fixture
def peers(connected: PeerServices) -> PeerServices:
    return connected


async def look(peers: PeerServices) -> None:
    """What the timer does at this moment."""
    ports = peers.suite.service("applications").service.ports
    assert ports.pre_enrolment is not None
    command = CommandContext(peers.clock.now(), "timer", acting_service("applications"))
    await reconciling.look(use_cases(ports), ports.pre_enrolment, command)


async def reconcile(tmp_path: Path, sis: SampleSis, clock: FixedClock, *arguments: str) -> tuple[int, list[Any]]:
    """What `parvis reconcile` says beside the running service: its exit code, and its lines."""
    (tmp_path / "clock").write_text(clock.now().isoformat())
    own = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
    told = {"PARVIS_PRE_ENROLMENT": sis.url, "PARVIS_PRE_ENROLMENT_SECRET": SECRET, "PARVIS_DATA": str(tmp_path)}
    env = own | told | {"PARVIS_CLOCK": f"file:{tmp_path / 'clock'}"}
    done = await parvis("reconcile", "--json", *arguments, cwd=tmp_path, env=env)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


async def test_who_is_lost_there_shows_in_the_morning_and_is_handed_over_anew(
    peers: PeerServices, sis: SampleSis, clock: FixedClock, tmp_path: Path
) -> None:
    await peers.publish_programme()
    kim, ids = Staff(peers), list[str]()
    for number in range(3):
        person = await peers.candidate(f"person-{number}", file_number=f"AB12CD3{number}")
        ids.append(await offered(person, kim))
        await answer(person, ids[-1], "accept")
    await hand_over(peers)
    first, second, third = ids
    await look(peers)
    assert (await kim.ask("GET", COMPARISONS)).body["items"] == [], "it is not four o'clock yet"

    set_to(clock, datetime(2027, 2, 2, 2, 59, 59, tzinfo=UTC))
    await look(peers)
    assert (await kim.ask("GET", COMPARISONS)).body["items"] == []
    clock.advance(seconds=1)
    await look(peers)
    (found,) = (await kim.ask("GET", COMPARISONS)).body["items"]
    assert (found["outcome"], found["here"], found["there"], sis.pages) == ("same", 3, 3, 0), "the digest is enough"

    del sis.people[first]
    sis.people[second]["revision"] += 1
    sis.people["unheard-of"] = {"action": "request", "campaign": "2027", "reference": "unheard-of", "revision": 1}
    sis.down = True
    clock.advance(hours=1)
    await look(peers)
    assert (await kim.ask("GET", COMPARISONS)).body["items"] == [found], "not before the next night"
    clock.advance(hours=23)
    await look(peers)
    assert (await kim.ask("GET", COMPARISONS)).body["items"][0]["outcome"] == "unavailable"
    sis.down = False
    clock.advance(minutes=59)
    await look(peers)
    assert (await kim.ask("GET", COMPARISONS)).body["items"][0]["outcome"] == "unavailable"
    clock.advance(minutes=1)
    await look(peers)
    (found,) = (await kim.ask("GET", COMPARISONS)).body["items"]
    assert (found["outcome"], found["differences"]) == ("different", 3)
    assert [(each["id"], each["what"], each["family_name"]) for each in found["differing"]] == [
        *sorted([(first, "missing", "Müller-L’Hôte"), (second, "revision", "Müller-L’Hôte")]),
        ("unheard-of", "unknown", None),
    ]
    missing = metrics.PRE_ENROLMENTS_DIFFERENT.labels("2027", "missing")
    assert next(iter(missing.collect())).samples[0].value == 1
    missing.set(9)  # of an older night, where another replica has looked since
    await look(peers)
    assert next(iter(missing.collect())).samples[0].value == 1
    sis.down = True
    clock.advance(days=1)
    await look(peers)
    (away,) = (await kim.ask("GET", COMPARISONS)).body["items"]
    assert (away["outcome"], away["differences"], away["differing"]) == ("unavailable", 3, found["differing"])
    assert [each["id"] for each in (await kim.ask("GET", LOST)).body["items"]] == [first], "lost all the same"
    assert next(iter(missing.collect())).samples[0].value == 1
    sis.down = False
    code, (*lines, last) = await reconcile(tmp_path, sis, clock)
    assert (code, last["outcome"], last["counts"]) == (1, "different", {"missing": 1, "revision": 1, "unknown": 1})
    assert {(each["reference"], each["what"]) for each in lines} == {
        (first, "missing"),
        (second, "revision"),
        ("unheard-of", "unknown"),
    }
    code, lines = await reconcile(tmp_path, sis, clock, "--campaign", "2026")
    assert (code, lines) == (2, []), "they hold nobody of a campaign that nobody knows, and that is no comparison"
    elsewhere = Staff(peers, grants=[{"role": "manager", "centres": ["ELSEWHERE"]}], name="lou")
    (seen,) = (await elsewhere.ask("GET", COMPARISONS)).body["items"]
    assert (seen["differing"], seen["differences"]) == ([], 3)

    lost = (await kim.ask("GET", "/pre-enrolments", params={"pile": "lost"})).body["items"]
    assert [each["id"] for each in lost] == [first]
    assert (await kim.ask("POST", f"/{third}/pre-enrolment/retry")).slug == "nothing-refused", "they hold this one"
    body = {"ids": [first, third]}
    preview = (await kim.ask("POST", "/pre-enrolments/retries", json=body | {"dry_run": True})).body
    assert [each["result"] for each in preview["items"]] == ["changed", "refused"]
    told = await kim.ask("POST", "/pre-enrolments/retries", json=body | {"digest": preview["digest"]})
    assert [each["result"] for each in told.body["items"]] == ["changed", "refused"]
    await hand_over(peers)
    assert sis.people[first]["code"] == "ECAB12CD30"
    assert (await kim.ask("GET", "/pre-enrolments", params={"pile": "lost"})).body["items"] == []
    assert (await kim.ask("POST", f"/{first}/pre-enrolment/retry")).slug == "nothing-refused"
    sis.tells = False
    clock.advance(days=1)
    await look(peers)
    assert (await kim.ask("GET", COMPARISONS)).body["items"][0]["outcome"] == "silent"
    code, (last,) = await reconcile(tmp_path, sis, clock)
    assert (code, last["outcome"]) == (3, "silent")
