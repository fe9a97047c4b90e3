"""Mail addresses and phone numbers, by the libraries that know their rules."""

from __future__ import annotations

from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from services.accounts.domain.countries import FRANCE
from services.contracts.refusals import FieldError

MAX_EMAIL: Final = 100


def checked_email(field: str, text: str, faults: list[FieldError]) -> str:
    """The address with its domain in lower case; adds a fault if it is none, or none that mail can reach (acceptance 3).

    Nothing is looked up. Names for tests (RFC 2606) pass.
    """
    try:
        email = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True).normalized
    except EmailNotValidError:
        email = ""
    if "." not in email.rpartition("@")[2] or len(email) > MAX_EMAIL:
        faults.append(FieldError(field, "not-an-email"))
    return email


def checked_phone(field: str, text: str | None, faults: list[FieldError]) -> str | None:
    """The number as E.164; one without `+` is taken for a French one. Adds a fault if nobody can have it."""
    if not text:
        return None
    try:
        number = phonenumbers.parse(text, FRANCE)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_valid_number(number):
        faults.append(FieldError(field, "not-a-phone-number"))
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
