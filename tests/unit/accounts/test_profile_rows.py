"""Rows of the profile: how many, of which years, what each must say (acceptance 27, 33)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.accounts.domain.account import Account
from services.accounts.domain.changing_rows import add_row, change_row, remove_row
from services.accounts.domain.profile_rows import MAX_ROWS, ExternalStudies, Internship, WorkExperience, row_faults
from services.contracts.refusals import NOT_FOUND, STALE_VERSION
from services.contracts.refusals.accounts import TOO_MANY_ROWS
from tests.unit.accounts.builders import FROM_YEAR, TODAY, refused, validated

JOB = WorkExperience(2024, "Vendange", "3 semaines", "Mas Amiel")


def with_jobs(count: int) -> Account:
    given = validated()
    for at in range(count):
        given, _ = add_row(given, "work_experience", f"r{at}", JOB, from_year=FROM_YEAR)
    return given


def test_there_are_at_most_twenty_of_one_step() -> None:
    full = with_jobs(MAX_ROWS)
    assert len(full.profile.rows_of("work_experience")) == MAX_ROWS
    refused(TOO_MANY_ROWS, lambda: add_row(full, "work_experience", "x", JOB, from_year=FROM_YEAR))
    stage = Internship(2025, "2 mois", "IFREMER", "Plancton")
    other, _ = add_row(full, "internships", "x", stage, from_year=FROM_YEAR)
    assert other.profile.version == MAX_ROWS + 1


def test_each_row_has_a_version_of_its_own() -> None:
    there = with_jobs(2)
    assert change_row(there, "work_experience", "r0", JOB, expected=9, from_year=FROM_YEAR) == (there, ())
    longer = replace(JOB, duration="2 mois")
    changed, told = change_row(there, "work_experience", "r0", longer, expected=1, from_year=FROM_YEAR)
    assert [(row.id, row.version) for row in changed.profile.rows_of("work_experience")] == [("r0", 2), ("r1", 1)]
    assert len(told) == 1
    for late in (
        lambda: change_row(changed, "work_experience", "r0", JOB, expected=1, from_year=FROM_YEAR),
        lambda: remove_row(changed, "work_experience", "r0", expected=1, from_year=FROM_YEAR),
    ):
        refused(STALE_VERSION, late)
    left, _ = remove_row(changed, "work_experience", "r0", expected=2, from_year=FROM_YEAR)
    assert [row.id for row in left.profile.rows_of("work_experience")] == ["r1"]
    assert remove_row(left, "work_experience", "r0", expected=2, from_year=FROM_YEAR) == (left, ())
    refused(NOT_FOUND, lambda: change_row(left, "work_experience", "r0", JOB, expected=None, from_year=FROM_YEAR))


@pytest.mark.parametrize(
    ("year", "good"), [(1899, False), (1900, True), (TODAY.year + 1, True), (TODAY.year + 2, False)]
)
def test_the_year_is_1900_to_the_next_one(year: int, good: bool) -> None:
    assert (row_faults(replace(JOB, year=year), today=TODAY) == []) is good


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    studies = ExternalStudies(1800, "", "pending", country="ZZ")
    assert [(fault.field, fault.slug) for fault in row_faults(studies, today=TODAY)] == [
        ("year", "year-out-of-range"),
        ("diploma_label", "required"),
        ("country", "not-a-country"),
    ]
