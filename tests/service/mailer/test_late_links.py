"""A mail that could not leave within the hour carries a fresh link instead (acceptance 116)."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from services.chassis.clock import FixedClock
from services.chassis.store.sqlite import SqliteStore
from services.chassis.testing import Suite, run_suite
from services.cli.copying import copy_stores
from services.contracts.instants import instant_text
from services.mailer.domain.delivery import LINK_LEAVES_WITHIN
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.mailer.test_mails import noon, state_of_mails, text_of
from tests.service.mailer.test_one_time_links import CAMPAIGN, PASSWORD, SERVICES, ZOE, ask

__all__ = ["noon"]

GOOD_FOR = timedelta(hours=120)


async def states(suite: Suite, *expected: str) -> None:
    async with asyncio.timeout(120):
        while [state for state, _ in await state_of_mails(suite)] != list(expected):
            await suite.settle()
            await asyncio.sleep(0.02)


async def attempted(suite: Suite, times: int) -> None:
    """Wait until the mail was tried this often, and put off."""
    async with asyncio.timeout(120):
        while await rows(suite, "mailer", "deliveries", "state", "attempts") != [("queued", times)]:
            await suite.settle()
            await asyncio.sleep(0.02)


async def rows(suite: Suite, service: str, collection: str, *fields: str) -> list[tuple[Any, ...]]:
    found = await suite.service(service).service.ports.store.find(collection, {})
    return [tuple(row[field] for field in fields) for row in found]


@asynccontextmanager
async def registered(data: Path, clock: FixedClock) -> AsyncIterator[tuple[Suite, Path]]:
    """A suite where somebody has registered and no mail leaves for now, and what is in the way of mails."""
    new = data / "mail/new"
    async with run_suite(data, services=SERVICES, clock=clock) as suite:
        new.rmdir()
        new.write_text("in the way of mails")
        await suite.publish(CAMPAIGN, "offers")
        await suite.settle()
        await ask(suite, "/accounts", ZOE)
        await suite.settle()
        await attempted(suite, 1)
        yield suite, new


def cleared(new: Path) -> None:
    new.unlink()
    new.mkdir()


def link_of(mail: EmailMessage) -> str:
    (token,) = re.findall(r"\?token=([\w-]+)\n", text_of(mail))
    return str(token)


async def test_a_mail_that_leaves_within_the_hour_is_the_one_that_was_written(tmp_path: Path, noon: FixedClock) -> None:
    async with registered(tmp_path / "var", noon) as (suite, new):
        cleared(new)
        noon.advance(seconds=LINK_LEAVES_WITHIN.total_seconds())
        await states(suite, "sent")
        await ask(suite, "/validations", {"password": PASSWORD, "token": link_of(suite.mails()[0])})


async def test_a_later_one_gives_way_to_a_fresh_link_of_120_h(tmp_path: Path, noon: FixedClock) -> None:
    """Once mails leave again and not before: an outage of hours asks for one link, and not for one an hour."""
    async with registered(tmp_path / "var", noon) as (suite, new):
        for attempts in (2, 3):
            noon.advance(seconds=LINK_LEAVES_WITHIN.total_seconds() + 1)
            await attempted(suite, attempts)
        cleared(new)
        noon.advance(hours=1)
        await states(suite, "replaced", "sent")
        await suite.settle()
        (mail,) = suite.mails()
        assert mail["X-Parvis-Kind"] == "account-created"
        assert "6 mars 2026 à 16 h" in text_of(mail).replace("\N{NO-BREAK SPACE}", " ")
        ((links,),) = await rows(suite, "accounts", "accounts", "links")
        assert len(links) == 2
        assert links[-1]["expires_at"] == instant_text(noon.now() + GOOD_FOR)
        await ask(suite, "/validations", {"password": PASSWORD, "token": link_of(mail)})


async def test_nothing_is_sent_in_place_of_a_late_link_that_nobody_needs_any_more(
    tmp_path: Path, noon: FixedClock
) -> None:
    async with registered(tmp_path / "var", noon) as (suite, new):
        cleared(new)
        noon.advance(hours=121)
        await states(suite, "replaced")
        await suite.settle()
        assert suite.mails() == []


async def test_a_link_asked_for_in_the_midst_of_a_backup_is_mailed_once_from_the_copy(
    tmp_path: Path, noon: FixedClock
) -> None:
    """Acceptance 111: in the copy accounts has heard what the mailer, which was copied before, has not said yet."""
    live, steps = tmp_path / "var", ["accounts"]
    async with registered(live, noon) as (suite, new), AsyncExitStack() as stack:

        async def meanwhile(service: str, number: int) -> None:
            if service in steps:
                steps.remove(service)
                cleared(new)
                noon.advance(hours=2)
                await states(suite, "replaced", "sent")
                await suite.settle()

        services = {name: suite.service(name).service for name in SERVICES}
        copies = {name: SqliteStore(tmp_path / "copy" / f"{name}.sqlite") for name in SERVICES}
        for name, copy in copies.items():
            stack.push_async_callback(copy.close)
            await copy.prepare(services[name].kept)
        await copy_stores(services, copies, meanwhile)
    assert not steps
    shutil.copy(live / "link-secret", tmp_path / "copy")
    async with run_suite(tmp_path / "copy", services=SERVICES, clock=noon) as again:
        await all_mails_are_handed_over(again)
        (mail,) = again.mails()
        await ask(again, "/validations", {"password": PASSWORD, "token": link_of(mail)})


async def test_of_one_person_every_late_mail_gives_way_to_a_fresh_link(tmp_path: Path, noon: FixedClock) -> None:
    """Accounts takes what is asked for one mail for nothing that was asked for another."""
    async with registered(tmp_path / "var", noon) as (suite, new):
        cleared(new)
        noon.advance(hours=2)
        await states(suite, "replaced", "sent")
        await ask(suite, "/validations", {"password": PASSWORD, "token": link_of(suite.mails()[0])})
        await suite.settle()
        for there in new.iterdir():
            there.unlink()
        new.rmdir()
        new.write_text("in the way of mails")
        noon.advance(hours=1)
        await ask(suite, "/password-resets", {"email": "zoe@example.org"})
        await suite.settle()
        async with asyncio.timeout(120):  # not just queued: what is put off after the clock has gone on is due later
            while ("queued", 1) not in await rows(suite, "mailer", "deliveries", "state", "attempts"):
                await asyncio.sleep(0.05)
        cleared(new)
        noon.advance(hours=2)
        await all_mails_are_handed_over(suite)
        (mail,) = suite.mails()
        assert "identif" in str(mail["X-Parvis-Kind"])
        await ask(suite, "/password-resets/confirm", {"password": PASSWORD, "token": link_of(mail)})
