"""How staff find people: by the beginning of a number, of names in either order, or of an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from services.accounts.domain.text import folded
from services.contracts.file_numbers import LENGTH, PREFIX_LENGTH, is_of_alphabet, straightened
from services.contracts.text_folding import fold

Part = Literal["file_number", "family_key", "given_key", "address"]

PARTS: Final[tuple[Part, ...]] = ("file_number", "family_key", "given_key", "address")
"""The members in which a search looks, in this order."""

LEAST: Final = 2
"""Characters of what is looked for in a member, at least."""
LEAST_OF_NUMBER: Final = 4
"""The same of a number: shorter ones are the beginning of a name, and of anybody's number."""


LONGEST: Final = 200
"""Characters by which people are found of a name, and what a place in a search holds of them."""


def keys_of(family_name: str, given_name: str) -> dict[str, str]:
    """By which a person is found of whom one knows a name, and perhaps the other; empty where there are none."""
    return {
        "family_key": fold(f"{family_name} {given_name}")[:LONGEST],
        "given_key": fold(f"{given_name} {family_name}")[:LONGEST],
    }


def starts(typed: str) -> Mapping[Part, str]:
    """What each member of a person who is meant begins with, where something typed can be its beginning."""
    number, name, address = straightened(typed), fold(typed)[:LONGEST], folded(typed)
    if "@" in typed:
        number = name = ""
    found: dict[Part, str] = {}
    if LEAST_OF_NUMBER <= len(number) <= PREFIX_LENGTH + LENGTH and is_of_alphabet(number):
        found["file_number"] = number
    if len(name) >= LEAST:
        found |= {"family_key": name, "given_key": name}
    if len(address) >= LEAST and not any(character.isspace() for character in address):
        found["address"] = address
    return {part: found[part] for part in PARTS if part in found}


def is_found_before(members: Mapping[str, Any], part: Part, wanted: Mapping[Part, str]) -> bool:
    """Whether an earlier part of a search has found the person already: by the members as they are kept.

    Not by those that the person ought to have: an earlier release has written none, or left those of another name.
    """
    earlier = PARTS[: PARTS.index(part)]
    return any(each in wanted and members.get(each, "").startswith(wanted[each]) for each in earlier)
