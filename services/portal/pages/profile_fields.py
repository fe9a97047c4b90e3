"""What the pages of the profile ask: the fields of each step, and how forms and bodies of the API turn into each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from pydantic import BaseModel

from services.contracts.api import accounts, profile
from services.contracts.api.reference import ListName

FieldKind = Literal["text", "area", "radios", "select", "checkbox", "date", "number", "tel"]

DATE_PARTS: Final = ("day", "month", "year")
LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Field:
    """A question: `choices` are the values of radios, `list` is the reference list of a select.

    `asked` says that a star stands beside it, `asked_where` that it does while another field says one of these.
    `hinted` says that a help text belongs to it. `width` is a class of GOV.UK.
    """

    name: str
    kind: FieldKind = "text"
    asked: bool = False
    asked_where: tuple[str, tuple[str, ...]] = ("", ())
    hinted: bool = False
    choices: tuple[str, ...] = ()
    list: ListName | None = None
    autocomplete: str = ""
    width: str = ""
    called: str = ""

    @property
    def label(self) -> str:
        """The name under which its texts stand."""
        return self.called or self.name.replace(".", "_")

    @property
    def texts(self) -> tuple[str, ...]:
        """The names of all its texts."""
        hint = (f"{self.label}_hint",) if self.hinted else ()
        return self.label, *hint, *(f"{self.label}.{choice}" for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Step:
    """A step whose answers stand on one page; without a `draft` nothing is kept of it before it is sent."""

    name: str
    path: str
    draft: profile.DraftStep | Literal[""]
    body: type[BaseModel]
    fields: tuple[Field, ...]


_FRENCH_POST: Final = ("FR", "BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "WF", "YT")
"""Countries and territories of which the API asks for the postcode."""
_COUNTRY: Final = Field("country", "select", list="countries", autocomplete="country")
_YEAR: Final = Field("year", "number", asked=True, hinted=True, width="govuk-input--width-4")
_HONOURS: Final = Field("honours", "select", list="baccalaureate-honours")
_ORGANISATION: Final = Field("organisation", asked=True, hinted=True)
_DURATION: Final = Field("duration", asked=True, hinted=True, width="govuk-input--width-20")

IDENTITY: Final = Step(
    "identity",
    "/profil/identite",
    "identity",
    accounts.Identity,
    (
        Field("title", "radios", asked=True, choices=("mrs", "mr", "mx"), called="civility"),
        Field("family_name", asked=True, hinted=True, autocomplete="family-name"),
        Field("usual_name", hinted=True),
        Field("given_name", asked=True, autocomplete="given-name"),
        Field("single_name", "checkbox", hinted=True),
        Field("other_given_names", autocomplete="additional-name"),
        Field("birth_date", "date", asked=True, hinted=True),
        Field("birth_country", "select", asked=True, hinted=True, list="birth-countries"),
        Field("birth_place", asked=True),
        Field("nationality", "select", asked=True, list="nationalities"),
        Field("mobile", "tel", hinted=True, autocomplete="tel", width="govuk-input--width-20"),
        Field("phone", "tel", width="govuk-input--width-20"),
        Field("national_student_number", hinted=True, width="govuk-input--width-20"),
    ),
)
ADDRESS: Final = Step(
    "address",
    "/profil/adresse",
    "address",
    accounts.Address,
    (
        Field("country", "select", asked=True, list="countries", autocomplete="country"),
        Field("lines.0", asked=True, hinted=True, autocomplete="address-line1"),
        Field("lines.1", autocomplete="address-line2"),
        Field("lines.2", autocomplete="address-line3"),
        Field(
            "postcode",
            asked_where=("country", _FRENCH_POST),
            hinted=True,
            autocomplete="postal-code",
            width="govuk-input--width-10",
        ),
        Field("city", asked=True, autocomplete="address-level2"),
    ),
)
BACCALAUREATE: Final = Step(
    "baccalaureate",
    "/profil/baccalaureat",
    "baccalaureate",
    accounts.Baccalaureate,
    (
        Field("kind", "radios", asked=True, choices=("bac", "equivalent", "none")),
        Field(
            "year",
            "number",
            asked_where=("kind", ("bac", "equivalent")),
            hinted=True,
            width="govuk-input--width-4",
            called="baccalaureate_year",
        ),
        Field("series", "select", asked_where=("kind", ("bac",)), hinted=True, list="baccalaureate-series"),
        _HONOURS,
        Field("institution", hinted=True),
        _COUNTRY,
    ),
)
RECORD: Final = Step(
    "registrar",
    "/profil/scolarite",
    "",
    profile.RecordRequest,
    (
        Field("national_student_number", asked=True, hinted=True, width="govuk-input--width-20", called="ine"),
        Field("birth_date", "date", asked=True),
        Field("certified", "checkbox", asked=True),
    ),
)
"""What who is or was a student here says to have their record asked for; no step of the profile."""
EXTERNAL_STUDIES: Final = Step(
    "external_studies",
    "/profil/cursus-externe",
    "external-studies",
    profile.ExternalStudies,
    (
        _YEAR,
        Field("diploma_label", asked=True, hinted=True),
        Field("obtained", "radios", asked=True, choices=("yes", "no", "pending")),
        Field("institution", hinted=True),
        _COUNTRY,
        _HONOURS,
    ),
)
INTERNSHIPS: Final = Step(
    "internships",
    "/profil/stages",
    "internships",
    profile.Internship,
    (
        _YEAR,
        _DURATION,
        _ORGANISATION,
        Field("title", called="job_title"),
        Field("description", "area", asked=True, hinted=True),
    ),
)
WORK_EXPERIENCE: Final = Step(
    "work_experience",
    "/profil/experiences",
    "work-experience",
    profile.WorkExperience,
    (
        _YEAR,
        Field("title", asked=True, called="job_title"),
        _DURATION,
        _ORGANISATION,
        Field("description", "area", hinted=True),
    ),
)

REQUIRED: Final = (IDENTITY, ADDRESS, BACCALAUREATE)
WITH_ROWS: Final = (EXTERNAL_STUDIES, INTERNSHIPS, WORK_EXPERIENCE)


def parted(step: Step, locked: Collection[str]) -> tuple[Step, tuple[Field, ...]]:
    """The step with the questions that are still asked, and those whose answers the registrar manages.

    `locked` is that of the profile. Whether there is one name alone goes with the given name.
    """
    managed = {name.partition(".")[2] for name in locked if name.startswith(f"{step.name}.")}
    if "given_name" in managed:
        managed.add("single_name")
    kept = tuple(field for field in step.fields if field.name in managed)
    return replace(step, fields=tuple(field for field in step.fields if field not in kept)), kept


def body_of(step: Step, form: Mapping[str, str]) -> BaseModel:
    """What was filled in as the body of the API, unchecked; what was left empty is absent."""
    given: dict[str, Any] = {}
    for field in step.fields:
        if field.name.startswith("lines."):
            given.setdefault("lines", [])
            if value := form.get(field.name, "").strip():
                given["lines"].append(value)
        elif field.kind == "date":
            if value := _date(form, field.name):
                given[field.name] = value
        elif field.kind == "checkbox":
            if field.name in form:
                given[field.name] = True
        elif value := form.get(field.name, "").strip():
            given[field.name] = int(value) if field.kind == "number" and _is_number(value) else value
    if "lines" in given:
        given["lines"] = given["lines"] or [""]
    return step.body.model_construct(_fields_set=set(given), **given)


def typed_of(step: Step, saved: BaseModel) -> dict[str, str]:
    """What is kept, as a form has it."""
    values = saved.model_dump(exclude_none=True)
    typed: dict[str, str] = {}
    for field in step.fields:
        name, _, place = field.name.partition(".")
        value = values.get(name)
        if place:
            value = value[int(place)] if value is not None and int(place) < len(value) else None
        if value is None or value is False:
            continue
        if field.kind == "date":
            typed |= _parts(field.name, str(value))
        else:
            typed[field.name] = "1" if value is True else str(value)
    return typed


def _date(form: Mapping[str, str], name: str) -> str:
    """The parts of a date as one; what is no number stays as it is, for the API to refuse."""
    day, month, year = (form.get(f"{name}-{part}", "").strip() for part in DATE_PARTS)
    if not (day or month or year):
        return ""
    return "-".join(part for part in (year, _two(month), _two(day)) if part) if month or not day else f"-{_two(day)}"


def _two(part: str) -> str:
    return part.zfill(2) if part else ""


def _parts(name: str, kept: str) -> dict[str, str]:
    year, _, rest = kept.partition("-")
    month, _, day = rest.partition("-")
    return {f"{name}-year": year, f"{name}-month": month.lstrip("0"), f"{name}-day": day.lstrip("0")}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9
