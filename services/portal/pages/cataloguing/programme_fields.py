"""What the page of a programme asks, in groups, and how its form and the API's body turn into each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from services.contracts.api.catalogue import WrittenGroup, WrittenProgramme
from services.contracts.list_groups import GroupLine, group_line

FieldKind = Literal["line", "lines", "area", "groups", "number", "date", "select", "checks", "radios"]

MAX_PROGRAMME_BYTES: Final = 262_144
"""Of such a form: two long texts whose letters all are written as several signs, and what is asked for."""
_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Field:
    """A question by the path that the API gives it: `lines` are several values, `checks` some of what can be chosen.

    `asked` says that a star stands beside it, `hinted` that a help text belongs to it; `chosen_of` names the choices.
    """

    name: str
    kind: FieldKind = "line"
    asked: bool = False
    hinted: bool = False
    chosen_of: str = ""

    @property
    def label(self) -> str:
        """The name under which its texts stand."""
        return self.name.replace(".", "_")

    @property
    def texts(self) -> tuple[str, ...]:
        """The names of all its texts."""
        return (self.label, f"{self.label}_hint") if self.hinted else (self.label,)


GROUPS: Final[Mapping[str, tuple[Field, ...]]] = {
    "title": (
        Field("title.fr", asked=True),
        Field("title.en"),
        Field("keywords", "lines", hinted=True),
    ),
    "place": (
        Field("centre", "select", asked=True, chosen_of="centres"),
        Field("diploma", "select", asked=True, chosen_of="diplomas"),
        Field("commission", "select", chosen_of="commissions"),
    ),
    "dates": (
        Field("dates.opens_on", "date", asked=True),
        Field("dates.closes_on", "date", asked=True, hinted=True),
        Field("dates.submission_deadline", "date", asked=True, hinted=True),
        Field("dates.review_on", "date"),
        Field("dates.jury_on", "date"),
        Field("dates.publication_on", "date"),
        Field("dates.answer_deadline", "date", hinted=True),
        Field("dates.answer_delay_days", "number", hinted=True),
        Field("dates.waitlist_answer_deadline", "date"),
        Field("dates.waitlist_answer_delay_days", "number"),
    ),
    "admission": (
        Field("capacity", "number", hinted=True),
        Field("route", "radios"),
        Field("offered", "radios"),
        Field("groups", "groups", hinted=True),
        Field("passes_on", "radios", hinted=True),
    ),
    "asked": (
        Field("requirements", "checks", hinted=True, chosen_of="requirements"),
        Field("forms", "checks", chosen_of="forms"),
        Field("questions", "checks", chosen_of="questions"),
    ),
    "information": (
        Field("information.fr", "area", hinted=True),
        Field("information.en", "area"),
    ),
    "contact": (
        Field("contact.name", hinted=True),
        Field("contact.address", "lines", hinted=True),
        Field("contact.email"),
        Field("contact.phone"),
        Field("contact.url"),
    ),
}
FIELDS: Final = tuple(field for fields in GROUPS.values() for field in fields)
GROUPS_FIELD: Final = next(field for field in FIELDS if field.kind == "groups")
RADIOS: Final[Mapping[str, tuple[str, ...]]] = {
    "route": ("controlled", "direct"),
    "offered": ("yes", "no"),
    "passes_on": ("yes", "no"),
}

Typed = Mapping[str, Sequence[str]]
"""What a form says: the values of each field, in order."""


def typed_of(programme: WrittenProgramme) -> dict[str, list[str]]:
    """A programme, as a form has it."""
    values = programme.model_dump(mode="json")
    typed: dict[str, list[str]] = {}
    for field in FIELDS:
        group, _, name = field.name.rpartition(".")
        value = (values[group] if group else values)[name]
        if field.kind == "checks":
            typed[field.name] = value
        elif field.kind == "groups":
            typed[field.name] = ["\n".join(_group_typed(each) for each in programme.groups or ())]
        elif field.kind == "lines":
            typed[field.name] = ["\n".join(value)]
        elif isinstance(value, bool):
            typed[field.name] = ["yes" if value else "no"]
        else:
            typed[field.name] = ["" if value is None else str(value)]
    return typed


def body_of(typed: Typed, *, published: bool) -> WrittenProgramme:
    """What was filled in as the body of the API, unchecked; what was left empty is absent."""
    given: dict[str, Any] = {"published": published, "title": {"fr": ""}, "dates": {}, "contact": {}}
    given["information"] = {"fr": ""}
    for field in FIELDS:
        group, _, name = field.name.rpartition(".")
        if (value := _value(field, typed)) not in (None, ""):
            (given[group] if group else given)[name] = value
    return WrittenProgramme.model_construct(_fields_set=set(given), **given)


def text_of(field: Field, typed: Typed) -> str:
    """What was typed into a field, line ends as they are counted."""
    return "\n".join(typed.get(field.name, ())).replace("\r\n", "\n").strip()


def field_of(path: str) -> str:
    """The field of the page beside which is told what is wrong with a path of the API; empty for none."""
    found = (field.name for field in FIELDS if path == field.name or path.startswith(f"{field.name}."))
    return next(found, "")


def groups_are_read(typed: Typed) -> bool:
    """Whether each line of the groups can be understood as one."""
    try:
        _value(GROUPS_FIELD, typed)
    except ValueError:
        return False
    return True


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _value(field: Field, typed: Typed) -> Any:
    if field.kind == "checks":
        return list(dict.fromkeys(typed.get(field.name, ())))
    text = text_of(field, typed)
    if field.kind == "groups":
        return [_group_of(line) for line in _lines(text)]
    if field.kind == "lines":
        return _lines(text)
    if field.kind == "number" and text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _DIGITS:
        return int(text)
    return text == "yes" if field.name in ("offered", "passes_on") else text


def _group_typed(group: WrittenGroup) -> str:
    return str(
        GroupLine(group.code, group.label.fr, group.label.en or "", "" if group.places is None else str(group.places))
    )


def _group_of(line: str) -> dict[str, Any]:
    """What a line says of a group, as the API takes it."""
    read = group_line(line)
    label = {"fr": read.fr} | ({"en": read.en} if read.en else {})
    return {"code": read.code, "label": label, "places": int(read.places) if read.places else None}
