"""Templates of pages: compiled once; and the list of what is wrong with a form."""

from __future__ import annotations

import re

import pytest
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


_DATE = """{% from "govuk_frontend_jinja/components/date-input/macro.html" import govukDateInput %}
{% set classes = " govuk-input--error" if field.error else "" %}
{% set items = [] %}
{% for part, value in field.parts %}{{ items.append({
  "id": field.name ~ ("" if loop.first else "-" ~ part), "name": field.name ~ "-" ~ part,
  "label": text("profile.date_" ~ part), "value": value,
  "classes": "govuk-input--width-" ~ ("4" if part == "year" else "2") ~ classes}) or "" }}{% endfor %}
{{ govukDateInput({
  "id": field.name ~ "-whole", "items": items, "errorMessage": field.error,
  "hint": {"text": field.hint} if field.hint else none,
  "fieldset": {"legend": {"text": field.label, "classes": "govuk-fieldset__legend--s"}}}) }}"""
_INPUT = """{% from "govuk_frontend_jinja/components/input/macro.html" import govukInput %}
{{ govukInput({
  "id": field.name, "name": field.name, "type": "tel" if field.kind == "tel" else "text", "value": field.value,
  "label": {"text": field.label, "classes": "govuk-label--s"}, "hint": {"text": field.hint} if field.hint else none,
  "classes": field.width, "errorMessage": field.error, "autocomplete": field.autocomplete, "spellcheck": false,
  "inputmode": "numeric" if field.kind == "number" else none}) }}"""


@pytest.mark.parametrize("hint", [None, "Quand & où"])
@pytest.mark.parametrize("error", [None, {"text": "Trop <tôt>", "visuallyHiddenText": "Erreur"}])
@pytest.mark.parametrize("value", ["", "3", '"><b>', 0, None])
@pytest.mark.parametrize(
    ("component", "more"),
    [
        (_DATE, {"kind": "date"}),
        (_INPUT, {"kind": "text"}),
        (_INPUT, {"kind": "number", "width": "govuk-input--width-5", "autocomplete": None}),
        (_INPUT, {"kind": "tel", "width": None, "autocomplete": "tel"}),
    ],
)
def test_fields_that_are_written_out_are_the_components_of_the_govuk_frontend(
    component: str, more: dict[str, object], value: object, error: dict[str, str] | None, hint: str | None
) -> None:
    """They are made many times; whoever takes a newer govuk-frontend sees here what has changed."""
    parts = [("day", value), ("month", ""), ("year", "2027")]
    field = {"name": "until-1", "label": "Jusqu’au <jour>", "hint": hint, "error": error, "parts": parts, **more}
    if value is not None:
        field["value"] = value
    own = '{% from "profile_fields.html" import profile_field %}{{ profile_field(field, text) }}'
    shown = [
        templates().from_string(each).render(field=field, text=lambda name: f"{name} &") for each in (own, component)
    ]
    assert shown[0].strip() == shown[1].strip() != ""
