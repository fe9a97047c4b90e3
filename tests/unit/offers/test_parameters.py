"""The institution's parameters: every change is a revision, and what cannot be had changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.settings import Settings, first_parameters
from services.contracts.parameters import (
    DEMONSTRATION,
    RULES,
    InstitutionParameters,
    Parameters,
    from_rows,
    to_rows,
    unfit_for_production,
    value_of,
)
from services.contracts.refusals import INVALID_FIELDS, STALE_VERSION, RefusedError
from services.offers.domain.events import ParametersChanged
from services.offers.domain.parameters import MAX_REVISIONS, Difference, ParameterSheet, begin, change

NOW = datetime(2027, 2, 1, 12, tzinfo=UTC)
OWN = Parameters(InstitutionParameters("Université d’Essai", "aide@univ.test"))
SHEET = begin(OWN, NOW, "service:offers")[0]

ODD = [
    ("institution.name", " ", "required"),
    ("institution.name", "U" * 201, "too-long"),
    ("institution.name", "U\n", "U"),
    ("institution.name", "U\u0007V", "control-characters"),
    ("institution.name", "U\u200bV", "control-characters"),
    ("institution.name", "U\u2028V", "control-characters"),
    ("institution.name", 3, "wrong-type"),
    ("institution.contact", "the office", "not-an-email"),
    ("institution.contact", "a" * 250 + "@b.fr", "too-long"),
    ("institution.nickname", "U", "unknown-field"),
    ("nickname", "U", "unknown-field"),
]
"""What is given, and the rule that it breaks or what is understood."""


def refused(sheet: ParameterSheet, given: Mapping[str, object], **more: object) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        change(sheet, given, NOW, "operator", **more)  # type: ignore[arg-type] # those of the test
    return caught.value


def test_a_change_is_a_revision_that_says_who_when_and_what() -> None:
    later = NOW + timedelta(hours=1)
    after, facts = change(SHEET, {"institution.name": " Université d’Ailleurs "}, later, "operator", expected=1)
    assert facts == (ParametersChanged(),)
    assert (after.revision, after.parameters.institution.name) == (2, "Université d’Ailleurs")
    assert after.parameters.institution.contact == "aide@univ.test"
    assert [(each.number, each.at, each.actor) for each in after.history] == [
        (1, NOW, "service:offers"),
        (2, later, "operator"),
    ]
    assert after.history[1].differences == (
        Difference("institution.name", "Université d’Essai", "Université d’Ailleurs"),
    )


def test_a_change_that_is_sent_twice_changes_once() -> None:
    """Also when the first answer was lost, and the version that was looked at is therefore an older one."""
    given = {"institution.name": "Université d’Ailleurs"}
    once, _ = change(SHEET, given, NOW, "operator", expected=1)
    assert change(once, given, NOW, "operator", expected=1) == (once, ())
    assert refused(once, {"institution.name": "U"}, expected=1).slug is STALE_VERSION


@pytest.mark.parametrize(("key", "given", "rule"), ODD)
def test_what_cannot_be_had_is_refused_by_key_and_changes_nothing(key: str, given: object, rule: str) -> None:
    if rule == "U":
        assert value_of(change(SHEET, {key: given}, NOW, "operator")[0].parameters, key) == rule
        return
    refusal = refused(SHEET, {"institution.sign_off": "La scolarité", key: given})
    assert refusal.slug is INVALID_FIELDS
    assert [(fault.field, fault.slug) for fault in refusal.fields] == [(key, rule)]


@pytest.mark.parametrize("key", ["institution.name", "institution.sign_off", "institution.sender_name"])
def test_a_line_is_taken_up_to_its_longest(key: str) -> None:
    assert value_of(change(SHEET, {key: "U" * 200}, NOW, "operator")[0].parameters, key) == "U" * 200
    assert [fault.params for fault in refused(SHEET, {key: "U" * 201}).fields] == [{"max": 200}]


@pytest.mark.parametrize("name", ["Université Paris\u00a08", "Université Paris\u202f8"])
def test_a_name_may_have_blanks_at_which_no_line_is_broken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the French write it; set, and as the variable of the first start."""
    assert change(SHEET, {"institution.name": name}, NOW, "operator")[0].parameters.institution.name == name
    monkeypatch.setenv("PARVIS_INSTITUTION", name)
    assert first_parameters(Settings()).institution.name == name


@pytest.mark.parametrize(
    ("institution", "unfit"),
    [
        (InstitutionParameters(), ["institution.name", "institution.contact"]),
        (InstitutionParameters("", ""), ["institution.name", "institution.contact"]),
        (InstitutionParameters("U", "aide@univ.example"), ["institution.contact"]),
        (InstitutionParameters("U", "aide@univ.test"), []),
    ],
)
def test_production_needs_a_name_and_a_contact(institution: InstitutionParameters, unfit: list[str]) -> None:
    assert [fault.field for fault in unfit_for_production(Parameters(institution))] == unfit


def test_in_production_the_name_cannot_be_taken_back() -> None:
    given = {"institution.name": DEMONSTRATION, "institution.contact": ""}
    assert [fault.field for fault in refused(SHEET, given, in_production=True).fields] == [*given]
    assert change(SHEET, given, NOW, "operator")[0].revision == 2


def test_so_many_revisions_are_remembered_and_the_oldest_go() -> None:
    sheet = SHEET
    for number in range(MAX_REVISIONS):
        assert (sheet.history[0].number, len(sheet.history)) == (1, number + 1)
        sheet, _ = change(sheet, {"institution.name": f"U{number}"}, NOW, "operator")
    assert (sheet.history[0].number, len(sheet.history)) == (2, MAX_REVISIONS)


def test_every_default_goes_by_its_own_rule() -> None:
    for key, rule in RULES.items():
        assert rule.read(value_of(Parameters(), key)) == value_of(Parameters(), key)
        assert str(rule)


def test_rows_of_an_older_and_of_a_newer_release_are_read() -> None:
    assert from_rows(to_rows(OWN)) == OWN
    assert from_rows({}) == Parameters()
    with pytest.raises(TypeError):
        from_rows({"institution": {"name": None}})
    rows: dict[str, dict[str, object]] = {"institution": {"name": "U", "of_a_newer": 1}, "newer": {"x": 1}}
    assert from_rows(rows) == Parameters(InstitutionParameters("U"))
