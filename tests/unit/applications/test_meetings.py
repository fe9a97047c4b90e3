"""Meetings of boards: what may be done with one, with which limits, and what is left of who is forgotten (ADR 102)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.applications.domain import meetings, outcomes, recusals
from services.applications.domain.decided import ReasonAsDecided, TypeAsDecided
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import Said
from services.applications.domain.meeting_states import TABLE, MeetingAction, MeetingState, meeting_after
from services.applications.domain.meetings import FARTHEST, Act, Line, Meeting, Minutes, Plan, Recused
from services.applications.domain.outcomes import Wanted
from services.applications.domain.recusals import Recusal
from services.applications.domain.states import CANDIDATE, CLOCK, DecisionKind
from services.contracts.actors import Role
from services.contracts.limits import HIGHEST_RANK, MAX_MEETING_FILES
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import ZOE, on

TODAY = on(date(2027, 2, 1))
ACT = Act(TODAY.instant, ZOE)
PLAN = Plan("", TODAY.day, "14:30", "Salle 12", ("M1",))
OPEN, HELD, CLOSED = MeetingState
ROLES = (*Role, CANDIDATE, CLOCK)
LABEL = {"fr": "Défavorable"}
LINES = (
    Line("f1", "AA11BB22", "M1", "unfavourable", LABEL, None, {"fr": "Le niveau"}),
    Line("f2", "CC33DD44", "M1", "ranked_waitlist", {"fr": "Liste"}, 1),
)
MINUTES = Minutes(LINES, {"M1": {"fr": "Master"}}, ("ada",), ("bob",), (Recused("bob", "Bob", "f1"),))


def meeting(state: MeetingState = OPEN, **changed: Any) -> Meeting:
    return replace(Meeting("JURY", PLAN, ACT, state), **changed)


def refused(act: Any) -> tuple[str, list[tuple[str, str]]]:
    with pytest.raises(RefusedError) as caught:
        act()
    return caught.value.slug.name, [(each.field, each.slug) for each in caught.value.fields]


@pytest.mark.parametrize("action", MeetingAction)
def test_what_is_not_in_the_table_is_refused(action: MeetingAction) -> None:
    rows = {(row.role, row.before): row.after for row in TABLE if row.action is action}
    for role in ROLES:
        for state in (None, *MeetingState):
            if (role, state) in rows:
                assert meeting_after(state, action, role) is rows[role, state]
                continue
            knows = any(each == role for each, _ in rows)
            slug, _ = refused(lambda role=role, state=state: meeting_after(state, action, role))
            assert slug == ("wrong-state" if knows else "action-forbidden")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_meeting_is_at_most_a_year_away(sign: int) -> None:
    at = replace(PLAN, day=TODAY.day + sign * FARTHEST)
    assert meetings.plan("JURY", at, TODAY.day, ACT, role=Role.MANAGER).state is OPEN
    past = replace(at, day=at.day + sign * timedelta(days=1))
    fault = [("day", "day-too-far" if sign == 1 else "day-too-early")]
    assert refused(lambda: meetings.plan("JURY", past, TODAY.day, ACT, role=Role.MANAGER)) == ("invalid-fields", fault)
    assert refused(lambda: meetings.change(meeting(), past, (), TODAY.day, role=Role.MANAGER))[1] == fault


def test_a_programme_with_files_stays() -> None:
    other = replace(PLAN, programmes=("M2",))
    assert meetings.change(meeting(), other, (), TODAY.day, role=Role.MANAGER).plan == other
    slug = refused(lambda: meetings.change(meeting(), other, {"M1"}, TODAY.day, role=Role.MANAGER))
    assert slug == ("invalid-fields", [("programmes", "has-files")])


def test_a_meeting_has_200_files_each_once() -> None:
    full = meetings.add(meeting(), [f"f{each}" for each in range(MAX_MEETING_FILES)], role=Role.MANAGER)
    assert len(full.files) == MAX_MEETING_FILES
    assert meetings.add(full, ["f0", "f1"], role=Role.MANAGER) == full
    assert refused(lambda: meetings.add(full, ["more"], role=Role.MANAGER))[0] == "too-many-files"
    left = meetings.remove(full, "f0", role=Role.MANAGER)
    assert "f0" not in left.files and meetings.remove(left, "f0", role=Role.MANAGER) == left


def test_who_is_present_was_convened_and_the_first_act_counts() -> None:
    first = meetings.hold(meeting(), ["bob", "ada", "ada"], {"ada", "bob"}, ACT, role=Role.MANAGER)
    assert (first.state, first.present, first.held) == (HELD, ("ada", "bob"), ACT)
    later = Act(TODAY.instant + timedelta(hours=1), ZOE)
    again = meetings.hold(first, ["ada"], {"ada", "bob"}, later, role=Role.MANAGER)
    assert (again.present, again.held) == (("ada",), ACT)
    fault = ("invalid-fields", [("present", "not-convened")])
    assert refused(lambda: meetings.hold(first, ["eve"], {"ada"}, ACT, role=Role.MANAGER)) == fault


def test_minutes_are_written_once_and_lose_who_is_forgotten() -> None:
    closed, told = meetings.close(meeting(HELD, files=("f1", "f2")), MINUTES, ACT, role=Role.MANAGER)
    assert len(told) == 1 and closed.minutes == MINUTES
    assert meetings.close(closed, replace(MINUTES, lines=()), ACT, role=Role.MANAGER) == (closed, ())
    left, told = meetings.forget(closed, {"f1"})
    assert len(told) == 1 and left.files == ("f2",) and left.minutes is not None
    assert left.minutes.lines == (Line("", None, "M1", "unfavourable", LABEL), LINES[1])
    assert (left.minutes.recused, left.minutes.version) == ((), 2)
    assert meetings.forget(left, {"f1"}) == (left, ())
    assert meetings.forget(meeting(files=("f1",)), {"f1"}) == (meeting(), ())
    assert refused(lambda: meetings.check_on(left, "f1"))[0] == "not-found"


def test_members_recuse_themselves_managers_anybody_and_nobody_takes_back_their_own() -> None:
    given = Recusal("zoe", "f1", "ada", "m1", TODAY.instant, ZOE)
    none = replace(given, ended=True)

    def said(there: Recusal = none, state: MeetingState = OPEN, **how: Any) -> Recusal:
        asked: dict[str, Any] = {"role": Role.COMMISSION, "own": True, "convened": True} | how
        return recusals.recuse(there, given, state, **asked)

    assert said() == said(given) == said(role=Role.MANAGER, own=False) == given
    assert refused(lambda: said(own=False))[0] == "action-forbidden"
    assert said(state=CLOSED) == said(state=CLOSED, role=Role.MANAGER, own=False) == given
    assert refused(lambda: said(role=Role.MANAGER, own=False, convened=False))[1] == [("member", "not-convened")]
    assert recusals.take_back(given, CLOSED, role=Role.MANAGER, own=False) == none
    assert refused(lambda: recusals.take_back(given, HELD, role=Role.MANAGER, own=True))[0] == "own-recusal"
    assert refused(lambda: recusals.take_back(given, HELD, role=Role.COMMISSION, own=False))[0] == "action-forbidden"


def test_ranks_follow_the_order_without_a_gap_up_to_the_highest() -> None:
    waits, refuses = DecisionKind.RANKED_WAITLIST, DecisionKind.UNFAVOURABLE
    wanted = [Wanted("a", waits), Wanted("b", refuses, reason="r"), Wanted("c", waits, instead_of="d1")]
    first = HIGHEST_RANK - 1
    found = outcomes.ranked(wanted, first)
    assert [(each.file, each.said.rank, each.said.reason, each.instead_of) for each in found] == [
        ("a", first, None, None),
        ("b", None, "r", None),
        ("c", HIGHEST_RANK, None, "d1"),
    ]
    assert refused(lambda: outcomes.ranked(wanted, first + 1))[1] == [("first_rank", "too-big")]
    assert outcomes.ranked(wanted[1:2], HIGHEST_RANK)[0].said.rank is None
    assert refused(lambda: outcomes.ranked([*wanted, wanted[0]], 1))[1] == [("items", "repeated")]


def test_a_rank_that_is_said_is_taken_as_it_is() -> None:
    """Others wait whom the order does not name: it is none of its business to close gaps over them."""
    waits = DecisionKind.RANKED_WAITLIST
    wanted = [Wanted("a", waits, rank=5), Wanted("b", waits), Wanted("c", waits, rank=1), Wanted("d", waits)]
    assert [each.said.rank for each in outcomes.ranked(wanted, 1)] == [5, 2, 1, 3]
    assert refused(lambda: outcomes.ranked([*wanted, Wanted("e", waits, rank=5)], 1))[1] == [("items", "repeated")]
    beside = Wanted("f", DecisionKind.FAVOURABLE, rank=5)
    assert outcomes.ranked([beside], 1)[0].said.rank == 5, "which is refused there, as for one file"


WAITS = EnteredDecision(
    "d1",
    DecisionKind.RANKED_WAITLIST,
    TODAY.instant,
    ZOE,
    reason="Le niveau",
    rank=3,
    comment="Bravo !",
    type=TypeAsDecided("LC", LABEL),
    listed=ReasonAsDecided("R1", LABEL),
)


@pytest.mark.parametrize(
    ("said", "there", "rest", "same"),
    [
        (Said(DecisionKind.RANKED_WAITLIST, rank=3), WAITS, ("LC", "R1", "Bravo !"), True),
        (Said(DecisionKind.RANKED_WAITLIST, rank=2), WAITS, ("LC", "R1", "Bravo !"), False),
        (Said(DecisionKind.RANKED_WAITLIST, "LC2", "R2", 3), WAITS, ("LC2", "R2", "Bravo !"), False),
        (Said(DecisionKind.WAITLIST), WAITS, (None, None, None), False),
        (
            Said(DecisionKind.UNFAVOURABLE),
            replace(WAITS, kind=DecisionKind.UNFAVOURABLE, rank=None, listed=None, type=None),
            (None, None, "Bravo !"),
            False,
        ),
        (
            Said(DecisionKind.UNFAVOURABLE, reason="Le niveau"),
            replace(WAITS, kind=DecisionKind.UNFAVOURABLE, rank=None, listed=None, type=None),
            (None, "Le niveau", "Bravo !"),
            True,
        ),
    ],
)
def test_what_an_outcome_has_no_word_for_stays(
    said: Said, there: EnteredDecision, rest: tuple[str | None, ...], *, same: bool
) -> None:
    found = outcomes.with_rest(said, there)
    assert (found.type, found.reason, found.comment) == rest
    assert outcomes.says_the_same(found, there) is same
    assert outcomes.with_rest(said, None) == said
