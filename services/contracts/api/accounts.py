"""Bodies and answers of accounts.

Text is composed (NFC) and freed of outer blanks and of signs that nobody sees before it is measured; limits count
characters. An optional text that is empty counts as not given.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.contracts.api.texts import lined, without_blanks
from services.contracts.languages import Language

Title = Literal["mr", "mrs", "mx"]
StepName = Literal["identity", "address", "baccalaureate"]
HelpName = Literal[
    "validation-mail",
    "password-reset",
    "email-change",
    "sessions-ended",
    "told-apart",
    "account-closed",
    "account-reopened",
]

_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffd]*$"
"""No control characters, no line ends, nothing that turns the direction of the text around, no lost letters."""


# A limit stands before the tidying in these, so that it is one of the text and not of what comes from a function.
Line30 = Annotated[str, Field(max_length=30, pattern=_LINE), lined(30)]
Line38 = Annotated[str, Field(max_length=38, pattern=_LINE), lined(38)]
Line50 = Annotated[str, Field(max_length=50, pattern=_LINE), lined(50)]
Line100 = Annotated[str, Field(max_length=100, pattern=_LINE), lined(100)]
Postcode = Annotated[str, Field(max_length=12, pattern=_LINE), BeforeValidator(without_blanks), lined(12)]
Password = Annotated[str, Field(max_length=1000)]
NewPassword = Annotated[
    str,
    Field(
        max_length=1000,
        description="12 to 128 characters, none of the common ones, nor what others know of the person.",
        # The use case counts characters as every keyboard gives them, and says which rule is broken.
        json_schema_extra={"minLength": 12, "maxLength": 128},
    ),
]
Name = Annotated[
    Line100, Field(description="It holds a letter, of whatever script.", json_schema_extra={"minLength": 1})
]
SingleName = Annotated[bool, Field(description="The person has one name, the family name: no given name is asked.")]
Token = Annotated[str, Field(max_length=200, description="The secret of a link, or a refresh token.")]
Email = Annotated[str, Field(max_length=254, pattern=_LINE), lined(254)]
Country = Annotated[
    str, Field(max_length=2, pattern=_LINE, description="ISO 3166-1 alpha-2.", examples=["FR"]), lined(2)
]
BirthCountry = Annotated[
    Country, Field(description="ISO 3166-1 alpha-2, or ISO 3166-3 of a state that is no more (`YU`, `SU`, `DD`).")
]
Nationality = Annotated[
    Country, Field(description="ISO 3166-1 alpha-2; `XA` stateless, `XB` or `XC` refugee, `XX` not known.")
]
BirthDate = Annotated[
    str,
    Field(
        max_length=10,
        description="10 to 100 years ago: `YYYY-MM-DD`; `YYYY-MM` or `YYYY` where day or month are not known.",
        examples=["2003-05-14", "2003-05", "2003"],
    ),
    lined(10),
]
Phone = Annotated[
    str,
    Field(max_length=40, pattern=_LINE, description="As dialled in France and overseas, or international with +."),
    lined(40),
]
Instant = Annotated[str, Field(description="RFC 3339, UTC.", examples=["2026-11-22T21:49:00.123Z"])]


class Body(BaseModel):
    """What a client sends: unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class View(BaseModel):
    """What a client is answered."""

    model_config = ConfigDict(frozen=True)


# --- registration and links -----------------------------------------------------------------------------------------


class Registration(Body):
    """Who asks for an account; the address is given twice (acceptance 1 to 3)."""

    family_name: Name
    given_name: Name | None = None
    single_name: SingleName = False
    email: Email
    email_confirmation: Email
    language: Annotated[Language | None, Field(description="Of mails; that of the request if absent.")] = None
    registration_ticket: Annotated[
        str | None,
        Field(max_length=200, description="Of who came in by the ENT for the first time; good once, for an hour."),
    ] = None


class Registered(View):
    """The answer to every registration, whether or not the address was known."""

    status: Literal["pending_validation"] = "pending_validation"


class LinkView(View):
    """What a one-time link is and whether it still does what it is for."""

    status: Literal["pending", "expired", "used"]
    purpose: Literal["validation", "password-reset", "email-change"]
    expires_at: Instant
    by_ent: Annotated[
        bool, Field(description="The account was asked for by the ENT: no password needs to be chosen.")
    ] = False


class Validation(Body):
    """The button of a validation link: an account of e-mail sets its password with it.

    One that was asked for by the ENT may have a password, the ENT, or both; without a password it is the ENT alone.
    The link of a change of address needs the token alone, and sets no password.
    """

    token: Token
    password: NewPassword | None = None
    by_ent: Annotated[
        bool,
        Field(
            description="The person knows that who asked for the account by the ENT gets in by it; "
            "a password without this leaves them out."
        ),
    ] = False


DEVICE_HEADER: Final = "Parvis-Device"
"""Of the answer to who has followed a link: what makes the device known, as `device` of a login's answer does."""


