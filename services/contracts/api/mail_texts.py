"""The words of mails, which the institution may write in the place of those that are shipped."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.contracts.api.basics import Body, Instant, View
from services.contracts.api.texts import LINES, one_line_end, tidied
from services.contracts.languages import Language

LONGEST_SUBJECT: Final = 200
LONGEST_BODY: Final = 4000


class MailPath(BaseModel):
    """Which kind of mail, in which language."""

    model_config = ConfigDict(frozen=True)

    kind: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$", description="Which mail, e.g. `application-submitted`.")]
    language: Annotated[Language, Field(description="In which language.")]


class MailTextsBody(Body):
    """The words of a mail."""

    subject: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_SUBJECT,
            pattern=r"^[^\n]*$",
            description="May hold variables that always have a value, of one line, in braces, like `{programme}`.",
        ),
        tidied(LONGEST_SUBJECT),
    ]
    body: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_BODY,
            pattern=LINES,
            description="May hold variables in braces; nothing in it is markup. Empty lines part paragraphs; one with a "
            "variable that has no value is left out. A link stands alone in its paragraph. The signature is added.",
        ),
        tidied(LONGEST_BODY),
        BeforeValidator(one_line_end),
    ]


class MailEntry(View):
    """Words that were in force before."""

    subject: Annotated[str | None, Field(description="Null: those that are shipped.")] = None
    body: str | None = None
    at: Instant
    by: Annotated[str, Field(description="Who had written them, by kind and id.")]


class MailTextsView(View):
    """The words of a mail as they are in force."""

    kind: str
    language: Language
    subject: str
    body: Annotated[
        str,
        Field(description="Of a mail that nobody has written: what is shipped, with all that it may say."),
    ]
    own: Annotated[bool, Field(description="The institution has written them; else they are those that are shipped.")]
    variables: Annotated[list[str], Field(description="What may stand in braces.")]
    sometimes: Annotated[list[str], Field(description="Those of them that not every such mail has a value for.")]
    needed: Annotated[list[str], Field(description="Those of them without which the mail would be of no use.")]
    changed_at: Instant | None = None
    changed_by: Annotated[str | None, Field(description="Kind and id.")] = None
    version: Annotated[int, Field(description="0 as long as nobody has written any.")]
    earlier: Annotated[list[MailEntry], Field(description="What was in force before, the newest first; ten at most.")]


class MailTextsRow(View):
    """A mail in one language, in a list."""

    kind: str
    language: Language
    subject: str
    own: Annotated[bool, Field(description="The institution has written it.")]
    changed_at: Instant | None = None


class MailTextsList(View):
    """All mails whose words can be written, in every language; one that gathers others is made of their variables."""

    items: list[MailTextsRow]


class MailPreview(View):
    """A mail as it would go out, with examples in the place of what it says of people."""

    subject: str
    text: str
    html: str
