"""The public API of the mailer: a person's own messages."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.languages import Language

CURSOR_PATTERN: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z~[A-Za-z0-9._-]{1,200}$"


class MessageQuery(BaseModel):
    """Which page of the messages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[str | None, Field(max_length=230, pattern=CURSOR_PATTERN)] = None


class MessageView(BaseModel):
    """One message as it was written; a one-time link in it is blanked out. It is here even if its mail could not be sent."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Annotated[str, Field(description="What the mail is about, e.g. `application-submitted`.")]
    subject: str
    text: str
    language: Language
    state: Literal["queued", "sending", "sent", "failed", "unknown", "replaced", "erased"]
    created_at: Annotated[str, Field(description="RFC 3339 instant, UTC.")]
    sent_at: Annotated[str | None, Field(description="RFC 3339 instant, UTC.")] = None


class MessagePage(BaseModel):
    """A page of messages, newest first."""

    model_config = ConfigDict(frozen=True)

    items: list[MessageView]
    next: Annotated[str | None, Field(description="Give it as `after` for the next page.")] = None
