"""What the mailer refuses."""

from __future__ import annotations

from typing import Final

from services.contracts.refusals import ErrorCode, ErrorKind

NO_ADDRESS: Final = ErrorCode("no-address", ErrorKind.CONFLICT)
TOO_MANY_TESTS: Final = ErrorCode("too-many-tests", ErrorKind.THROTTLED)
WRONG_STATE: Final = ErrorCode("delivery-wrong-state", ErrorKind.CONFLICT)
