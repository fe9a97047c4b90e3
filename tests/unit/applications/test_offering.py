"""Which decision goes over from an offer to the file of its person (acceptance 46, ADR 88)."""

import pytest

from services.applications.domain.model import EnteredDecision
from services.applications.domain.offering import is_taken_over
from services.applications.domain.states import DecisionKind
from services.contracts.actors import Acting
from tests.unit.applications.builders import OPENS, on


def entered(id: str) -> EnteredDecision:
    return EnteredDecision(id, DecisionKind.FAVOURABLE, on(OPENS).instant, Acting("staff:kim"))


@pytest.mark.parametrize(
    ("there", "adopted", "goes"),
    [
        (None, None, True),
        (None, "given", False),  # staff have taken it away there, and it is told of once more
        ("given", "given", False),
        (None, "older", True),
        ("older", "older", True),
        ("own", None, False),
        ("own", "older", False),
    ],
)
def test_what_goes_over_does_so_once(there: str | None, adopted: str | None, goes: bool) -> None:
    """Acceptance 46, 80: what staff did to the person's file stands."""
    assert is_taken_over(None if there is None else entered(there), adopted, entered("given")) is goes
