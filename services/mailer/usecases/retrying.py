"""A person has a mail tried again that failed, or of which nobody knows whether it arrived."""

from __future__ import annotations

from services.chassis.aggregates import Decision, Outcome
from services.chassis.commands import Command
from services.mailer.domain.delivery import Delivery
from services.mailer.repository import Deliveries


async def retry(deliveries: Deliveries, id: str, command: Command) -> Outcome[Delivery] | None:
    """Queue it again under its Message-ID; None if there is none such; raises WRONG_STATE unless it came to an end."""
    return await deliveries.change(id, lambda delivery: Decision(delivery.retry(command.now)), command)
