"""The words of letters, which the institution and its centres may write in the place of those that are shipped."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.contracts.api.basics import Body, Instant, View
from services.contracts.api.decisions import LetterName
from services.contracts.api.offers import Code
from services.contracts.api.texts import LINES, one_line_end, tidied

LONGEST_TITLE: Final = 200
LONGEST_BODY: Final = 4000
LONGEST_SIGNATORY: Final = 300

_ABOUT: Final = "May hold variables in braces, like `{name}`; nothing in it is markup."


class LetterPath(BaseModel):
    """Which letter, in which language."""

    model_config = ConfigDict(frozen=True)

    kind: Annotated[LetterName, Field(description="Which letter.")]
    language: Annotated[Literal["fr", "en"], Field(description="In which language.")]


class LetterOwner(BaseModel):
    """Whose letters it is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    centre: Annotated[
        Code | None,
        Field(
            description="Those of the programmes of this centre; absent: those of all centres without words of their own."
        ),
    ] = None


class LetterTextsBody(Body):
    """The words of a letter."""

    title: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_TITLE, pattern=r"^\s*[^\n]*\s*$", description=_ABOUT),
        tidied(LONGEST_TITLE),
    ]
    body: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_BODY,
            pattern=LINES,
            description=f"{_ABOUT} Empty lines part paragraphs; one with a variable that has no value is left out.",
        ),
        tidied(LONGEST_BODY),
        BeforeValidator(one_line_end),
    ]
    signatory: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_SIGNATORY, pattern=LINES, description=_ABOUT),
        tidied(LONGEST_SIGNATORY),
        BeforeValidator(one_line_end),
    ]


class LetterTextsView(View):
    """The words of a letter as they are in force."""

    kind: LetterName
    language: Literal["fr", "en"]
    title: str
    body: str
    signatory: str
    centre: Annotated[str | None, Field(description="Of which centre's letters; absent: of all.")] = None
    own: Annotated[
        bool, Field(description="They were written for just these letters; else `level` says whose they are.")
    ]
    level: Annotated[
        Literal["centre", "institution", "shipped"],
        Field(description="Whose words count; of a release that does not say `shipped`, whose `own` says more."),
    ] = "shipped"
    variables: Annotated[list[str], Field(description="What may stand in braces.")]
    changed_at: Instant | None = None
    changed_by: Annotated[str | None, Field(description="Kind and id.")] = None
    version: Annotated[int, Field(description="0 as long as nobody has written any.")]


class LetterTextsList(View):
    """The words of all letters."""

    items: list[LetterTextsView]
    centres: Annotated[
        list[str],
        Field(
            default_factory=list,
            description="Codes of the centres with words of their own; told with the institution's alone.",
        ),
    ]
