"""The institution's parameters: every change is a revision, and what cannot be had changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from services.chassis.settings import Settings, first_parameters
from services.contracts.api.documents import MediaType
from services.contracts.parameter_rules import Whole
from services.contracts.parameters import (
    DEMONSTRATION,
    MEDIA_TYPES,
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
    ("institution.contact", '"><b>@univ.test', "not-an-email"),
    ("enrolment.code_prefix", "=1+1", "not-a-code"),
    ("enrolment.code_prefix", "E" * 11, "too-long"),
    ("accounts.file_number_prefix", "E", "not-a-number-prefix"),
    ("accounts.file_number_prefix", "UP", "not-a-number-prefix"),
    ("accounts.file_number_prefix", "ESP", "too-long"),
    ("maintenance.windows", "22:45", "not-a-span"),
    ("maintenance.windows", "22:45-06:00,22:45-06:00", "repeated"),
    ("maintenance.windows", [f"{hour:02}:00-{hour:02}:30" for hour in range(21)], "too-many"),
    ("maintenance.windows", 3, "wrong-type"),
    ("retention.held", "2026-2027,2026-2027", "repeated"),
    ("retention.held", "C" * 21, "too-long"),
    ("retention.held", [f"C{number}" for number in range(101)], "too-many"),
    ("retention.held", 3, "wrong-type"),
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


@pytest.mark.parametrize("given", [" 22:45-06:00, ", [f"{hour:02}:00-{hour:02}:30" for hour in range(20)]])
def test_windows_of_maintenance_are_as_many_as_twenty(given: str | list[str]) -> None:
    sheet, _ = change(SHEET, {"maintenance.windows": given}, NOW, "operator")
    assert sheet.parameters.maintenance.windows == (("22:45-06:00",) if isinstance(given, str) else tuple(given))


def test_campaigns_that_are_held_are_as_many_as_a_hundred() -> None:
    for given, held in (
        ([f"C{number}" for number in range(100)], 100),
        (f"{'C' * 20}, 2026-2027", 2),
        ("", 0),
    ):
        sheet, _ = change(SHEET, {"retention.held": given}, NOW, "operator")
        assert len(sheet.parameters.retention.held) == held


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


@pytest.mark.parametrize(("given", "kept"), [(" es ", "ES"), ("7Z", "7Z"), ("", "")])
def test_file_numbers_begin_with_two_characters_or_none(given: str, kept: str) -> None:
    """Acceptance 20."""
    asked = change(SHEET, {"accounts.file_number_prefix": given, "accounts.session_days": 8}, NOW, "operator")[0]
    assert asked.parameters.accounts.file_number_prefix == kept


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


@pytest.mark.parametrize("key", [key for key, rule in RULES.items() if isinstance(rule, Whole)])
def test_a_number_is_taken_at_its_bounds_and_not_one_past_them(key: str) -> None:
    """As a number and as it is typed."""
    rule = RULES[key]
    assert isinstance(rule, Whole)
    for value in (rule.least, rule.most):
        for given in (value, f" {value} "):
            assert value_of(change(SHEET, {key: given}, NOW, "operator")[0].parameters, key) == value
    (low,), (high,) = (refused(SHEET, {key: value}).fields for value in (rule.least - 1, rule.most + 1))
    assert (low.slug, low.params) == ("too-small", {"min": rule.least})
    assert (high.slug, high.params) == ("too-big", {"max": rule.most})


@pytest.mark.parametrize("given", [True, 1.5, 7.0, "seven", "", "7e3", "٧", "9" * 30, None, [7]])
def test_what_is_no_whole_number_is_refused(given: object) -> None:
    assert [fault.slug for fault in refused(SHEET, {"accounts.session_days": given}).fields] == ["wrong-type"]


TYPES = "documents.media_types"


def test_words_are_taken_in_the_order_given_from_a_list_or_by_commas() -> None:
    wanted = ("image/png", "application/pdf")
    for given in (list(wanted), "image/png , application/pdf,"):
        assert value_of(change(SHEET, {TYPES: given}, NOW, "operator")[0].parameters, TYPES) == wanted
    assert get_args(MediaType) == MEDIA_TYPES


@pytest.mark.parametrize(
    ("key", "given", "rule"),
    [
        (TYPES, "", "too-few"),
        (TYPES, [], "too-few"),
        (TYPES, "image/gif", "not-a-choice"),
        (TYPES, "application/pdf;image/png", "not-a-choice"),
        (TYPES, ["image/png", "image/png"], "repeated"),
        (TYPES, [1], "wrong-type"),
        ("applications.max_active_per", "programme", "not-a-choice"),
        ("applications.max_active_per", 1, "wrong-type"),
    ],
)
def test_words_that_are_none_of_the_rule_are_refused(key: str, given: object, rule: str) -> None:
    assert [fault.slug for fault in refused(SHEET, {key: given}).fields] == [rule]


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("accounts", {"link_hours": "48"}),
        ("accounts", {"link_hours": True}),
        ("accounts", {"link_hours": -1}),
        ("accounts", {"link_hours": 10**12}),
        ("applications", {"max_active_per": "of a newer release"}),
        ("documents", {"media_types": []}),
        ("documents", {"media_types": "application/pdf"}),
        ("documents", {"media_types": [1]}),
    ],
)
def test_kept_values_by_which_nothing_can_work_are_not_read(section: str, values: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        from_rows({section: values})


def test_a_bound_that_a_newer_release_has_widened_is_read() -> None:
    assert from_rows({"accounts": {"session_days": 400}}).accounts.session_days == 400


def test_what_a_file_says_is_the_first_version_and_the_four_variables_come_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "first.toml"
    file.write_text('[institution]\nname = "A"\nsign_off = "B"\n[accounts]\nlink_hours = 48\n', encoding="utf-8")
    monkeypatch.setenv("PARVIS_FIRST_PARAMETERS", str(file))
    monkeypatch.setenv("PARVIS_INSTITUTION", "C")
    monkeypatch.setenv("PARVIS_MAILER_SIGN_OFF", "")
    first = first_parameters(Settings())
    assert (first.institution.name, first.institution.sign_off, first.accounts.link_hours) == ("C", "B", 48)


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
