"""Documents that follow who was handed over to the student records, as staff look after them (ADR 115)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Instant, View

HandOverPile = Literal["refused", "waiting", "all"]
"""Those of whom a document was refused, or waits, or everybody."""
ApplicationId = Annotated[str, Field(pattern="^[0-9a-z]{1,64}$", description="Id of the application.")]


class HandOverPage(BaseModel):
    """Which pile, and which page of it."""

    model_config = ConfigDict(frozen=True)

    pile: HandOverPile = "refused"
    limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 50
    after: Annotated[str | None, Field(pattern="^[0-9a-z]{1,64}$", description="The `next` of the page before.")] = None


class HandOverPath(BaseModel):
    """Of which application."""

    model_config = ConfigDict(frozen=True)

    application: ApplicationId


class HandedDocument(View):
    """How far the student records are with one document."""

    document: str
    piece: str
    label: str
    state: Annotated[
        Literal["waiting", "done", "refused", "called-off"],
        Field(description="`called-off`: they are to drop it, for it is validated, or its person is to come, no more."),
    ]
    state_label: str
    since: Instant
    reason: Annotated[str | None, Field(description="Why it was refused, or is not dropped.")] = None
    failures: Annotated[int, Field(ge=0, description="Tries without an answer.")]
    goes: Annotated[bool, Field(description="Whether it goes, by the pieces that the institution has chosen now.")]


class HandOverView(View):
    """Whose documents they are, for which place."""

    id: Annotated[str, Field(description="Of the application.")]
    file_number: str
    family_name: str | None = None
    given_name: str | None = None
    programme: str
    title: str
    documents: list[HandedDocument]


class HandOverList(View):
    """A page of those within one's reach."""

    items: list[HandOverView]
    next: Annotated[str | None, Field(description="For `after`; absent on the last page.")] = None
    connected: Annotated[bool, Field(description="Whether there are student records that take documents.")]
    wanted: Annotated[bool, Field(description="Whether the institution wants documents to go (`enrolment.documents`).")]
