"""The rules of each step of the profile; every check tells all that is wrong (acceptance 28 to 33)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from services.accounts.domain import birth_dates, student_number
from services.accounts.domain.communes import Communes
from services.accounts.domain.countries import BIRTH_COUNTRIES, CODES, FRENCH_POST, NATIONALITIES
from services.accounts.domain.profile import Address, Baccalaureate, Identity, Profile, lacks_student_number
from services.accounts.domain.text import name_faults, optional_name_faults
from services.contracts.refusals import FieldError

YOUNGEST: Final = 10
OLDEST: Final = 100
FIRST_YEAR: Final = 1900
NAMED: Final = 5
"""Communes of a postcode that a refusal names at the most."""


def identity_faults(identity: Identity, profile: Profile, *, today: date, from_year: int) -> list[FieldError]:
    """What is wrong with an identity; `today` is the institution's calendar day, `profile` what else is given."""
    faults = [
        *name_faults("family_name", identity.family_name),
        *_given_name_faults(identity.given_name),
        *optional_name_faults("usual_name", identity.usual_name),
        *optional_name_faults("other_given_names", identity.other_given_names),
        *_birth_date_faults(identity.birth_date, today),
        *_country_faults("birth_country", identity.birth_country, BIRTH_COUNTRIES),
        *name_faults("birth_place", identity.birth_place),
        *_country_faults("nationality", identity.nationality, NATIONALITIES),
    ]
    number = identity.national_student_number
    if number is not None and (rule := student_number.fault(number)):
        faults.append(FieldError("national_student_number", rule))
    if lacks_student_number(profile.with_step("identity", identity), from_year):
        year = {"year": from_year}
        faults.append(FieldError("national_student_number", "student-number-required", year, given=("nationality",)))
    return faults


def address_faults(address: Address, communes: Communes) -> list[FieldError]:
    """What is wrong with an address (acceptance 31).

    French ones need their postcode of five digits, and a town that has it where the list of communes knows the postcode;
    others need a town.
    """
    faults = [FieldError(f"lines.{at}", "required") for at, line in enumerate(address.lines) if not line]
    faults += _country_faults("country", address.country)
    if not address.city:
        faults.append(FieldError("city", "required"))
    if address.country in FRENCH_POST:
        if address.postcode is None:
            faults.append(FieldError("postcode", "required", given=("country",)))
        elif not _is_french_postcode(address.postcode):
            faults.append(FieldError("postcode", "french-postcode", given=("country",)))
        elif address.city and not communes.fit(address.postcode, address.city):
            there = [commune.name for commune in communes.at(address.postcode)[:NAMED]]
            faults.append(FieldError("city", "city-elsewhere", {"communes": there}, given=("country", "postcode")))
    return faults


def baccalaureate_faults(baccalaureate: Baccalaureate, *, today: date) -> list[FieldError]:
    """What is wrong with a baccalaureate: its year is needed, and for a French one its series; `none` needs nothing."""
    if baccalaureate.kind == "none":
        return [
            FieldError(name, "not-expected", given=("kind",))
            for name in ("series", "year", "honours", "institution", "country")
            if getattr(baccalaureate, name) is not None
        ]
    faults = []
    if baccalaureate.kind == "bac" and baccalaureate.series is None:
        faults.append(FieldError("series", "required", given=("kind",)))
    if baccalaureate.year is None:
        faults.append(FieldError("year", "required", given=("kind",)))
    elif not FIRST_YEAR <= baccalaureate.year <= today.year:
        faults.append(FieldError("year", "year-out-of-range", {"min": FIRST_YEAR, "max": today.year}))
    if baccalaureate.country is not None:
        faults += _country_faults("country", baccalaureate.country)
    return faults


def _given_name_faults(given_name: str | None) -> list[FieldError]:
    return [] if given_name is None else name_faults("given_name", given_name, given=("single_name",))


def _birth_date_faults(typed: str, today: date) -> list[FieldError]:
    """What is not known of a date counts for the person: it is good if one of the days that it may be is."""
    kept = birth_dates.as_typed(typed)
    if kept is None:
        return [FieldError("birth_date", "not-a-date")]
    first, last = birth_dates.span(kept)
    # Compared as text, so that a 29th of February needs no rule of its own.
    oldest, youngest = (f"{today.year - years:04}-{today:%m-%d}" for years in (OLDEST, YOUNGEST))
    if first <= youngest and last >= oldest:
        return []
    return [FieldError("birth_date", "birth-date-out-of-range", {"min": YOUNGEST, "max": OLDEST})]


def _country_faults(field: str, code: str, codes: Collection[str] = CODES) -> list[FieldError]:
    return [] if code in codes else [FieldError(field, "not-a-country")]


def _is_french_postcode(postcode: str) -> bool:
    """Five digits that begin with a department (01 to 95), a territory (97, 98) or the forces (00)."""
    if len(postcode) != 5 or not postcode.isascii() or not postcode.isdigit():
        return False
    return postcode != "00000" and (int(postcode[:2]) <= 95 or postcode[:2] in ("97", "98"))
