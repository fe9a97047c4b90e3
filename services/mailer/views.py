"""Read-only questions: a person's messages."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.contracts.api.mailer import MessagePage, MessageView
from services.contracts.instants import instant_text
from services.mailer.domain.delivery import Delivery
from services.mailer.repository import DeliveryRepository


@dataclass(frozen=True, slots=True)
class Views:
    """What is read of mails."""

    deliveries: DeliveryRepository

    async def messages_of(self, actor: Actor, limit: int, after: str | None) -> MessagePage:
        """The person's messages, newest first; `after` is the `next` of the page before."""
        start = (after[:24], after[25:]) if after else None
        found = await self.deliveries.of(actor, limit + 1, start)
        items = [_view(saved) for saved in found[:limit]]
        more = found[limit - 1] if len(found) > limit else None
        return MessagePage(items=items, next=f"{instant_text(more.state.created_at)}~{more.id}" if more else None)


def _view(saved: Versioned[Delivery]) -> MessageView:
    delivery = saved.state
    kept = delivery.letter.without_secret()
    return MessageView(
        id=saved.id,
        kind=delivery.kind,
        subject=kept.subject,
        text=kept.text,
        language=delivery.language,
        state=delivery.state.value,
        created_at=instant_text(delivery.created_at),
        sent_at=instant_text(delivery.ended_at) if delivery.ended_at and not delivery.reason else None,
    )
