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
