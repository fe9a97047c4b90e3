"""The forms of rights: what was typed as the API takes it, and what the API refuses at the fields of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final

from services.contracts.api.problem import Problem
from services.contracts.api.staff import Rights, StaffView
from services.portal.forms import errors_of
from services.portal.pages.profile_fields import DATE_PARTS

DAYS: Final = ("valid_from", "valid_until")
CODES: Final = ("centres", "commissions")
_DIGITS: Final = 4
"""Of a year; a day of more is none."""
_BETWEEN: Final = re.compile(r"[\s,;]+")


def parts(name: str, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """The three fields of a day, with what was typed there."""
    return [(part, typed.get(f"{name}-{part}", "")) for part in DATE_PARTS]


def typed_day(name: str, form: Mapping[str, str]) -> str:
    """The day that was typed, empty for none; what is no day stays as it is, for the API to refuse."""
    day, month, year = (typed.strip() for _, typed in parts(name, form))
    if all(part.isascii() and part.isdigit() and len(part) <= _DIGITS for part in (day, month, year)):
        with suppress(ValueError):
            return date(int(year), int(month), int(day)).isoformat()
    return f"{year}-{month}-{day}" if day or month or year else ""


def typed_codes(name: str, form: Mapping[str, str]) -> list[str]:
    """Codes, parted by blanks, commas or semicolons, in the order in which they are kept."""
    return sorted({code for code in _BETWEEN.split(form.get(name, "")) if code})


def typed_grant(form: Mapping[str, str]) -> dict[str, Any]:
    """The right that a form gives; what was left open is absent, and codes of which none was typed are none, not all."""
    grant: dict[str, Any] = {"role": form.get("role", "")}
    grant |= {name: typed_codes(name, form) for name in CODES if form.get(name, "").strip()}
    return grant | {name: day for name in DAYS if (day := typed_day(name, form))}


def standing(view: StaffView) -> list[dict[str, Any]]:
    """The rights that somebody has, as they are given again."""
    members = ("role", *CODES, *DAYS)
    shown = [grant.model_dump(include=set(members), exclude_none=True) for grant in view.grants]
    return [{name: each[name] for name in members if name in each} for each in shown]


def rights(email: str, grants: Sequence[Mapping[str, Any]]) -> Rights:
    """All rights of somebody, unchecked: the API says what is wrong with them."""
    said: dict[str, Any] = {"email": email, "grants": [dict(each) for each in grants]}
    return Rights.model_construct(_fields_set=set(said), **said)


def errors_at_fields(problem: Problem, *, whole: str) -> dict[str, str]:
    """What is wrong, at the fields of the page: it has those of one right alone, and all rights are at the `whole`."""
    found = {}
    for name, text in errors_of(problem).items():
        path = name.split(".")
        at = path[2] if len(path) > 2 else whole
        found[at if path[0] == "grants" else path[0]] = text
    return found
