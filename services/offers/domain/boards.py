"""What a board says of its letters and of its alerts; one that says nothing gives every letter and is told nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from services.contracts.refusals import FieldError
from services.offers.domain.rules import Checks

LetterKind = Literal["admission", "rejection"]
AlertKind = Literal["opened", "cancelled", "submitted", "withdrawn", "promoted"]
Language = Literal["fr", "en"]
LETTERS: Final[tuple[LetterKind, ...]] = ("admission", "rejection")

SIGNATORY_LENGTH: Final = 255
"""Characters of a name and of a function, inclusive."""
EMAIL_LENGTH: Final = 80
"""Characters of an address for alerts, inclusive."""
_DIGEST: Final = re.compile(r"\.[0-9a-f]{16}\.jpg")


@dataclass(frozen=True, slots=True)
class Letters:
    """Which letters there are, and who signs them, by name, function and picture."""

    kinds: tuple[LetterKind, ...] = LETTERS
    signatory: str = ""
    function: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Alerts:
    """Of what it is told by mail, where, and in which language; without an address of nothing."""

    on: tuple[AlertKind, ...] = ()
    email: str = ""
    language: Language = "fr"


def check_letters(checks: Checks, code: str, letters: Letters) -> None:
    """Check what the board of this code says of its letters; a signature is one that was put for it."""
    checks.line("letters.signatory", letters.signatory, SIGNATORY_LENGTH, required=False)
    checks.line("letters.function", letters.function, SIGNATORY_LENGTH, required=False)
    if (letters.function or letters.signature) and not letters.signatory:
        checks.fault("letters.signatory", "required")
    checks.once("letters.kinds", letters.kinds)
    if letters.signature and not (
        letters.signature.startswith(f"{code}.") and _DIGEST.fullmatch(letters.signature[len(code) :])
    ):
        checks.fault("letters.signature", "malformed")


def check_signatory(before: Letters, letters: Letters) -> list[FieldError]:
    """What is wrong where another person is to sign with the picture of who signed before: nothing, or the picture."""
    is_another = letters.signatory != before.signatory
    if is_another and letters.signature and letters.signature == before.signature:
        return [FieldError("letters.signature", "another-signatory", {"signatory": before.signatory})]
    return []


def check_alerts(checks: Checks, alerts: Alerts) -> None:
    """Check what a board says of its alerts: who wants some has an address."""
    checks.email("alerts.email", alerts.email, EMAIL_LENGTH)
    checks.once("alerts.on", alerts.on)
    if alerts.on and not alerts.email:
        checks.fault("alerts.email", "required")
