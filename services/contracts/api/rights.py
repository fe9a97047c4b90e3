"""Bodies and answers of what a person may ask of their account: another address, all data, to be forgotten."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from services.contracts.api.accounts import Body, Email, Instant, Me, Password, SessionView, View
from services.contracts.api.profile import ProfileView


class EmailChange(Body):
    """Another address for who is logged in; given twice, as at a registration."""

    email: Email
    email_confirmation: Email
    password: Annotated[
        Password | None, Field(description="The present one; absent where the ENT alone opens the account.")
    ] = None


ERASURE_CERTIFICATE: Final = "parvis-erasure+jwt"


class Erasure(Body):
    """Who wants to be forgotten."""

    password: Annotated[
        Password | None, Field(description="The present one; absent where the ENT alone opens the account.")
    ] = None


class Erased(View):
    """The account is no more; the other services follow within the minute."""

    erased_at: Instant
    certificate: Annotated[
        str,
        Field(
            description=f"Signed (JWS, EdDSA, typ `{ERASURE_CERTIFICATE}`); `sub` is the account, and nobody is named."
        ),
    ]


class DraftExport(View):
    """What was typed into a step of the profile, and not given yet."""

    step: str
    values: dict[str, str]
    saved_at: Instant


class Export(View):
    """All that accounts has of a person; the other services have calls of their own for what they have."""

    exported_at: Instant
    account: Me
    profile: ProfileView
    drafts: list[DraftExport]
    sessions: list[SessionView]
