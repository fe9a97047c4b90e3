"""The profile: the three required steps, each given whole, with a version of its own, and rows (acceptance 24, 25, 27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from services.accounts.domain.countries import FRANCE
from services.accounts.domain.profile_rows import RowsStep, SavedRow
from services.accounts.domain.registrar import RegistrarRecord

Title = Literal["mr", "mrs", "mx"]
BaccalaureateKind = Literal["bac", "equivalent", "none"]

StepName = Literal["identity", "address", "baccalaureate"]

STEPS: Final[tuple[StepName, ...]] = ("identity", "address", "baccalaureate")
"""The required steps in the order in which they are offered and named when missing (acceptance 23)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the person is; countries are the codes of `countries`, phones E.164, the birth date as `birth_dates` keeps it.

    Who has one name alone bears it as family name, and no given name.
    """

    title: Title
    family_name: str
    birth_date: str
    birth_country: str
    birth_place: str
    nationality: str
    given_name: str | None = None
    usual_name: str | None = None
    other_given_names: str | None = None
    phone: str | None = None
    mobile: str | None = None
    national_student_number: str | None = None

    @property
    def single_name(self) -> bool:
        """Whether the person has one name alone."""
        return self.given_name is None


@dataclass(frozen=True, slots=True)
class Address:
    """Where the person lives; one to three lines."""

    lines: tuple[str, ...]
    city: str
    country: str
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Baccalaureate:
    """The one baccalaureate, or what counts as one, or none."""

    kind: BaccalaureateKind
    series: str | None = None
    year: int | None = None
    honours: str | None = None
    institution: str | None = None
    country: str | None = None


Step = Identity | Address | Baccalaureate

KINDS: Final[Mapping[str, type[Step]]] = MappingProxyType(
    {"identity": Identity, "address": Address, "baccalaureate": Baccalaureate}
)


@dataclass(frozen=True, slots=True)
class SavedStep:
    """A step as it was given; `version` counts from 1."""

    data: Step
    version: int


@dataclass(frozen=True, slots=True)
class Profile:
    """All that was given. `version` grows with every change of any step or row; `completed` once all was there.

    `registrar` is what the registrar knows, where it knows the person.
    """

    steps: Mapping[str, SavedStep] = field(default_factory=dict)
    version: int = 0
    completed: bool = False
    rows: Mapping[RowsStep, tuple[SavedRow, ...]] = field(default_factory=dict)
    registrar: RegistrarRecord | None = None

    @property
    def identity(self) -> Identity | None:
        """The step of that name."""
        data = self.data("identity")
        return data if isinstance(data, Identity) else None

    @property
    def baccalaureate(self) -> Baccalaureate | None:
        """The step of that name."""
        data = self.data("baccalaureate")
        return data if isinstance(data, Baccalaureate) else None

    def data(self, step: str) -> Step | None:
        """What was given for a step."""
        given = self.steps.get(step)
        return given.data if given else None

    def version_of(self, step: str) -> int:
        """The version of a step; 0 when it was not given."""
        given = self.steps.get(step)
        return given.version if given else 0

    def with_step(self, step: str, data: Step) -> Profile:
        """The profile with a step given anew."""
        steps = {**self.steps, step: SavedStep(data, self.version_of(step) + 1)}
        return replace(self, steps=steps, version=self.version + 1)

    def rows_of(self, step: RowsStep) -> tuple[SavedRow, ...]:
        """The rows of an optional step, in the order in which they were added."""
        return self.rows.get(step, ())

    def row(self, step: RowsStep, id: str) -> SavedRow | None:
        """The row of that id."""
        return next((row for row in self.rows_of(step) if row.id == id), None)

    def with_rows(self, step: RowsStep, rows: Sequence[SavedRow]) -> Profile:
        """The profile with other rows in an optional step."""
        return replace(self, rows={**self.rows, step: tuple(rows)}, version=self.version + 1)

    def manages(self, step: str) -> tuple[str, ...]:
        """The members of a step that the registrar manages."""
        return self.registrar.manages(step) if self.registrar is not None else ()

    def with_registrar(self, record: RegistrarRecord | None) -> Profile:
        """The profile with another record of the registrar's, or none."""
        return replace(self, registrar=record, version=self.version + 1)


def lacks_student_number(profile: Profile, from_year: int) -> bool:
    """Whether a French national's baccalaureate requires the student number that is not there (acceptance 29).

    `from_year` is the first year of baccalaureates that require it; 0: none does.
    """
    identity, baccalaureate = profile.identity, profile.baccalaureate
    return (
        from_year > 0
        and identity is not None
        and identity.nationality == FRANCE
        and identity.national_student_number is None
        and baccalaureate is not None
        and baccalaureate.kind == "bac"
        and baccalaureate.year is not None
        and baccalaureate.year >= from_year
    )


def missing(profile: Profile, from_year: int) -> tuple[StepName, ...]:
    """The required steps that lack, or lack something, in order."""
    lacking = lacks_student_number(profile, from_year)
    return tuple(step for step in STEPS if step not in profile.steps or (step == "identity" and lacking))


def plain(data: Step) -> dict[str, Any]:
    """A step as JSON values, what was not given left out."""
    return {name: _json(value) for name, value in asdict(data).items() if value is not None}


def step_of(step: str, values: Mapping[str, Any]) -> Step:
    """The step that `plain` wrote; members that are none of its own are passed over."""
    kind = KINDS[step]
    return kind(**{name: _value(value) for name, value in values.items() if name in kind.__dataclass_fields__})


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
