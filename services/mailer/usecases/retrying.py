"""A person has mails tried again: one that failed or of whose fate nobody knows, or all that were put off."""

from __future__ import annotations

from typing import Final

import structlog

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.ports import Document
from services.contracts.refusals.mailer import WRONG_STATE
from services.mailer.domain.delivery import ACCOUNT_CLOSED, Delivery
from services.mailer.domain.priority import Priority
from services.mailer.usecases.app import App

log = structlog.get_logger()

ALL: Final = 1_000_000


async def retry(app: App, id: str, command: CommandContext) -> Outcome[Delivery] | None:
    """Queue it again under its Message-ID; None if there is none such.

    One that tells of files goes to the address in force. Raises WRONG_STATE unless it came to an end, also while the
    account is closed for which it was withheld.
    """
    by, there = str(command.actor), await app.deliveries.get(id)
    email = "" if there is None else await app.directory.email_of(there.state.account)
    is_closed = there is not None and await app.closed_accounts.of(there.state.account) is not None

    def decide(delivery: Delivery) -> Decision[Delivery]:
        if is_closed and delivery.reason == ACCOUNT_CLOSED:
            raise WRONG_STATE(state=delivery.state.value)
        return Decision(delivery.retry(command.now, by, email))

    outcome = await app.deliveries.change(id, decide, command)
    if outcome is not None and not outcome.repeated:
        log.info("mail.retried", delivery=id, by=by)
        app.queued[outcome.saved.state.priority].set()
    return outcome


async def flush(app: App, command: CommandContext) -> int:
    """Have all mails that were put off tried at once; answer how many there were."""

    async def hurry(row: Document) -> bool:
        changed = await app.deliveries.change(
            row["_id"], lambda delivery: Decision(delivery.hurry(command.now)), command
        )
        return changed is not None and changed.saved.version > row["version"]

    done = 0
    for priority in Priority:
        done += await app.parking.each("flush", app.deliveries.deferred(priority, command.now), hurry, limit=ALL)
    return done
