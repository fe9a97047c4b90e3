"""What people write freely in requests is kept without signs that nobody sees, in every command of every service."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, Final

import pytest
from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from services.contracts import api
from services.contracts.api.basics import Body
from services.contracts.api.endpoints.all import APIS
from services.contracts.api.incidents import DeclaredIncident, DismissalBody
from services.contracts.api.review import Verdict
from services.contracts.incidents import LONGEST_REASON

TURNED: Final = "Relevé \u202egnp.ecnarf"
"""A RIGHT-TO-LEFT OVERRIDE has people read another name than there is."""
SHORT: Final = "\u202ea"
"""For what takes no longer text."""
COMPARED: Final = frozenset(
    {
        ("ConditionMark", "seen"),
        ("EnrolmentCodeBody", "instead_of"),
        ("FeesBody", "amount"),
        ("FeesGiven", "amount"),
        ("LetterSigners", "signature"),
        ("NewExport", "q"),
        ("OpenFor", "file_number"),
        ("PieceVerdict", "document"),
        ("PromoteNext", "application"),
        ("Verdict", "document"),
    }
)
"""What is looked up, compared or read as a number: no such text is kept or shown."""


def bodies(of: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in of.__subclasses__():
        yield each
        yield from bodies(each)


def alone_of(name: str, field: FieldInfo) -> dict[str, Any]:
    return {name: (field.annotation, field)}


def kept(model: type[BaseModel]) -> Iterator[str]:
    """The fields that take the sign as it is."""
    for name, field in model.model_fields.items():
        alone: Any = create_model("Alone", **alone_of(name, field))
        for given in (each for text in (TURNED, SHORT) for each in (text, [text], {"fr": text})):
            try:
                taken = alone.model_validate({name: given})
            except ValidationError:
                continue
            if "\u202e" in str(taken.model_dump(mode="python")[name]):
                yield name


def test_no_command_keeps_a_sign_that_nobody_sees() -> None:
    for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        importlib.import_module(module.name)
    asked = (each.body for each in APIS["applications"] if each.body is not None)  # elsewhere domains refuse it
    models: set[type[BaseModel]] = {*bodies(Body), *asked}
    found = {
        (model.__name__, name) for model in models if model.__module__.startswith(api.__name__) for name in kept(model)
    }
    assert found == COMPARED


@pytest.mark.parametrize(
    ("model", "given", "field"),
    [
        (Verdict, {"verdict": "refused"}, "comment"),
        (DismissalBody, {}, "reason"),
        (DeclaredIncident, {"begins": "2027-04-07T20:00:00Z", "ends": "2027-04-07T21:00:00Z"}, "reason"),
    ],
)
def test_it_is_taken_out_and_what_cannot_be_read_refused(
    model: type[BaseModel], given: dict[str, Any], field: str
) -> None:
    def said(text: str) -> Any:
        return getattr(model.model_validate(given | {field: text}), field)

    assert said(f" {TURNED}\r\nMerci ") == "Relevé gnp.ecnarf\nMerci"
    for unreadable in ("\x00", "\x1b[2J", "\u2028", "\ufffd"):
        with pytest.raises(ValidationError):
            said(f"Rele{unreadable}vé")


def test_why_an_incident_is_judged_so_has_one_limit_however_much_too_long_it_is() -> None:
    assert DismissalBody(reason=f" {'x' * LONGEST_REASON} ").reason == "x" * LONGEST_REASON
    for length in (LONGEST_REASON + 1, 10 * LONGEST_REASON):
        with pytest.raises(ValidationError, match=f"at most {LONGEST_REASON} characters"):
            DismissalBody(reason="x" * length)
