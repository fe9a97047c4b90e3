"""Bodies and answers of coming in by the ENT."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.accounts import Body, View


class EntOffer(View):
    """Whether students of the university come in by its ENT."""

    offered: bool


class EntGoing(BaseModel):
    """Where one goes on to after logging in at the ENT: a page of the suite."""

    model_config = ConfigDict(extra="forbid")

    next: Annotated[str, Field(max_length=200, pattern=r"^/([\x21-\x2e\x30-\x5b\x5d-\x7e][\x21-\x5b\x5d-\x7e]*)?$")] = (
        "/"
    )
    side: Annotated[
        Literal["candidate"] | None,
        Field(description="Come in as a candidate, who may be a member of staff too; else staff come in as staff."),
    ] = None


class EntWay(View):
    """Where a browser is to be sent, and the state with which it comes back; the state is to be kept in that browser."""

    url: str
    state: str


class EntReturn(Body):
    """What a browser brought back: the state that was kept for it, and a ticket (CAS) or code (OpenID Connect)."""

    state: Annotated[str, Field(max_length=500)]
    ticket: Annotated[str | None, Field(max_length=300)] = None
    code: Annotated[str | None, Field(max_length=1100)] = None


class EntPrefill(View):
    """What the ENT says of somebody, to fill the form of registration with; empty where it says nothing of use."""

    family_name: str
    given_name: str
    email: str
    student_number: str | None


class EntEntry(View):
    """A session, as a login gives it, or for who has no account yet what a registration begins with.

    `pending`: somebody of this identity has registered, and not followed the link in the mail. `next` is where to go on.
    """

    next: str
    access_token: str | None = None
    token_type: Literal["Bearer"] | None = None
    expires_in: Annotated[int | None, Field(description="Seconds.")] = None
    refresh_token: str | None = None
    session_expires_in: Annotated[int | None, Field(description="Seconds until one logs in anew.")] = None
    registration_ticket: str | None = None
    prefill: EntPrefill | None = None
    pending: bool = False


class EntNotice(Body):
    """The ENT's notice that somebody has logged out there: a SAML logout request (CAS) or a logout token."""

    notice: Annotated[str, Field(max_length=8192)]
