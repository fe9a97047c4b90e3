"""An amount is typed as people write it, and told to applications with two decimals; what may be two is neither."""

from __future__ import annotations

import pytest

from services.portal.pages.reviewing.fees import given_of


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("150", "150.00"),
        ("150,5", "150.50"),
        ("150.05 ", "150.05"),
        ("150,00 €", "150.00"),
        ("€150", "150.00"),
        ("1 150,50", "1150.50"),
        ("1\N{NARROW NO-BREAK SPACE}150,50\N{NO-BREAK SPACE}€", "1150.50"),
        ("1,150.50", "1150.50"),
        ("1.150,50", "1150.50"),
        ("0", "0.00"),
        ("1.150", "1.150"),
        ("1.150.50", "1.150.50"),
        ("-1", "-1"),
        ("1e2", "1e2"),
        ("١٥٠", "١٥٠"),
        (" ", None),
    ],
)
def test_an_amount_is_told_as_it_was_meant(typed: str, told: str | None) -> None:
    assert given_of({"amount": typed})["amount"] == told
