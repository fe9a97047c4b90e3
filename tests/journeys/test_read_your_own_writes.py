"""Who has just answered the last step of the profile applies at once, and is never told that it is incomplete."""

from __future__ import annotations

import aiohttp
import pytest

from tests.candidate import ADDRESS, Candidate, Mailbox
from tests.processes import SuiteProcess

TIMES = 1000


@pytest.mark.timeout(300)
async def test_a_thousand_times_right_at_the_first_try(candidate: Candidate) -> None:
    """Each time the address is answered anew and the application is opened at once; it copies the newest profile."""
    await candidate.becomes_known()
    programme = await candidate.finds("energie solaire")
    for time in range(TIMES):
        if time % 200 == 0:
            await candidate.logs_in()
        candidate.seen = []
        step = ADDRESS | {"lines": [f"{time} rue des Abeilles"]}
        await candidate.must("PUT", "/api/accounts/me/profile/address", 200, json=step)
        opened = await candidate.ask("POST", "/api/applications/applications", json={"programme": programme})
        assert opened.status == 201, (time, opened.body)
        await candidate.must("POST", f"/api/applications/applications/{opened.body['id']}/cancellation", 200)


async def test_also_with_the_relay_slowed_to_a_second(suite: SuiteProcess) -> None:
    await suite.stop()
    await suite.start(relay_pause=1)
    async with aiohttp.ClientSession() as client:
        for _ in range(5):
            candidate = Candidate(client, suite.base, Mailbox(suite.data / "mail"))
            await candidate.becomes_known()
            await candidate.opens(await candidate.finds("energie solaire"))
