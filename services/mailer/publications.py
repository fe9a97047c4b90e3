"""What the mailer tells others."""

from __future__ import annotations

from collections.abc import Sequence

from services.contracts.events.catalogue import Event
from services.contracts.events.mailer import MailFailed, MailSent
from services.mailer.domain.delivery import Delivery
from services.mailer.domain.events import DomainEvent, Sent


def events(id: str, delivery: Delivery, domain_event: DomainEvent) -> Sequence[Event]:
    """The public event of a fact."""
    if isinstance(domain_event, Sent):
        return [MailSent(delivery=id, account=delivery.account, kind=delivery.kind)]
    return [MailFailed(delivery=id, account=delivery.account, kind=delivery.kind, reason=domain_event.reason)]
