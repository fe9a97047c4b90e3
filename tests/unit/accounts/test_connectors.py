"""Which connectors administrators are told that accounts goes without."""

from __future__ import annotations

import pytest

from services.chassis.settings import Settings


@pytest.mark.parametrize(
    ("ent", "shown"), [("none:", True), ("cas+https://cas.example/cas", True), ("development:", False)]
)
def test_an_ent_of_development_that_lets_people_in_is_not_said_to_be_away(ent: str, shown: bool) -> None:
    """One that is needed is shown as it fares, whatever it may lack."""
    assert Settings(ent=ent).has_own_ent is not shown
