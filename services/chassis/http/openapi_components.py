"""What the OpenAPI documents of all services share: headers, parameters, how to prove who one is."""

from __future__ import annotations

from typing import Any, Final

from services.chassis.http import headers
from services.contracts.languages import LANGUAGES

SECURITY: Final[dict[str, Any]] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token from `POST /api/accounts/sessions`.",
    }
}

HEADERS: Final[dict[str, Any]] = {
    "XRequestId": {
        "description": "Names this request in every log; the client's own if it sent one.",
        "schema": {"type": "string"},
    },
    "ContentLanguage": {"description": "The language of the texts.", "schema": {"enum": list(LANGUAGES)}},
    "ETag": {"description": "Names this state; for If-Match and If-None-Match.", "schema": {"type": "string"}},
    "ParvisSeen": {
        "description": "What this command has caused, opaque. Sent back to any service, that service answers only once "
        "it has caught up.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "Seconds to wait before trying again.", "schema": {"type": "string"}},
    "WwwAuthenticate": {"description": "How to prove who you are (RFC 6750).", "schema": {"type": "string"}},
}

PARAMETERS: Final[dict[str, Any]] = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "French unless English is preferred.",
        "schema": {"type": "string"},
        "example": "en",
    },
    "ParvisSeen": {
        "name": headers.SEEN,
        "in": "header",
        "description": "The `Parvis-Seen` of earlier answers, joined by commas, up to 8192 characters: answers come from "
        "after them.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A word of the client's own for this command: sent again, it is done once and answered alike.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the state that is to be changed, or up to 8 of them, or `*`; another state is refused "
        "with 412.",
        "schema": {"type": "string", "pattern": headers.TAG_PATTERN},
        "example": '"5"',
    },
    "LastEventId": {
        "name": headers.LAST_EVENT,
        "in": "header",
        "description": "The `id` of the event that came last: what is newer is told at once.",
        "schema": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,9})$"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of the copy at hand, or up to 8 of them, or `*`; 304 if it is still right.",
        "schema": {"type": "string", "pattern": headers.TAG_PATTERN},
    },
}
