"""News of what applications hold comes days late: documents erases nothing for not having heard (acceptance 102)."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from tests.candidate import Candidate, Mailbox
from tests.faults.crowd import everything_acknowledged_is_there
from tests.processes import SuiteProcess

EIGHT_DAYS = f"offset:+{8 * 86400}"


async def test_documents_submitted_just_before_the_power_failed_are_there_eight_days_later(tmp_path: Path) -> None:
    suite = SuiteProcess(tmp_path / "var")
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as client:
            person = Candidate(client, suite.base, Mailbox(suite.data / "mail"), insist=True)
            await suite.start()
            await person.becomes_known()
            await person.opens(await person.finds("energie solaire"))
            await suite.stop()
            await suite.start(relay_pause=60)
            await person.completes_the_pieces()
            await person.submits()
            await suite.kill()
            assert len(person.ledger.documents) >= 3
            await suite.start(clock=EIGHT_DAYS)
            await person.logs_in()
            for _ in range(20):
                for document in person.ledger.documents:
                    assert (await person.get(f"/api/documents/documents/{document}")).status == 200
            await everything_acknowledged_is_there(suite, [person])
    finally:
        await suite.stop()
