"""Templates of pages are compiled once."""

from __future__ import annotations

from jinja2 import FunctionLoader

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
