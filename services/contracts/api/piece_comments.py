"""The institution's comments that can be chosen with a verdict on a piece."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.contracts.api.basics import View
from services.contracts.languages import Language


class ListedComment(View):
    """One comment, as the candidate reads it."""

    code: str
    text: str


class ListedComments(View):
    """Those that serve for a piece."""

    language: Annotated[Language, Field(description="The candidate's, in which the texts are.")]
    items: Annotated[list[ListedComment], Field(description="In the institution's order, 50 at most.")]
