"""Who has just answered a step of the profile applies at once, and is answered by the profile as it now is."""

from __future__ import annotations

import asyncio
import os
from typing import Final

import aiohttp
import pytest

from tests.candidate import BACCALAUREATE, IDENTITY, Candidate, Mailbox
from tests.cluster import Cluster
from tests.processes import SuiteProcess

PEOPLE = 10
CHANGES: Final = 50 if os.environ.get("PARVIS_TEST_LONG") == "1" else 5
"""Times that each changes their mind and back; a service that does not wait is wrong at the first of them."""

FRENCH = IDENTITY | {"nationality": "FR"}
ASKS_FOR_A_STUDENT_NUMBER = {
    "kind": "bac",
    "series": "Générale",
    "year": 2021,
    "institution": "Lycée Arago",
    "country": "FR",
}


@pytest.mark.timeout(3600)
async def test_a_hundred_times_right_at_the_first_try(suite: SuiteProcess | Cluster) -> None:
    """Each time the profile becomes incomplete or complete, and the next request, sent at once, knows it."""
    async with aiohttp.ClientSession() as client:
        people = [newcomer(suite, client) for _ in range(PEOPLE)]
        await asyncio.gather(*(changes_mind(person, CHANGES) for person in people))


def newcomer(suite: SuiteProcess | Cluster, client: aiohttp.ClientSession) -> Candidate:
    """On a slow machine one may be asked to come again (`catching-up`), and does; nobody is told what is not so."""
    return Candidate(client, suite.base, Mailbox(suite.data / "mail"), insist=True)


async def changes_mind(person: Candidate, times: int) -> None:
    """Twice as many changes as `times`, each followed at once by an application."""
    await person.becomes_known()
    programme = {"programme": await person.finds("energie solaire")}
    await person.must("PUT", "/api/accounts/me/profile/identity", 200, json=FRENCH)
    await person.opens(programme["programme"])
    for _ in range(times):
        await person.must("PUT", "/api/accounts/me/profile/baccalaureate", 200, json=ASKS_FOR_A_STUDENT_NUMBER)
        refused = await person.ask("POST", "/api/applications/applications", json=programme)
        assert (refused.slug, refused.body.get("missing")) == ("profile-incomplete", ["identity"])
        await person.must("PUT", "/api/accounts/me/profile/baccalaureate", 200, json=BACCALAUREATE)
        again = await person.ask("POST", "/api/applications/applications", json=programme)
        assert again.slug == "already-applied"


async def test_also_with_the_relay_slowed_to_a_second(suite: SuiteProcess | Cluster) -> None:
    await suite.stop()
    await suite.start(relay_pause=1)
    async with aiohttp.ClientSession() as client:
        people = [newcomer(suite, client) for _ in range(5)]
        await asyncio.gather(*(opens_at_once(person) for person in people))


async def opens_at_once(person: Candidate) -> None:
    """The profile is answered, and the application opened without a pause."""
    await person.becomes_known()
    await person.opens(await person.finds("energie solaire"))
