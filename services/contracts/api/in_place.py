"""What staff ask of a file in its candidate's place; each of them says why, and the candidate reads it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.contracts.api.applications import LONGEST_ANSWER, ApplicationView, DepositPiece
from services.contracts.api.basics import Body, View
from services.contracts.api.texts import LINES, one_line_end, tidied

LONGEST_REASON: Final = 200
"""Characters of why somebody acts in a candidate's place."""

Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_REASON,
        pattern=LINES,
        description="Why it is done in the candidate's place, and on which grounds: a form signed at the desk, a letter. "
        "The candidate reads it; it stands in the history, and of a submission in the signed receipt.",
        examples=["Form signed at the desk"],
    ),
    tidied(LONGEST_REASON),
    BeforeValidator(one_line_end),
]


class InPlace(Body):
    """Why it is done."""

    reason: Reason


class DepositInPlace(DepositPiece):
    """Which document to put into the piece, and why."""

    reason: Reason


class DeclareInPlace(InPlace):
    """Whether the candidate says that a conditional piece does not apply to them, and why staff say it."""

    not_applicable: bool


class AnswerInPlace(InPlace):
    """What the candidate answers to a question, and why staff say it."""

    answer: Annotated[
        str | None,
        Field(
            max_length=LONGEST_ANSWER,
            pattern=LINES,
            description="As the candidate's own; null leaves the question unanswered again.",
        ),
        tidied(LONGEST_ANSWER),
        BeforeValidator(one_line_end),
    ]


class Whose(BaseModel):
    """Whose files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Annotated[
        str | None,
        Field(min_length=1, max_length=64, pattern=r"^[!-~]+$", description="The account of the candidate."),
    ] = None
    file_number: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=30,
            description="Or the number of the candidate, however it is typed; nothing of one that nobody has.",
        ),
    ] = None


class FileToFillIn(View):
    """A file that can be filled in."""

    id: str
    title: Annotated[str, Field(description="What its programme is called.")]


class FilesToFillIn(View):
    """A person's files that can be filled in, the one opened last first."""

    items: list[FileToFillIn]


class FileInPlace(View):
    """Whose file it is, and the file as its candidate sees it."""

    account: str
    file_number: str
    family_name: Annotated[str | None, Field(description="The candidate's, as the profile has it now.")] = None
    given_name: Annotated[str | None, Field(description="As the family name.")] = None
    application: ApplicationView
