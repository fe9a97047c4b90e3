"""What the student records hold of documents, beside what they must hold and may hold (ADR 104, ADR 115)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.pre_enrolment_documents import held_document_line
from services.contracts.pre_enrolments import HeldDigest
from services.documents.domain.hand_overs import Handed, HandedState
from services.documents.usecases.reconciling import SETTLING, Outcome, _Held

AS_OF = datetime(2027, 5, 12, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def digest(*documents: str) -> HeldDigest:
    lines = b"".join(held_document_line("anna", each, 1) for each in documents)
    return HeldDigest(count=len(documents), sha256=hashlib.sha256(lines).hexdigest())


def held() -> _Held:
    """Two they must hold, one that was taken behind their digest, one to be dropped and one that has had no answer."""
    found = _Held()
    for document, state, since in (
        ("a", HandedState.DONE, AS_OF - HOUR),
        ("b", HandedState.DONE, AS_OF - SETTLING),
        ("c", HandedState.DONE, AS_OF + HOUR),
        ("d", HandedState.CALLED_OFF, AS_OF),
        ("e", HandedState.WAITING, AS_OF),
    ):
        found.note("anna", Handed(document, "cv", state, since, 1, tried=True), AS_OF - SETTLING)
    return found


@pytest.mark.parametrize(
    ("there", "outcome"),
    [
        (("a", "b"), "same"),
        (("a", "b", "c"), "same"),
        (("a", "b", "d"), "settling"),
        (("a", "b", "c", "d", "e"), "settling"),
        (("a", "b", "c", "d", "e", "x"), "different"),
        (("a", "d"), "different"),  # as many as they must hold, and not those: one is lost
        (("a",), "different"),
        ((), "different"),
    ],
)
def test_only_what_is_beside_all_that_they_must_hold_may_be_settling(there: tuple[str, ...], outcome: Outcome) -> None:
    assert held().outcome(digest(*there)) == outcome


def test_where_nothing_is_on_its_way_nothing_settles() -> None:
    found = _Held()
    found.note("anna", Handed("a", "cv", HandedState.DONE, AS_OF - HOUR, 1, tried=True), AS_OF - SETTLING)
    assert [found.outcome(digest(*each)) for each in ((), ("a",), ("b",), ("a", "b"))] == [
        "different",
        "same",
        "different",
        "different",
    ]
