"""What staff do in the place of a candidate: applications that they open, and places that they offer (acceptance 47)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Body, Code, View
from services.contracts.api.decisions import GroupGiven, Words
from services.contracts.decision_types import CODE

AccountId = Annotated[
    str | None, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$", description="The account of the candidate.")
]
FileNumber = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=20,
        description="The candidate's file number; case, spaces and misread letters are forgiven.",
    ),
]


class Whom(BaseModel):
    """Who a candidate is: by account, or by file number; both must be the same person's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: AccountId = None
    file_number: FileNumber = None


class OpenFor(Body):
    """Which application to open for whom, whatever the dates of its programme and the maximum of applications.

    `account` or `file_number` must be given. With `offer` the file is complete at once and a favourable decision is entered,
    which waits to be validated: `type`, `reason`, `comment` and `group` belong to that, and the last day to a
    draft (`not-of-kind`).
    """

    account: AccountId = None
    file_number: FileNumber = None
    programme: Annotated[Code, Field(description="Code of the programme, within one's reach.")]
    submission_deadline: Annotated[
        date | None,
        Field(
            description="Of a draft: the last day for giving what is asked for, not past, at most 366 days away. Its "
            "programme's is at least given; where that has passed, one must be named."
        ),
    ] = None
    offer: Annotated[bool, Field(description="Offer a place.")] = False
    type: Annotated[
        str | None,
        Field(
            pattern=CODE, description="The code of one of the institution's favourable types; its first without one."
        ),
    ] = None
    reason: Annotated[Words | None, Field(description="Of a type that gives reasons.")] = None
    comment: Annotated[Words | None, Field(description="For the candidate, with the decision.")] = None
    group: GroupGiven = None


class Person(View):
    """Who somebody is for whom an application can be opened."""

    account: str
    file_number: str
    campaign: str
    family_name: str | None = None
    given_name: str | None = None
    missing: Annotated[
        list[str],
        Field(
            description="The steps of the profile that are still to be filled in; with one of them nothing is opened."
        ),
    ]
