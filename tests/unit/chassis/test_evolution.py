"""Documents of other releases: what is kept of a newer one's, and how an older one's is brought up to date."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.store.evolution import upcast, with_unknown

IDENTITIES = {"rows": "of.code", "deep.rows": "code"}


def saved(stored: Any, known: Any, fresh: Any) -> Any:
    return with_unknown(fresh, stored, known, IDENTITIES)


def test_members_of_a_newer_release_stay_and_those_that_are_known_go_as_they_are_told() -> None:
    stored = {"a": 1, "gone": 2, "new": 3, "deep": {"b": 4, "new": {"c": 5}}}
    known = {"a": 1, "gone": 2, "deep": {"b": 4}}
    assert saved(stored, known, {"a": 9, "deep": {"b": 8}}) == {"a": 9, "new": 3, "deep": {"b": 8, "new": {"c": 5}}}
    assert saved(stored, known, {"a": 9}) == {"a": 9, "new": 3}


def test_what_this_process_begins_to_write_itself_wins() -> None:
    assert saved({"due": 1}, {}, {"due": 2}) == {"due": 2}


def row(code: str, state: str, **more: Any) -> dict[str, Any]:
    return {"of": {"code": code}, "state": state, **more}


def test_an_element_keeps_its_members_while_it_stays_the_same_one() -> None:
    stored = {"rows": [row("a", "1", new="A"), row("b", "1", new="B"), row("c", "1", new="C")]}
    known = {"rows": [row("a", "1"), row("b", "1"), row("c", "1")]}
    fresh = {"rows": [row("d", "1"), row("c", "1"), row("b", "2")]}
    assert saved(stored, known, fresh) == {"rows": [row("d", "1"), row("c", "1", new="C"), row("b", "2", new="B")]}


def test_an_element_that_came_for_another_takes_nothing_over() -> None:
    stored, known = {"plain": [{"x": 1, "new": 1}]}, {"plain": [{"x": 1}]}
    assert saved(stored, known, {"plain": [{"x": 2}]}) == {"plain": [{"x": 2}]}
    assert saved(stored, known, {"plain": [{"x": 2}, {"x": 1}]}) == {"plain": [{"x": 2}, {"x": 1, "new": 1}]}


def test_two_equal_elements_keep_each_their_own() -> None:
    stored = {"plain": [{"x": 1, "new": 1}, {"x": 1, "new": 2}]}
    assert saved(stored, {"plain": [{"x": 1}, {"x": 1}]}, {"plain": [{"x": 1}, {"x": 1}]}) == stored


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, ["first", "second"]),
        ({"schema": 1}, ["first", "second"]),
        ({"schema": 2}, ["second"]),
        ({"schema": 3}, []),
        ({"schema": 9}, []),
    ],
    ids=repr,
)
def test_a_document_goes_through_the_steps_that_came_after_it(document: dict[str, Any], path: list[str]) -> None:
    def step(name: str) -> Any:
        return lambda document: {**document, "path": [*document.get("path", []), name]}

    assert upcast(document, [step("first"), step("second")]).get("path", []) == path
