"""All commands and their help; the work stands in the module that each names."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

import services
from services.cli.incident_commands import incidents
from services.cli.operations import COMMANDS
from services.cli.row_commands import JSON, LIMIT
from services.cli.run import run
from services.cli.time_commands import TIME_COMMANDS
from services.cli.values_given import values_given
from services.contracts.actors import Role
from services.contracts.languages import LANGUAGES

DAY: Final = click.DateTime(["%Y-%m-%d"])


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
    run("up", "up")


@main.command()
@click.argument(
    "names", metavar="SERVICE...", nargs=-1, required=True, type=click.Choice((*services.SERVICES, services.PORTAL))
)
def serve(names: tuple[str, ...]) -> None:
    """Run one service (or several, or the portal) as one process among others."""
    run("up", "serve", names=names)


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
    run("imports", "mon_master", file=file, dry_run=dry_run, **days)


@import_.command("catalogue")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
def import_catalogue(file: Path, dry_run: bool) -> None:
    """Load an institution's own catalogue: FILE is a table (CSV in UTF-8, UTF-16 or cp1252) or a list in JSON.

    docs/operations/catalogue.md has its columns. Exit code 1 if a row is faulty; the others are loaded.
    """
    run("imports", "catalogue", file=file, dry_run=dry_run)


@import_.command("template")
def import_template() -> None:
    """Print an empty table with every column of an institution's own catalogue."""
    run("imports", "template")


@main.group()
def campaign() -> None:
    """The admission years, of which one is active; people apply to its programmes."""


@campaign.command("plan")
@click.argument("code")
@click.option("--label", required=True, help="What candidates read, in French.")
@click.option("--label-en", help="The same in English.")
@click.option("--starts", type=DAY, metavar="YYYY-MM-DD", required=True, help="Its first day.")
@click.option("--ends", type=DAY, metavar="YYYY-MM-DD", required=True, help="Its last day.")
def campaign_plan(code: str, label: str, label_en: str | None, starts: datetime, ends: datetime) -> None:
    """Plan the campaign CODE, such as 2027-2028, or change the label and days of one that is planned or active."""
    days = {"starts_on": starts.date(), "ends_on": ends.date()}
    run("campaigns", "plan", code=code, label=label, label_en=label_en, **days)


@campaign.command("activate")
@click.argument("code")
def campaign_activate(code: str) -> None:
    """Make CODE the active campaign. The one before it is closed for good, and accounts of it can log in no more."""
    run("campaigns", "activate", code=code)


@campaign.command("close")
@click.argument("code")
def campaign_close(code: str) -> None:
    """End the active campaign CODE for good, with no other in its place."""
    run("campaigns", "close", code=code)


@campaign.command("move-deadline")
@click.argument("day", type=DAY, metavar="YYYY-MM-DD")
@click.option("--centre", help="Code of a centre: for its programmes alone.")
@click.option("--programme", help="Code of a programme: for it alone.")
@click.option("--reason", required=True, help="Why; staff alone read it.")
def campaign_move_deadline(day: datetime, centre: str | None, programme: str | None, reason: str) -> None:
    """Let candidates of the active campaign submit until a later day, inclusive, and tell them by mail.

    Of a programme's own last day and those of its centre and of all, the latest counts; nobody who was told it loses it.
    """
    run("campaigns", "move_deadline", day=day.date(), centre=centre, programme=programme, reason=reason)


@main.group()
def staff() -> None:
    """Who of the university may do what, for which centres and commissions."""


