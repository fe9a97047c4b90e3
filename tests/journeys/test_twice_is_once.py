"""The line is bad, and Zoé presses every button twice."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.candidate import Candidate


async def test_one_key_sent_twenty_times_at_once_submits_once_and_mails_once(candidate: Candidate) -> None:
    """Acceptance 69."""
    await candidate.becomes_known()
    await candidate.opens(await candidate.finds("energie solaire"))
    await candidate.completes_the_pieces()
    headers = {"Idempotency-Key": "one-key-for-all"}
    answers = await asyncio.gather(
        *(candidate.ask("POST", f"{candidate.place}/submission", headers=headers) for _ in range(20))
    )
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["receipt"] for answer in answers}) == 1
    async with asyncio.timeout(120):
        while len(candidate.mailbox.mails_to(candidate.address)) < 3:
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    kinds = Counter(str(mail["X-Parvis-Kind"]) for mail in candidate.mailbox.mails_to(candidate.address))
    assert kinds == {"account-created": 1, "application-opened": 1, "application-submitted": 1}


async def test_two_tabs_open_one_application(candidate: Candidate) -> None:
    """Acceptance 40."""
    await candidate.becomes_known()
    programme = await candidate.finds("energie solaire")
    answers = await asyncio.gather(
        *(candidate.ask("POST", "/api/applications/applications", json={"programme": programme}) for _ in range(2))
    )
    assert sorted(answer.status for answer in answers) == [201, 409]
    assert {answer.slug for answer in answers if answer.status == 409} == {"already-applied"}
    assert len((await candidate.must("GET", "/api/applications/applications", 200))["items"]) == 1


async def test_registering_twice_at_once_makes_one_account(candidate: Candidate) -> None:
    """Acceptance 4."""
    await asyncio.gather(candidate.registers(), candidate.registers())
    async with asyncio.timeout(120):
        while len(mails := candidate.mailbox.mails_to(candidate.address)) < 2:
            await asyncio.sleep(0.05)
    assert sorted(str(mail["X-Parvis-Kind"]) for mail in mails) == ["account-created", "account-exists"]
