"""When a suite has done all that is to be done at a moment: events applied, timers through, mails handed over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import click

from services.chassis.events.heard import HEARD
from services.chassis.events.inbox import INBOX
from services.chassis.events.record import every
from services.chassis.ports import In, PortError, Range
from services.chassis.service.service import Running
from services.cli.offline import opened_to_read
from services.cli.rehearsing.suite import PlayedSuite
from services.contracts.instants import instant_text

REST_SECONDS: Final = 600.0
PAUSE: Final = 0.2
TOLD_WITHIN: Final = timedelta(minutes=2)
"""What was caused a minute ago is told by now, or never will be: so far behind is what services can know of each other."""
LANES: Final = (0, 1, 2, 3)
UNDER_WAY: Final = {"state": In(("pending", "retrying", "blocked"))}


class NoRest(Exception):
    """The suite goes on and on; the text says with what."""


async def come_to_rest(suite: PlayedSuite, heard: datetime | None) -> None:
    """Wait until the suite has done all that it is to do at the moment that its clock shows; raises NoRest.

    `heard` is up to when services must know all of each other, where what is to be done depends on that: lapses, erasure.
    """
    busy = "start"
    try:
        async with asyncio.timeout(REST_SECONDS), opened_to_read(suite.settings) as services:
            running = {name: Running(service) for name, service in services.items()}
            while busy:
                try:
                    while busy := await _under_way(running, heard):  # noqa: ASYNC110 - rest is seen by looking
                        await asyncio.sleep(PAUSE)
                    if await suite.does_what_is_due():
                        busy = "timers"
                    else:
                        busy = await _under_way(running, heard)
                except (PortError, click.ClickException) as error:
                    # Slow for a moment, or just begun anew: to look, and to do what is due, may be repeated.
                    busy = str(error) or type(error).__name__
                    await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise NoRest(busy) from None


async def _under_way(services: Mapping[str, Running], heard: datetime | None) -> str:
    """What is still to be waited for; nothing at rest."""
    since = "" if heard is None else instant_text(heard - TOLD_WITHIN)
    for name, running in services.items() if since else ():
        async for row in every(running.service.ports.store, HEARD.name):
            if row["until"] < since:
                return f"{name} has not heard {row['_id']} to its end"
    for name, running in services.items():
        if not await running.is_published():
            return f"{name} has events to tell"
        if await running.service.ports.store.count(INBOX.name, UNDER_WAY):
            return f"{name} has events to apply"
    mailer = services["mailer"].service.ports
    now = instant_text(mailer.clock.now())
    if await mailer.store.count("deliveries", {"state": "sending"}):
        return "a mail is being sent"
    if await mailer.store.count("deliveries", {"state": "queued", "lane": In(LANES), "due_at": Range(gt="", le=now)}):
        return "mails are to be sent"
    return ""
