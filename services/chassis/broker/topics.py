"""Topic matching as RabbitMQ does it: `*` stands for one word, `#` for any number of words, also none."""

from __future__ import annotations

from collections.abc import Sequence

MAX_ROUTING_KEY = 255
"""Bytes of a routing key, by the protocol (a short string of AMQP 0-9-1)."""


def check_routing_key(key: str) -> None:
    """Refuse, by ValueError, a key that is too long."""
    if len(key.encode()) > MAX_ROUTING_KEY:
        raise ValueError(f"a routing key has {MAX_ROUTING_KEY} bytes at most")


def matches(pattern: str, routing_key: str) -> bool:
    """Whether a message of this routing key goes to a queue bound by this pattern."""
    return _match(_words(pattern), _words(routing_key))


def _words(text: str) -> list[str]:
    # To RabbitMQ the empty key has no words, while `a.` has two, the second of them empty.
    return text.split(".") if text else []


def _match(pattern: Sequence[str], words: Sequence[str]) -> bool:
    """Walk the words with the set of places in the pattern at which they may stand; never exponential."""
    places = _skip_hashes(pattern, {0})
    for word in words:
        stepped = set()
        for place in places:
            if place == len(pattern):
                continue
            if pattern[place] == "#":
                stepped.add(place)
            elif pattern[place] in {"*", word}:
                stepped.add(place + 1)
        places = _skip_hashes(pattern, stepped)
    return len(pattern) in places


def _skip_hashes(pattern: Sequence[str], places: set[int]) -> set[int]:
    reached = set(places)
    for place in places:
        while place < len(pattern) and pattern[place] == "#":
            place += 1  # noqa: PLW2901 - the run of hashes that may stand for nothing
            reached.add(place)
    return reached


def queue_of(service: str) -> str:
    """The name of a service's queue."""
    return f"parvis.{service}.in"
