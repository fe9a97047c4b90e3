"""Mails that are about to leave, in the production size."""

from __future__ import annotations

import asyncio

from tests.faults.conftest import Stand
from tests.faults.crowd import PATIENCE


async def no_mail_is_handed_over(stand: Stand, replica: int) -> None:
    """Put a mailer to sleep between two mails: nobody could tell whether one was sent over which it dies."""
    mailer, deliveries = stand.cluster.processes["mailer"][replica], stand.suite["mailer"].ports.store
    async with asyncio.timeout(PATIENCE):
        mailer.freeze()
        while await deliveries.count("deliveries", {"state": "sending"}):
            mailer.thaw()
            await asyncio.sleep(0.1)
            mailer.freeze()
