"""Mails that are about to leave, in the production size."""

from __future__ import annotations

import asyncio

from tests.faults.conftest import FaultBench
from tests.faults.crowd import TIMEOUT


async def no_mail_is_handed_over(bench: FaultBench, replica: int) -> None:
    """Put a mailer to sleep between two mails: nobody could tell whether one was sent over which it dies."""
    mailer, deliveries = bench.cluster.processes["mailer"][replica], bench.suite["mailer"].ports.store
    async with asyncio.timeout(TIMEOUT):
        mailer.freeze()
        while await deliveries.count("deliveries", {"state": "sending"}):
            mailer.thaw()
            await asyncio.sleep(0.1)
            mailer.freeze()
