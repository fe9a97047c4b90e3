"""Decisions on applications, and what is answered to them. Days are of the institution's zone, instants RFC 3339 UTC."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.contracts.api.basics import Body, Day, Instant, View
from services.contracts.api.condition_views import (
    ConditionsGiven,
    ConditionView,
    ListedConditionView,
    StaffConditionView,
)
from services.contracts.api.texts import LINES, one_line_end, tidied
from services.contracts.decision_types import CODE, DecisionName
from services.contracts.limits import HIGHEST_RANK

__all__ = ["DecisionName"]


LetterName = Literal["admission", "rejection"]


class PlaceAnswer(Body):
    """What the candidate answers to the place that is offered."""

    answer: Annotated[
        Literal["accept", "withdraw"],
        Field(description="Who has accepted may withdraw until the last day; who has withdrawn cannot come back."),
    ]


LONGEST_DECISION: Final = 1000
"""Characters of what is said to the candidate with a decision (acceptance 79)."""
Words = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_DECISION, pattern=LINES),
    tidied(LONGEST_DECISION),
    BeforeValidator(one_line_end),
]
DecisionId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z._-]+$")]


GroupGiven = Annotated[
    str | None,
    Field(
        pattern=CODE,
        description="The code of a group of the programme's waiting list: required of favourable decisions and those on the "
        "ranked list where the programme has groups, refused otherwise.",
    ),
]


class GroupView(View):
    """A group of a programme's waiting list."""

    code: str
    label: str


class AppointmentBody(Body):
    """Where and when somebody who is shortlisted is expected."""

    place: Annotated[str, Field(min_length=1, max_length=100, pattern=LINES), tidied(100)]
    day: Annotated[date, Field(description="Not past, at most 366 days away.")]
    time: Annotated[
        str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="`HH:MM` of the institution's zone.")
    ]


class DecisionGiven(Body):
    """A decision: what its kind asks for is required of it, and refused of others (`not-of-kind`).

    Without a `type` it is of the institution's first type of the `kind`; one of the two must be given.
    """

    kind: DecisionName | None = None
    type: Annotated[str | None, Field(pattern=CODE, description="The code of one of the institution's types.")] = None
    reason: Annotated[
        Words | None,
        Field(
            description="Of an unfavourable one, or of a type that gives reasons; where the institution has a list of "
            "reasons, the code of one (`GET /review/decision-types`)."
        ),
    ] = None
    rank: Annotated[int | None, Field(ge=1, le=HIGHEST_RANK, description="Of a ranked waiting list, from 1.")] = None
    appointment: Annotated[AppointmentBody | None, Field(description="Of who is shortlisted.")] = None
    comment: Annotated[Words | None, Field(description="For the candidate.")] = None
    group: GroupGiven = None
    conditions: ConditionsGiven = Field(default_factory=list)


class DecisionBody(DecisionGiven):
    """A decision on one file: what its kind asks for is required of it, and refused of others (`not-of-kind`).

    Without a `type` it is of the institution's first type of the `kind`; one of the two must be given.
    """

    instead_of: Annotated[
        Literal[""] | DecisionId | None,
        Field(
            description="The id of the entered decision that was seen, empty for none: refused (`decision-changed`) if "
            "another one is entered now."
        ),
    ] = None


class DecisionValidation(Body):
    """Which entered decision shall count, and until when a place that it offers may be answered."""

    decision: Annotated[DecisionId, Field(description="The id of the entered decision that was seen.")]
    answer_deadline: Annotated[
        date | None,
        Field(description="Not past, at most 366 days away; without it the programme says until when."),
    ] = None


class DecisionQuery(BaseModel):
    """Which entered decision to take away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Annotated[DecisionId | None, Field(description="Its id: refused if another one is entered now.")] = None


class DecisionTypeView(View):
    """A type of decision that can be chosen."""

    code: str
    kind: DecisionName
    label: str
    reasoned: Annotated[bool, Field(description="A reason is required.")]
    appeal: Annotated[bool, Field(description="The candidate reads how the decision can be contested.")]


class DecisionReasonView(View):
    """One of the institution's reasons for decisions."""

    code: str
    label: str
    kinds: Annotated[list[DecisionName], Field(description="The kinds of decision that it is for; none: all of them.")]


class DecisionTypes(View):
    """The institution's types of decisions, in its order, and its reasons for them."""

    items: list[DecisionTypeView]
    reasons: Annotated[
        list[DecisionReasonView] | None,
        Field(
            description="Of which one is given by its code, in the institution's order; absent where one writes why."
        ),
    ] = None
    conditions: Annotated[
        list[ListedConditionView],
        Field(description="Its own texts of conditions for an admission; others may be written."),
    ]


class AppointmentView(View):
    """Where and when somebody who is shortlisted is expected."""

    place: str
    day: Day
    time: Annotated[str, Field(description="`HH:MM` of the institution's zone.")]


class DecisionView(View):
    """A decision that counts, as its candidate reads it."""

    kind: DecisionName
    type: Annotated[str | None, Field(description="The institution's code of it, where it had types.")] = None
    label: Annotated[str, Field(description="What the institution called it when it was entered.")]
    appeal: Annotated[str | None, Field(description="How it can be contested.")] = None
    validated_at: Instant
    reason: str | None = None
    reason_code: Annotated[str | None, Field(description="The institution's code of it, where it is of its list.")] = (
        None
    )
    comment: str | None = None
    rank: Annotated[int | None, Field(description="On the ranked waiting list, as it was decided.")] = None
    group: Annotated[GroupView | None, Field(description="In which group of the list, or of the places.")] = None
    appointment: AppointmentView | None = None
    conditions: Annotated[list[ConditionView], Field(description="Under which one is admitted; none: under none.")]
    final: Annotated[bool, Field(description="An admission is once it is accepted and all its conditions are met.")] = (
        True
    )


class EnteredDecisionView(View):
    """A decision that is entered: the candidate sees nothing of it."""

    id: str
    kind: DecisionName
    type: Annotated[str | None, Field(description="The institution's code of it, where it had types.")] = None
    label: Annotated[str, Field(description="What the institution called it when it was entered.")]
    appeal: Annotated[str | None, Field(description="What the candidate reads of how it can be contested.")] = None
    reason: str | None = None
    reason_code: Annotated[str | None, Field(description="The institution's code of it, where it is of its list.")] = (
        None
    )
    rank: int | None = None
    group: Annotated[GroupView | None, Field(description="As it was called when it was entered.")] = None
    comment: str | None = None
    appointment: AppointmentView | None = None
    conditions: Annotated[list[StaffConditionView], Field(description="Under which one is admitted.")]
    entered_at: Instant
    entered_by: Annotated[str, Field(description="Kind and id.")]
    entered_by_name: Annotated[str | None, Field(description="How they are known.")] = None


class UnreachedView(View):
    """That the mail of a decision has not arrived."""

    at: Annotated[Instant, Field(description="Since when that is known.")]
    why: Annotated[
        str,
        Field(
            description="`hard` (the address takes no mail), `soft` (another server returned it), or why it never left: "
            "`refused`, `not-composed`, `gave-up`."
        ),
    ]
    holds: Annotated[bool, Field(description="The last day for an answer waits.")]


class ValidatedDecisionView(EnteredDecisionView):
    """A decision that counts."""

    validated_at: Instant
    validated_by: Annotated[str, Field(description="Kind and id.")]
    validated_by_name: Annotated[str | None, Field(description="How they are known.")] = None
    answer_deadline: Day | None = None
    unreached: Annotated[
        UnreachedView | None, Field(description="Until its person has another address, or another decision counts.")
    ] = None
