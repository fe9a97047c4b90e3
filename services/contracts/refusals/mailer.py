"""What the mailer refuses."""

from __future__ import annotations

from typing import Final

from services.contracts.refusals import ErrorCode, ErrorKind

WRONG_STATE: Final = ErrorCode("delivery-wrong-state", ErrorKind.CONFLICT)
