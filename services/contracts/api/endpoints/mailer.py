"""The calls of the mailer."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import mailer as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Api, Endpoint
from services.contracts.api.mailer import MessagePage, MessageQuery
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals.mailer import WRONG_STATE

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

_SUPPORT: Final = staff(Role.SUPPORT, Role.ADMIN)

STAFF_DELIVERIES: Final[Endpoint[None, api.DeliveryPage]] = API.declare(
    Endpoint(
        "GET",
        "/deliveries",
        "Mails, newest first, without their words: all, for support and administrators of everything; for managers "
        "those that tell of files within their scope.",
        access=staff(Role.SUPPORT, Role.ADMIN, Role.MANAGER),
        query=api.DeliveryQuery,
        answer=api.DeliveryPage,
        refusals=(NOT_FOUND, INVALID_FIELDS),
    )
)

RETRY_DELIVERY: Final[Endpoint[None, api.DeliveryView]] = API.declare(
    Endpoint(
        "POST",
        "/deliveries/{id}/retry",
        "Have a mail tried again that failed or came back, or of which nobody knows whether it went out; that may arrive "
        "twice. What tells of files goes to the address in force.",
        access=_SUPPORT,
        path_params=api.DeliveryPath,
        answer=api.DeliveryView,
        refusals=(NOT_FOUND, WRONG_STATE),
        takes_key=True,
    )
)
