"""What the pages of centres, boards and requirements ask, and how their forms and the API's bodies turn into each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import BaseModel

from services.contracts.api import catalogue_parts as api
from services.contracts.api.decisions import LetterName
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import catalogue_parts as endpoints
from services.contracts.events.commissions import AlertName
from services.contracts.languages import LANGUAGES
from services.portal.pages.cataloguing.programme_fields import GROUPS as PROGRAMME
from services.portal.pages.cataloguing.programme_fields import Field, Typed, text_of
from services.portal.paths import CENTRES, COMMISSIONS, REQUIREMENTS, REVIEW

MEGABYTE: Final = 2**20
FLAGS: Final = ("conditional", "optional", "common", "per_application")
"""What is said of a requirement by a tick."""
_MEGABYTES: Final = re.compile(r"[0-9]{1,6}([.,][0-9]{1,20})?")
_DIGITS: Final = 9
SIGNATURE: Final = "letters.signature"
"""The picture with which a board's letters are signed: shown as a tick where there is one."""

_NAME: Final = (Field("label.fr", asked=True), Field("label.en"))
_OWNER: Final = Field("centre", "select", hinted=True, chosen_of="centres")
_CONTACT: Final = tuple(Field(each.name, each.kind) for each in PROGRAMME["contact"])
_LETTERS: Final = (
    Field("letters.kinds", "checks", hinted=True),
    Field("letters.signatory", hinted=True),
    Field("letters.function"),
    Field(SIGNATURE, "checks", hinted=True),
)
_ALERTS: Final = (
    Field("alerts.on", "checks", hinted=True),
    Field("alerts.email", hinted=True),
    Field("alerts.language", "select"),
)
CHOSEN: Final[Mapping[str, tuple[str, ...]]] = {
    "letters.kinds": get_args(LetterName),
    "alerts.on": get_args(AlertName),
    "alerts.language": LANGUAGES,
}
"""What can be chosen of a board's letters and alerts, by field."""
_DATES: Final = tuple(Field(each.name, each.kind) for each in PROGRAMME["dates"])


@dataclass(frozen=True, slots=True)
class Family:
    """The pages of one kind: where they are, what they ask, and whom they ask."""

    kind: str
    path: str
    groups: Mapping[str, tuple[Field, ...]]
    body: type[BaseModel]
    listing: Endpoint[None, api.StaffParts]
    reading: Endpoint[None, Any]
    writing: Endpoint[Any, Any]
    new: Typed

    @property
    def fields(self) -> Sequence[Field]:
        """All fields, in order."""
        return [field for fields in self.groups.values() for field in fields]

    @property
    def adding(self) -> str:
        """The page on which one is added."""
        return f"{REVIEW}/nouveau{self.path.removeprefix(REVIEW)}"

    def said(self, kept: Any) -> Any:
        """What the API says of one, as it is written."""
        return getattr(kept, self.kind)


FAMILIES: Final = (
    Family(
        "centre",
        CENTRES,
        {"name": _NAME, "contact": _CONTACT, "dates": _DATES},
        api.WrittenCentre,
        endpoints.CENTRES,
        endpoints.CENTRE,
        endpoints.WRITE_CENTRE,
        {},
    ),
    Family(
        "commission",
        COMMISSIONS,
        {"name": (*_NAME, _OWNER), "contact": _CONTACT, "letters": _LETTERS, "alerts": _ALERTS},
        api.WrittenCommission,
        endpoints.COMMISSIONS,
        endpoints.COMMISSION,
        endpoints.WRITE_COMMISSION,
        {"letters.kinds": get_args(LetterName), "alerts.language": ["fr"]},
    ),
    Family(
        "requirement",
        REQUIREMENTS,
        {
            "name": (*_NAME, _OWNER),
            "file": (
                Field("is", "checks"),
                Field("max_bytes", "number", asked=True, hinted=True),
                Field("media_types", "checks"),
                Field("model_document", hinted=True),
                Field("registrar_code", hinted=True),
            ),
        },
        api.WrittenRequirement,
        endpoints.REQUIREMENTS,
        endpoints.REQUIREMENT,
        endpoints.WRITE_REQUIREMENT,
        {"max_bytes": ["2"], "media_types": ["application/pdf", "image/jpeg"]},
    ),
)
OWN_TEXTS: Final = tuple(
    dict.fromkeys(
        text
        for family in FAMILIES
        for field in family.fields
        if not field.name.startswith(("label.", "contact.", "dates."))
        for text in field.texts
    )
)
"""The names of texts that are not those of a programme's fields."""


def typed_of(family: Family, written: BaseModel) -> dict[str, list[str]]:
    """One of them, as a form has it."""
    values = written.model_dump(mode="json")
    typed: dict[str, list[str]] = {}
    for field in family.fields:
        group, _, name = field.name.rpartition(".")
        if field.name == "is":
            typed["is"] = [flag for flag in FLAGS if values[flag]]
            continue
        value = (values[group] if group else values)[name]
        if field.name == "max_bytes":
            value = value // MEGABYTE if value % MEGABYTE == 0 else value / MEGABYTE
        typed[field.name] = (
            [str(each) for each in value] if isinstance(value, list) else ["" if value is None else str(value)]
        )
    return typed


def body_of(family: Family, typed: Typed) -> BaseModel:
    """What was filled in as the body of the API, unchecked; what was left empty is absent."""
    given: dict[str, Any] = {
        group: {} for group in dict.fromkeys(field.name.rpartition(".")[0] for field in family.fields) if group
    }
    given["label"]["fr"] = ""
    for field in family.fields:
        group, _, name = field.name.rpartition(".")
        if field.name == "is":
            given |= {flag: flag in typed.get("is", ()) for flag in FLAGS}
        elif (value := _value(field, typed)) not in (None, ""):
            (given[group] if group else given)[name] = value
    return family.body.model_construct(_fields_set=set(given), **given)


def field_of(family: Family, path: str) -> str:
    """The field of the page beside which is told what is wrong with a path of the API; empty for none."""
    if path in FLAGS:
        return "is"
    found = (field.name for field in family.fields if path == field.name or path.startswith(f"{field.name}."))
    return next(found, "")


def _value(field: Field, typed: Typed) -> Any:
    if field.kind == "checks" and field.name != SIGNATURE:
        return list(dict.fromkeys(typed.get(field.name, ())))
    text = text_of(field, typed)
    if field.kind == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if field.name == "max_bytes":
        return round(float(text.replace(",", ".")) * MEGABYTE) if _MEGABYTES.fullmatch(text) else text
    if field.kind == "number" and text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _DIGITS:
        return int(text)
    return text
