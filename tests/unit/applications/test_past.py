"""How a file was at an instant, whatever has become of it since."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.audit import difference
from services.applications.domain.past import Earlier

NAMES = st.sampled_from("abc")
LEAVES = st.none() | st.integers(0, 3) | st.just(["x"])
PICTURES = st.dictionaries(NAMES, st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3)))


def said(thing: Any) -> Any:
    """The same without members that are null, which nothing tells from none."""
    if isinstance(thing, dict):
        return {name: said(value) for name, value in thing.items() if value is not None}
    return thing


def earlier(*pictures: dict[str, Any]) -> dict[str, Any]:
    """The first of these, from the last and the changes between them alone."""
    was = Earlier()
    for before, after in itertools.pairwise(pictures):
        was.note(*difference(before, after))
    return was.of(pictures[-1])


@given(st.lists(PICTURES, min_size=1, max_size=6))
def test_from_how_it_is_and_every_change_comes_how_it_was(pictures: list[dict[str, Any]]) -> None:
    assert said(earlier(*pictures)) == said(pictures[0])


def test_what_is_said_for_the_first_time_later_was_not_there_before() -> None:
    first = {"decision": {"kind": "waitlist", "rank": 3}}
    assert earlier(first, {}, {"decision": {"kind": "favourable", "comment": "Bravo"}}) == first
    assert earlier({}, {"decision": {"kind": "waitlist"}}, {"decision": {"kind": "waitlist", "rank": 1}}) == {}
