"""The public API of the mailer: a person's own messages, and what staff see of all mails."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import ID_PATTERN
from services.contracts.api.basics import Code
from services.contracts.languages import Language

CURSOR_PATTERN: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z~[A-Za-z0-9._-]{1,200}$"

UNDELIVERED: Final = "undelivered"

DeliveryState = Literal["queued", "sending", "sent", "failed", "unknown", "bounced", "replaced", "erased"]


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
    state: DeliveryState
    created_at: Annotated[str, Field(description="RFC 3339 instant, UTC.")]
    sent_at: Annotated[str | None, Field(description="RFC 3339 instant, UTC.")] = None


class MessagePage(BaseModel):
    """A page of messages, newest first."""

    model_config = ConfigDict(frozen=True)

    items: list[MessageView]
    next: Annotated[str | None, Field(description="Give it as `after` for the next page.")] = None
    unreached: Annotated[
        bool,
        Field(
            description="Mails to one's address come back, by the last of which that can be said; on the first page."
        ),
    ] = False


class DeliveryPath(BaseModel):
    """Which mail."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$", description="The id of a mail.")]


class DeliveryQuery(BaseModel):
    """Which mails, newest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Annotated[str | None, Field(pattern=ID_PATTERN, description="Those to this person.")] = None
    file_number: Annotated[
        str | None, Field(pattern=r"^[0-9A-Za-z-]{8,10}$", description="Those to who has this file number.")
    ] = None
    commission: Annotated[
        Code | None,
        Field(description="Those that tell of files of this commission, by its code; of several, the first."),
    ] = None
    kind: Annotated[
        str | None, Field(pattern=r"^[a-z0-9-]{1,60}$", description="Those of this kind, e.g. `application-submitted`.")
    ] = None
    state: Annotated[
        DeliveryState | Literal["undelivered"] | None,
        Field(description="Those in this state; `undelivered`: failed, bounced or unknown, which wait for a person."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 50
    after: Annotated[
        str | None, Field(max_length=230, pattern=CURSOR_PATTERN, description="The `next` of the page before.")
    ] = None


class DeliveryFile(BaseModel):
    """A file that a mail tells of."""

    model_config = ConfigDict(frozen=True)

    application: str
    programme: Annotated[str, Field(description="Code of its programme.")]


class DeliveryReturn(BaseModel):
    """What another server has said of a mail that it was to deliver."""

    model_config = ConfigDict(frozen=True)

    at: Annotated[str, Field(description="When it was read; RFC 3339 instant, UTC.")]
    result: Annotated[
        Literal["hard", "soft", "delayed"],
        Field(description="`hard`: the address takes no mail; `soft`: it may again; `delayed`: it is still tried."),
    ]
    status: Annotated[str | None, Field(description="RFC 3463, where the server says one.", examples=["5.1.1"])] = None


class DeliveryView(BaseModel):
    """One mail as staff see it: to whom it went and what became of it, without its words."""

    model_config = ConfigDict(frozen=True)

    id: str
    account: str
    file_number: Annotated[str | None, Field(description="Null of who is not known here, or gone.")] = None
    kind: Annotated[str, Field(description="What the mail is about, e.g. `application-submitted`.")]
    subject: Annotated[str | None, Field(description="Null once the person is gone.")] = None
    language: Language
    address: Annotated[str | None, Field(description="Where it goes; null once the person is gone.")] = None
    state: DeliveryState
    reason: Annotated[
        str | None,
        Field(
            description="Why it will not be tried by itself: `refused`, `not-composed`, `gave-up`, `unknown`, "
            "`account-closed` (withheld) or `bounced` (another server returned it)."
        ),
    ] = None
    attempts: Annotated[int, Field(description="How often it was tried.")]
    created_at: Annotated[str, Field(description="RFC 3339 instant, UTC; of one that was tried again, when that was.")]
    due_at: Annotated[str | None, Field(description="When it is tried next; RFC 3339 instant, UTC.")] = None
    ended_at: Annotated[str | None, Field(description="When it came to its end; RFC 3339 instant, UTC.")] = None
    returns: Annotated[
        list[DeliveryReturn], Field(max_length=20, description="What other servers have said of it, the first first.")
    ] = []
    retried_by: Annotated[str | None, Field(description="Who had it tried again last, by kind and id.")] = None
    files: Annotated[
        list[DeliveryFile], Field(description="Of which files it tells, as far as one reaches; none of older mails.")
    ] = []


class DeliveryPage(BaseModel):
    """A page of mails, newest first."""

    model_config = ConfigDict(frozen=True)

    items: list[DeliveryView]
    next: Annotated[str | None, Field(description="Give it as `after` for the next page.")] = None
