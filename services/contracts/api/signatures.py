"""Pictures of signatures: who signs the letters of a board, and a letter as it would be with them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Body, Instant, View
from services.contracts.api.decisions import LetterName
from services.contracts.api.offers import Code
from services.contracts.api.texts import LINES, tidied

LARGEST_SIGNATURE: Final = 512 * 1024
"""Bytes of such a picture as it comes, inclusive."""
MOST_PIXELS: Final = 4_000_000
"""Of such a picture, inclusive."""


class SignaturePath(BaseModel):
    """Whose letters are signed with it."""

    model_config = ConfigDict(frozen=True)

    commission: Annotated[Code, Field(description="Code of the board.")]


class SignatureFile(View):
    """A picture that is there for good; others for the same board are there beside it."""

    commission: str
    signature: Annotated[
        str,
        Field(
            description="Its name, which the board (`PUT /api/offers/commissions/{code}`) is to give as `letters.signature`."
        ),
    ]
    size: Annotated[int, Field(description="Bytes of the JPEG that is kept of it, with nothing but the picture.")]
    sha256: str
    put_at: Instant


class SamplePath(BaseModel):
    """Which letter, in which language."""

    model_config = ConfigDict(frozen=True)

    kind: Annotated[LetterName, Field(description="Which letter.")]
    language: Annotated[Literal["fr", "en"], Field(description="In which language.")]


class LetterSigners(Body):
    """Who signs, as a board says it."""

    commission: Annotated[Code, Field(description="Of which board; the signature is one that was put for it.")]
    signatory: Annotated[str, Field(max_length=255, pattern=LINES), tidied(255)] = ""
    function: Annotated[str, Field(max_length=255, pattern=LINES), tidied(255)] = ""
    signature: Annotated[str, Field(max_length=100)] = ""
    centre: Annotated[
        Code | None, Field(description="In the words of this centre's letters; absent: in all centres'.")
    ] = None