class Validated(View):
    """The account, or its new address, is validated."""

    login: Annotated[str, Field(description="The file number.")]


class AddressBody(Body):
    """An address to which a mail is asked."""

    email: Email


class Asked(View):
    """The answer to everybody who asks for a mail, whether or not the address is known."""

    status: Literal["accepted"] = "accepted"


class PasswordReset(Body):
    """The button of a reset link."""

    token: Token
    password: NewPassword


# --- sessions -------------------------------------------------------------------------------------------------------


class Credentials(Body):
    """A file number or an address, and the password."""

    login: Email
    password: Password
    device: Annotated[
        str | None,
        Field(
            max_length=200,
            description="Of an earlier login's answer, or a link's: who has it is not slowed down by strangers.",
        ),
    ] = None


class Refresh(Body):
    """The refresh token of the latest answer; it is good once."""

    refresh_token: Token


class Tokens(View):
    """An access token (RFC 9068) and what gets the next one."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a type, no secret
    expires_in: Annotated[int, Field(description="Seconds.")]
    refresh_token: str
    session_expires_in: Annotated[int, Field(description="Seconds until one logs in anew.")]
    device: Annotated[
        str | None,
        Field(description="At a login: what makes this device known. To be kept, and sent with the next login."),
    ] = None


class SessionView(View):
    """One login."""

    id: str
    created_at: Instant
    used_at: Annotated[str, Field(description="When it was last prolonged; RFC 3339, UTC.")]
    expires_at: Instant
    current: Annotated[bool, Field(description="Whether it is the one that asks.")]


class Sessions(View):
    """All logins of the account, newest first."""

    items: list[SessionView]
    next: None = None


class PasswordChange(Body):
    """Another password for who is logged in and knows the one so far."""

    current_password: Password
    password: NewPassword


# --- account and profile --------------------------------------------------------------------------------------------


class HelpSeen(View):
    """What staff did for the person, who had asked them or who may want to know."""

    what: HelpName
    at: Instant
    reason: Annotated[str | None, Field(description="As they have written it.")] = None


class Me(View):
    """The account of who asks."""

    account: str
    file_number: str
    email: str
    family_name: str
    given_name: str | None
    language: Language
    campaign: str
    state: Literal["pending", "validated"]
    created_at: Instant
    by_ent: Annotated[bool, Field(description="Somebody gets in by the ENT, until a reset link is followed.")] = False
    by_password: Annotated[bool, Field(description="There is a password; else the ENT alone opens the account.")] = True
    new_email: Annotated[
        str | None, Field(description="An address that was asked for, as long as its link may still be followed.")
    ] = None
    helps: Annotated[list[HelpSeen], Field(description="What staff did for them lately, the newest first.")] = []


class Identity(Body):
    """Who the person is, as in the identity document.

    Members that the registrar manages (`locked` of the profile) are absent or unchanged. All others are required that can be
    absent for nobody: title, names (a single name aside), birth date, country and place, nationality.
    """

    title: Title | None = None
    family_name: Name | None = None
    usual_name: Line100 | None = None
    given_name: Name | None = None
    single_name: SingleName = False
    other_given_names: Line100 | None = None
    birth_date: BirthDate | None = None
    birth_country: BirthCountry | None = None
    birth_place: Name | None = None
    nationality: Nationality | None = None
    phone: Phone | None = None
    mobile: Phone | None = None
    national_student_number: Annotated[Line30 | None, Field(description="INE, BEA or NNE.")] = None


class Address(Body):
    """Where the person lives; a French address needs its postcode of five digits."""

    lines: Annotated[list[Line38], Field(min_length=1, max_length=3)]
    postcode: Postcode | None = None
    city: Line50
    country: Country


class Baccalaureate(Body):
    """The one baccalaureate, or what counts as one, or `none`.

    Members that the registrar manages (`locked` of the profile) are absent or unchanged; else the kind is required.
    """

    kind: Literal["bac", "equivalent", "none"] | None = None
    series: Line50 | None = None
    year: Annotated[int | None, Field(description="1900 to the current one.")] = None
    honours: Line30 | None = None
    institution: Line100 | None = None
    country: Country | None = None


class IdentityView(View):
    """The identity as it is kept: phones as E.164, the student number in capitals."""

    title: Title
    family_name: str
    usual_name: str | None = None
    given_name: str | None = None
    single_name: bool = False
    other_given_names: str | None = None
    birth_date: str
    birth_country: str
    birth_place: str
    nationality: str
    phone: str | None = None
    mobile: str | None = None
    national_student_number: str | None = None


class AddressView(View):
    """The address as it is kept."""

    lines: list[str]
    postcode: str | None = None
    city: str
    country: str


class BaccalaureateView(View):
    """The baccalaureate as it is kept."""

    kind: Literal["bac", "equivalent", "none"]
    series: str | None = None
    year: int | None = None
    honours: str | None = None
    institution: str | None = None
    country: str | None = None
