"""Handing a message to its consumer, the same way in every broker: again and again, with pauses, until it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from services.chassis.ports import Message, MessageHandler
from services.chassis.retries import Retries
from services.chassis.telemetry.supervisor import being_cancelled

_log = structlog.get_logger(__name__)


async def hand_over(queue: str, message: Message, handler: MessageHandler, *, wanted: Callable[[], bool]) -> bool:
    """Call the handler until it returns, as long as the message is `wanted`; False when it no longer is."""
    retries = Retries()
    while wanted():
        try:
            await handler(message)
        except asyncio.CancelledError:
            if being_cancelled():
                raise
            problem = "CancelledError"
        except Exception as error:  # noqa: BLE001 - whatever it is, the message is delivered again
            problem = type(error).__name__
        else:
            return True
        _log.warning("delivery-failed", queue=queue, message=message.message_id, problem=problem)
        await retries.pause()
    return False
