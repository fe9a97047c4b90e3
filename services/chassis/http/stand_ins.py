"""Finding all that is wrong with a body at once: where members have not their form, the rules are asked about the others.

A rule needs a whole body. So what stands in the example of the documentation takes the place of each member that has
not its form, and nothing is told of such a member, nor of what rests on one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from services.chassis.http.examples import example
from services.contracts.refusals import FieldError

M = TypeVar("M", bound=BaseModel)


def with_stand_ins(model: type[M], body: bytes) -> M | None:
    """The body with stand-ins for the members that have not their form, or None if it has too little of a form."""
    given = json.loads(body)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
    try:
        for detail in wrong:
            _stand_in(given, _example(model), detail["type"], detail["loc"])
        return model.model_validate_json(to_json(given))
    except (LookupError, TypeError, ValidationError):
        return None


def together(form: Sequence[FieldError], rules: Iterable[FieldError]) -> list[FieldError]:
    """What is wrong by its form, and what rules say of the members that have theirs."""
    wrong = [error.field for error in form if error.field]
    return [*form, *(error for error in rules if not _rests_on(error, wrong))]


def _rests_on(error: FieldError, wrong: Iterable[str]) -> bool:
    names = [f"{name}." for name in (error.field, *error.given)]
    return any(name.startswith(f"{at}.") for name in names for at in wrong)


@cache
def _example(model: type[BaseModel]) -> Any:
    schema = model.model_json_schema()
    return example(schema, schema.get("$defs", {}))


def _stand_in(given: Any, stands: Any, kind: str, location: Sequence[int | str]) -> None:
    """Put what stands in the example at a place, or nothing where it has nothing; raises LookupError, TypeError."""
    if not location:
        raise LookupError("the whole is wrong, and not a member")
    *way, last = location
    for part in way:
        given, stands = given[part], _at(stands, part)
    if kind == "extra_forbidden" or (isinstance(stands, dict) and last not in stands):
        given.pop(last, None)
    else:
        given[last] = _at(stands, last)


def _at(stands: Any, part: int | str) -> Any:
    """Elements of lists are alike."""
    return stands[0 if isinstance(stands, list) else part]
