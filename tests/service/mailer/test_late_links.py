"""A mail that could not leave within the hour carries a fresh link instead (acceptance 116)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.instants import instant_text
from services.mailer.domain.delivery import LINK_LEAVES_WITHIN
from tests.service.mailer.test_mails import noon, state_of_mails, text_of
from tests.service.mailer.test_one_time_links import CAMPAIGN, PASSWORD, SERVICES, ZOE, ask

__all__ = ["noon"]

GOOD_FOR = timedelta(hours=120)


async def states(suite: Suite, *expected: str) -> None:
    async with asyncio.timeout(120):
        while [state for state, _ in await state_of_mails(suite)] != list(expected):
            await asyncio.sleep(0.05)


async def attempted(suite: Suite, times: int) -> None:
    """Wait until the mail was tried this often, and put off."""
    async with asyncio.timeout(120):
        while await rows(suite, "mailer", "deliveries", "state", "attempts") != [("queued", times)]:
            await asyncio.sleep(0.05)


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
