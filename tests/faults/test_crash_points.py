"""Power fails at every crash point of the code, in the midst of submissions and uploads; nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from services.contracts.events.mailer import MailBounced
from tests.candidate import PASSWORD, Candidate
from tests.faults.crowd import AT_ONCE, TIMEOUT, everything_acknowledged_is_there, keep_coming, newcomer
from tests.faults.labels import BY_ONE, BY_THE_CLOCK, crash_labels, reached_by_a_crowd
from tests.processes import SuiteProcess
from tests.returned_mails import dsn
from tests.servers.dovecot import Dovecot

A_WEEK_LATER = f"offset:+{8 * 86400}"


def test_every_crash_point_is_died_at() -> None:
    assert len(crash_labels()) > 15
    assert sorted(crash_labels()) == sorted([*reached_by_a_crowd(), *BY_THE_CLOCK, *BY_ONE])


@pytest.mark.timeout(3600)
async def test_nothing_acknowledged_is_lost_whatever_label_the_power_fails_at(tmp_path: Path) -> None:
    """One suite dies at one label after the other, and with all that those deaths have left in its stores."""
    suite = SuiteProcess(tmp_path / "var")
    people: list[Candidate] = []
    stop = asyncio.Event()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as client:
        crowd = [asyncio.create_task(keep_coming(suite, client, people, stop)) for _ in range(AT_ONCE)]
        try:
            for label in reached_by_a_crowd():
                await suite.start(crash_at=f"{label}#2")
                await dies(suite, crowd, label)
            await suite.start()
            stop.set()
            async with asyncio.timeout(2 * TIMEOUT):
                await asyncio.gather(*crowd)
            assert len(people) > AT_ONCE
            await everything_acknowledged_is_there(suite, people)
            await suite.stop()
            for label in BY_THE_CLOCK:
                await suite.start(crash_at=label, clock=A_WEEK_LATER)
                await dies(suite, [], label)
            await suite.start(clock=A_WEEK_LATER)
            await what_was_never_attached_is_gone(suite, people)
            await everything_acknowledged_is_there(suite, people)
        finally:
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
            await suite.stop()


async def test_a_submission_that_no_application_names_submits_nothing_and_does_not_stay(tmp_path: Path) -> None:
    """Acceptance 69: power fails behind its document and before the one write that submits."""
    suite = SuiteProcess(tmp_path / "var")
    await suite.start(crash_at="applications.submission-written")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT)) as client:
        person = newcomer(suite, client)
        await person.becomes_known()
        await person.opens(await person.finds("energie solaire"))
        await person.completes_the_pieces()
        person.insist = False
        key = {"Idempotency-Key": "once"}
        with pytest.raises(aiohttp.ClientConnectionError):
            await person.ask("POST", f"{person.place}/submission", headers=key)
        assert await suite.ended() == -9
        await suite.start()
        person.insist = True
        assert (await person.must("GET", person.place, 200))["state"] == "draft"
        assert (await person.must("GET", f"{person.place}/receipt", 409))["slug"] == "not-submitted"
        receipts = [await person.must("POST", f"{person.place}/submission", 200, headers=key) for _ in range(2)]
        assert receipts[0] == receipts[1]
        person.ledger.receipt = receipts[0]["receipt"]
        await everything_acknowledged_is_there(suite, [person])
    await suite.stop()
    with closing(sqlite3.connect(suite.data / "applications.sqlite")) as store:
        kept = [json.loads(row)["receipt"] for (row,) in store.execute("SELECT doc FROM submissions")]
    assert kept == [person.ledger.receipt]


async def test_another_address_is_asked_for_once_though_the_power_fails_before_it_is_noted(tmp_path: Path) -> None:
    """Acceptance 17: what was taken is done, all logins end, and the same request sent again is no second one."""
    suite = SuiteProcess(tmp_path / "var")
    await suite.start(crash_at="accounts.change-taken")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT)) as client:
        person = newcomer(suite, client)
        await person.registers()
        await person.validates()
        await person.logs_in()
        person.insist, person.seen = False, []
        new = f"new.{person.address}"
        change = {"email": new, "email_confirmation": new, "password": PASSWORD}
        again = {"headers": {"Idempotency-Key": "once"}, "json": change}
        with pytest.raises(aiohttp.ClientConnectionError):
            await person.ask("POST", "/api/accounts/me/email-changes", **again)
        assert await suite.ended() == -9
        await suite.start()
        token = await person.mailbox.link_token(new, TIMEOUT)
        assert (await person.ask("POST", "/api/accounts/me/email-changes", **again)).status == 202
        assert (await person.get("/api/accounts/me")).slug == "session-ended"
        await person.must("POST", "/api/accounts/validations", 200, json={"token": token})
        person.token, person.ledger.login = "", new
        await person.logs_in()
        assert (await person.must("GET", "/api/accounts/me", 200))["email"] == new
    assert await suite.stop() == 0
    assert len(person.mailbox.mails_to(new)) == 1


async def test_a_mail_that_came_back_is_told_of_once_though_the_power_fails_before_its_place_is_kept(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    """It is read again, and known by its id."""
    user = f"u{uuid4().hex}"
    suite = SuiteProcess(tmp_path / "var", bounces=dovecot.mailbox(user))
    await suite.start(crash_at="mailer.return-taken")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT)) as client:
        person = newcomer(suite, client)
        await person.registers()
        await person.mailbox.link_token(person.address, TIMEOUT)
    (mail,) = person.mailbox.mails_to(person.address)
    message, _, domain = str(mail["Message-ID"]).strip("<>").partition("@")
    dovecot.deliver(user, dsn(message, person.address, domain=domain))
    ordered = asyncio.create_task(suite.parvis("timers", "run", "mailer.bounces"))
    assert await suite.ended() == -9
    await ordered
    with closing(sqlite3.connect(suite.data / "mailer.sqlite")) as store:
        assert not any(json.loads(row)["uid"] for (row,) in store.execute("SELECT doc FROM mailboxes"))
        assert any(json.loads(row).get("returns") for (row,) in store.execute("SELECT doc FROM deliveries"))
    await suite.start()
    assert (await suite.parvis("timers", "run", "mailer.bounces")).returncode == 0
    assert await suite.stop() == 0
    with closing(sqlite3.connect(suite.data / "mailer.sqlite")) as store:
        ((place,),) = store.execute("SELECT doc FROM mailboxes")
        deliveries = [json.loads(row) for (row,) in store.execute("SELECT doc FROM deliveries")]
        told = [json.loads(json.loads(row)["body"]) for (row,) in store.execute("SELECT doc FROM journal")]
    assert json.loads(place)["uid"] == 1
    assert [(each["reason"], len(each["returns"])) for each in deliveries if each.get("returns")] == [("bounced", 1)]
    assert [each["type"] for each in told].count(MailBounced.TYPE) == 1


async def dies(suite: SuiteProcess, crowd: list[asyncio.Task[None]], label: str) -> None:
    """Wait until the power has failed; AssertionError if the label is never reached or the crowd falls over."""
    # What is done by the clock waits for proof that all has been heard, and then for the next minute.
    ended = asyncio.ensure_future(suite.ended(within=3 * TIMEOUT))
    done, _ = await asyncio.wait([ended, *crowd], timeout=2 * TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
    if ended not in done:
        await suite.kill()
        with contextlib.suppress(asyncio.CancelledError):
            await ended
        for task in done:
            task.result()
        raise AssertionError(f"the crash point {label} was never reached")
    assert await ended == -9, f"{label}: {suite.log.read_text()[-2000:]}"


async def what_was_never_attached_is_gone(suite: SuiteProcess, people: list[Candidate]) -> None:
    """What no application holds is erased after a week, and nothing else.

    The timer that two lives have died of comes back within a minute; here it is told to come at once.
    """
    async with asyncio.timeout(3 * TIMEOUT):
        for person in people:
            await person.logs_in()
            while (await person.get(f"/api/documents/documents/{person.loose}")).status != 404:
                ordered = await suite.parvis("timers", "run", "documents.loose")
                assert ordered.returncode == 0, ordered.stdout + ordered.stderr
                await asyncio.sleep(0.5)
