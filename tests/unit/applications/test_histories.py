"""Whatever has happened to a file, its button says the truth."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.applications.domain import opening, pieces, submission
from services.applications.domain.deadline import extended
from services.applications.domain.events import Submitted
from services.applications.domain.model import Application
from services.applications.domain.states import (
    FileAction,
    FileState,
    PieceAction,
    PieceState,
    file_after,
    piece_after,
)
from services.contracts.actors import Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import ZOE, card, document, draft, handed_over, offer, on, requirement

CODES = ("cv", "marks", "b2")
codes = st.sampled_from(CODES)
days = st.sampled_from(
    [date(2027, 3, 1), date(2027, 4, 14), date(2027, 4, 15), date(2027, 4, 16), date(2027, 5, 1), date(2027, 5, 2)]
)
documents = st.builds(
    document,
    st.sampled_from(["doc-1", "doc-2"]),
    size=st.sampled_from([1, 2_000_000, 2_000_001]),
    media_type=st.sampled_from(["application/pdf", "image/png"]),
)


class Life(RuleBasedStateMachine):
    """Candidates and managers doing anything in any order, also what is refused."""

    application: Application
    submitted: int

    @initialize(conditional=st.booleans())
    def open(self, conditional: bool) -> None:
        self.application = draft(*(requirement(code, conditional=conditional or code == "b2") for code in CODES))
        self.submitted = 0

    def do(self, command: Any) -> None:
        before = self.application
        try:
            after, domain_events = command(before)
        except RefusedError:
            return
        self.submitted += sum(isinstance(domain_event, Submitted) for domain_event in domain_events)
        assert bool(domain_events) == (after != before)
        self.application = after

    @rule(code=codes, given=documents, day=days)
    def deposit(self, code: str, given: Any, day: date) -> None:
        self.do(lambda state: pieces.deposit(state, code, given, on(day)))

    @rule(code=codes, day=days)
    def remove(self, code: str, day: date) -> None:
        self.do(lambda state: pieces.remove(state, code, on(day)))

    @rule(code=codes, day=days, declared=st.booleans())
    def declare(self, code: str, day: date, declared: bool) -> None:
        self.do(lambda state: pieces.declare(state, code, on(day), not_applicable=declared))

    @rule(day=days)
    def extend(self, day: date) -> None:
        self.do(lambda state: extended(state, day))

    @rule(day=days)
    def submit(self, day: date) -> None:
        self.do(lambda state: handed_over(state, on(day)))

    @rule(day=days)
    def cancel(self, day: date) -> None:
        self.do(lambda state: opening.cancel(state, on(day), ZOE))

    @rule(code=codes, action=st.sampled_from([PieceAction.VALIDATE, PieceAction.REFUSE]))
    def judge(self, code: str, action: PieceAction) -> None:
        piece = self.application.piece(code)
        try:
            after = piece_after(self.application.state, piece.state, action, Role.MANAGER)
        except RefusedError:
            return
        self.application = self.application.with_piece(replace(piece, state=after))

    @rule(action=st.sampled_from(list(FileAction)))
    def review(self, action: FileAction) -> None:
        try:
            after = file_after(self.application.state, action, Role.MANAGER)
        except RefusedError:
            return
        self.application = replace(self.application, state=after)

    @invariant()
    def the_button_is_green_exactly_when_submitting_submits(self) -> None:
        """Acceptance 68."""
        for day in (date(2027, 4, 15), date(2027, 4, 16), date(2027, 5, 2)):
            assert submission.can_submit(self.application, on(day)) == submits(self.application, day)

    @invariant()
    def a_piece_has_a_document_exactly_when_its_state_says_so(self) -> None:
        for piece in self.application.pieces:
            empty = piece.state in {PieceState.AWAITING, PieceState.NOT_APPLICABLE}
            assert (piece.document is None) == empty
            assert piece.state is not PieceState.NOT_APPLICABLE or piece.requirement.conditional

    @invariant()
    def each_submission_is_kept(self) -> None:
        assert len(self.application.submissions) == self.submitted

    @invariant()
    def nothing_stands_in_the_way_of_a_file_that_is_out_of_hand(self) -> None:
        if self.application.state not in {FileState.DRAFT, FileState.INCOMPLETE}:
            assert submission.blocking(self.application, on(date(2027, 5, 2))) == ()


def submits(application: Application, day: date) -> bool:
    try:
        return bool(handed_over(application, on(day))[1])
    except RefusedError:
        return False


TestLife = Life.TestCase


@given(st.permutations(range(5)))
def test_slots_are_filled_from_below_whatever_was_given_back(order: list[int]) -> None:
    def free(taken: set[str]) -> str:
        there = [draft(slot=slot) for slot in taken]
        return opening.free_slot(card(), offer(), there, 5, opening.Scope.CENTRE)

    prefix, taken = "zoe|2027|SEE|", set[str]()
    for _ in order:
        taken.add(free(taken))
    given_back: set[int] = set()
    for number in order:
        taken.discard(f"{prefix}{number}")
        given_back.add(number)
        assert free(taken) == f"{prefix}{min(given_back)}"
