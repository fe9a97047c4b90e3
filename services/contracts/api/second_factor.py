"""The second factor of staff who log in by password: bodies and answers (RFC 6238: SHA-1, 30 seconds, 6 digits)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from services.contracts.api.accounts import Body, Instant, Token, View
from services.contracts.api.texts import without_blanks

OneTimeCode = Annotated[
    str,
    Field(max_length=20, description="What the device shows: six digits, good once.", examples=["492039"]),
    BeforeValidator(without_blanks),
]
RecoveryCode = Annotated[
    str,
    Field(max_length=40, description="One of the ten, good once; dashes, blanks and capitals are the same to it."),
]
ChallengeToken = Annotated[Token, Field(description="`challenge` of the answer to the password.")]

# --- asked ------------------------------------------------------------------------------------------------------


class SecondStep(Body):
    """What is shown beside the password: a code, or a recovery code."""

    challenge: ChallengeToken
    code: OneTimeCode | None = None
    recovery_code: RecoveryCode | None = None


class NewDevice(Body):
    """A device is to be set up; who has one already shows a code of it, or a recovery code."""

    code: OneTimeCode | None = None
    recovery_code: RecoveryCode | None = None


class RenewedCodes(Body):
    """Other recovery codes are wanted: a code of the device, or a recovery code."""

    code: OneTimeCode | None = None
    recovery_code: RecoveryCode | None = None


class ShownCode(Body):
    """A code of the device."""

    code: OneTimeCode


# --- shown ------------------------------------------------------------------------------------------------------


class SecondFactorView(View):
    """What there is beside the password."""

    state: Annotated[
        Literal["none", "pending", "active"],
        Field(description="`pending`: a secret was shown in this session and no code of it came yet."),
    ]
    required: Annotated[bool, Field(description="Without one nothing of staff may be done.")]
    since: Instant | None = None
    recovery_codes_left: int = 0
    secret: Annotated[str | None, Field(description="Of a pending one, for the device: Base32.")] = None
    uri: Annotated[str | None, Field(description="The same as `otpauth:`, for a QR code.")] = None
    expires_at: Annotated[Instant | None, Field(description="Until when a pending one may be confirmed.")] = None


class RecoveryCodes(View):
    """Ways around the device, each good once; they are shown here and nowhere else."""

    recovery_codes: list[str]
