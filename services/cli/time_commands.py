"""The commands about what time does to a suite, and their help: timers, and what is kept how long."""

from __future__ import annotations

from typing import Final

import click

from services import SERVICES
from services.cli.row_commands import JSON, ONE_OR_ALL
from services.cli.run import run


class TimerName(click.ParamType[tuple[str, str]]):
    """A service and one of its timers, as `parvis timers list` names them: accounts.clean-up."""

    name = "timer"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The name of the service and that of the timer."""
        service, _, timer = value.partition(".")
        if service not in SERVICES or not timer:
            self.fail(f"{value!r} is not SERVICE.TIMER, as parvis timers list names them.", param, ctx)
        return service, timer


NAME: Final = click.argument("name", metavar="SERVICE.TIMER", type=TimerName())


@click.group()
def timers() -> None:
    """What every service does by the clock: how often, when last, what is due."""


@timers.command("list")
@ONE_OR_ALL
@JSON
def timers_list(only: tuple[str, ...], as_json: bool) -> None:
    """List every timer: how often it looks, when it has last run, when it has last done something, what it would take now.

    Of more than 1000 items it is said that there are so many. What has last run is written down once a minute.
    """
    run("timers", "timers_list", services=only or SERVICES, as_json=as_json)


@timers.command("run")
@NAME
def timers_run(name: tuple[str, str]) -> None:
    """Have one timer do now all that is due, beside a running suite or without. What is not due stays: a second time does
    nothing more.
    """
    service, timer = name
    run("timers", "timers_run", service=service, name=timer)


@timers.command("explain")
@NAME
def timers_explain(name: tuple[str, str]) -> None:
    """Say what a timer does, by which rule, and where that is written."""
    service, timer = name
    run("timers", "timers_explain", service=service, name=timer)


@click.group()
def retention() -> None:
    """What is kept of campaigns that are over, until when, and what stays (docs/operations/retention.md)."""


@retention.command("show")
@JSON
def retention_show(as_json: bool) -> None:
    """List the campaigns with how many accounts and files they have, and when those go. Nothing is changed."""
    run("retention", "retention_show", as_json=as_json)


@retention.command("counts")
@click.argument("campaign")
@JSON
def retention_counts(campaign: str, as_json: bool) -> None:
    """Show how many files there are or were to each programme of CAMPAIGN, and what became of them."""
    run("retention", "retention_counts", campaign=campaign, as_json=as_json)


TIME_COMMANDS: Final = (timers, retention)
