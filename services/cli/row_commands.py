"""The commands about single rows of the stores, and their help: what waits, what is parked, what was told, mails."""

from __future__ import annotations

from typing import Final

import click

from services import SERVICES
from services.cli.run import run

SERVICE: Final = click.option("--service", required=True, type=click.Choice(SERVICES), help="Whose.")
ONE_OR_ALL: Final = click.option(
    "--service", "only", multiple=True, type=click.Choice(SERVICES), help="Whose; default: everybody's."
)
LIMIT: Final = click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="Rows at most."
)
JSON: Final = click.option("--json", "as_json", is_flag=True, help="A line of JSON per row.")
IDS: Final = click.argument("ids", metavar="ID...", nargs=-1, required=True)
INBOX_STATES: Final = ("pending", "retrying", "blocked", "parked", "done", "skipped")
PARKED_STATES: Final = ("parked", "retrying", "skipped")
MAIL_STATES: Final = ("queued", "sending", "sent", "replaced", "erased", "failed", "unknown")
AUDIENCE: Final = click.option(
    "--audience", default="public", show_default=True, type=click.Choice(("public", "internal")), help="Which journal."
)


@click.group()
def inbox() -> None:
    """Events that services have received: what waits, what is parked, and setting it free."""


@inbox.command("list")
@ONE_OR_ALL
@click.option(
    "--state", "states", multiple=True, type=click.Choice(INBOX_STATES), help="Default: all that is not over."
)
@LIMIT
@JSON
def inbox_list(only: tuple[str, ...], states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List events, the longest waiting first."""
    wanted = states or INBOX_STATES[:4]
    run("inspection", "inbox_list", services=only or SERVICES, states=wanted, limit=limit, as_json=as_json)


@inbox.command("show")
@click.argument("id")
@SERVICE
def inbox_show(id: str, service: str) -> None:
    """Show one event; the data of internal ones are withheld."""
    run("inspection", "inbox_show", service=service, id=id)


@inbox.command("retry")
@IDS
@SERVICE
def inbox_retry(ids: tuple[str, ...], service: str) -> None:
    """Have events that are parked, or wait for their next try, tried at once."""
    run("inspection", "inbox_free", service=service, ids=ids, verb="retry")


@inbox.command("skip")
@IDS
@SERVICE
def inbox_skip(ids: tuple[str, ...], service: str) -> None:
    """Give events up for ever, and let go on what waits behind them."""
    run("inspection", "inbox_free", service=service, ids=ids, verb="skip")


@click.group()
def heard() -> None:
    """How far services know what others have told them, and which journal they do not believe any more."""


@heard.command("list")
@ONE_OR_ALL
@JSON
def heard_list(only: tuple[str, ...], as_json: bool) -> None:
    """List the journals of others that a service listens to: up to when it has heard all, and since when one went back."""
    run("heard", "heard_list", services=only or SERVICES, as_json=as_json)


@heard.command("trust")
@click.argument("journals", metavar="JOURNAL...", nargs=-1, required=True)
@SERVICE
def heard_trust(journals: tuple[str, ...], service: str) -> None:
    """Believe journals again that went back, once all stores are of one past or what was heard of another is dealt with.

    Until then the service proves nothing by what it has not heard, and so erases nothing.
    """
    run("heard", "heard_trust", service=service, journals=journals)


@click.group()
def journal() -> None:
    """Events that services have published."""


@journal.command("list")
@ONE_OR_ALL
@AUDIENCE
@click.option("--after", default=0, type=click.IntRange(0), metavar="POSITION", help="Begin behind this row.")
@click.option("--type", default=None, help="Of this type alone.")
@LIMIT
@JSON
def journal_list(  # noqa: PLR0917 - one for each option
    only: tuple[str, ...], audience: str, after: int, type: str | None, limit: int, as_json: bool
) -> None:
    """List events in the order in which they were published."""
    run(
        "inspection",
        "journal_list",
        services=only or SERVICES,
        audience=audience,
        after=after,
        type=type,
        limit=limit,
        as_json=as_json,
    )


@journal.command("show")
@click.argument("position", type=click.IntRange(1))
@SERVICE
@AUDIENCE
def journal_show(position: int, service: str, audience: str) -> None:
    """Show one event; the data of internal ones are withheld."""
    run("inspection", "journal_show", service=service, audience=audience, position=position)


@click.group()
def mail() -> None:
    """Mails: what failed, what nobody knows the fate of, and trying it again."""


@mail.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(MAIL_STATES),
    help="Default: failed and unknown, which wait for a person.",
)
@click.option("--kind", default=None, help="Of this kind alone.")
@click.option("--account", default=None, help="To this account alone.")
@LIMIT
@JSON
def mail_list(states: tuple[str, ...], kind: str | None, account: str | None, limit: int, as_json: bool) -> None:
    """List deliveries, the newest first, without addresses."""
    wanted = states or MAIL_STATES[-2:]
    run("inspection", "mail_list", states=wanted, kind=kind, account=account, limit=limit, as_json=as_json)


@mail.command("show")
@click.argument("id")
@click.option("--address", is_flag=True, help="Show to whom it goes as well.")
def mail_show(id: str, address: bool) -> None:
    """Show one delivery."""
    run("inspection", "mail_show", id=id, address=address)


@mail.command("retry")
@IDS
def mail_retry(ids: tuple[str, ...]) -> None:
    """Have deliveries tried again that failed, or of which nobody knows; the latter may then arrive twice."""
    run("inspection", "mail_retry", ids=ids)


@click.group()
def account() -> None:
    """Accounts: whom staff must look at, and forgetting a person."""


@account.command("doubtful")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each number.")
def account_doubtful(as_json: bool) -> None:
    """Accounts of one campaign that bear the same student number, which nobody has verified."""
    run("accounts", "doubtful", as_json=as_json)


@account.command("erase")
@click.argument("login")
@click.confirmation_option(prompt="The person's data go for ever, in every service. Erase?")
def account_erase(login: str) -> None:
    """Forget a person: LOGIN is a file number, or an address with all its accounts. Backups keep what they hold."""
    run("people", "account_erase", login=login)


@mail.command("flush")
def mail_flush() -> None:
    """Have deliveries that were put off tried at once, as when the mail server is back."""
    run("inspection", "mail_flush")


@click.group()
def parked() -> None:
    """Items with which a work of a service failed and that wait for a person; everything else went on."""


@parked.command("list")
@ONE_OR_ALL
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(PARKED_STATES),
    help="Default: parked, and tried again by itself.",
)
@LIMIT
@JSON
def parked_list(only: tuple[str, ...], states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List items, the longest waiting first."""
    wanted = states or PARKED_STATES[:2]
    run("parked", "parked_list", services=only or SERVICES, states=wanted, limit=limit, as_json=as_json)


@parked.command("retry")
@IDS
@SERVICE
def parked_retry(ids: tuple[str, ...], service: str) -> None:
    """Have items tried at once, as when what was wrong with them is mended."""
    run("parked", "parked_free", service=service, ids=ids, verb="retry")


@parked.command("skip")
@IDS
@SERVICE
def parked_skip(ids: tuple[str, ...], service: str) -> None:
    """Give items up: they are passed over until they are retried, and no longer alarmed of."""
    run("parked", "parked_free", service=service, ids=ids, verb="skip")
