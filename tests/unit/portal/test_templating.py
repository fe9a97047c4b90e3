"""Templates of pages: compiled once; and the list of what is wrong with a form."""

from __future__ import annotations

import re

from jinja2 import Environment, FunctionLoader

from services.portal.templating import templates


def test_no_template_is_looked_for_again_that_is_there() -> None:
    """A page is made of dozens, and each was looked for on disk while everybody else waited."""
    looked = 0

    def is_as_it_was() -> bool:
        nonlocal looked
        looked += 1
        return True

    environment = templates().overlay(loader=FunctionLoader(lambda name: (name, None, is_as_it_was)))
    assert [environment.get_template("page").render() for _ in range(3)] == ["page"] * 3
    assert looked == 0


def test_members_of_dictionaries_are_what_they_are_everywhere() -> None:
    values: dict[str, dict[str, object]] = {"params": {"classes": "a", "none": None, "items": [1], "empty": {}}}
    asked = (
        "{{ params.classes }}{{ params.none is none }}{{ params.gone is defined }}{{ params.gone.deeper is defined }}"
        "{{ params.items is callable }}{{ params['items'] }}{{ params.empty.more is defined }}{{ params.get('classes') }}"
    )
    own = templates().from_string(asked).render(values)
    assert own == templates().overlay().from_string(asked).render(values) == "aTrueFalseFalseTrue[1]Falsea"
    assert own == Environment(undefined=templates().undefined).from_string(asked).render(values)


def test_a_template_has_no_globals_but_those_of_all_and_its_own() -> None:
    with_own = templates().from_string("{{ own }}{{ range is defined }}", globals={"own": 1})
    assert with_own.render() == "1True"
    assert templates().from_string("{{ own is defined }}{{ range is defined }}").render() == "FalseTrue"


def test_errors_are_listed_in_the_order_of_the_labels_those_of_no_field_first() -> None:
    page = templates().from_string(
        '{% from "errors.html" import error_list with context %}{{ error_list("Wrong", errors, labels) }}'
    )
    shown = page.render(
        errors={"other": "e4", "second": "e3", "first": "e2", "": "e1"},
        labels={"first": "First *", "unasked": "Unasked", "second": "Second"},
        text=lambda _, label, said: f"{label}: {said}",
    )
    assert re.findall(r"(?:\w+: )?\be\d", shown) == ["e1", "First: e2", "Second: e3", "e4"]
