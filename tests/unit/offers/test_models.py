"""Where a file to fill in may lie that a programme asks back."""

from __future__ import annotations

import pytest

from services.offers.domain.programmes import LINE_LENGTH, Requirement
from services.offers.domain.text import Text
from tests.unit.offers.test_programmes import faults, with_requirement


@pytest.mark.parametrize(
    ("model", "slug"),
    [
        ("/api/offers/models/lettre.pdf", ""),
        ("https://univ.example/" + "a" * (LINE_LENGTH - 21), ""),
        ("https://univ.example/" + "a" * (LINE_LENGTH - 20), "too-long"),
        ("javascript:alert(1)", "not-a-url"),
        ("//evil.example/x", "not-a-url"),
        ("/deconnexion", "not-a-url"),
        ("/api/offers/models/../../../deconnexion", "not-a-url"),
    ],
)
def test_a_file_to_fill_in_lies_here_or_at_an_address_of_the_web(model: str, slug: str) -> None:
    """A page of the catalogue links to it, for anybody to click on."""
    found = faults(with_requirement(Requirement("cv", Text("CV"), model_document=model)))
    assert found == ([("requirements.cv.model_document", slug)] if slug else [])
