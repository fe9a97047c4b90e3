"""The student number's forms and keys (acceptance 30)."""

import pytest

from services.accounts.domain.student_number import as_typed, fault


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        # BEA: 123456789 = 23 * 5367686 + 11, the twelfth letter is M.
        ("0123456789M", None),
        ("0000000000A", "not-a-student-number"),
        ("0000000022Z", None),
        ("0000000023A", None),
        ("0123456789N", "student-number-key"),
        ("0123456798M", "student-number-key"),
        ("0123456789I", "not-a-student-number"),
        # NNE: powers of 36 end in 6, but for the last place: 6 * 13 + 16 = 94.
        ("00000000DG4", None),
        ("00000000DG5", "student-number-key"),
        ("0DKGUO02J37", None),  # 6 * (13 + 20 + 16 + 30 + 24 + 2 + 19) + 3 = 747
        ("0DKGUO02J35", "student-number-key"),
        ("12345678900", None),
        # RNIE: no published key.
        ("123456789AB", None),
        ("123456789KK", None),
        ("123456789AI", "not-a-student-number"),
        ("123456789LA", "not-a-student-number"),
        # Apprentices.
        ("1234A12345F", None),
        ("1234B12345F", "not-a-student-number"),
        # Lengths.
        ("0123456789", "not-a-student-number"),
        ("0123456789MM", "not-a-student-number"),
        ("", "not-a-student-number"),
        ("٠١٢٣٤٥٦٧٨٩M", "not-a-student-number"),
    ],
)
def test_form_and_key(number: str, rule: str | None) -> None:
    assert fault(number) == rule


def test_blanks_and_small_letters_are_forgiven() -> None:
    assert as_typed(" 0123 456 789 m ") == "0123456789M"


def test_one_wrong_figure_of_a_bea_is_always_seen() -> None:
    good = "0123456789M"
    for at in range(10):
        for figure in "0123456789":
            if figure != good[at]:
                assert fault(good[:at] + figure + good[at + 1 :]) == "student-number-key"
