"""What ENTs say of people, under the names that French universities give it (SUPANN) and those of OpenID Connect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from services.chassis.ports.ent import EntPerson
from services.contracts.text import normal

FAMILY_NAME: Final = ("sn", "family_name", "surname")
GIVEN_NAME: Final = ("givenName", "given_name", "givenname")
EMAIL: Final = ("mail", "email")
STUDENT_NUMBER: Final = ("supannEtuId", "student_number")

MOST_VALUES: Final = 10
LONGEST_NAME: Final = 100
LONGEST_ADDRESS: Final = 254
LONGEST_NUMBER: Final = 30


def described(subject: str, session: str, attributes: Mapping[str, Sequence[str]]) -> EntPerson:
    """The person of these attributes; what is too long for a form, or not printable, is as if it had not been said."""
    return EntPerson(
        subject,
        session,
        family_name=_first(attributes, FAMILY_NAME, LONGEST_NAME),
        given_name=_first(attributes, GIVEN_NAME, LONGEST_NAME),
        emails=tuple(_values(attributes, EMAIL, LONGEST_ADDRESS)),
        student_number=_first(attributes, STUDENT_NUMBER, LONGEST_NUMBER),
    )


def _first(attributes: Mapping[str, Sequence[str]], names: Sequence[str], longest: int) -> str:
    return next(iter(_values(attributes, names, longest)), "")


def _values(attributes: Mapping[str, Sequence[str]], names: Sequence[str], longest: int) -> list[str]:
    said = [value for name in names for value in attributes.get(name, ()) if len(value) <= 2 * longest][:MOST_VALUES]
    values = [normal("NFC", value).strip() for value in said]
    return list(dict.fromkeys(value for value in values if value.isprintable() and 0 < len(value) <= longest))
