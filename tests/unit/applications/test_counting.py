"""What one file adds to the counts of its programme."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from services.applications.domain.counting import counted
from services.applications.domain.listing import Decided
from services.applications.domain.states import FileState


@pytest.mark.parametrize("decided", Decided)
def test_every_way_to_be_decided_on_counts_once_for_its_decision(decided: Decided) -> None:
    """Whatever the candidate says to it; an answer to a place counts beside."""
    added = {name for name, count in asdict(counted(FileState.COMPLETE, decided, submitted=True)).items() if count}
    answers = {"accept": {"accepted"}, "withdraw": {"withdrawn"}}.get(decided.answer, set())
    decision = set() if decided is Decided.NONE else {decided.kind}
    assert added == {"opened", "submitted", "complete", *decision, *answers}
