"""Which decision goes over from an offer to the file of its person (acceptance 46, ADR 88)."""

import pytest

from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.fees import NOTHING, Fees
from services.applications.domain.offering import is_taken_over
from services.applications.domain.pre_enrolment import Named, PreEnrolment, follow, give_code_up, keep_code, take_code
from services.applications.domain.sheets import Note, NoteAdded, Sheet, take_over
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


def noted(id: str) -> Note:
    return Note(id, id, on(OPENS).instant, Acting("staff:kim"))


def test_what_staff_said_beside_the_persons_own_file_stays() -> None:
    """Acceptance 44: notes come together; of all else what is said there is not written over. Twice is once."""
    offers = Sheet("zoe", (noted("1"),), ("forum",), "ada", Fees(amount=17050), 1, 1)
    own = Sheet("zoe", (noted("2"),), ("vu",), "kim", NOTHING, 2)  # fees were said there, and taken away
    after, happened = take_over(own, offers)
    assert ({note.id for note in after.notes}, after.tags, after.assignee) == ({"1", "2"}, ("vu",), "kim")
    assert (after.fees, after.fees_version, happened) == (NOTHING, 2, (NoteAdded("1"),))
    assert take_over(after, offers) == (after, ())
    begun, _ = take_over(Sheet("zoe"), offers)
    assert begun == offers
    assert take_over(begun, offers) == (begun, ())


def test_a_code_of_ones_own_goes_over_where_there_is_none() -> None:
    """Acceptance 87."""
    record = PreEnrolment("zoe", "M1-MER", "2027")
    taken, _ = take_code(record, "OPI1")
    assert (taken.own_code, taken.keeps_code, keep_code(taken)[0].keeps_code) == ("OPI1", False, True)
    assert take_code(taken, "OPI2") == (taken, ())
    assert take_code(follow(record, Named("EC1"), on(OPENS).instant, accepted=True)[0], "OPI1")[1] == ()
    held = keep_code(taken)[0]
    assert give_code_up(held, "OPI2") == (held, ())
    assert give_code_up(held, "OPI1")[0] == record
