"""Whose place is for whom, where a programme has groups: each has a list and places of its own (ADR 114).

A list is an `Occupancy`: how the places of its group stand, with who is next on it; the last one is of who waits in none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.applications.domain.places_model import Freed, Occupancy, Places


def place_of(group: str | None, lists: Sequence[Occupancy], *, passes_on: bool) -> Occupancy:
    """How a place of a group stands, with who is next for it: of its own list or, where nobody is on that and places are
    passed on, of the first of the others.
    """
    own = next(each for each in lists if each.group == group)
    if own.first is not None or group is None or not passes_on:
        return own
    for each in lists:
        own = replace(own, passed=(*own.passed, *(who for who in each.passed if who not in own.passed)))
        if each.first is not None:
            return replace(own, first=each.first)
    return own


def is_own(own: Occupancy) -> bool:
    """Whether a place of the group of that list is for who is first on it, however the other lists stand."""
    return own.first is not None and not own.is_group_full


def free_place_for(application: str, lists: Sequence[Occupancy], *, passes_on: bool) -> Occupancy:
    """How the place stands that who is first on a list would have: of the own group or, where that has none left and places
    are passed on, of the first one with room in which nobody waits. Of who is first on none: any list on which somebody is.
    """
    listed = [each for each in lists if each.first is not None]
    own = next((each for each in listed if each.first is not None and each.first.application == application), None)
    if own is None:
        return listed[0] if listed else lists[-1]
    if own.has_room or not passes_on:
        return own
    for each in lists:
        if each.group is not None and each.first is None and each.has_room:
            return replace(each, first=own.first, passed=own.passed)
    return own


def assigned(places: Places, pool: Freed, lists: Sequence[Occupancy]) -> Places | None:
    """With a free place as one of the group that is to have it, where it is of none that the programme has.

    What is of a group that is there no more is of no group, and so is what is of one that has given all its places all the
    same, if somebody else may have it; what is of none is for who waits in none, and where nobody does, for the first group
    with room in which somebody waits. None: it is where it belongs.
    """
    known, one = {each.group for each in lists}, {"freed": 1} if pool.freed else {"taken_away": 1}
    less = {name: -count for name, count in one.items()}
    if pool.group not in known or _is_left_over(pool.group, lists):
        return places.counted(pool.group, **less).counted(None, **one)
    if pool.group is not None or next(each for each in lists if each.group is None).first is not None:
        return None
    for each in lists:
        if each.group is not None and each.first is not None and each.has_room:
            return places.counted(None, **less).counted(each.group, **one)
    return None


def _is_left_over(group: str | None, lists: Sequence[Occupancy]) -> bool:
    """Whether a group needs no place that comes back to it, as it has no more than it has given, and others do."""
    own = next(each for each in lists if each.group == group)
    return own.is_group_full and any(each.first is not None and each.has_room for each in lists)
