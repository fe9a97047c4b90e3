"""`parvis inbox`, `parvis journal`, `parvis mail`: what the stores hold, and what a person may do about it.

Nothing here shows personal data but `mail show --address`: data of internal events, letters and names stay in the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import click
import structlog
from pydantic import ValidationError

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.inbox import INBOX
from services.chassis.events.journal import JOURNALS
from services.chassis.events.record import every
from services.chassis.ports import Document, Range, Where
from services.chassis.service.service import Running, Service
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.control import Output, Suite, writes
from services.cli.offline import opened_to_read
from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Audience
from services.contracts.events.envelope import Envelope
from services.contracts.refusals import RefusedError

log = structlog.get_logger()

WITHHELD: Final = "(withheld)"
AUDIENCES: Final = {"public": Audience.PUBLIC, "internal": Audience.INTERNAL}
INBOX_COLUMNS: Final = ("service", "_id", "state", "type", "received", "attempts", "due_at", "error")
JOURNAL_COLUMNS: Final = ("service", "_id", "event_id", "type", "key", "at")
MAIL_COLUMNS: Final = ("_id", "kind", "state", "attempts", "reason", "account", "created_at", "due_at", "ended_at")
COLLECTION: Final = "deliveries"


# --- inbox ------------------------------------------------------------------------------------------------------


async def inbox_list(*, services: Sequence[str], states: Sequence[str], limit: int, as_json: bool) -> int:
    """Events of these states, the longest waiting first."""
    rows = []
    async with _opened(services) as suite:
        for service in suite.values():
            for state in states:
                found = await service.ports.store.find(
                    INBOX.name, {"state": state}, sort=(("received", 1),), limit=limit
                )
                rows += [row | {"service": service.name} for row in found]
    tell(sorted(rows, key=lambda row: str(row.get("received", "")))[:limit], INBOX_COLUMNS, as_json=as_json)
    return 0


async def inbox_show(*, service: str, id: str) -> int:
    """All that is known of one event here."""
    async with _opened([service]) as suite:
        row = await suite[service].ports.store.get(INBOX.name, id)
    if row is None:
        raise click.ClickException(f"the inbox of {service} has no event {id}")
    _tell_one({name: value for name, value in row.items() if name != "body"} | _content(row.get("body")))
    return 0


@writes(chosen_by="service")
async def inbox_free(suite: Suite, output: Output, *, service: str, ids: Sequence[str], verb: str) -> int:
    """Have events tried again at once (`retry`), or given up for ever (`skip`); exit code 1 if one cannot be."""
    failed = False
    inbox = Running(suite[service]).inbox
    for id in ids:
        done = await (inbox.retry(id) if verb == "retry" else inbox.skip(id))
        failed |= not done
        if done:
            log.warning("inbox.set-free", verb=verb, service=service, event_id=id)
        output.line(f"{id}: {'done' if done else 'neither parked nor waiting for its next try'}")
    return 1 if failed else 0


# --- journal ----------------------------------------------------------------------------------------------------


async def journal_list(
    *, services: Sequence[str], audience: str, after: int, type: str | None, limit: int, as_json: bool
) -> int:
    """Events that services have published, each service's in order, behind a position."""
    rows: list[Document] = []
    async with _opened(services) as suite:
        for service in suite.values():
            rows += await _journal_page(service, audience, after, type, limit - len(rows))
    tell(rows, JOURNAL_COLUMNS, as_json=as_json)
    return 0


async def journal_show(*, service: str, audience: str, position: int) -> int:
    """One event, with its data if it is public."""
    async with _opened([service]) as suite:
        row = await suite[service].ports.store.get(JOURNALS[AUDIENCES[audience]].name, position)
    if row is None:
        raise click.ClickException(f"the {audience} journal of {service} has no row {position}")
    _tell_one({name: value for name, value in row.items() if name != "body"} | _content(row["body"]))
    return 0


async def _journal_page(service: Service, audience: str, after: int, type: str | None, limit: int) -> list[Document]:
    rows: list[Document] = []
    while len(rows) < limit:
        page = await service.ports.store.find(
            JOURNALS[AUDIENCES[audience]].name, {"_id": Range(gt=after)}, sort=(("_id", 1),), limit=500
        )
        if not page:
            break
        after = page[-1]["_id"]
        rows += [row | {"service": service.name} for row in page if type is None or row["type"] == type]
    return rows[:limit]


