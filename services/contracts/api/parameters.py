"""The public API of the institution's parameters; what may be given is made of their rules, so that each stands once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from services.contracts.decision_rules import Conditions, DecisionReasons, DecisionTypes, PieceComments
from services.contracts.decision_types import LONGEST_LINE
from services.contracts.fee_rules import FeeItems
from services.contracts.file_numbers import PREFIX_LENGTH
from services.contracts.parameter_rules import (
    PARAMETER,
    Codes,
    Email,
    EmailPerCentre,
    Line,
    NumberPrefix,
    OneOf,
    Rule,
    SomeOf,
    Spans,
    Url,
    Whole,
)
from services.contracts.parameters import (
    AccountsParameters,
    ApplicationsParameters,
    DocumentsParameters,
    EnrolmentParameters,
    InstitutionParameters,
    MailerParameters,
    MaintenanceParameters,
    Parameters,
    RetentionParameters,
)
from services.contracts.piece_comments import LONGEST_LINE as LONGEST_COMMENT_LINE


class ParametersView(BaseModel):
    """All parameters of the institution as they are in force, by section."""

    model_config = ConfigDict(frozen=True)

    institution: InstitutionParameters
    accounts: AccountsParameters
    applications: ApplicationsParameters
    enrolment: EnrolmentParameters
    documents: DocumentsParameters
    mailer: MailerParameters
    maintenance: MaintenanceParameters
    retention: RetentionParameters


MAX_REVISIONS_SHOWN: Final = 20


class ParameterDifference(BaseModel):
    """A parameter, `<section>.<name>`, that was given another value."""

    model_config = ConfigDict(frozen=True)

    key: str
    before: str | int | list[str]
    after: str | int | list[str]


class ParameterRevision(BaseModel):
    """Who has changed what, and when."""

    model_config = ConfigDict(frozen=True)

    version: int
    changed_at: Annotated[str, Field(description="RFC 3339, UTC.")]
    changed_by: str
    differences: list[ParameterDifference]


class ParameterRevisions(BaseModel):
    """The version in force, which the next who writes names in If-Match, and the last changes, the newest first."""

    model_config = ConfigDict(frozen=True)

    version: int
    items: list[ParameterRevision]


class Section(BaseModel):
    """Values of one section; what is absent stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


_LONGEST: Final[Mapping[type[Rule], int]] = {
    EmailPerCentre: 305,
    Spans: 40,
    Codes: 20,
    DecisionTypes: LONGEST_LINE,
    DecisionReasons: LONGEST_LINE,
    FeeItems: LONGEST_LINE,
    Conditions: LONGEST_LINE,
    PieceComments: LONGEST_COMMENT_LINE,
}
"""Characters of one line of a parameter of several."""


def _form(rule: Rule) -> Any:
    """The type of what is given for a parameter, as far as a schema can say it."""
    match rule:
        case Whole(least, most):
            return Annotated[int, Field(ge=least, le=most)]
        case OneOf(words):
            return Literal[words]
        case SomeOf(words):
            return Annotated[list[Literal[words]], Field(min_length=1, max_length=len(words))]  # type: ignore[valid-type]
        case (
            EmailPerCentre(most)
            | Spans(most)
            | DecisionTypes(most)
            | DecisionReasons(most)
            | FeeItems(most)
            | Conditions(most)
            | PieceComments(most)
            | Codes(most)
        ):
            return Annotated[list[Annotated[str, Field(max_length=_LONGEST[type(rule)])]], Field(max_length=most)]
        case Line(longest) | Email(longest) | Url(longest):
            return Annotated[str, Field(max_length=longest)]
        case NumberPrefix():
            return Annotated[str, Field(max_length=PREFIX_LENGTH)]
        case _:
            raise TypeError(type(rule).__name__)


def _section(kind: type[Any]) -> type[Section]:
    members: dict[str, Any] = {each.name: (_form(each.metadata[PARAMETER]) | None, None) for each in fields(kind)}
    return create_model(f"{kind.__name__}Given", __base__=Section, __doc__=kind.__doc__, **members)


class MaintenanceRules(BaseModel):
    """When candidates find the suite closed, as the institution has set it."""

    model_config = ConfigDict(frozen=True)

    windows: list[str]
    message_fr: str
    message_en: str
    grace_days: int


class MessageGiven(Section):
    """A message of the institution; empty: nothing is said, or in English the French one."""

    fr: Annotated[str | None, Field(max_length=500)] = None
    en: Annotated[str | None, Field(max_length=500)] = None


class Message(BaseModel):
    """A message of the institution, with the version of all its parameters, which the next who writes names in If-Match."""

    model_config = ConfigDict(frozen=True)

    code: str
    fr: str
    en: str
    version: int


class MessagePath(BaseModel):
    """Which message: `home` stands on the home page, `maintenance` on the page of a suite that is closed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    message: Literal["home", "maintenance"]


class Given(BaseModel):
    """Parameters that shall be otherwise, by section; what is absent stays as it is, also what a client does not know."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @property
    def by_key(self) -> dict[str, object]:
        """The values by `<section>.<name>`."""
        given: dict[str, dict[str, object]] = self.model_dump(exclude_none=True)
        return {f"{section}.{name}": value for section, members in given.items() for name, value in members.items()}


SECTIONS: Final[Mapping[str, type[Section]]] = {
    section.name: _section(type(getattr(Parameters(), section.name))) for section in fields(Parameters)
}
"""What can be given of each section."""
ParametersGiven: Final[type[Given]] = create_model(
    "ParametersGiven",
    __base__=Given,
    __doc__=Given.__doc__,
    **{name: (section | None, None) for name, section in SECTIONS.items()},  # type: ignore[call-overload]
)
