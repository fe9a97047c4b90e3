"""The commands about what time does to a suite, and their help: timers, and what is kept how long."""

from __future__ import annotations

from pathlib import Path
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


@click.command()
@click.option(
    "--catalogue",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An institution's own, as parvis import catalogue takes it; default: one that is made up.",
)
@click.option("--people", default=40, show_default=True, type=click.IntRange(1, 20_000), help="Who apply.")
@click.option(
    "--programmes", default=4, show_default=True, type=click.IntRange(1, 200), help="Of the catalogue that is made up."
)
@click.option(
    "--seed", default=1, show_default=True, type=int, help="Of what people do: the same again, or other things."
)
@click.option(
    "--report", "report_file", type=click.Path(dir_okay=False, path_type=Path), help="Write what is printed here too."
)
@click.option(
    "--keep",
    type=click.Path(exists=False, path_type=Path),
    help="Keep the folder of the suite here, which is new: its stores, mails and log.",
)
@click.option(
    "--servers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Play in the production size, on the servers that this file names; they must be empty, and called rehearsal...",
)
def rehearse(  # noqa: PLR0917 - one for each option
    catalogue: Path | None,
    people: int,
    programmes: int,
    seed: int,
    report_file: Path | None,
    keep: Path | None,
    servers: Path | None,
) -> None:
    """Play a whole campaign on a suite of its own, from before the opening to the erasure: nothing of yours is touched.

    The suite runs on this machine alone, in a folder that is thrown away, by a clock that jumps from one moment that matters
    to the next. People who are made up apply, answer or keep silent; staff examine and decide; a model of the rules reckons
    what each must see and get, and everything is compared. Exit codes: 0 all was exact, 3 something was not and is named,
    1 it could not be played.
    """
    told = {"report_file": report_file, "keep": keep, "servers": servers}
    run("rehearse", "rehearse", catalogue=catalogue, people=people, programmes=programmes, seed=seed, **told)


TIME_COMMANDS: Final = (timers, retention, rehearse)
