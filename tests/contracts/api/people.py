"""What is typed of people into calls of accounts, beside what stands in their schema."""

from __future__ import annotations

from typing import Any, Final

from services.chassis.testing import Suite
from services.contracts.api.rights import ERASURE_CERTIFICATE

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


def typed(suite: Suite) -> dict[str, Any]:
    """What is typed, and the certificate of an erasure that accounts has signed."""
    signer = suite.service("accounts").service.signer
    assert signer is not None
    claims = {"sub": 26 * "0", "campaign": "2027", "erased_at": "2027-02-01T11:00:00Z"}
    return {**TYPED, "ErasureCertificate.certificate": [signer.sign(claims, typ=ERASURE_CERTIFICATE)]}
