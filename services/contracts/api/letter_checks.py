"""Whether a printed letter is genuine, for whoever holds it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Body, View
from services.contracts.api.texts import tidied

LETTER_PAGE: Final = "/lettre"
"""Where, behind the public address, people see whether a letter is genuine; its code follows."""
LONGEST_NAME: Final = 300


class LetterCode(BaseModel):
    """Which letter."""

    model_config = ConfigDict(frozen=True)

    code: Annotated[
        str,
        Field(
            pattern="^[0-9a-z]{26}$",
            description="The code on the letter: nobody finds it by trying. Who has it has seen the letter, or knows the "
            "ids of which it is made, as staff do.",
        ),
    ]


class LetterFact(View):
    """One line of a letter."""

    label: str
    text: str


class LetterCheck(View):
    """That a letter was made here, and what it says. It names nobody but by the file number."""

    standing: Annotated[
        Literal["genuine", "replaced"],
        Field(description="`replaced`: genuine, and no longer what counts of this application."),
    ]
    language: Annotated[str, Field(description="In which the letter, and thus `facts`, is written.")]
    facts: Annotated[list[LetterFact], Field(description="As the paper says them, conditions among them.")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Digest of the PDF as it was first made.")]
    names: Annotated[bool, Field(description="Whether it names somebody, so that a name can be compared.")]


class LetterNameBody(Body):
    """The name that stands on a paper."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), tidied(LONGEST_NAME)]


class LetterNameCheck(View):
    """Whether that is the name for which the letter was made; which one that is, is told to nobody."""

    agrees: bool
