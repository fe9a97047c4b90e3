"""The commands about a suite as a whole and their help; `services.cli.commands` takes them in, and those about rows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from services import SERVICES
from services.cli.row_commands import account, heard, inbox, journal, mail, parked
from services.cli.run import run

TIMEOUT: Final = "What is under way in a running suite gets so long to come to rest."


@click.command()
@click.argument("what", metavar="all|SERVICE...", nargs=-1, required=True, type=click.Choice(("all", *SERVICES)))
@click.option(
    "--timeout", default=5.0, show_default=True, type=click.FloatRange(0, 600), metavar="SECONDS", help=TIMEOUT
)
def verify(what: tuple[str, ...], timeout: float) -> None:
    """Recompute from the data all that the suite promises, beside a running suite or without: journals whole and in
    order, every event applied, every document's bytes, every receipt, every mail. A line for each broken promise.
    """
    run("verify", "verify", names=SERVICES if "all" in what else what, timeout=timeout)


@click.command()
@click.option("--campaign", default=None, metavar="CODE", help="This campaign alone; default: all.")
@click.option("--documents", is_flag=True, help="Count the documents behind them instead, by the service `documents`.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object on each line.")
def reconcile(campaign: str | None, *, documents: bool, as_json: bool) -> None:
    """Compare whom the student records were handed over with whom they say that they hold, beside a running suite or
    without; nothing is changed. A line for each who differs, then one for each campaign.

    Exit code 0: all the same; 1: somebody differs; 2: in this campaign nobody has accepted a place; 3: they could not be
    asked, or do not say.
    """
    if documents:
        run("reconcile", "reconcile_documents", campaign=campaign, as_json=as_json)
    else:
        run("reconcile", "reconcile", campaign=campaign, as_json=as_json)


@click.group()
def audit() -> None:
    """What was done to files, and by whom."""


@audit.command("verify")
def audit_verify() -> None:
    """Check that every entry of every file's trail follows the one before and says what it said, beside a running suite or
    without. A line for each broken trail names its first faulty entry.
    """
    run("audit", "verify")


@click.group()
def suite() -> None:
    """Which stores belong together."""


@suite.command("begin")
def suite_begin() -> None:
    """Give the suite a name that each of its stores carries, and print it as a setting: PARVIS_SUITE.

    For suites on a database server: with that setting a service refuses a store that is empty or of another suite.
    """
    run("suite", "begin")


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option(
    "--from", "start", default=1, show_default=True, type=click.IntRange(1), metavar="POSITION", help="The first row."
)
def replay(service: str, start: int) -> None:
    """Have SERVICE tell all others again what they may have missed, from its journals. Who had it does nothing twice. Of
    internal events how things stand now is told, and one-time links never.
    """
    run("replay", "replay", service=service, start=start)


@click.group()
def lists() -> None:
    """The rows by which staff find files; they hold nothing that is not elsewhere."""


@lists.command("rebuild")
def lists_rebuild() -> None:
    """Make all rows anew from files and profiles, beside a running suite or without; nothing is missing meanwhile."""
    run("lists", "lists_rebuild")


@click.group()
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
    run("topology", "apply", secrets=secrets, amqp=amqp)


@topology.command("empty")
def topology_empty() -> None:
    """Throw away what waits in the queues of the services, which are stopped: before a restore, since it is of another past.

    Users, rights, bindings and the queues of subscribers stay as they are.
    """
    run("topology", "empty")


@topology.command("check")
@SECRETS
def topology_check(secrets: Path) -> None:
    """List every difference between the broker and what the suite needs; change nothing."""
    run("topology", "check", secrets=secrets)


@click.group()
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
    run("subscribers", "add", name=name, types=types.split(","), new_password=new_password, amqp=amqp)


@subscriber.command("list")
def subscriber_list() -> None:
    """Every subscriber, what waits for it, and what it gets."""
    run("subscribers", "show")


@subscriber.command("remove")
@click.argument("name")
def subscriber_remove(name: str) -> None:
    """Take a subscriber away, with its queue and all that waits there."""
    run("subscribers", "remove", name=name)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Copy all that the suite keeps into FOLDER, which is new, while it runs or not; in either size."""
    run("backup", "backup", folder=folder)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Fill PARVIS_DATA, or the database server and the object store, from the backup in FOLDER.

    Nothing may be there yet, and no service may run. Every byte of the backup is checked first. Either size takes the
    backup of either.
    """
    run("backup", "restore", folder=folder)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--timeout", default=60.0, show_default=True, type=click.FloatRange(0, 600), metavar="SECONDS", help=TIMEOUT
)
def drill(folder: Path, timeout: float) -> None:
    """Restore the backup in FOLDER beside it, run a suite on it that nobody can reach and that sends no mail, verify all its
    promises, say how long it took, and throw it away. The suite itself is neither asked nor changed.
    """
    run("drill", "drill", folder=folder, timeout=timeout)


@click.command()
@click.option(
    "--upstream",
    multiple=True,
    metavar="NAME=HOST:PORT",
    help="A replica; NAME may be all, where one process is the suite; default: NAME:8080 for each service.",
)
@click.option("--listen", default="443", show_default=True, metavar="[ADDRESS:]PORT")
@click.option("--internal", default="8081", show_default=True, metavar="[ADDRESS:]PORT", help="For the portal alone.")
@click.option("--tls", nargs=2, metavar="CERTIFICATE KEY", help="PEM files; default: those below /etc/parvis/tls.")
@click.option("--plain", is_flag=True, help="Speak plain HTTP, behind something that ends TLS.")
@click.option(
    "--flag", metavar="FILE", help="While it is there, the suite is closed; default: /run/parvis/maintenance."
)
@click.option("--operator", "operators", multiple=True, metavar="NETWORK", help="To whom it is never closed.")
@click.option("--scratch", metavar="FOLDER", help="What nginx buffers; default: /var/cache/nginx.")
@click.option(
    "--resolver",
    default="",
    metavar="ADDRESS",
    help="The name server to ask again for replicas' names (nginx 1.27.3 or newer); default: names are looked up once.",
)
@click.option("--log", metavar="FILE", help="Its log of requests; default: /dev/stdout, which containers have.")
def gateway(  # noqa: PLR0917 - one for each option
    upstream: tuple[str, ...],
    listen: str,
    internal: str,
    tls: tuple[str, str] | None,
    plain: bool,
    flag: str | None,
    operators: tuple[str, ...],
    scratch: str | None,
    log: str | None,
    resolver: str,
) -> None:
    """Print nginx's configuration for this environment; deploy/gateway/nginx.conf is the one for the defaults."""
    listening = {"listen": listen, "internal": internal, "tls": tls, "plain": plain}
    run(
        "gateway",
        "gateway",
        upstream=upstream,
        flag=flag,
        operators=operators,
        scratch=scratch,
        log=log,
        resolver=resolver,
        **listening,
    )


COMMANDS: Final = (
    verify,
    reconcile,
    audit,
    replay,
    lists,
    suite,
    account,
    topology,
    subscriber,
    inbox,
    heard,
    journal,
    mail,
    parked,
    backup,
    restore,
    drill,
    gateway,
)
