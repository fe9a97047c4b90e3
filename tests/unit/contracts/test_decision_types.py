"""The institution's types of decisions, as they are typed (acceptance 123)."""

from __future__ import annotations

import pytest

from services.contracts.decision_rules import DecisionTypes
from services.contracts.decision_types import MOST_TYPES, SHIPPED, active_types, decision_type, line_of
from services.contracts.parameter_rules import Unfit

RULE = DecisionTypes()


def test_those_that_are_shipped_are_one_for_each_kind_and_can_be_chosen() -> None:
    assert RULE.read(list(SHIPPED)) == SHIPPED
    assert [each.kind for each in active_types(SHIPPED)] == [
        *("favourable", "unfavourable", "ranked_waitlist", "waitlist", "shortlisted")
    ]
    assert [each.code for each in active_types(SHIPPED) if each.appeal] == ["AVIS_DEFAVORABLE"]


@pytest.mark.parametrize(
    "line",
    [
        "AF | favourable | Admis",
        "AF | favourable | Admis | Admitted",
        "AF | waitlist | Admis |  | reason appeal inactive",
        f"{'A' * 20} | favourable | {'é' * 100} | {'e' * 100}",
    ],
)
def test_a_line_is_kept_as_it_was_meant(line: str) -> None:
    assert line_of(decision_type(line)) == line
    assert line_of(decision_type(line.replace(" | ", "|"))) == line


@pytest.mark.parametrize(
    "line",
    [
        "AF | favourable",
        "AF | favourable | ",
        "AF | perhaps | Admis",
        "A F | favourable | Admis",
        f"{'A' * 21} | favourable | Admis",
        f"AF | favourable | {'é' * 101}",
        f"AF | favourable | Admis | {'e' * 101}",
        "AF | favourable | Admis | Admitted | gladly",
        "AF | favourable | Admis | Admitted | appeal | more",
        "AF | favourable | Ad\tmis",
    ],
)
def test_a_line_that_says_no_type_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(Unfit) as refused:
        RULE.read([SHIPPED[0], line])
    assert (refused.value.slug, refused.value.params) == ("not-a-decision-type", {"line": 2})
    assert active_types([SHIPPED[0], line]) == active_types(SHIPPED[:1]), "of another release, perhaps"


def test_there_are_so_many_each_once_and_one_to_choose() -> None:
    lines = [f"T{number} | favourable | Admis" for number in range(MOST_TYPES)]
    assert len(RULE.read(lines)) == MOST_TYPES
    assert len(RULE.read("; ".join(lines))) == MOST_TYPES
    for wrong, slug in (
        ([*lines, "MORE | favourable | Admis"], "too-many"),
        ([lines[0], lines[0]], "repeated"),
        (["AF | favourable | Admis |  | inactive"], "too-few"),
        ([], "too-few"),
        (7, "wrong-type"),
    ):
        with pytest.raises(Unfit, match=slug):
            RULE.read(wrong)
