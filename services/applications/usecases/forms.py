"""What the servers of forms tell: who holds the secret is believed, each message once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import structlog

from services.applications.domain import forms
from services.applications.domain.asked import Delivery, FormAnswer
from services.applications.domain.model import Application
from services.applications.usecases.app import App
from services.applications.usecases.changing import change
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.chassis.security.webhooks import Signed, Unsigned, host_and_secret, signed
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError

SECOND: Final = timedelta(seconds=1)
"""To which a message says when it was sent."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Believed:
    """By what a message is known, and of the forms of which `host` it may tell; empty: of all."""

    message: Signed
    host: str


def form_secrets(entries: str) -> Mapping[str, Sequence[str]]:
    """The secrets of the servers of forms by their hosts, those of any host under an empty one."""
    secrets: dict[str, list[str]] = {}
    for host, secret in map(host_and_secret, entries.split()):
        secrets.setdefault(host, []).append(secret)
    return secrets


def believed(app: App, headers: Mapping[str, str], body: bytes, command: CommandContext) -> Believed:
    """By what the message is known; raises NOT_FOUND for whoever does not hold a secret: for them nothing is here."""
    for host, secrets in app.form_secrets.items():
        with suppress(Unsigned):
            return Believed(signed(headers, body, secrets, command.now), host)
    log.warning("forms.unsigned", meaning="not signed with PARVIS_FORMS_SECRET, or not within five minutes")
    raise NOT_FOUND()


async def fill_in(
    app: App,
    id: str,
    form: str,
    command: CommandContext,
    *,
    answers: Sequence[FormAnswer],
    filled_in_at: datetime,
    told: Believed,
) -> Outcome[Application]:
    """Keep what a candidate has filled in; raises NOT_FOUND, FILE_FROZEN, DEADLINE_PASSED.

    Raises INVALID_FIELDS for what its server has told of before it was: by such a time nothing after it would count; and
    NOT_FOUND for a form of another host than the one whose secret it is.
    """
    message = told.message
    if filled_in_at >= message.sent_at + SECOND:
        raise INVALID_FIELDS(fields=[FieldError("filled_in_at", "instant-in-future")])
    saved = await app.applications.get(id)
    if saved is None:
        raise NOT_FOUND()
    if told.host and told.host != urlsplit(saved.state.form(form).form.url).netloc.lower():
        raise NOT_FOUND()
    moment, owner = app.moment(command), Actor(saved.state.account)
    delivery = Delivery(message.id, filled_in_at, command.now, tuple(answers))
    return await change(app, owner, id, command, lambda state: forms.fill_in(state, form, delivery, moment))
