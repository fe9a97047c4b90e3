"""Calls that first tell what would come of them and then, confirmed by the digest which that gave, do it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from services.contracts.api.basics import View
from services.contracts.premises import WHOLE

DIGEST_PATTERN: Final = f"^[0-9a-f]{{{2 * WHOLE}}}$"
"""Of what confirms a thing as a whole."""

DryRun = Annotated[bool, Field(description="Whether it is only told what would come of it.")]
WholeDigest = Annotated[
    str | None, Field(pattern=DIGEST_PATTERN, description="That of this very dry run: needed for no other.")
]


class Foreseen(View):
    """What comes, or came, of it."""

    dry_run: bool
    digest: Annotated[str, Field(description="What confirms this very preview.", examples=["9f86d081884c7d65" * 2])]


class ForeseenOfEach(Foreseen):
    """The same of many things, each of which is counted once."""

    changed: Annotated[int, Field(ge=0)]
    unchanged: Annotated[int, Field(ge=0)]
    refused: Annotated[int, Field(ge=0)]
