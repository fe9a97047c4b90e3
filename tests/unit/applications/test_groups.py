"""Whose a place is when its person is decided anew, and when a programme gets places and groups (ADR 114)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from services.applications.domain import decisions, passing_on, places
from services.applications.domain.copies import ListGroup
from services.applications.domain.decided import GroupAsDecided
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.events import Decided
from services.applications.domain.model import Application, Place
from services.applications.domain.places import First, Occupancy, Places
from services.applications.domain.places_model import Freed
from services.applications.domain.states import DecisionKind, FileState, PieceState, PlaceState
from services.applications.domain.waiting import Passed
from services.contracts.actors import Acting, Role
from tests.unit.applications.builders import file_with, offer, on

DAY = date(2027, 5, 3)
KIM = Acting("staff:kim")


def group(code: str, count: int | None = None) -> ListGroup:
    return ListGroup(code, {"fr": code}, count)


BOTH = (group("A"), group("B"))


def decided(file: Application, id: str, code: str | None) -> tuple[Application, Decided]:
    of = None if code is None else GroupAsDecided(code, {"fr": code})
    entered = EnteredDecision(id, DecisionKind.FAVOURABLE, on(DAY).instant, KIM, group=of)
    known = offer() if of is None else replace(offer(), groups=BOTH)
    change = decisions.validate(file, entered, id, known, on(DAY), role=Role.MANAGER, by=KIM, two_persons=False)
    (told,) = change[1]
    assert isinstance(told, Decided)
    return change[0], told


@pytest.mark.parametrize(
    ("first", "passed_on", "then", "of", "freed"),
    [
        ("A", "B", "A", "B", None),  # decided anew for a later day, say: the group B does not lose its place
        ("A", "B", "B", "B", None),
        ("A", "A", "B", "B", "A"),
        (None, None, "A", "A", None),
        (None, "B", "A", "A", "B"),
    ],
)
def test_who_is_decided_anew_in_the_same_group_keeps_the_place_that_was_passed_on(
    first: str | None, passed_on: str | None, then: str, of: str, freed: str | None
) -> None:
    file, _ = decided(file_with(FileState.COMPLETE, PieceState.VALIDATED), "d1", first)
    file = replace(file, place=Place(PlaceState.ACCEPTED, on(DAY).instant, KIM, group=passed_on))
    after, told = decided(file, "d2", then)
    assert after.place is not None
    assert (after.place.group, told.had if told.frees else None) == (of, freed)


@pytest.mark.parametrize(
    ("capacity", "before", "after", "freed"),
    [
        (13, (group("A", 10),), (group("A", 10), group("B", 3)), {"B": 3}),
        (13, (group("A"),), (group("A"), group("B", 5)), {"B": 3}),
        (15, (group("A", 10),), (group("A", 11), group("B", 3)), {"A": 1, "B": 3, None: 1}),
        (10, (group("A", 10),), (group("A", 7), group("B", 3)), {}),
        (13, (), (group("A", 10), group("B", 3)), {None: 3}),
    ],
)
def test_places_that_come_with_a_new_group_are_of_that_group(
    capacity: int, before: tuple[ListGroup, ...], after: tuple[ListGroup, ...], freed: dict[str | None, int]
) -> None:
    """Who waits in another group is not offered them; the first groups of all are made of places that there are."""
    known = places.capacity_told(Places("2027", "M1-MER", capacity=10, told=1), capacity, 2, before, after)
    assert {each.group: each.freed for each in known.pools} == freed


@pytest.mark.parametrize(
    ("taken", "waits_in_none", "of"),
    [
        (19, False, "B"),  # ten of A were given, and eight are left of it: the board has given two of them to B
        (19, True, None),
        (20, False, "A"),
    ],
)
def test_a_place_comes_back_to_a_group_whose_number_was_lowered_and_is_for_who_has_room(
    taken: int, waits_in_none: bool, of: str | None
) -> None:
    waits = First("q", "d1")
    a = Occupancy(20, taken, First("p", "d2"), group="A", group_places=8, group_taken=9)
    b = Occupancy(20, taken, waits, group="B", group_places=12, group_taken=10)
    lists = (a, b, Occupancy(20, taken, First("o", "d3") if waits_in_none else None))
    known = places.place_freed(Places("2027", "M1-MER"), "A")
    while (assigned := passing_on.assigned(known, known.pools[0], lists)) is not None:
        known = assigned
    assert {each.group: each.freed for each in known.pools} == {of: 1}


def test_a_place_of_a_list_with_somebody_on_it_and_room_in_its_group_is_theirs_however_the_others_stand() -> None:
    """So that of eleven lists one is read for most places."""
    firsts, looked = (None, First("z", "d")), 0
    for own_first, own_taken, other_first, none_first in product(firsts, (0, 1), firsts, firsts):
        lists = [
            Occupancy(5, 1, own_first, group="a", group_places=1, group_taken=own_taken),
            Occupancy(5, 1, other_first, group="b", group_places=2, group_taken=0),
            Occupancy(5, 1, none_first),
        ]
        for own, passes_on, counts in product((lists[0], lists[2]), (True, False), ("freed", "taken_away")):
            pool = Freed(own.group, **{counts: 1})
            known = Places("2027", "M1").counted(own.group, **{counts: 1})
            if passing_on.is_own(own):
                looked += 1
                assert passing_on.assigned(known, pool, lists) is None
                assert passing_on.place_of(own.group, lists, passes_on=passes_on) == own
    assert looked > 20


def stands(group: str | None, first: str | None = None, *, places: int | None = None, passed: str = "") -> Occupancy:
    """A list on which so many places are left, any number where that is None, and who is passed over on it."""
    who = None if first is None else First(first, f"d-{first}")
    gone = tuple(Passed(each, f"d-{each}", on(DAY).instant) for each in passed)
    return Occupancy(None, 0, who, passed=gone, group=group, group_places=places)


@pytest.mark.parametrize(
    ("group", "passes_on", "first", "passed"),
    [
        ("A", True, "zoe", "xy"),
        ("A", False, None, "x"),
        ("B", True, "zoe", "y"),
        (None, True, None, ""),
        ("C", True, "zoe", "xy"),
    ],
    ids=["of an empty list", "kept in its group", "of who is first", "of no group", "of the last list"],
)
def test_a_place_is_for_the_own_list_and_else_for_the_first_other_one_with_somebody_on_it(
    group: str | None, passes_on: bool, first: str | None, passed: str
) -> None:
    """Whoever is passed over on the way is told so once."""
    lists = [stands("A", passed="x"), stands("B", "zoe", passed="y"), stands("C", "ali", passed="z"), stands(None)]
    if group == "C":
        lists[2] = stands("C", passed="x")
    own = passing_on.place_of(group, lists, passes_on=passes_on)
    assert own.group == group
    assert (own.first and own.first.application) == first
    assert sorted(each.application for each in own.passed) == sorted(passed)


@pytest.mark.parametrize(
    ("application", "passes_on", "of", "first"),
    [
        ("zoe", True, "A", "zoe"),
        ("ali", True, "D", "ali"),
        ("ali", False, "B", "ali"),
        ("eva", True, "A", "zoe"),
    ],
    ids=["room in the own group", "of the first with room and nobody", "kept in its group", "on no list"],
)
def test_staff_give_who_is_first_a_place_of_the_own_group_and_else_one_that_nobody_there_waits_for(
    application: str, passes_on: bool, of: str, first: str
) -> None:
    gone = {"ali": "y"}.get(first, "x")
    lists = [
        stands("A", "zoe", places=2, passed="x"),
        stands("B", "ali", places=0, passed="y"),
        stands("C", places=0, passed="z"),
        stands("D", places=1, passed="z"),
        stands(None),
    ]
    found = passing_on.free_place_for(application, lists, passes_on=passes_on)
    assert (found.group, found.first) == (of, First(first, f"d-{first}"))
    assert [each.application for each in found.passed] == [gone]


def test_where_nobody_waits_or_no_group_has_room_the_list_itself_says_so() -> None:
    nobody = [stands("A"), stands(None)]
    assert passing_on.free_place_for("zoe", nobody, passes_on=True) == nobody[-1]
    full = [stands("A", "zoe", places=0), stands("B", "ali"), stands("C", places=0), stands(None)]
    assert passing_on.free_place_for("zoe", full, passes_on=True) == full[0]


@pytest.mark.parametrize("kind", ["freed", "taken_away"])
@pytest.mark.parametrize(
    ("pool", "lists", "to"),
    [
        ("gone", [stands("A"), stands(None)], None),
        ("A", [stands("A", places=0), stands("B", "zoe"), stands(None)], None),
        ("A", [stands("A", places=0), stands("B", "zoe", places=0), stands(None)], "A"),
        ("A", [stands("A", places=0), stands("B"), stands(None)], "A"),
        ("A", [stands("A", places=1), stands("B", "zoe"), stands(None)], "A"),
        (None, [stands("A", "zoe", places=0), stands("B"), stands("C", "ali"), stands(None)], "C"),
        (None, [stands("A", "zoe"), stands("B", "ali"), stands(None)], "A"),
        (None, [stands("A", "zoe"), stands(None, "ali")], None),
        (None, [stands("A"), stands(None)], None),
    ],
    ids=[
        "its group is gone",
        "its group is full and others wait",
        "all are full",
        "nobody waits",
        "its group has room",
        "of none, for the first with room and somebody",
        "of none, for the first of two",
        "of none, for who waits in none",
        "of none, for nobody",
    ],
)
def test_a_free_place_becomes_one_of_the_group_that_is_to_have_it(
    kind: str, pool: str | None, lists: list[Occupancy], to: str | None
) -> None:
    """One at a time, as free or taken away as it was; where it belongs there already nothing is said."""
    known = Places("2027", "M1-MER").counted(pool, **{kind: 2})
    counted = Freed(pool, **{kind: 2})
    assigned = passing_on.assigned(known, counted, lists)
    expected = None if to == pool else known.counted(pool, **{kind: -1}).counted(to, **{kind: 1})
    assert assigned == expected