# --- mail -------------------------------------------------------------------------------------------------------


async def mail_list(*, states: Sequence[str], kind: str | None, account: str | None, limit: int, as_json: bool) -> int:
    """Deliveries, the newest first."""
    runs: list[Where] = [{"account": account}] if account is not None else [{"state": state} for state in states]
    rows: list[Document] = []
    async with _opened(["mailer"]) as suite:
        for where in runs:
            found = 0
            async for row in every(
                suite["mailer"].ports.store, COLLECTION, where, (("created_at", -1), ("_id", -1)), fields=MAIL_COLUMNS
            ):
                if row["state"] in states and kind in (None, row["kind"]):
                    rows.append(row)
                    found += 1
                if found == limit:
                    break
    newest = sorted(rows, key=lambda row: (row["created_at"], row["_id"]), reverse=True)
    tell(newest[:limit], MAIL_COLUMNS, as_json=as_json)
    return 0


async def mail_show(*, id: str, address: bool) -> int:
    """One delivery; `address` shows to whom it goes as well."""
    from services.mailer.repository import PRIORITIES

    async with _opened(["mailer"]) as suite:
        row = await suite["mailer"].ports.store.get(COLLECTION, id)
    if row is None:
        raise click.ClickException(f"there is no delivery {id}")
    shown = {name: row.get(name) for name in (*MAIL_COLUMNS, "language", "version")}
    shown["priority"] = priority.value if (priority := PRIORITIES.get(row.get("lane"))) else None
    _tell_one(shown | ({name: row[name] for name in ("name", "address")} if address else {}))
    return 0


@writes("mailer")
async def mail_retry(suite: Suite, output: Output, *, ids: Sequence[str]) -> int:
    """Have deliveries tried again; exit code 1 if one cannot be."""
    from services.mailer.wiring import retry

    failed = False
    ports = suite["mailer"].ports
    for id in ids:
        try:
            known = await retry(ports, id, CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR))
            told = "queued again" if known else "there is none such"
        except RefusedError as refusal:
            known, told = False, f"it is {refusal.members.get('state', refusal.slug.name)}"
        failed |= not known
        if known:
            log.warning("mail.retry", delivery=id)
        output.line(f"{id}: {told}")
    return 1 if failed else 0


@writes("mailer")
async def mail_flush(suite: Suite, output: Output) -> int:
    """Have deliveries that were put off tried at once."""
    from services.mailer.wiring import flush

    ports = suite["mailer"].ports
    due = await flush(ports, CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR))
    log.warning("mail.flush", deliveries=due)
    output.line(f"{due} mails due now")
    return 0


# --- showing ----------------------------------------------------------------------------------------------------


def _opened(names: Sequence[str]) -> Any:
    settings = Settings()
    configure_logging(settings)
    return opened_to_read(settings, names)


def _content(body: str | None) -> dict[str, Any]:
    """What may be shown of an event's bytes: its envelope, and its data if the type is public."""
    if body is None:
        return {"event": "(not kept once it is applied)"}
    try:
        envelope = Envelope.decode(body.encode())
    except ValidationError:
        return {"event": f"{WITHHELD}: {len(body)} characters that are not an event"}
    known = CATALOGUE.get(envelope.type)
    shown = envelope.model_dump(exclude={"data"}, exclude_none=True)
    public = known is not None and known.AUDIENCE is Audience.PUBLIC
    return {"event": shown | {"data": envelope.data if public else dict.fromkeys(envelope.data, WITHHELD)}}


def tell(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """A line of JSON for each row, or a table whose columns are as wide as they need."""
    if as_json:
        for row in rows:
            click.echo(json.dumps({_heading(name): row[name] for name in columns if row.get(name) not in (None, "")}))
        return
    table = [[_heading(name) for name in columns], *([str(row.get(name, "")) for name in columns] for row in rows)]
    for line in _aligned(table):
        click.echo(line)
    click.echo(f"{len(rows)} rows", err=True)


def _aligned(table: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _tell_one(row: Mapping[str, Any]) -> None:
    click.echo(json.dumps({_heading(name): value for name, value in row.items()}, indent=2, ensure_ascii=False))


def _heading(name: str) -> str:
    return "id" if name == "_id" else name
