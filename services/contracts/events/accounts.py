"""Events of accounts. Public ones name nobody; internal ones carry what the mailer and applications must copy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.events.catalogue import Audience, Event, Part
from services.contracts.languages import Language


class AccountRegistered(Event, type="accounts.account.registered.v1", key="account"):
    """An account came into being, not yet validated."""

    account: str
    campaign: str


class AccountValidated(Event, type="accounts.account.validated.v1", key="account"):
    """The person opened the link and pressed the button in time."""

    account: str
    campaign: str


class AccountExpired(Event, type="accounts.account.expired.v1", key="account"):
    """An account never validated was removed after its deadline; its address is free again."""

    account: str
    campaign: str


class ErasureAnnounced(Event, type="accounts.erasure.announced.v1", key="account", audience=Audience.INTERNAL):
    """A mail is to say that the account and all that belongs to it are erased on a `day`, `YYYY-MM-DD`, and not before.

    The campaign is long over. The last one that was told counts: its day may be a later one than was said before.
    """

    account: str
    campaign: str
    day: Annotated[str, Field(examples=["2029-05-02"])]


class AccountErased(Event, type="accounts.account.erased.v1", key="account"):
    """The person's data are to be erased everywhere."""

    account: str
    campaign: str


class ProfileCompleted(Event, type="accounts.profile.completed.v1", key="account"):
    """The three required steps have been given for the first time."""

    account: str
    campaign: str


class AddressChanged(Event, type="accounts.address.changed.v1", key="account", audience=Audience.INTERNAL):
    """The mailer's directory: where and how to write to a person."""

    account: str
    file_number: str
    email: str
    family_name: str
    given_name: str
    language: Language


class LinkIssued(Event, type="accounts.link.issued.v1", key="account", audience=Audience.INTERNAL):
    """A mail with a one-time link is to be written; carries its own address because a directory may lag behind.

    Names are there only where the address is proved to be theirs, so that no stranger's text reaches anybody.
    `kind` is the kind of mail: account-created (validation link), link-resent, account-exists (somebody registered
    again with a known address: no validation, the login and a reset link), identifiers-forgotten, email-changed.
    `token` is the secret of the link, sealed for the mailer alone (0.1.0 told it in clear); `path` is the portal's path that
    takes `?token=`; `expires_at` an RFC 3339 instant.
    """

    account: str
    kind: Literal["account-created", "link-resent", "account-exists", "identifiers-forgotten", "email-changed"]
    email: str
    given_name: str
    family_name: str
    file_number: str
    language: Language
    path: str
    token: str
    expires_at: str


class NoticeIssued(Event, type="accounts.notice.issued.v1", key="account", audience=Audience.INTERNAL):
    """A mail is to say what was done with an account.

    `kind` is the kind of mail: email-change-asked and email-change-done (both to the old address), password-changed,
    account-closed where its person goes on with another one, account-reopened where not any more, and email-taken to an
    address that somebody wanted for the account while another one has it: then no names are here.
    account-erased is the last mail, with the signed `certificate` of it; who comes to hear of it late finds nobody named.
    """

    account: str
    kind: Literal[
        "email-change-asked",
        "email-change-done",
        "email-taken",
        "password-changed",
        "account-closed",
        "account-reopened",
        "account-erased",
    ]
    email: str
    given_name: str
    family_name: str
    file_number: str
    language: Language
    certificate: str | None = None


class SecondFactorChanged(Event, type="accounts.second_factor.changed.v1", key="account", audience=Audience.INTERNAL):
    """A mail is to say what was done with the second factor of a member of staff, who may not have done it.

    `what`: a device that shows codes was set up, was reset by an administrator, or a recovery code was used in its place, of
    which `recovery_codes_left` remain; as many wrong codes were shown as may be; or another login of the ENT, or none, comes
    in as them from now on (`ent-appointed`: the first, before anything else did).
    """

    account: str
    what: Literal["set", "reset", "recovery-used", "codes-used-up", "ent-changed", "ent-appointed"]
    email: str
    given_name: str
    family_name: str
    file_number: str
    language: Language
    recovery_codes_left: int


class ClosingChanged(Event, type="accounts.closing.changed.v1", key="account", audience=Audience.INTERNAL):
    """An account is closed since `closed_at`, as its person goes on with the account `kept`; without both it is open again.

    What belongs to it stays as it is. The last one that was told counts.
    """

    account: str
    campaign: str
    kept: str | None = None
    closed_at: str | None = None


