"""Every member of every event says what it holds: none is a map of anything, in which nobody sees what is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Event

SAYS = {"type", "$ref", "anyOf", "const", "enum"}


def untyped(event: type[Event]) -> list[str]:
    """The members of an event, and of its parts, of which the schema says too little."""
    return list(_untyped(event.model_json_schema()))


def _untyped(schema: Mapping[str, Any]) -> Iterator[str]:
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, member in part.get("properties", {}).items():
            if not all(map(_is_typed, (member, *member.get("anyOf", ()), member.get("items", {"type": ""})))):
                yield name


def _is_typed(schema: Mapping[str, Any]) -> bool:
    return bool(SAYS & set(schema)) and schema.get("type") != "object"


@pytest.mark.parametrize("type", sorted(CATALOGUE))
def test_no_member_holds_just_anything(type: str) -> None:
    assert untyped(CATALOGUE[type]) == []


def test_members_that_hold_anything_are_seen() -> None:
    class Loose(Event):
        told: str
        steps: dict[str, dict[str, Any]]
        texts: dict[str, str] | None = None
        pieces: list[dict[str, str]]
        anything: Any

    assert untyped(Loose) == ["steps", "texts", "pieces", "anything"]
