"""What is pasted into a field of one line is taken without the line end, the tab and the blanks that came along."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.contracts import file_numbers
from services.contracts.api.accounts import Credentials, Email, Line30, Line100, Phone, Postcode
from services.contracts.api.profile import Label
from services.contracts.api.second_factor import OneTimeCode
from services.contracts.api.texts import BLANKS, DECOMPOSED


@pytest.mark.parametrize(
    ("kind", "pasted", "taken"),
    [
        (Line100, "\tDupont\r\n", "Dupont"),
        (Line100, "Dupont\r\nDurand", "Dupont Durand"),
        (Line100, "Jean \t\u2028 Pierre", "Jean Pierre"),
        (Email, " zoe@etu.test\n", "zoe@etu.test"),
        (Line30, "\n0123456789M\t", "0123456789M"),
        (Postcode, " 66\t000\n", "66000"),
        (Phone, "\t06 12 34 56 78\n", "06 12 34 56 78"),
        (Label, "Licence\tde biologie\n", "Licence de biologie"),
        (OneTimeCode, " 492\u00a0039\n", "492039"),
    ],
)
def test_a_pasted_line_is_a_line(kind: Any, pasted: str, taken: str) -> None:
    assert TypeAdapter(kind).validate_python(pasted) == taken


def test_a_pasted_file_number_opens_its_account() -> None:
    login = Credentials(login="\tab12cd34\r\n", password=" x ").login
    assert file_numbers.as_typed(login) == "AB12CD34"


@pytest.mark.parametrize("text", ["a\x00b", "a\x7fb", "a\ufffdb", "x" * 101, "x" * 100 + "\nx"])
def test_what_nobody_pastes_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Line100).validate_python(text)


def test_blanks_around_are_so_many_at_most() -> None:
    """The length is looked at before anything is made of the text."""
    most = 100 * DECOMPOSED + BLANKS
    assert TypeAdapter(Line100).validate_python("x" + "\n" * (most - 1)) == "x"
    with pytest.raises(ValidationError, match="at most 100"):
        TypeAdapter(Line100).validate_python("x" + "\n" * most)
