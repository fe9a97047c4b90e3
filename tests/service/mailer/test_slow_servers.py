"""A server that takes its time over one mail."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.contracts.events.accounts import LinkIssued
from services.mailer.settings import MailerSettings
from tests.servers.smtp import Behaviour, SmtpServer
from tests.service.mailer.test_mails import LINK, noon
from tests.service.mailer.test_stopping import come_to

__all__ = ["noon"]


async def test_a_mail_that_its_server_is_slow_about_delays_no_other_of_its_priority(
    tmp_path: Path, noon: FixedClock, smtp: SmtpServer
) -> None:
    """Acceptance 103."""
    others = MailerSettings().at_once + 2
    smtp.behaviour = Behaviour.SILENT
    async with run_suite(tmp_path, services=["mailer"], clock=noon, mail=smtp.url) as suite:
        await suite.publish(LinkIssued.model_validate(LINK | {"account": "slow"}), "accounts")
        while not smtp.deliveries:
            await asyncio.sleep(0.01)
        smtp.behaviour = Behaviour.ACCEPT
        for number in range(others):
            await suite.publish(LinkIssued.model_validate(LINK | {"account": f"a{number}"}), "accounts")
        await come_to(suite, "sending", *["sent"] * others)
    assert len(smtp.messages) == others
