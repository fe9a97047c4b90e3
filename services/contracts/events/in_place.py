"""The event by which candidates learn what staff did in their place."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.contracts.events.applications import ApplicationEvent


class ActsTold(ApplicationEvent, type="applications.application.acts_told.v1", key="application"):
    """The candidate is told in one what staff have filled in in their place since they were told last: the codes of pieces
    by what was done last to each, whether questions were answered, and whether the file was submitted.
    """

    deposited: Annotated[list[str], Field(examples=[["cv"]])]
    removed: Annotated[list[str], Field(examples=[["letter"]])]
    not_applicable: Annotated[list[str], Field(examples=[["b2"]])]
    applicable: Annotated[list[str], Field(examples=[[]])]
    answered: bool
    submitted: bool
