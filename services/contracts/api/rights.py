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


ERASURE_PAGE: Final = "/effacement"
"""Where, behind the public address, people see whether a certificate is genuine."""
MAX_CERTIFICATE: Final = 2000
"""Characters of a certificate as it is pasted, inclusive: some four times what one has."""


class ErasureCertificate(Body):
    """A certificate that somebody was shown."""

    certificate: Annotated[str, Field(min_length=1, max_length=MAX_CERTIFICATE, description="As it was mailed.")]


class ErasureCheck(View):
    """What a genuine certificate proves, which names nobody."""

    erased_at: Instant
    campaign: str
    account: Annotated[str, Field(description="Id of the account that is no more.")]


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
