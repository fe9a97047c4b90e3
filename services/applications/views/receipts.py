"""What a submission receipt proves, read without the suite: the receipt and the public keys suffice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from services.chassis.security.tokens import InvalidToken, verify_offline
from services.contracts.api.receipts import SUBMISSION_RECEIPT, SubmissionReceiptClaims


class BadReceipt(ValueError):
    """The receipt proves nothing; the message says why, for a person."""


def verify_receipt(receipt: str, jwks: Mapping[str, Any]) -> SubmissionReceiptClaims:
    """What `receipt` (compact JWS) proves by the keys of `jwks` (RFC 7517) of applications; raises BadReceipt."""
    try:
        claims = verify_offline(receipt, jwks, service="applications", typ=SUBMISSION_RECEIPT)
    except InvalidToken as error:
        raise BadReceipt(_WHY.get(error.why, _WHY_ELSE)) from error
    try:
        return SubmissionReceiptClaims.model_validate(claims)
    except ValidationError as error:
        raise BadReceipt("it is signed, but it is not the receipt of a submission") from error


_WHY: Final[Mapping[str, str]] = {
    "key set": "the key set is not one (RFC 7517)",
    "unknown key": "it was signed with a key that is not in this key set",
    "header": "it is not the receipt of a submission",
    "signature or claims": "it has been changed since it was signed",
    "claims": "it was not signed by applications",
}
_WHY_ELSE: Final = "it is damaged: not a compact JWS"
