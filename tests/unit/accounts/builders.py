"""Accounts as tests need them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.accounts.domain.account import Account, Person, register, validate
from services.accounts.domain.links import digest
from services.accounts.domain.profile import Address, Baccalaureate, Identity
from services.contracts.refusals import ErrorCode, RefusedError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
TOKEN = "first-token"
GOOD_FOR = timedelta(hours=120)
ZOE = Person("Durand", "Zoé", "Zoe@Etu.test", "fr")
FROM_YEAR = 1995


def pending(**changes: Any) -> Account:
    account, _ = register(
        ZOE, "2027", "AB12CD34", TOKEN, now=changes.get("now", NOW), good_for=changes.get("good_for", GOOD_FOR)
    )
    return account


def validated() -> Account:
    account, _ = validate(pending(), digest(TOKEN), "argon-hash", now=NOW)
    return account


def identity(**changes: Any) -> Identity:
    values: dict[str, Any] = {
        "title": "mrs",
        "family_name": "Durand",
        "given_name": "Zoé",
        "birth_date": "2003-05-14",
        "birth_country": "FR",
        "birth_place": "Perpignan",
        "nationality": "ES",
    }
    return Identity(**(values | changes))


def address(**changes: Any) -> Address:
    values: dict[str, Any] = {
        "lines": ("1 rue des Oiseaux",),
        "city": "Perpignan",
        "country": "FR",
        "postcode": "66000",
    }
    return Address(**(values | changes))


def baccalaureate(**changes: Any) -> Baccalaureate:
    values: dict[str, Any] = {"kind": "bac", "series": "Générale", "year": 2021}
    return Baccalaureate(**(values | changes))


def refused(slug: ErrorCode, act: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        act()
    assert caught.value.slug == slug
    return caught.value
