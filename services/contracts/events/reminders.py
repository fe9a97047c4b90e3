"""Reminders that staff have sent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.events.applications import ApplicationEvent


class ApplicationReminded(ApplicationEvent, type="applications.application.reminded.v1", key="application"):
    """Staff have reminded the candidate of a file that is in their hands until the end of `submission_deadline`.

    `about`: to hand it over, of forms, or of pieces. `awaited` are the codes of all pieces that are still to be given,
    `awaited_forms` those of the required forms that are still to be filled in; it is handed over `again` where it was once.
    """

    about: Literal["submission", "forms", "pieces"]
    submission_deadline: str
    awaited: Annotated[list[str], Field(default_factory=list, examples=[["cv"]])]
    awaited_forms: Annotated[list[str], Field(default_factory=list, examples=[["plans"]])]
    again: bool = False
