"""The institution's fee regimes and exemptions as they are typed, and amounts, which are never numbers with a point."""

from __future__ import annotations

import pytest

from services.contracts.fee_lists import (
    LARGEST_AMOUNT,
    MOST_FEE_ITEMS,
    REGIMES,
    active_items,
    amount_of,
    cents_of,
    fee_item,
    line_of,
)
from services.contracts.fee_rules import FeeItems
from services.contracts.parameter_rules import Unfit

RULE = FeeItems()


@pytest.mark.parametrize("line", [*REGIMES, "B | Bourse", "B | Bourse |  | inactive", f"{'B' * 20} | {'é' * 100}"])
def test_a_line_is_kept_as_it_was_meant(line: str) -> None:
    assert line_of(fee_item(line)) == line
    assert line_of(fee_item(line.replace(" | ", "|"))) == line


@pytest.mark.parametrize(
    "line", ["B", "B | ", "B B | Bourse", f"{'B' * 21} | Bourse", f"B | {'é' * 101}", "B | Bourse | | gone", "B | a\tb"]
)
def test_a_line_that_says_nothing_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(Unfit) as refused:
        RULE.read([REGIMES[0], line])
    assert (refused.value.slug, refused.value.params) == ("not-a-fee-item", {"line": 2})
    assert active_items([REGIMES[0], line]) == active_items([REGIMES[0]]), "of another release, perhaps"


def test_there_are_so_many_each_of_a_code_and_a_label_of_its_own() -> None:
    lines = [f"R{number} | Régime {number}" for number in range(MOST_FEE_ITEMS)]
    assert len(RULE.read(lines)) == MOST_FEE_ITEMS
    for wrong, slug in (
        ([*lines, "MORE | Encore"], "too-many"),
        (["fi | Un", "FI | Deux"], "repeated"),
        (["A | Un", "B | UN !"], "labels-alike"),
        (7, "wrong-type"),
    ):
        with pytest.raises(Unfit, match=slug):
            RULE.read(wrong)


@pytest.mark.parametrize(
    ("amount", "cents"), [("0.00", 0), ("0.10", 10), ("150.05", 15_005), ("99999.99", LARGEST_AMOUNT)]
)
def test_an_amount_is_whole_cents(amount: str, cents: int) -> None:
    assert cents_of(amount) == cents
    assert amount_of(cents) == amount


@pytest.mark.parametrize(
    "amount", ["", "1", "1.0", "1.000", "01.00", "-1.00", "100000.00", "1,00", "1e2.00", "１.00", "1.00\n"]
)
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="is no amount"):
        cents_of(amount)
