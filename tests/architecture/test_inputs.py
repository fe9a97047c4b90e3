"""What clients send is bounded before it is worked on: rules that a machine can read off the models (acceptance 108)."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from pydantic import BaseModel

from services.contracts.api.endpoints.all import APIS
from tests.architecture.source import calls, files, having, listed, place, tree

# The standard library has no public way to the width of a pattern.
_PATTERNS: Final[Any] = importlib.import_module("re._parser")

LONGEST: Final = 8192
"""Characters of any text in a request."""

NORMALIZES: Final = {
    "services/accounts/domain/communes.py": "folds the communes of the list, and a town of 50 characters",
    "services/contracts/text.py": "refuses what is too long",
    "services/contracts/text_folding.py": "folds the catalogue, which staff write, questions and names of 300 characters",
}


def test_nothing_is_normalized_but_where_its_length_is_known() -> None:
    found = [
        place(file, line)
        for file in having(files("services"), "normalize")
        for line, name in calls(tree(file))
        if name in ("unicodedata.normalize", "normalize") and not place(file, line).startswith(tuple(NORMALIZES))
    ]
    assert not found, listed(found)


def texts(schema: Any, within: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every schema of a text in a schema, with its place."""
    if not isinstance(schema, Mapping):
        return
    if "$ref" in schema:
        yield from texts(within[schema["$ref"].rpartition("/")[2]], within, path)
    for each in schema.get("anyOf", ()):
        yield from texts(each, within, path)
    for name, each in schema.get("properties", {}).items():
        yield from texts(each, within, f"{path}.{name}")
    if schema.get("type") == "array":
        yield from texts(schema.get("items"), within, f"{path}[]")
    if schema.get("type") == "string":
        yield path, schema


def longest(schema: Mapping[str, Any]) -> int | None:
    """The most characters of a text, or None if there is no bound."""
    if "enum" in schema or "const" in schema or schema.get("format") in ("date", "date-time"):
        return 64
    found = [schema["maxLength"]] if "maxLength" in schema else []
    if (pattern := schema.get("pattern", "")).startswith("^") and pattern.endswith("$"):
        found.append(int(_PATTERNS.parse(pattern).getwidth()[1]))
    return min(found, default=None)


def sent() -> list[type[BaseModel]]:
    """Every model of a body, a query or a path."""
    models = {
        model
        for api in APIS.values()
        for endpoint in api
        for model in (endpoint.body, endpoint.query, endpoint.path_params)
        if model is not None
    }
    return sorted(models, key=lambda model: f"{model.__module__}.{model.__name__}")


def test_every_text_that_can_be_sent_is_bounded() -> None:
    found = []
    for model in sent():
        schema = model.model_json_schema()
        for path, text in texts(schema, schema.get("$defs", {}), model.__name__):
            most = longest(text)
            if most is None or most > LONGEST:
                found.append(f"{model.__module__}: {path}: {most}")
    assert not found, listed(found)


@pytest.mark.parametrize(
    ("schema", "most"),
    [
        ({"type": "string"}, None),
        ({"type": "string", "maxLength": 5}, 5),
        ({"type": "string", "pattern": "^[a-z]{3,7}$"}, 7),
        ({"type": "string", "pattern": "[a-z]{3,7}"}, None),
    ],
)
def test_the_bound_of_a_text_is_found(schema: Mapping[str, Any], most: int | None) -> None:
    assert longest(schema) == most


def test_an_endless_pattern_is_no_bound() -> None:
    assert (longest({"type": "string", "pattern": "^[a-z]+$"}) or 0) > LONGEST
    assert re.fullmatch("^[a-z]+$", "a" * (LONGEST + 1))
