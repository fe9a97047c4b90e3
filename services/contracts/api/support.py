"""What support looks up and does for people: bodies and answers. Nothing secret is in any answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.contracts.actors import ID_PATTERN
from services.contracts.api.accounts import Body, Email, HelpName, Instant, StepName, View
from services.contracts.api.texts import LINES, one_line_end, tidied
from services.contracts.languages import Language

Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=LINES), tidied(500), BeforeValidator(one_line_end)]


class PersonPath(BaseModel):
    """An account in a path."""

    id: Annotated[str, Field(pattern=ID_PATTERN)]


class PeopleQuery(BaseModel):
    """Whom one looks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[
        str,
        Field(
            min_length=2,
            max_length=254,
            pattern=LINES,
            description="How a file number (four signs of it at least), a family name, a given name or an address begins, "
            "whatever the case and the accents; both names may follow each other, in either order.",
        ),
    ]
    limit: Annotated[
        int, Field(ge=1, le=50, description="How many at most; a page may have fewer, and be not the last.")
    ] = 25
    after: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9_.-]{1,2400}$", description="The `next` of the page before.")
    ] = None


class PersonEmailChange(Body):
    """Another address for a person who cannot ask for it, and why; given twice, as at a registration."""

    email: Email
    email_confirmation: Email
    reason: Annotated[Reason, Field(description="How one knows that it is theirs. The person sees it.")]


class PersonRow(View):
    """Somebody who was found."""

    account: str
    file_number: str
    email: str
    family_name: str
    given_name: str | None = None
    birth_date: Annotated[str | None, Field(description="`YYYY-MM-DD`, `YYYY-MM` or `YYYY`.")] = None
    campaign: Annotated[str, Field(description="Empty of staff.")]
    state: Annotated[Literal["pending", "validated"], Field(description="Whether the address is proved.")]
    staff: Annotated[bool, Field(description="A member of staff, whom administrators alone find.")] = False
    closed: Annotated[bool, Field(description="Whether its person goes on with another account.")] = False


class People(View):
    """A page of those who were found: by number, then by family name, by given name, by address."""

    items: list[PersonRow]
    next: str | None = None


class HelpView(View):
    """What staff did for a person."""

    what: HelpName
    at: Instant
    actor: Annotated[str, Field(description="Kind and opaque id of who did it.")]
    email: Annotated[str | None, Field(description="Of a member of staff who is there still.")] = None
    reason: str | None = None


class PersonView(PersonRow):
    """A person as support sees them."""

    language: Language
    created_at: Instant
    campaign_over: Annotated[
        bool, Field(description="Another campaign has followed: nobody logs in, and nothing is done for them.")
    ] = False
    validate_until: Annotated[Instant | None, Field(description="Until when the mailed link is good.")] = None
    by_ent: Annotated[bool, Field(description="Somebody gets in by the ENT.")] = False
    by_password: Annotated[bool, Field(description="There is a password.")] = False
    new_email: Annotated[str | None, Field(description="An address that was asked for and is not proved yet.")] = None
    new_email_until: Instant | None = None
    sessions: Annotated[int, Field(description="How many logins are open.")]
    last_seen_at: Annotated[Instant | None, Field(description="When an open login was last used.")] = None
    missing: Annotated[list[StepName], Field(description="Required steps of the profile that were not given.")]
    closed_at: Annotated[Instant | None, Field(description="Since when it is closed for another one of theirs.")] = None
    helps: Annotated[list[HelpView], Field(description="What staff did, the newest first; the last 20 of each kind.")]
