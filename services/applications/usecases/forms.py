"""What the servers of forms tell: who holds the secret is believed, each message once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.applications.domain import forms
from services.applications.domain.asked import Delivery, FormAnswer
from services.applications.domain.model import Application
from services.applications.usecases.app import App
from services.applications.usecases.changing import change
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.chassis.security.webhooks import Signed, Unsigned, signed
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError

SECOND: Final = timedelta(seconds=1)
"""To which a message says when it was sent."""

log = structlog.get_logger(__name__)


def believed(app: App, headers: Mapping[str, str], body: bytes, command: CommandContext) -> Signed:
    """By what the message is known; raises NOT_FOUND for whoever does not hold the secret: for them nothing is here."""
    try:
        return signed(headers, body, app.form_secrets, command.now)
    except Unsigned:
        log.warning("forms.unsigned", meaning="not signed with PARVIS_FORMS_SECRET, or not within five minutes")
        raise NOT_FOUND() from None


async def fill_in(
    app: App,
    id: str,
    form: str,
    command: CommandContext,
    *,
    answers: Sequence[FormAnswer],
    filled_in_at: datetime,
    message: Signed,
) -> Outcome[Application]:
    """Keep what a candidate has filled in; raises NOT_FOUND, FILE_FROZEN, DEADLINE_PASSED.

    Raises INVALID_FIELDS for what its server has told of before it was: by such a time nothing after it would count.
    """
    if filled_in_at >= message.sent_at + SECOND:
        raise INVALID_FIELDS(fields=[FieldError("filled_in_at", "instant-in-future")])
    saved = await app.applications.get(id)
    if saved is None:
        raise NOT_FOUND()
    moment, owner = app.moment(command), Actor(saved.state.account)
    delivery = Delivery(message.id, filled_in_at, command.now, tuple(answers))
    return await change(app, owner, id, command, lambda state: forms.fill_in(state, form, delivery, moment))
