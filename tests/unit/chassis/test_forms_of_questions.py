"""What a store remembers of the questions that it was asked changes no answer."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from services.chassis.ports import Collection, In, Index
from services.chassis.store.query import MOST_FORMS, Schema

FIELDS = tuple(f"field{number}" for number in range(11))


def test_a_question_is_served_or_refused_however_often_it_is_asked_and_as_it_is_declared_now() -> None:
    schema = Schema()
    schema.declare([Collection("people", (Index("name", ("name", "age")),)), Collection("places")])
    for _ in range(2):
        schema.number("people", {"name": "Zoé", "age": In((1, 2))})
        with pytest.raises(ValueError, match="no index of 'people' serves age"):
            schema.number("people", {"age": 1})
        with pytest.raises(ValueError, match="'name' is in no index of 'places'"):
            schema.number("places", {"name": "Zoé"})
    schema.declare([Collection("people", (Index("age", ("age", "name")),))])
    schema.number("people", {"age": 1})
    with pytest.raises(ValueError, match="no index of 'people' serves name"):
        schema.number("people", {"name": "Zoé"})


def test_more_forms_than_are_remembered_are_served_as_well() -> None:
    schema = Schema()
    schema.declare([Collection("people", tuple(Index(field, (field,)) for field in FIELDS))])
    forms = list(chain.from_iterable(combinations(FIELDS, size) for size in range(len(FIELDS) + 1)))
    assert len(forms) > MOST_FORMS + 1
    for asked in (*forms[: MOST_FORMS + 1], *forms):
        schema.number("people", {"_id": "zoe"} | dict.fromkeys(asked, "x"))
    with pytest.raises(ValueError, match="no index of 'people' serves field0, field1"):
        schema.number("people", {"field0": "x", "field1": "y"})
