"""Two universities on one laptop: other ports, other data folders, nothing in common."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from tests.candidate import Candidate, Mailbox
from tests.processes import SuiteProcess


async def test_two_suites_run_side_by_side(candidate: Candidate, tmp_path: Path) -> None:
    other = SuiteProcess(tmp_path / "other")
    await other.start()
    async with aiohttp.ClientSession() as client:
        neighbour = Candidate(client, other.base, Mailbox(other.data / "mail"), insist=True)
        await neighbour.goes_the_whole_way()
        await candidate.goes_the_whole_way()
        candidate.base = other.base
        assert (await candidate.get(candidate.place)).status == 401
        assert not neighbour.mailbox.mails_to(candidate.address)
    assert await other.stop() == 0


async def test_a_data_folder_has_one_suite(embedded: SuiteProcess) -> None:
    second = SuiteProcess(embedded.data)
    second.log = embedded.data.parent / "second.log"
    await second.start()
    assert await second.ended() == 78
    assert "another suite runs on" in second.log.read_text()
