"""A process that is told to stop: what has not begun to go out waits for the next one, what has comes to its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.chassis.clock import FixedClock
from services.chassis.mail.smtp import CONNECTIONS
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import LinkIssued
from tests.servers.smtp import Behaviour, SmtpServer
from tests.service.mailer.test_mails import LINK, noon, state_of_mails

__all__ = ["noon"]

MAILS = CONNECTIONS + 2
"""More than can be handed over at once, less than are tried side by side."""


async def try_mails_side_by_side(suite: Suite, smtp: SmtpServer, behaviour: Behaviour) -> None:
    """Have them all put off at first, so that they become due together."""
    smtp.behaviour = Behaviour.DEFER_RECIPIENT
    for number in range(MAILS):
        await suite.publish(LinkIssued.model_validate(LINK | {"account": f"a{number}"}), "accounts")
    while await state_of_mails(suite) != [("queued", 1)] * MAILS:
        await asyncio.sleep(0.01)
    smtp.behaviour, smtp.connections = behaviour, 0
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(seconds=31)


async def come_to(suite: Suite, *states: str) -> None:
    """Wait until the mails are in these states."""
    while sorted(state for state, _ in await state_of_mails(suite)) != sorted(states):
        await asyncio.sleep(0.01)


async def test_a_mail_that_waits_for_its_turn_is_not_taken(tmp_path: Path, noon: FixedClock, smtp: SmtpServer) -> None:
    """Acceptance 103: only of those whose text was on its way does nobody know, and none is sent twice."""
    async with run_suite(tmp_path, services=["mailer"], clock=noon, mail=smtp.url) as suite:
        await try_mails_side_by_side(suite, smtp, Behaviour.SILENT)
        await come_to(suite, *["sending"] * CONNECTIONS, *["queued"] * (MAILS - CONNECTIONS))
        while smtp.deliveries < CONNECTIONS:
            await asyncio.sleep(0.01)
    smtp.behaviour = Behaviour.ACCEPT
    async with run_suite(tmp_path, services=["mailer"], clock=noon, mail=smtp.url) as suite:
        await come_to(suite, *["unknown"] * CONNECTIONS, *["sent"] * (MAILS - CONNECTIONS))
    assert len(smtp.messages) == MAILS - CONNECTIONS


async def test_a_mail_whose_server_has_not_greeted_is_put_back(
    tmp_path: Path, noon: FixedClock, smtp: SmtpServer
) -> None:
    async with run_suite(tmp_path, services=["mailer"], clock=noon, mail=smtp.url) as suite:
        await try_mails_side_by_side(suite, smtp, Behaviour.MUTE)
        while smtp.connections < CONNECTIONS:
            await asyncio.sleep(0.01)
    smtp.behaviour = Behaviour.ACCEPT
    async with run_suite(tmp_path, services=["mailer"], clock=noon, mail=smtp.url) as suite:
        await come_to(suite, *["sent"] * MAILS)
    assert len(smtp.messages) == MAILS


async def test_a_mail_that_is_going_out_comes_to_its_end(tmp_path: Path, noon: FixedClock, smtp: SmtpServer) -> None:
    smtp.behaviour = Behaviour.SLOW
    async with run_suite(tmp_path, services=["mailer"], clock=noon, mail=smtp.url) as suite:
        await suite.publish(LinkIssued.model_validate(LINK), "accounts")
        while not smtp.deliveries:
            await asyncio.sleep(0.01)
    smtp.behaviour = Behaviour.ACCEPT
    async with run_suite(tmp_path, services=["mailer"], clock=noon, mail=smtp.url) as suite:
        assert await state_of_mails(suite) == [("sent", 1)]
    assert len(smtp.messages) == 1
