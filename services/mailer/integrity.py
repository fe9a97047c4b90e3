"""What the mailer promises of its data: every fact that asks for a mail has its one, and what was sent was handed over."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.chassis.events.record import Record, every
from services.chassis.service.service import Ports
from services.mailer.domain.delivery import delivery_id
from services.mailer.domain.states import State
from services.mailer.repository import DELIVERIES
from services.mailer.usecases.app import App
from services.mailer.usecases.sending import message_id
from services.mailer.usecases.templates import mailed


async def violations(ports: Ports, app: App, record: Record) -> AsyncIterator[str]:
    """The promises that do not hold, as far as journals reach back and the transport can tell."""
    async for envelope, event in record.events(*mailed([each.declaration for each in app.templates.kinds.values()])):
        for kind in (template.kind for template in app.templates.answering(event)):
            written = await app.deliveries.is_told(envelope.id, delivery_id(envelope.id, kind))
            if not written and not await app.directory.is_erased(getattr(event, "account", "")):
                yield f"{envelope.id} asks for a mail {kind} that was never written"
    async for row in every(ports.store, DELIVERIES.name):
        handed_over = row["state"] == State.SENT.value
        if handed_over and await app.mail.was_sent(message_id(app, row["_id"])) is False:
            yield f"delivery {row['_id']} is sent, and its mail is not there"
