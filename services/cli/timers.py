"""`parvis timers`: what services do by the clock (ADR 12)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import Any, Final

import click
import structlog

from services.chassis.context import CommandContext
from services.chassis.service.last_runs import LastRuns
from services.chassis.service.service import Running, Service
from services.chassis.service.timers import Timer
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.control import Output, Suite, writes
from services.cli.inspection import tell
from services.cli.offline import opened_to_read
from services.contracts.instants import instant_text

log = structlog.get_logger()

COLUMNS: Final = ("timer", "every", "calendar", "last_ran", "last_busy", "did", "due")
MOST_DUE: Final = 1000
"""Items that are counted."""
MOST_ROUNDS: Final = 1000
"""Rounds of one order; what is due behind them the suite does by itself, or another order."""
_RULE: Final = re.compile(r"acceptance [\d, ]*\d|ADR \d+|product, section \d+|RFC \d+")


async def timers_list(*, services: Sequence[str], as_json: bool) -> int:
    """Every timer of these services."""
    rows: list[dict[str, Any]] = []
    settings = Settings()
    configure_logging(settings)
    async with opened_to_read(settings, services) as suite:
        for service in suite.values():
            running, ran = Running(service), await LastRuns(service.ports.store).load()
            for timer in running.timers:
                run, due = ran.get(timer.name), await _due(running, timer)
                busy = run is not None and run.busy_at is not None
                rows.append(
                    {
                        "timer": f"{service.name}.{timer.name}",
                        "every": timer.seconds if as_json else _span(timer.seconds),
                        "calendar": timer.calendar,
                        "last_ran": instant_text(run.at) if run else "",
                        "last_busy": instant_text(run.busy_at) if run and run.busy_at else "",
                        "did": run.done if run and busy else "",
                        "due": "" if due is None else due if as_json or due < MOST_DUE else f"{due} or more",
                    }
                )
    tell(rows, COLUMNS, as_json=as_json)
    return 0


@writes(chosen_by="service")
async def timers_run(suite: Suite, output: Output, *, service: str, name: str) -> int:
    """Have a timer do all that is due now; exit code 1 if there is none of that name."""
    running = Running(suite[service])
    if (timer := _named(running, name)) is None:
        output.line(_unknown(running, name), error=True)
        return 1
    done, rounds = 0, 0
    async with AsyncExitStack() as stack:
        if not _lives(suite[service]):
            await _awake(suite[service], stack)
        while rounds < MOST_ROUNDS:
            did = await timer.run(await _command(running, timer))
            done, rounds = done + did, rounds + 1
            if not did:
                break
    running.last_runs.note(name, running.service.ports.clock.now(), done)
    await running.last_runs.keep()
    log.warning("timer.ordered", service=service, timer=name, done=done)
    more = "; there may be more, which is done next" if rounds == MOST_ROUNDS else ""
    output.line(f"{service}.{name}: {done} done{more}")
    return 0


async def timers_explain(*, service: str, name: str) -> int:
    """What a timer does, in the words of who wrote it."""
    settings = Settings()
    configure_logging(settings)
    async with opened_to_read(settings, [service]) as suite:
        running = Running(suite[service])
        if (timer := _named(running, name)) is None:
            raise click.ClickException(_unknown(running, name))
    does = _function(timer.does or timer.run)
    takes = _text(timer.due) if timer.due is not None else ""
    when = f"every {_span(timer.seconds)}" + (f", {timer.calendar}" if timer.calendar else "")
    click.echo(f"{service}.{name}: {when}")
    click.echo(paragraph(timer))
    if takes:
        click.echo(f"Takes: {takes}")
    module = inspect.getmodule(does)
    said = " ".join(((module and module.__doc__) or "", does.__doc__ or "", "ADR 12"))
    click.echo(f"Rule: {', '.join(dict.fromkeys(_RULE.findall(said)))}")
    click.echo(f"Written in: {does.__module__}")
    return 0


def paragraph(timer: Timer) -> str:
    """What a timer does, in one paragraph."""
    return _text(timer.does or timer.run)


async def _due(running: Running, timer: Timer) -> int | None:
    """How many items a timer would take now, `MOST_DUE` at most; None for one that takes no items."""
    if timer.due is None:
        return None
    due = 0
    async with aclosing(timer.due(await _command(running, timer))) as items:  # type: ignore[type-var]  # generators all
        async for _ in items:
            if (due := due + 1) == MOST_DUE:
                break
    return due


async def _command(running: Running, timer: Timer) -> CommandContext:
    ports = running.service.ports
    return await timer.command(running.service.name, ports.clock, ports.ids, running.witness)


def _lives(service: Service) -> bool:
    """Whether the service works in this very process."""
    return f"{service.name}.relay" in service.ports.tasks.states


async def _awake(service: Service, stack: AsyncExitStack) -> None:
    """Have a service that does not live do what its timers do, until the stack is left."""
    if service.signer is not None:
        await service.signer.load()
    for lifespan in service.lifespans:
        await stack.enter_async_context(lifespan())


def _named(running: Running, name: str) -> Timer | None:
    return next((timer for timer in running.timers if timer.name == name), None)


def _unknown(running: Running, name: str) -> str:
    names = ", ".join(sorted(timer.name for timer in running.timers))
    return f"{running.service.name} has no timer {name}; it has {names}"


def _function(called: Callable[..., object]) -> Callable[..., object]:
    while isinstance(called, partial):
        called = called.func
    return called


def _text(called: Callable[..., object]) -> str:
    return " ".join((inspect.getdoc(_function(called)) or "").split())


def _span(seconds: float) -> str:
    """So many seconds as people say them."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"
