"""The calls of the mailer."""

from __future__ import annotations

from typing import Final

from services.contracts.api.endpoint import Api, Endpoint
from services.contracts.api.mailer import MessagePage, MessageQuery

API: Final = Api(
    "mailer", "Mailer", "Writes one mail per fact, hands it over once, and keeps it for the person to read."
)

OWN_MESSAGES: Final[Endpoint[None, MessagePage]] = API.declare(
    Endpoint(
        "GET",
        "/me/messages",
        "One's own messages, newest first, also those whose mail could not be handed over.",
        query=MessageQuery,
        answer=MessagePage,
    )
)
