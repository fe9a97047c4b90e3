"""All commands and their help; the work stands in the module that each names."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from pydantic import ValidationError

import services
from services.chassis.ports import PortError

DAY: Final = click.DateTime(["%Y-%m-%d"])
CONFIGURATION: Final = 78
"""Exit code for settings that cannot be used (sysexits.h, EX_CONFIG)."""
PATIENCE: Final = "What is under way in a running suite gets so long to come to rest."


class ConfigurationError(click.ClickException):
    """Settings that cannot be used; every one of them is listed."""

    exit_code = CONFIGURATION


def _run(module: str, function: str, **arguments: Any) -> None:
    """Run `services.cli.<module>.<function>`, a coroutine, and leave with the exit code that it gives."""
    work: Callable[..., Any] = getattr(importlib.import_module(f"services.cli.{module}"), function)
    try:
        code = asyncio.run(work(**arguments))
    except ValidationError as error:
        names = [f"PARVIS_{'_'.join(map(str, wrong['loc']))}".upper() + f": {wrong['msg']}" for wrong in error.errors()]
        raise ConfigurationError("unusable settings:\n  " + "\n  ".join(names)) from None
    except PortError as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error
    except KeyboardInterrupt:
        code = 130
    sys.exit(code or 0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(services.VERSION, prog_name="parvis")
def main() -> None:
    """Parvis, the forecourt of a university: people apply to its programmes, entirely online.

    Settings are environment variables, PARVIS_... (see docs/operations/settings.md), also from a file .env.
    Exit codes: 0 done, 1 failure, 2 usage, 78 configuration.
    """


@main.command()
def up() -> None:
    """Run the whole suite in this process, on one port."""
    _run("up", "up")


@main.command()
@click.argument("names", metavar="SERVICE...", nargs=-1, required=True, type=click.Choice(services.SERVICES))
def serve(names: tuple[str, ...]) -> None:
    """Run one service (or several) as one process among others."""
    _run("up", "serve", names=names)


@main.group("import")
def import_() -> None:
    """Load a catalogue."""


@import_.command("mon-master")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
@click.option("--opens", type=DAY, metavar="YYYY-MM-DD", help="First day of applications; default: today.")
@click.option("--closes", type=DAY, metavar="YYYY-MM-DD", help="Last day of applications; default: 30 days later.")
def import_mon_master(file: Path, dry_run: bool, opens: datetime | None, closes: datetime | None) -> None:
    """Load the national open data of master's mentions: FILE is the CSV, plain or gzip.

    Without --opens and --closes, programmes that are there already keep their days.
    """
    days = {"opens_on": opens.date() if opens else None, "closes_on": closes.date() if closes else None}
    _run("imports", "mon_master", file=file, dry_run=dry_run, **days)


@main.command()
@click.argument(
    "what", metavar="all|SERVICE...", nargs=-1, required=True, type=click.Choice(("all", *services.SERVICES))
)
@click.option(
    "--patience", default=5.0, show_default=True, type=click.FloatRange(0, 600), metavar="SECONDS", help=PATIENCE
)
def verify(what: tuple[str, ...], patience: float) -> None:
    """Recompute from the data all that the suite promises, beside a running suite or without: journals whole and in
    order, every event applied, every document's bytes, every receipt, every mail. A line for each broken promise.
    """
    _run("verify", "verify", names=services.SERVICES if "all" in what else what, patience=patience)


@main.group()
def topology() -> None:
    """Exchanges, queues, users and rights on RabbitMQ, by PARVIS_BROKER_ADMIN."""


SECRETS: Final = click.option(
    "--secrets",
    default=Path("secrets"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder with a file broker-SERVICE per service: its PARVIS_BROKER, to be given as PARVIS_BROKER_FILE.",
)
AMQP: Final = click.option(
    "--amqp", metavar="URL", help="Where services and subscribers reach the broker; default: amqp:// on the same host."
)


@topology.command("apply")
@SECRETS
@AMQP
def topology_apply(secrets: Path, amqp: str | None) -> None:
    """Bring the broker to what the suite needs. A second time changes nothing; no message and no queue is ever removed."""
    _run("topology", "apply", secrets=secrets, amqp=amqp)


@topology.command("check")
@SECRETS
def topology_check(secrets: Path) -> None:
    """List every difference between the broker and what the suite needs; change nothing."""
    _run("topology", "check", secrets=secrets)


@main.group()
def subscriber() -> None:
    """Campus systems that subscribe to public events, by PARVIS_BROKER_ADMIN."""


@subscriber.command("add")
@click.argument("name")
@click.option(
    "--types", required=True, metavar="TYPE,...", help="Public event types, e.g. those of docs/events/README.md."
)
@click.option("--new-password", is_flag=True, help="Give one that is there another password.")
@AMQP
def subscriber_add(name: str, types: str, new_password: bool, amqp: str | None) -> None:
    """Make a campus system's user, queue and rights, or change which types one gets that is there."""
    _run("subscribers", "add", name=name, types=types.split(","), new_password=new_password, amqp=amqp)


@subscriber.command("list")
def subscriber_list() -> None:
    """Every subscriber, what waits for it, and what it gets."""
    _run("subscribers", "show")


@subscriber.command("remove")
@click.argument("name")
def subscriber_remove(name: str) -> None:
    """Take a subscriber away, with its queue and all that waits there."""
    _run("subscribers", "remove", name=name)


@main.command("verify-receipt")
@click.argument("file", type=click.File("r"))
@click.option("--jwks", required=True, metavar="FILE|URL", help="The public keys: a file, or where to fetch them.")
def verify_receipt(file: Any, jwks: str) -> None:
    """Check the receipt of a submission, without asking the suite: FILE holds it ("-" is standard input)."""
    _run("receipts", "verify", receipt=file.read(100_000), jwks=jwks)


@main.command()
@click.option("--url", default=None, help="The suite to play against; default: where this machine's runs.")
def demo(url: str | None) -> None:
    """Play a candidate's whole way against a running suite, showing each step."""
    _run("demo", "demo", url=url)


@main.group("events")
def events_() -> None:
    """What is promised of events, from one release to the next."""


@events_.command("check")
def events_check() -> None:
    """List what the last release promised of events and is no longer so."""
    _run("events", "check")


@events_.command("release")
def events_release() -> None:
    """Write down what this version promises of events, in docs/events/released."""
    _run("events", "release")


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if a document is out of date.")
def docs(check: bool) -> None:
    """Write the documents that are generated from the code."""
    _run("docs", "docs", check=check)
