"""What a submission receipt proves."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

SUBMISSION_RECEIPT: Final = "parvis-receipt+jwt"
"""The `typ` of a submission receipt; it is signed by applications (`iss` is `parvis/applications`)."""

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Claims(BaseModel):
    """What is signed."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class ReceiptProgramme(Claims):
    """The programme applied to; `title` by language."""

    code: str
    title: dict[str, str]


class ReceiptPiece(Claims):
    """One document that was submitted; `size` in bytes."""

    piece: str
    document: str
    sha256: Sha256
    size: int


class ReceiptHeld(Claims):
    """A piece for which no document was needed: the registrar held what is called so, of that day."""

    piece: str
    label: str
    of_day: Annotated[str | None, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] = None


class SubmissionReceiptClaims(Claims):
    """What a submission receipt proves: who submitted what to which programme, and when."""

    iss: str
    application: str
    account: str
    file_number: str
    programme: ReceiptProgramme
    campaign: str
    pieces: list[ReceiptPiece]
    profile_sha256: Sha256
    answers_sha256: Sha256 | None = None
    forms_sha256: Sha256 | None = None
    submitted_at: str
    submitted_by: Annotated[
        Literal["university"] | None,
        Field(description="Absent where the candidate did; else staff did in their place, for that `reason`."),
    ] = None
    reason: str | None = None
    held: Annotated[
        list[ReceiptHeld] | None, Field(description="What the registrar held for pieces, and had not given here.")
    ] = None


class ReceiptPath(BaseModel):
    """Which receipt."""

    model_config = ConfigDict(frozen=True)

    receipt: Annotated[
        str,
        Field(
            pattern=r"^[0-9a-z]{26}(\.[0-9]{1,4})?$",
            description="The code on the printed receipt: at random, so that who has it has seen the receipt.",
        ),
    ]
