"""Topic patterns mean what they mean to RabbitMQ."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.broker.topics import matches

words = st.sampled_from(["a", "b", ""])
keys = st.lists(words, max_size=5).map(".".join)
patterns = st.lists(words | st.sampled_from(["*", "#"]), max_size=5).map(".".join)


def by_trial(pattern: list[str], key: list[str]) -> bool:
    """The definition, tried word by word: `*` takes one, `#` takes none or one and stays."""
    if not pattern:
        return not key
    if pattern[0] == "#":
        return by_trial(pattern[1:], key) or (bool(key) and by_trial(pattern, key[1:]))
    return bool(key) and pattern[0] in {"*", key[0]} and by_trial(pattern[1:], key[1:])


@pytest.mark.parametrize(
    ("pattern", "key", "verdict"),
    [
        ("a.#.b", "a.b", True),
        ("a.#.b", "a.x.y.b", True),
        ("a.#.b", "a.x.y", False),
        ("logs.#", "logs", True),
        ("logs.#", "logs.a.b", True),
        ("logs.#", "log", False),
        ("*.c", "a.b.c", False),
        ("*.c", "b.c", True),
        ("*.c", "c", False),
        ("*.c", ".c", True),
        ("#", "", True),
        ("*", "", False),
        ("", "", True),
        ("", "a", False),
        ("#.#", "a", True),
        ("#.*", "a", True),
        ("*.#", "a", True),
        ("#.*.#", "", False),
        ("a.*", "a.", True),
        ("a.*", "a", False),
        ("a*", "ab", False),
        ("a.b", "a.b", True),
        ("a.b", "A.b", False),
        ("applications.application.#", "applications.application.submitted.v1", True),
        ("*.*.submitted.*", "applications.application.submitted.v1", True),
    ],
)
def test_by_example(pattern: str, key: str, verdict: bool) -> None:
    assert matches(pattern, key) is verdict


@given(pattern=patterns, key=keys)
def test_by_trial(pattern: str, key: str) -> None:
    def split(text: str) -> list[str]:
        return re.split(r"\.", text) if text else []

    assert matches(pattern, key) is by_trial(split(pattern), split(key))


def test_a_pattern_of_many_hashes_is_no_burden() -> None:
    assert not matches(".".join(["#", "a"] * 60), ".".join(["a"] * 120 + ["b"]))
