"""Votes of a meeting: whose count, what they propose, and that nothing is counted that was not given (ADR 113)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.applications.domain import meetings, votes
from services.applications.domain.meeting_states import MeetingState
from services.applications.domain.meetings import Act, Meeting, Plan
from services.applications.domain.votes import Ballot, Room
from services.applications.domain.voting import Choice, Counts, Unclear, Voting, Way, counted, proposed, rules
from services.contracts.actors import Role
from services.contracts.limits import MOST_MEMBERS
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import ZOE, on

TODAY = on(date(2027, 2, 1))
ACT = Act(TODAY.instant, ZOE)
YES, WAIT, NO, NONE = Choice
MEMBERS = ("ada", "bob", "cid", "dan")
ALL = Room(MEMBERS, ())
BALLOT = Ballot("zoe", "m1", "f1")


OPENLY = Voting(secret=False)


def meeting(voting: Voting | None = OPENLY, state: MeetingState = MeetingState.HELD) -> Meeting:
    plan = Plan("", TODAY.day, "14:30", "Salle 12", ("M1",), voting)
    return Meeting("JURY", plan, ACT, state, ("f1",), MEMBERS[:3])


def refused(act: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        act()
    return caught.value.fields[0].slug if caught.value.fields else caught.value.slug.name


@pytest.mark.parametrize(
    ("counts", "quorum", "what"),
    [
        (Counts(2, 1, 1), 4, YES),
        (Counts(0, 2, 1), 1, WAIT),
        (Counts(0, 0, 1, 3), 4, NO),
        (Counts(2, 1, 1), 5, Unclear.QUORUM),
        (Counts(2, 0, 2), 1, Unclear.TIE),
        (Counts(1, 1, 1, 5), 1, Unclear.TIE),
        (Counts(0, 0, 0, 3), 3, Unclear.NO_VOTES),
        (Counts(), 1, Unclear.QUORUM),
    ],
)
def test_what_more_vote_for_is_proposed_and_abstentions_count_for_the_quorum_alone(
    counts: Counts, quorum: int, what: Choice | Unclear
) -> None:
    assert proposed(counts, quorum) is what


@pytest.mark.parametrize(
    ("there", "way", "quorum", "then"),
    [
        (None, None, None, None),
        (None, "secret", None, Voting(secret=True)),
        (None, "open", MOST_MEMBERS, Voting(secret=False, quorum=MOST_MEMBERS)),
        (None, "open", MOST_MEMBERS + 1, "too-big"),
        (None, None, 2, "without-vote"),
        (Voting(secret=True, quorum=3), None, None, Voting(secret=True, quorum=3)),
        (Voting(secret=True, quorum=3), "open", None, Voting(secret=False, quorum=3)),
        (Voting(secret=False, quorum=3), None, 4, Voting(secret=False, quorum=4)),
        (Voting(secret=True, quorum=3), "none", None, None),
        (Voting(secret=True, quorum=3), "none", 3, "without-vote"),
    ],
)
def test_what_is_not_said_of_a_vote_stays(
    there: Voting | None, way: Way | None, quorum: int | None, then: Voting | str | None
) -> None:
    if isinstance(then, str):
        assert refused(lambda: rules(there, way, quorum)) == then
    else:
        assert rules(there, way, quorum) == then


def test_how_a_meeting_votes_is_chosen_before_it_takes_place() -> None:
    other = replace(meeting().plan, voting=Voting(secret=True))
    planned = meeting(state=MeetingState.OPEN)
    assert meetings.change(planned, other, (), TODAY.day, role=Role.MANAGER).plan == other
    assert refused(lambda: meetings.change(meeting(), other, (), TODAY.day, role=Role.MANAGER)) == "vote-begun"
    moved = replace(meeting().plan, place="Salle 3")
    assert meetings.change(meeting(), moved, (), TODAY.day, role=Role.MANAGER).plan == moved


@pytest.mark.parametrize(
    ("changed", "member", "room", "slug"),
    [
        ({"state": MeetingState.OPEN}, "ada", ALL, "wrong-state"),
        ({"state": MeetingState.CLOSED}, "ada", ALL, "wrong-state"),
        ({"voting": None}, "ada", ALL, "no-vote"),
        ({}, "eve", ALL, "no-voter"),
        ({}, "dan", ALL, "not-present"),
        ({}, "ada", Room(MEMBERS, {"ada"}), "recused"),
    ],
)
def test_who_may_not_vote_is_told_why(changed: dict[str, Any], member: str, room: Room, slug: str) -> None:
    at = meeting(**changed)
    assert refused(lambda: votes.cast(BALLOT, at, member, YES, room, role=Role.COMMISSION)) == slug


def test_closed_votes_take_no_other_and_stay_as_they_are() -> None:
    given = votes.cast(BALLOT, meeting(), "ada", YES, ALL, role=Role.COMMISSION)
    closed = votes.close(given, meeting(), ALL, ACT, role=Role.MANAGER)
    assert refused(lambda: votes.cast(closed, meeting(), "bob", NO, ALL, role=Role.COMMISSION)) == "vote-closed"
    assert votes.close(closed, meeting(), Room(MEMBERS, {"ada"}), ACT, role=Role.MANAGER) == closed
    assert refused(lambda: votes.close(given, meeting(), ALL, ACT, role=Role.COMMISSION)) == "action-forbidden"
    assert refused(lambda: votes.close(given, meeting(None), ALL, ACT, role=Role.MANAGER)) == "no-vote"
    off = replace(meeting(), files=())
    assert refused(lambda: votes.cast(BALLOT, off, "ada", YES, ALL, role=Role.COMMISSION)) == "not-found"
    assert refused(lambda: votes.close(given, off, ALL, ACT, role=Role.MANAGER)) == "not-found"


def test_there_are_never_more_votes_than_members() -> None:
    """Who is no member any more has no vote, so that whoever comes in their place takes no room."""
    ballot = votes.cast(BALLOT, meeting(), "ada", YES, ALL, role=Role.COMMISSION)
    left = votes.cast(ballot, meeting(), "bob", NO, Room(MEMBERS[1:], ()), role=Role.COMMISSION)
    assert left.votes == {"bob": NO}


class AVote(RuleBasedStateMachine):
    """Members vote, go, are recused and let in again until votes are closed; a plain book of it says the same."""

    ballot: Ballot
    at: Meeting
    book: dict[str, Choice]
    recused: set[str]
    counts: Counts | None

    @initialize(secret=st.booleans())
    def begin(self, secret: bool) -> None:
        self.at = meeting(Voting(secret=secret, quorum=2))
        self.ballot, self.book, self.recused, self.counts = BALLOT, {}, set(), None

    @rule(given=st.dictionaries(st.sampled_from((*MEMBERS, "eve")), st.sampled_from(Choice), min_size=2))
    def vote(self, given: dict[str, Choice]) -> None:
        room = Room(MEMBERS, self.recused)
        for member, choice in given.items():
            cast = partial(votes.cast, self.ballot, self.at, member, choice, room, role=Role.COMMISSION)
            if member in self.at.present and member not in self.recused and self.counts is None:
                self.ballot = cast()
                self.book[member] = choice
            else:
                refused(cast)

    @rule(member=st.sampled_from(MEMBERS))
    def come_or_go(self, member: str) -> None:
        present = {*self.at.present} ^ {member}
        self.at = meetings.hold(self.at, [*present], MEMBERS, ACT, role=Role.MANAGER)

    @rule(member=st.sampled_from(MEMBERS))
    def recuse_or_let_in(self, member: str) -> None:
        self.recused ^= {member}

    @precondition(lambda self: len(self.book) > 1)
    @rule()
    def close(self) -> None:
        self.ballot = votes.close(self.ballot, self.at, Room(MEMBERS, self.recused), ACT, role=Role.MANAGER)
        if self.counts is None:
            self.counts = counted(choice for member, choice in self.book.items() if member not in self.recused)

    @invariant()
    def what_is_counted_was_given(self) -> None:
        tally, voting = self.ballot.tally, self.at.plan.voting
        assert voting is not None
        if tally is None:
            assert self.counts is None and self.ballot.proposed is None and self.ballot.votes == self.book
            return
        assert tally.counts == self.counts and tally.counts.voters + tally.set_aside == len(self.book)
        assert counted(self.ballot.votes.values()) == (Counts() if voting.secret else tally.counts)
        assert (self.ballot.proposed is Unclear.QUORUM) == (tally.counts.voters < 2)


TestAVote = AVote.TestCase
TestAVote.settings = settings(max_examples=150, stateful_step_count=20, deadline=None, derandomize=True)
