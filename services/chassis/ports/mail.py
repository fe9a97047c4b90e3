"""Mails: how people hear of what has happened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from services.chassis.ports.errors import PortError


class MailTemporary(PortError):
    """Not taken, nothing was sent; trying again later may help."""


class MailRefused(PortError):
    """Not taken, and trying again will not help (a permanent refusal)."""


class MailUnknown(PortError):
    """The line broke after the data: it may have been taken or not."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A finished mail: RFC 5322 bytes (CRLF) whose Message-ID is `message_id` (with angle brackets)."""

    message_id: str
    sender: str
    recipient: str
    content: bytes


class Mail(Protocol):
    """Hands mails over."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Within it one mail may be handed over; as many as this transport takes at once, others wait."""
        ...

    async def send(self, mail: OutgoingMail, begun: Callable[[], object] | None = None) -> None:
        """Hand over one mail; raises MailTemporary, MailRefused, MailUnknown.

        `begun` is called before anything of the mail itself goes out: who gives up earlier knows that nothing has.
        """
        ...

    async def was_sent(self, message_id: str) -> bool | None:
        """Whether a mail was taken before a crash; None if this transport cannot tell."""
        ...

    async def ping(self) -> None:
        """Return if mails can be handed over; raises MailTemporary."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
