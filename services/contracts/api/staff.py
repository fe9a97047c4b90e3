"""Who of the university may do what: bodies and answers. Days are of the institution's zone, both ends included."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import Role
from services.contracts.api.accounts import Body, Email, Instant, View
from services.contracts.api.offers import Code
from services.contracts.languages import Language

MAX_GRANTS: Final = 200
MAX_CODES: Final = 200

Day = Annotated[str, Field(description="`YYYY-MM-DD`.", examples=["2027-08-31"])]
Codes = Annotated[list[Code], Field(min_length=1, max_length=MAX_CODES)]

# --- asked ------------------------------------------------------------------------------------------------------


class StaffPage(BaseModel):
    """Which page of the members of staff."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 50
    after: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9_-]{1,400}$", description="The `next` of the page before.")
    ] = None


class GrantGiven(Body):
    """A role, for some centres and commissions or for all, for some days or for good."""

    role: Role
    centres: Annotated[Codes | None, Field(description="Absent: all.")] = None
    commissions: Annotated[Codes | None, Field(description="Absent: all.")] = None
    valid_from: Annotated[date | None, Field(description="The first day; one to come, or today.")] = None
    valid_until: Annotated[date | None, Field(description="The last day; not past, nor before the first.")] = None


class Rights(Body):
    """All that somebody may do from now on: what is not in it is taken away."""

    email: Annotated[Email, Field(description="The address of that very person: nobody is taken for another.")]
    grants: Annotated[list[GrantGiven], Field(min_length=1, max_length=MAX_GRANTS)]
    language: Annotated[Language | None, Field(description="Of mails to who is new; else that of the request.")] = None


class StaffInvitation(Body):
    """Somebody from elsewhere who sits on commissions, until a day."""

    email: Email
    commissions: Codes
    valid_until: Annotated[date, Field(description="The last day, not past.")]
    language: Annotated[Language | None, Field(description="Of mails to who is new; else that of the request.")] = None


class EntLogin(Body):
    """Who at the ENT comes in as this member of staff, without any further proof."""

    ent_login: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=255,
            pattern=r"^[^\x00-\x20\x7f-\x9f]+$",
            examples=["kmartin"],
            description="The login there (CAS), or the `sub` (OpenID Connect); `null` for nobody.",
        ),
    ]


# --- shown ------------------------------------------------------------------------------------------------------


class GiverView(View):
    """Who gave a right."""

    actor: Annotated[str, Field(description="Kind and opaque id; `operator` is whoever gave it at the machine.")]
    email: Annotated[str | None, Field(description="Of a member of staff who is there still.")] = None


class GrantView(View):
    """A right as it stands."""

    role: Role
    centres: list[str] | None = None
    commissions: list[str] | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    in_force: Annotated[bool, Field(description="Today.")]
    given_at: Annotated[Instant | None, Field(description="Absent where an earlier release gave it.")] = None
    given_by: GiverView | None = None


class StaffView(View):
    """A member of staff."""

    account: str
    login: Annotated[str, Field(description="By which they log in, as by their address.")]
    email: str
    state: Annotated[Literal["invited", "active"], Field(description="`invited` until they have set a password.")]
    invited_until: Annotated[Instant | None, Field(description="Until when the mailed link is good.")] = None
    grants: list[GrantView]
    by_ent: Annotated[bool, Field(description="Somebody at the ENT comes in as them.")] = False
    ent_login: Annotated[str | None, Field(description="The login there.")] = None
    second_factor: Annotated[bool, Field(description="They show a code of a device beside their password.")] = False
    version: Annotated[int, Field(description="Of their rights; the entity tag.")]


class StaffList(View):
    """A page of the members of staff, in the order of their addresses."""

    items: list[StaffView]
    next: str | None = None
