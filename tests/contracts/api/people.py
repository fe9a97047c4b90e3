"""What is typed of people into calls of accounts, beside what stands in their schema."""

from __future__ import annotations

from typing import Any, Final

TYPED: Final[dict[str, Any]] = {
    "PersonEmailChange.email": ["other@example.org"],
    "PersonEmailChange.email_confirmation": ["other@example.org"],
    "Draft.values": {
        "type": "object",
        "maxProperties": 40,
        "propertyNames": {"pattern": "^[A-Za-z0-9_.-]{1,40}$"},
        "additionalProperties": {"type": "string", "maxLength": 1000},
    },
}
