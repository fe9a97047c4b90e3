"""The institution's parameters: what it may set while the suite runs, with the bounds and the value until it does.

Offers keeps them, every service that works by one keeps a copy. A value counts from the moment at which a service knows it,
for what is done from then on; what was fixed before, such as the end of a link, stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final, Protocol

from services.contracts.refusals import FieldError
from services.contracts.text import is_printable

INSTITUTION: Final = "institution"
"""The id of the institution's parameters; a centre's may stand beside them one day."""
DEMONSTRATION: Final = "Université de démonstration"
"""What the institution is called as long as nobody says."""

Value = str | int | float | tuple[str, ...]

_EMAIL: Final = re.compile(r"[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+")


class Unfit(ValueError):
    """A value that a parameter cannot have: the rule that it breaks, and the figures that the rule's text needs."""

    def __init__(self, slug: str, **params: Any) -> None:
        super().__init__(slug)
        self.slug = slug
        self.params = params


class Rule(Protocol):
    """What values a parameter can have."""

    def read(self, given: object) -> Value:
        """The value that was meant, also by text; raises Unfit."""
        ...

    def __str__(self) -> str:
        """The rule in words, for a table."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of at most `longest` characters, empty unless it is required."""

    longest: int
    required: bool = False

    def read(self, given: object) -> str:
        """The line without blanks around it; raises Unfit."""
        if not isinstance(given, str):
            raise Unfit("wrong-type")
        line = given.strip()
        if self.required and not line:
            raise Unfit("required")
        if len(line) > self.longest:
            raise Unfit("too-long", max=self.longest)
        if not is_printable(line):
            raise Unfit("control-characters")
        return line

    def __str__(self) -> str:
        return f"a line, {'' if self.required else 'or nothing, '}at most {self.longest} characters"


@dataclass(frozen=True, slots=True)
class Email:
    """An address, or nothing."""

    longest: int = 254

    def read(self, given: object) -> str:
        """The address; raises Unfit."""
        address = Line(self.longest).read(given)
        if address and not _EMAIL.fullmatch(address):
            raise Unfit("not-an-email")
        return address

    def __str__(self) -> str:
        return "an e-mail address, or nothing"


PARAMETER: Final = "rule"
"""Under this name a member's metadata holds its rule."""


def by(rule: Rule) -> Mapping[str, Rule]:
    """The metadata of a member that goes by this rule."""
    return {PARAMETER: rule}


@dataclass(frozen=True, slots=True)
class InstitutionParameters:
    """Who writes to people, and where they get help."""

    name: str = field(default=DEMONSTRATION, metadata=by(Line(200, required=True)))
    """The institution's name, in head and foot of every mail from the moment at which it is written."""
    contact: str = field(default="candidatures@parvis.example", metadata=by(Email()))
    """Where answers to mails go that are about no programme, or about one without a contact; empty: nowhere."""
    sign_off: str = field(default="", metadata=by(Line(200)))
    """Who signs mails, above the name; empty: "Le service des candidatures", "The admissions office"."""
    sender_name: str = field(default="", metadata=by(Line(200)))
    """The name before the address that mails come from, when they are handed over; empty: the institution's."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """All of them, by section; what a newer release says besides is passed over."""

    institution: InstitutionParameters = InstitutionParameters()


def _rules() -> dict[str, Rule]:
    default = Parameters()
    return {
        f"{section.name}.{member.name}": member.metadata[PARAMETER]
        for section in fields(Parameters)
        for member in fields(getattr(default, section.name))
    }


RULES: Final[Mapping[str, Rule]] = MappingProxyType(_rules())
"""Every parameter by its key, `<section>.<name>`."""


def value_of(parameters: Parameters, key: str) -> Value:
    """The value of one parameter."""
    section, _, name = key.partition(".")
    value: Value = getattr(getattr(parameters, section), name)
    return value


def with_values(parameters: Parameters, given: Mapping[str, object]) -> tuple[Parameters, list[FieldError]]:
    """The parameters with these values by key, as far as they can be had, and all that is wrong with the others."""
    faults = []
    for key, value in given.items():
        if (rule := RULES.get(key)) is None:
            faults.append(FieldError(key, "unknown-field"))
            continue
        try:
            parameters = _with(parameters, key, rule.read(value))
        except Unfit as unfit:
            faults.append(FieldError(key, unfit.slug, unfit.params))
    return parameters, faults


def unfit_for_production(parameters: Parameters) -> list[FieldError]:
    """What nobody may be left without who is written to by a real institution: whose mail it is, where help is."""
    institution, faults = parameters.institution, []
    if institution.name in ("", DEMONSTRATION):
        faults.append(FieldError("institution.name", "required"))
    if not institution.contact or institution.contact.endswith(".example"):
        faults.append(FieldError("institution.contact", "required"))
    return faults


def to_rows(parameters: Parameters) -> dict[str, dict[str, Any]]:
    """As JSON, by section."""
    return {
        section: {name: list(value) if isinstance(value, tuple) else value for name, value in members.items()}
        for section, members in asdict(parameters).items()
    }


def from_rows(rows: Mapping[str, Mapping[str, Any]]) -> Parameters:
    """The parameters of such JSON: what is absent has its default, what only a newer release knows is passed over.

    Raises TypeError for a value of another kind than the default's.
    """
    parameters = Parameters()
    for key in RULES:
        section, _, name = key.partition(".")
        if name in (members := rows.get(section, {})):
            value = tuple(members[name]) if isinstance(members[name], list) else members[name]
            if not isinstance(value, type(value_of(parameters, key))):
                raise TypeError(key)
            parameters = _with(parameters, key, value)
    return parameters


def _with(parameters: Parameters, key: str, value: Value) -> Parameters:
    section, _, name = key.partition(".")
    changed: Any = {section: replace(getattr(parameters, section), **{name: value})}
    return replace(parameters, **changed)
