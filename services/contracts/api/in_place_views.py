"""What the university has done in a candidate's place, as the candidate and staff see it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.api.basics import Instant, View

ActName = Literal["deposit", "remove", "declare_not_applicable", "declare_applicable", "answer", "take_back", "submit"]


class ActView(View):
    """One thing that the university has done in the candidate's place; of its members none is named."""

    at: Instant
    action: ActName
    what: Annotated[str, Field(description="Code of the piece or question; empty of the submission.")] = ""
    label: Annotated[str, Field(description="What that is called; empty of the submission.")] = ""
    reason: Annotated[str, Field(description="Why, as whoever did it has said.")]
    undone: Annotated[bool, Field(description="Whether what was put in by it is not in the file any more.")] = False
