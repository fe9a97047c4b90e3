"""The institution's reasons for decisions, as they are typed (acceptance 79, 123)."""

from __future__ import annotations

import pytest

from services.contracts.decision_reasons import MOST_REASONS, active_reasons, decision_reason, line_of
from services.contracts.decision_rules import DecisionReasons
from services.contracts.parameter_rules import Unfit
from services.contracts.parameters import Parameters, with_values

RULE = DecisionReasons()
FULL = "PLEIN | Effectif atteint | No places left"


@pytest.mark.parametrize(
    "line",
    [
        "PLEIN | Effectif atteint",
        FULL,
        "PLEIN | Effectif atteint |  | unfavourable waitlist inactive",
        f"{'P' * 20} | {'é' * 100} | {'e' * 100}",
    ],
)
def test_a_line_is_kept_as_it_was_meant(line: str) -> None:
    assert line_of(decision_reason(line)) == line
    assert line_of(decision_reason(line.replace(" | ", "|"))) == line


@pytest.mark.parametrize(
    "line",
    [
        "PLEIN",
        "PLEIN | ",
        "P LEIN | Effectif",
        f"{'P' * 21} | Effectif",
        f"PLEIN | {'é' * 101}",
        f"PLEIN | Effectif | {'e' * 101}",
        "PLEIN | Effectif | Full | perhaps",
        "PLEIN | Effectif | Full | waitlist | more",
        "PLEIN | Effec\ttif",
    ],
)
def test_a_line_that_says_no_reason_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(Unfit) as refused:
        RULE.read([FULL, line])
    assert (refused.value.slug, refused.value.params) == ("not-a-decision-reason", {"line": 2})
    assert active_reasons([FULL, line]) == active_reasons([FULL]), "of another release, perhaps"


def test_there_are_so_many_each_of_a_code_and_a_meaning_of_its_own() -> None:
    lines = [f"R{number} | Motif {number}" for number in range(MOST_REASONS)]
    assert len(RULE.read(lines)) == len(RULE.read("; ".join(lines))) == MOST_REASONS
    assert RULE.read([]) == ()
    for wrong, slug in (
        ([*lines, "MORE | Encore"], "too-many"),
        ([FULL, "plein | Autre"], "repeated"),
        ([FULL, "P2 | EFFECTIF  Atteint !"], "labels-alike"),
        ([FULL, "P2 | Effectif dépassé | No places left"], "labels-alike"),
        ([FULL, "P2 | Effectif atteint |  | inactive"], "labels-alike"),
        (7, "wrong-type"),
    ):
        with pytest.raises(Unfit, match=slug):
            RULE.read(wrong)


def test_the_list_has_a_reason_for_each_decision_that_must_give_one() -> None:
    def faults(reasons: list[str], *types: str) -> list[tuple[str, str]]:
        given: dict[str, object] = {"applications.reasons_from": "list", "applications.decision_reasons": reasons}
        if types:
            given["applications.decision_types"] = list(types)
        return [(each.slug, each.params.get("kind", "")) for each in with_values(Parameters(), given)[1]]

    assert faults([FULL]) == []
    assert faults([]) == faults([f"{FULL} | inactive"]) == [("reason-lacking", "unfavourable")]
    assert faults([f"{FULL} | unfavourable"]) == []
    assert faults([f"{FULL} | waitlist"]) == [("reason-lacking", "unfavourable")]
    assert faults([f"{FULL} | unfavourable"], "ATT | waitlist | Attente |  | reason") == [
        ("reason-lacking", "waitlist")
    ]
    assert faults([], "ADMIS | favourable | Admis") == []
    other: dict[str, object] = {"applications.max_active": 3}
    assert with_values(Parameters(), other)[1] == [], "what has nothing to do with it is not held up"
