"""A single service that was away is an incident that names it, where the others worked (ADR 120)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from services.contracts.events.absences import AccountsWasAway, DocumentsWasAway, WasAway
from services.contracts.instants import instant_text
from tests.parameters import hear
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_incidents import Admin

BEGINS = datetime(2027, 4, 15, 20, 0, tzinfo=UTC)


async def away(peers: PeerServices, event: type[WasAway], begins: datetime, lasted: timedelta) -> None:
    await tells(peers, event, begins, lasted)
    await peers.suite.settle()


async def tells(peers: PeerServices, event: type[WasAway], begins: datetime, lasted: timedelta) -> None:
    service = event.TYPE.partition(".")[0]
    ends = instant_text(begins + lasted)
    await peers.suite.publish(event(service=service, begins=instant_text(begins), ends=ends), service)


async def test_a_service_that_was_away_is_an_incident_of_its_own_from_the_bound_on(peers: PeerServices) -> None:
    admin = Admin(peers)
    await away(peers, DocumentsWasAway, BEGINS, timedelta(minutes=9, seconds=59))
    assert await admin.incidents() == [], "an update, or a start anew"
    await away(peers, DocumentsWasAway, BEGINS + timedelta(hours=1), timedelta(minutes=10))
    (found,) = await admin.incidents()
    assert (found["source"], found["service"], found["seconds"], found["least_hours"]) == (
        "stopped",
        "documents",
        600,
        1,
    )
    assert [day["before"] for day in found["days"]] == ["2027-04-15"]
    await away(peers, AccountsWasAway, BEGINS + timedelta(days=1), timedelta(hours=1))
    assert {each["service"] for each in await admin.incidents()} == {"documents", "accounts"}


async def test_a_machine_that_stopped_with_all_its_services_is_one_incident(peers: PeerServices) -> None:
    """Each finds its absence at a start of its own; what was judged is not proposed again."""
    admin = Admin(peers)
    await away(peers, DocumentsWasAway, BEGINS, timedelta(hours=1))
    await away(peers, AccountsWasAway, BEGINS - timedelta(seconds=20), timedelta(hours=1, minutes=2))
    (found,) = await admin.incidents()
    assert (found["begins"], found["ends"]) == ("2027-04-15T19:59:40.000Z", "2027-04-15T21:01:40.000Z")
    said = {"reason": "Personne n’a été gêné"}
    assert (await admin.ask("POST", f"/incidents/{found['id']}/dismissal", json=said)).status == 200
    await away(peers, DocumentsWasAway, BEGINS, timedelta(hours=1))
    assert len(await admin.incidents()) == 1


async def test_two_that_are_back_at_the_same_moment_are_one_incident_too(peers: PeerServices) -> None:
    await asyncio.gather(
        tells(peers, DocumentsWasAway, BEGINS, timedelta(hours=1)),
        tells(peers, AccountsWasAway, BEGINS - timedelta(seconds=20), timedelta(hours=1, minutes=2)),
    )
    await peers.suite.settle()
    (found,) = await Admin(peers).incidents()
    assert (found["begins"], found["ends"]) == ("2027-04-15T19:59:40.000Z", "2027-04-15T21:01:40.000Z")


async def test_how_long_is_felt_is_what_the_institution_says(peers: PeerServices) -> None:
    await hear(peers.suite, {"applications.incident_minutes": 30})
    await away(peers, AccountsWasAway, BEGINS, timedelta(minutes=29))
    assert await Admin(peers).incidents() == []
    await away(peers, AccountsWasAway, BEGINS + timedelta(days=1), timedelta(minutes=30))
    assert len(await Admin(peers).incidents()) == 1
