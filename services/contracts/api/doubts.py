"""Pairs of accounts that may be one person's, since both bear a student number that nobody has verified."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import ID_PATTERN
from services.contracts.api.accounts import Body, Instant, View
from services.contracts.api.support import PersonRow, Reason

VerdictName = Literal["two-persons", "one-person"]
SameName = Literal["family_name", "given_name", "birth_date"]
AccountId = Annotated[str, Field(pattern=ID_PATTERN)]


class PairPath(BaseModel):
    """Two accounts in a path, in either order."""

    first: AccountId
    second: AccountId


class DoubtsPage(BaseModel):
    """A page of pairs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[
        int, Field(ge=1, le=50, description="How many at most; a page may have fewer, and be not the last.")
    ] = 25
    after: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9_.-]{1,2400}$", description="The `next` of the page before.")
    ] = None


class DoubtVerdict(Body):
    """What support has found out of a pair, and how."""

    verdict: VerdictName
    keep: Annotated[
        AccountId | None,
        Field(description="Of one person: the account that they go on with; the other one is closed. One of the pair."),
    ] = None
    reason: Annotated[Reason, Field(description="How one knows. Whose account is closed can read it with it.")]


class DoubtRow(View):
    """A pair that nobody has looked at."""

    first: PersonRow
    second: PersonRow
    student_number: Annotated[str, Field(description="The one that the first bears by now.")]
    same: Annotated[list[SameName], Field(description="What both say alike, whatever the case and the accents.")]


class Doubts(View):
    """A page of pairs of which it is not known whether they are one person."""

    items: list[DoubtRow]
    next: str | None = None


class DoubtView(DoubtRow):
    """A pair, and what was found out of it."""

    verdict: VerdictName | None = None
    closed: Annotated[str | None, Field(description="The account that is closed by it.")] = None
    at: Instant | None = None
    actor: Annotated[str | None, Field(description="Kind and opaque id of who said so.")] = None
    email: Annotated[str | None, Field(description="Of that member of staff, who is there still.")] = None
    reason: str | None = None
    version: Annotated[int, Field(ge=0, description="For If-Match; 0 while nothing was found out.")] = 0
