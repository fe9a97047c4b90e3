"""What schemathesis does not know of itself: how bodies of bytes are sent, and what takes it long and shows nothing."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from inspect import signature
from typing import Any, Final

import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis.config import ProjectConfig
from schemathesis.core.jsonschema import matches_pattern
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario
from schemathesis.specs.openapi.coverage._schema import CoverageContext

# The document and all that was loaded stay: to look for garbage among them again and again takes as long as many cases.
gc.freeze()
gc.set_threshold(10_000, 20, 20)

LONG: Final = 64
"""Characters; a longer text is a shorter one again and again, for one by one they take hypothesis a second a thousand."""
WRONG_TYPES: Final = 2
"""Per parameter of an address, where whatever has a wrong type is text all the same; in a body each type is tried."""

_matching = CoverageContext._try_pattern  # noqa: SLF001
_of_wrong_type: Counter[tuple[str, str | None, str | None]] = Counter()


@schemathesis.serializer("application/pdf", "image/jpeg", "image/png", "application/partial-upload")
def as_they_are(context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Bytes as they are, anything else as its text."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    """Whether a case may show something that one before it has not."""
    said = case.meta.phase.data if case.meta else None
    if not isinstance(said, CoveragePhaseData) or said.scenario is not CoverageScenario.INCORRECT_TYPE:
        return True
    if said.parameter_location not in {"path", "query"}:
        return True
    of = (case.operation.label, said.parameter_location, said.parameter)
    _of_wrong_type[of] += 1
    return _of_wrong_type[of] <= WRONG_TYPES


def _of_a_length(context: CoverageContext, schema: dict[str, Any]) -> Any:
    length = schema.get("minLength", 0)
    if length > LONG and length == schema.get("maxLength") and "pattern" in schema:
        with suppress(Unsatisfiable):
            short = _matching(context, {**schema, "minLength": LONG, "maxLength": LONG})
            if isinstance(short, str):
                long = (short * (length // LONG + 1))[:length]
                if matches_pattern(schema["pattern"])(long):
                    return long
    return _matching(context, schema)


assert [*signature(_matching).parameters] == ["self", "schema"], "schemathesis calls it otherwise now: look what it is"
CoverageContext._try_pattern = _of_a_length  # type: ignore[method-assign, assignment]  # noqa: SLF001


def _once(method: Callable[..., Any]) -> Callable[..., Any]:
    """The same, worked out once for each operation and phase: what is asked of cases stays as it was read."""
    known: dict[tuple[int, str, str | None], Any] = {}

    @wraps(method)
    def answer(self: ProjectConfig, *, operation: Any = None, phase: str | None = None) -> Any:
        also = {} if phase is None else {"phase": phase}
        if operation is None:
            return method(self, operation=None, **also)
        asked = (id(self), operation.label, phase)
        if asked not in known:
            known[asked] = method(self, operation=operation, **also)
        return known[asked]

    return answer


for _name in ("phases_for", "generation_for", "checks_config_for"):
    setattr(ProjectConfig, _name, _once(getattr(ProjectConfig, _name)))
