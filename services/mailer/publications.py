"""What the mailer tells others: its facts as events of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from services.contracts.events.catalogue import Event
from services.contracts.events.mailer import (
    LinkOutdated,
    MailBounced,
    MailedFile,
    MailFailed,
    MailReaddressed,
    MailSent,
    MailSentAgain,
)
from services.mailer.domain.delivery import Delivery
from services.mailer.domain.events import Bounced, DomainEvent, Failed, Outdated, Readdressed, Sent, SentAgain


def delivery_events(id: str, delivery: Delivery, domain_event: DomainEvent) -> Sequence[Event]:
    """The events that say what happened to a delivery."""
    match domain_event:
        case Sent():
            return [MailSent(delivery=id, account=delivery.account, kind=delivery.kind)]
        case Failed(reason):
            files = _files(delivery)
            return [MailFailed(delivery=id, account=delivery.account, kind=delivery.kind, reason=reason, files=files)]
        case Bounced(hard):
            files = _files(delivery)
            return [MailBounced(delivery=id, account=delivery.account, kind=delivery.kind, hard=hard, files=files)]
        case Readdressed():
            files = _files(delivery)
            return [MailReaddressed(delivery=id, account=delivery.account, kind=delivery.kind, files=files)]
        case SentAgain():
            files = _files(delivery)
            return [MailSentAgain(delivery=id, account=delivery.account, kind=delivery.kind, files=files)]
        case Outdated():
            return [LinkOutdated(delivery=id, account=delivery.account, kind=delivery.kind)]
        case _:
            assert_never(domain_event)


def _files(delivery: Delivery) -> list[MailedFile]:
    return [MailedFile(application=each.application, kind=each.kind) for each in delivery.about]
