"""Codes of devices by time (RFC 6238), as their makers and we reckon them."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Final

import pyotp

from services.accounts.domain.second_factors import DRIFT, STEP_SECONDS

ISSUER: Final = "Parvis"
"""What the device calls the account by."""


def new_secret() -> str:
    """A secret for a device: 160 bits in Base32."""
    return pyotp.random_base32()


def address_for_device(secret: str, email: str) -> str:
    """The secret as `otpauth:`, which devices take from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, the nearest first; None if it is of none within `DRIFT`."""
    typed = "".join(code.split())
    present = int(now.timestamp()) // STEP_SECONDS
    device = pyotp.TOTP(secret, interval=STEP_SECONDS)
    found = None
    for step in sorted(range(present - DRIFT, present + DRIFT + 1), key=lambda each: abs(each - present), reverse=True):
        if hmac.compare_digest(device.generate_otp(step).encode(), typed.encode()):
            found = step
    return found
