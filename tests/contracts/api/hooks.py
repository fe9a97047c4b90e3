"""What schemathesis does not know of itself: how bodies of bytes are sent."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/pdf", "image/jpeg", "image/png", "application/partial-upload")
def as_they_are(context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Bytes as they are, anything else as its text."""
    return value if isinstance(value, bytes) else str(value).encode()
