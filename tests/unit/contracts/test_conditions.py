"""The institution's own conditions of admissions, one on a line."""

from __future__ import annotations

import pytest

from services.contracts.conditions import (
    LONGEST_LISTED,
    MOST_LISTED,
    ListedCondition,
    active_conditions,
    condition_line,
    listed_condition,
)
from services.contracts.decision_rules import Conditions
from services.contracts.parameter_rules import Unfit


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ("B2 | Niveau B2 | Level B2", ListedCondition("B2", "Niveau B2", "Level B2")),
        ("B2|Niveau B2", ListedCondition("B2", "Niveau B2")),
        ("B2 | Niveau B2 |  | inactive", ListedCondition("B2", "Niveau B2", active=False)),
        (f"B2 | {'x' * LONGEST_LISTED}", ListedCondition("B2", "x" * LONGEST_LISTED)),
    ],
)
def test_a_line_says_a_condition_and_is_written_the_same(line: str, condition: ListedCondition) -> None:
    assert listed_condition(line) == condition
    assert listed_condition(condition_line(condition)) == condition


@pytest.mark.parametrize(
    "line",
    ["", "B2", "| Niveau", "B2 |", "B2 | A | B | active", "B2 | A | B | | C", f"B2 | {'x' * (LONGEST_LISTED + 1)}"],
)
def test_what_is_no_condition_is_passed_over_as_is_what_is_chosen_no_more(line: str) -> None:
    assert active_conditions([line, "B2 | Niveau B2", "C1 | Niveau C1 |  | inactive"]) == (
        ListedCondition("B2", "Niveau B2"),
    )


def test_no_two_of_a_list_are_alike_and_there_are_not_too_many() -> None:
    lines = [f"C{number} | Condition {number}" for number in range(MOST_LISTED)]
    assert len(Conditions().read(lines)) == MOST_LISTED
    for given, slug in (
        ([*lines, "AUTRE | Une autre"], "too-many"),
        (["B2 | Niveau B2", "b2 | Niveau C1"], "repeated"),
        (["B2 | Niveau B2", "C1 | NIVEAU B2"], "labels-alike"),
        (["B2"], "not-a-condition"),
    ):
        with pytest.raises(Unfit) as refused:
            Conditions().read(given)
        assert refused.value.slug == slug
