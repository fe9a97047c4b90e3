"""The words of mails, which the institution may write in the place of those that are shipped."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.contracts.api.basics import Body, Code, Instant, View
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


class MailPreviewBody(MailTextsBody):
    """The words of a mail, and of which file they are to be read."""

    file_number: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9A-Za-z-]{8,10}$",
            description="With the values of a file of this person, within one's scope as a manager; null: of examples.",
        ),
    ] = None
    programme: Annotated[
        Code | None, Field(description="Of which of their files; null: the one that was written about last.")
    ] = None


class MailPreviewFile(View):
    """The file whose values stand in a mail."""

    application: str
    programme: Annotated[str, Field(description="Code of its programme.")]


class MailPreview(View):
    """A mail as it would go out, with examples in the place of what is not known of anybody."""

    subject: str
    text: str
    html: str
    examples: Annotated[list[str], Field(description="Variables that stand in it as an example.")]
    file: Annotated[MailPreviewFile | None, Field(description="Null: of examples alone.")] = None
    programmes: Annotated[list[str], Field(description="Codes of the programmes of that person to choose from.")]


class MailTest(View):
    """A test that was sent to who asked for it."""

    subject: str
    address: Annotated[str, Field(description="One's own.")]
    left: Annotated[int, Field(description="How many more one may send within the hour.")]