@staff.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option(
    "--centre", "centres", multiple=True, metavar="CODE", help="For this centre; may be repeated. Default: all."
)
@click.option(
    "--commission",
    "commissions",
    multiple=True,
    metavar="CODE",
    help="For this commission; may be repeated. Default: all.",
)
@click.option("--until", type=DAY, metavar="YYYY-MM-DD", help="Its last day.")
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True, help="Of the mail.")
@click.option("--ent", metavar="LOGIN", help="Who at the ENT comes in as them, with nothing else to prove.")
def staff_add(  # noqa: PLR0917 - one for each option
    email: str,
    role: str,
    centres: tuple[str, ...],
    commissions: tuple[str, ...],
    until: datetime | None,
    language: str,
    ent: str | None,
) -> None:
    """Give EMAIL a role beside those that they have; who is new gets a mail with a link to set a password."""
    scope = {"centres": list(centres) or None, "commissions": list(commissions) or None}
    run("staff", "staff_add", email=email, role=role, until=until and until.date(), language=language, ent=ent, **scope)


@staff.command("list")
@JSON
def staff_list(as_json: bool) -> None:
    """List every grant of every member of staff."""
    run("staff", "staff_list", as_json=as_json)


@staff.command("remove")
@click.argument("email")
def staff_remove(email: str) -> None:
    """Take all rights from EMAIL; their sessions end within seconds."""
    run("staff", "staff_remove", email=email)


@staff.command("reset-second-factor")
@click.argument("email")
def staff_reset_second_factor(email: str) -> None:
    """Let EMAIL set up a device that shows codes anew; their sessions end within seconds, and they are told by mail."""
    run("staff", "staff_reset_second_factor", email=email)


@main.group()
def parameters() -> None:
    """What the institution sets while the suite runs (docs/operations/parameters.md)."""


@parameters.command("show")
@JSON
def parameters_show(as_json: bool) -> None:
    """Show every parameter with its value."""
    run("parameters", "parameters_show", as_json=as_json)


@parameters.command("history")
@LIMIT
@JSON
def parameters_history(limit: int, as_json: bool) -> None:
    """Show who changed what and when, the newest first."""
    run("parameters", "parameters_history", limit=limit, as_json=as_json)


@parameters.command("set")
@click.argument("assignments", metavar="KEY=VALUE...", nargs=-1)
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of TOML, with a table for each section.",
)
@click.option("--expect", "expected", type=click.IntRange(0), metavar="VERSION", help="Only if it is still this one.")
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
def parameters_set(assignments: tuple[str, ...], file: Path | None, expected: int | None, dry_run: bool) -> None:
    """Give parameters other values, in force in every service within seconds; a list is written with commas."""
    given = values_given(assignments, file)
    run("parameters", "parameters_set", given=given, expected=expected, dry_run=dry_run)


@main.command("verify-receipt")
@click.argument("file", type=click.File("r"))
@click.option("--jwks", required=True, metavar="FILE|URL", help="The public keys: a file, or where to fetch them.")
def verify_receipt(file: Any, jwks: str) -> None:
    """Check the receipt of a submission, without asking the suite: FILE holds it ("-" is standard input)."""
    run("receipts", "verify", receipt=file.read(100_000), jwks=jwks)


@main.command()
@click.option("--url", default=None, help="The suite to play against; default: where this machine's runs.")
@click.option(
    "--mail", default=None, metavar="URL", help="maildir:FOLDER or mailpit:URL; default: the Maildir of this machine."
)
@click.option(
    "--ca",
    default=None,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates of who vouches for the suite's, in PEM.",
)
def demo(url: str | None, mail: str | None, ca: Path | None) -> None:
    """Play a candidate's whole way against a running suite, showing each step."""
    run("demo", "demo", url=url, mail=mail, ca=ca)


@main.group("events")
def events_() -> None:
    """What is promised of events, from one release to the next."""


@events_.command("check")
def events_check() -> None:
    """List what the last release promised of events and is no longer so."""
    run("events", "check")


@events_.command("release")
def events_release() -> None:
    """Write down what this version promises of events, in docs/events/released."""
    run("events", "release")


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if a document is out of date.")
def docs(check: bool) -> None:
    """Write the documents that are generated from the code."""
    run("docs", "docs", check=check)


for command in (*COMMANDS, *TIME_COMMANDS, incidents):
    main.add_command(command)