class SessionRevoked(Event, type="accounts.session.revoked.v1", key="account", audience=Audience.INTERNAL):
    """Access tokens are not to be taken any more though they have not expired.

    Those of `session`, or without one all of the account whose `epoch` is less than this one (a password was reset, the
    grants of staff are others). `holder` is what the tokens call who holds the account.
    """

    account: str
    session: str | None = None
    epoch: int = 0
    holder: Literal["account", "staff"] = "account"


class GrantPart(Part):
    """A role of staff, for some centres and commissions or all, from one day until the end of another where there is one."""

    role: str
    centres: list[str] | None = None
    commissions: list[str] | None = None
    until: str | None = None
    since: str | None = None


class StaffInvited(Event, type="accounts.staff.invited.v1", key="account", audience=Audience.INTERNAL):
    """A mail with a one-time link is to be written to a member of staff, who sets a password by it; as in LinkIssued."""

    account: str
    email: str
    given_name: str
    family_name: str
    file_number: str
    language: Language
    path: str
    token: str
    expires_at: str


class StaffChanged(Event, type="accounts.staff.changed.v1", key="account", audience=Audience.INTERNAL):
    """What a member of staff may do now, what colleagues know them by (a name, or the address of their work), and where to
    write to them."""

    account: str
    known_as: str | None = None
    email: str | None = None
    grants: Annotated[list[GrantPart], Field(examples=[[{"role": "manager", "centres": ["SEE"]}]])]


class IdentityPart(Part):
    """Who the person is: countries are codes, phones E.164, the birth date `YYYY-MM-DD`, `YYYY-MM` or `YYYY`."""

    title: str
    family_name: str
    birth_date: str
    birth_country: str
    birth_place: str
    nationality: str
    given_name: str | None = None
    usual_name: str | None = None
    other_given_names: str | None = None
    phone: str | None = None
    mobile: str | None = None
    national_student_number: str | None = None


class AddressPart(Part):
    """Where the person lives."""

    lines: list[str]
    city: str
    country: str
    postcode: str | None = None


class BaccalaureatePart(Part):
    """The baccalaureate, or what counts as one, or none."""

    kind: str
    series: str | None = None
    year: int | None = None
    honours: str | None = None
    institution: str | None = None
    country: str | None = None


class ExternalStudiesPart(Part):
    """A year or a diploma at another institution."""

    year: int
    diploma_label: str
    obtained: str
    institution: str | None = None
    country: str | None = None
    honours: str | None = None


class InternshipPart(Part):
    """A work placement."""

    year: int
    duration: str
    organisation: str
    description: str
    title: str | None = None


class WorkExperiencePart(Part):
    """A job."""

    year: int
    title: str
    duration: str
    organisation: str
    description: str | None = None


class InternalStudiesPart(Part):
    """A year or a diploma at this university, as the registrar writes it."""

    year: int
    label: str
    code: str | None = None
    grade: str | None = None
    result: str | None = None
    honours: str | None = None


class StepsPart(Part):
    """The profile by its steps; one that was not given is absent."""

    identity: IdentityPart | None = None
    address: AddressPart | None = None
    baccalaureate: BaccalaureatePart | None = None


class RowsPart(Part):
    """The optional steps of the profile; one without rows is absent."""

    external_studies: list[ExternalStudiesPart] | None = None
    internships: list[InternshipPart] | None = None
    work_experience: list[WorkExperiencePart] | None = None
    internal_record: list[InternalStudiesPart] | None = None


class HeldDocumentPart(Part):
    """A document that the registrar holds of somebody: its code, and calendar days, the last on which it counts included.

    `file` is where its bytes are, if they are to be had: the student number, a slash, and their name there.
    """

    code: str
    label: str
    on: str | None = None
    expires_on: str | None = None
    file: str | None = None


class CardChanged(Event, type="accounts.card.changed.v1", key="account", audience=Audience.INTERNAL):
    """The candidate's card that applications copies: which required steps are missing, and the profile as it stands.

    `missing` keeps the order of the steps; `version` grows with every change of the profile. `held` are the documents
    that the registrar holds of this person, in place of all that were told before; absent for none.
    """

    account: str
    campaign: str
    file_number: str
    version: int
    missing: list[Literal["identity", "address", "baccalaureate"]]
    steps: StepsPart
    rows: RowsPart | None = None
    held: list[HeldDocumentPart] | None = None
