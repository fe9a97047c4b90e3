"""Mail addresses and phone numbers, by the libraries that know their rules."""

from __future__ import annotations

from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from services.accounts.domain.countries import FRANCE
from services.contracts.refusals import FieldError

FRENCH_CODE: Final = 33
FIGURES: Final = 9
OVERSEAS: Final = {
    "262": 262,
    "263": 262,
    "269": 262,
    "590": 590,
    "594": 594,
    "596": 596,
    "639": 262,
    "690": 590,
    "691": 590,
    "692": 262,
    "693": 262,
    "694": 594,
    "696": 596,
    "697": 596,
}
"""Where numbers of the national plan are that the mainland has not: first three figures to the country code."""
MAX_EMAIL: Final = 254


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
    """The number as E.164; one without `+` is dialled in France, overseas too. Adds a fault if nobody can have it."""
    if not text:
        return None
    try:
        number = phonenumbers.parse(text, FRANCE)
    except phonenumbers.NumberParseException:
        number = None
    overseas = _overseas(number) if number is not None and number.country_code == FRENCH_CODE else None
    number = overseas or number
    if number is None or number.extension or not (overseas or phonenumbers.is_valid_number(number)):
        faults.append(FieldError(field, "not-a-phone-number"))
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _overseas(number: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber | None:
    """The number overseas that is dialled in France as this one, by its first three figures.

    Its nine figures are not compared with the blocks that are in use: the library learns late of new ones there.
    """
    figures = str(number.national_number)
    code = OVERSEAS.get(figures[:3]) if len(figures) == FIGURES else None
    return phonenumbers.PhoneNumber(code, number.national_number, number.extension) if code else None
