"""What the mailer tells others: its facts as events of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from services.contracts.events.catalogue import Event
from services.contracts.events.mailer import LinkOutdated, MailFailed, MailSent
from services.mailer.domain.delivery import Delivery
from services.mailer.domain.events import DomainEvent, Failed, Outdated, Sent


def delivery_events(id: str, delivery: Delivery, domain_event: DomainEvent) -> Sequence[Event]:
    """The events that say what happened to a delivery."""
    match domain_event:
        case Sent():
            return [MailSent(delivery=id, account=delivery.account, kind=delivery.kind)]
        case Failed(reason):
            return [MailFailed(delivery=id, account=delivery.account, kind=delivery.kind, reason=reason)]
        case Outdated():
            return [LinkOutdated(delivery=id, account=delivery.account, kind=delivery.kind)]
        case _:
            assert_never(domain_event)
