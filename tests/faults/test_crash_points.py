"""Power fails at every crash point of the code, in the midst of submissions and uploads; nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from tests.candidate import Candidate, Mailbox, pdf
from tests.faults.labels import crash_labels
from tests.processes import ROOT, SuiteProcess

CHAINS = 2
AT_ONCE = 4
PATIENCE = 60
BY_THE_CLOCK = ("documents.erasing", "documents.bytes-erased")
"""Reached a week later, when what was never attached is erased."""
A_WEEK_LATER = f"offset:+{8 * 86400}"


def test_every_crash_point_is_in_a_chain() -> None:
    assert len(crash_labels()) > 15
    chains = [label for chain in range(CHAINS) for label in chain_of(chain)]
    assert sorted(crash_labels()) == sorted([*chains, *BY_THE_CLOCK])


def chain_of(chain: int) -> list[str]:
    """The labels that one suite dies at, one life after the other."""
    return [label for label in crash_labels() if label not in BY_THE_CLOCK][chain::CHAINS]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("chain", range(CHAINS))
async def test_nothing_acknowledged_is_lost_whatever_label_the_power_fails_at(tmp_path: Path, chain: int) -> None:
    suite = SuiteProcess(tmp_path / "var")
    people: list[Candidate] = []
    stop = asyncio.Event()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as client:
        crowd = [asyncio.create_task(keep_coming(suite, client, people, stop)) for _ in range(AT_ONCE)]
        try:
            for label in chain_of(chain):
                await suite.start(crash_at=f"{label}#2")
                await dies(suite, crowd, label)
            await suite.start()
            stop.set()
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*crowd)
            await everything_acknowledged_is_there(suite, client, people)
            for label in BY_THE_CLOCK:
                await suite.start(crash_at=label, clock=A_WEEK_LATER)
                await dies(suite, [], label)
            await suite.start(clock=A_WEEK_LATER)
            await what_was_never_attached_is_gone(people)
            await everything_acknowledged_is_there(suite, client, people)
        finally:
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
            await suite.stop()


async def keep_coming(
    suite: SuiteProcess, client: aiohttp.ClientSession, people: list[Candidate], stop: asyncio.Event
) -> None:
    """One after the other, people go the whole way."""
    while not stop.is_set():
        candidate = Candidate(client, suite.base, Mailbox(suite.data / "mail"), insist=True)
        candidate.patience = 3 * PATIENCE
        people.append(candidate)
        await candidate.becomes_known()
        await candidate.opens(await candidate.finds("energie solaire"))
        await candidate.completes_the_pieces()
        loose = await candidate.uploads(pdf())
        candidate.loose = loose.body["document"]
        await candidate.submits()


async def dies(suite: SuiteProcess, crowd: list[asyncio.Task[None]], label: str) -> None:
    """Wait until the power has failed; AssertionError if the label is never reached or the crowd falls over."""
    ended = asyncio.ensure_future(suite.ended())
    done, _ = await asyncio.wait([ended, *crowd], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    if ended not in done:
        await suite.kill()
        with contextlib.suppress(asyncio.CancelledError):
            await ended
        for task in done:
            task.result()
        raise AssertionError(f"the crash point {label} was never reached")
    assert await ended == -9, f"{label}: {suite.log.read_text()[-2000:]}"


async def everything_acknowledged_is_there(
    suite: SuiteProcess, client: aiohttp.ClientSession, people: list[Candidate]
) -> None:
    """Compare every candidate's ledger with what the suite now says, then with what its stores hold."""
    assert len(people) > AT_ONCE
    for person in people:
        await person.logs_in()
        application = await person.must("GET", person.place, 200)
        assert application["state"] == "submitted"
        held = {piece["code"]: piece["document"]["id"] for piece in application["pieces"] if piece.get("document")}
        assert held == person.ledger.pieces
        receipt = await person.must("GET", f"{person.place}/receipt", 200)
        assert receipt["receipt"] == person.ledger.receipt
        for document, digest in person.ledger.documents.items():
            content = await person.must("GET", f"/api/documents/documents/{document}", 200)
            assert hashlib.sha256(content).hexdigest() == digest
        kinds = await mails_of(person)
        assert kinds == {"account-created": 1, "application-opened": 1, "application-submitted": 1}, kinds
    verified = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services", "verify", "all", "--patience", str(PATIENCE)],
        env=suite.environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    await suite.stop()


async def what_was_never_attached_is_gone(people: list[Candidate]) -> None:
    """What no application holds is erased after a week, and nothing else."""
    async with asyncio.timeout(PATIENCE):
        for person in people:
            await person.logs_in()
            while (await person.get(f"/api/documents/documents/{person.loose}")).status != 404:
                await asyncio.sleep(0.1)


async def mails_of(person: Candidate) -> Counter[str]:
    """How many mails of each kind a person has got, once all three have come."""
    async with asyncio.timeout(PATIENCE):
        while True:
            mails = await asyncio.to_thread(person.mailbox.mails_to, person.address)
            if len(mails) >= 3:
                await asyncio.sleep(0.1)
                assert len({mail["Message-ID"] for mail in mails}) == len(mails)
                return Counter(str(mail["X-Parvis-Kind"]) for mail in mails)
            await asyncio.sleep(0.1)
