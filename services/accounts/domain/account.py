"""An account: its life from registration to validation, its one-time links, its profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.accounts.domain import links
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.closing import Closing
from services.accounts.domain.erasure_notices import ErasureNotice
from services.accounts.domain.events import (
    AddressChanged,
    CardChanged,
    DomainEvent,
    Erased,
    Expired,
    Farewell,
    LinkIssued,
    MailKind,
    NoticeDue,
    ProfileCompleted,
    Registered,
    SessionsEnded,
    Validated,
)
from services.accounts.domain.factors import Enrolment, SecondFactor
from services.accounts.domain.grants import Grant
from services.accounts.domain.helps import Help
from services.accounts.domain.links import PATHS, Link, Purpose
from services.accounts.domain.pacing import may_be_sent, sent
from services.accounts.domain.profile import Profile, Step, missing, plain
from services.accounts.domain.states import GONE, TABLE, Action, State
from services.accounts.domain.text import folded
from services.contracts.refusals import NOT_FOUND, STALE_VERSION
from services.contracts.refusals.accounts import ACCOUNT_NOT_VALIDATED, ALREADY_VALIDATED, LINK_EXPIRED, LINK_USED

Language = str
"""A language by its code (ISO 639-1)."""
Changed = tuple["Account", tuple[DomainEvent, ...]]


@dataclass(frozen=True, slots=True)
class Person:
    """Who registers, as typed and checked; who has one name alone bears it as family name."""

    family_name: str
    given_name: str
    email: str
    language: Language


@dataclass(frozen=True, slots=True)
class EntIdentity:
    """Somebody whom the ENT knows: its name for them, and their student number where it has one."""

    subject: str
    student_number: str = ""


@dataclass(frozen=True, slots=True)
class EmailChange:
    """Another address that the person has asked for, in force once a link mailed there is followed before `expires_at`."""

    email: str
    asked_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """The identity of one person for one campaign.

    `deadline` is when the latest validation link ends; `password` an argon2id hash; `epoch` grows when all sessions end;
    `asked` holds, per kind of mail, when it was last sent because somebody asked; per purpose, what `MAILS` remembers.
    `email_change` is the latest one asked for that nothing has come of yet.
    `helps` is what staff did for the person lately, the oldest first.
    `closed`: its person goes on with another one.
    `farewell`: what was told of it, which is a last mail too, is not rewritten before it is published.
    `second_factor` is asked for beside the password, `enrolment` is one that is not yet.
    `erasure_notice` is what the person was told last of the end of retention.
    `ent` is who at the ENT asked for it; once who reads its mail has agreed, they get in by the ENT.
    """

    campaign: str
    file_number: str
    person: Person
    state: State
    created_at: datetime
    deadline: datetime
    links: tuple[Link, ...] = ()
    password: str = ""
    epoch: int = 0
    asked: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    profile: Profile = field(default_factory=Profile)
    ent: EntIdentity | None = None
    grants: tuple[Grant, ...] = ()
    email_change: EmailChange | None = None
    second_factor: SecondFactor | None = None
    enrolment: Enrolment | None = None
    farewell: bool = False
    helps: tuple[Help, ...] = ()
    closed: Closing | None = None
    erasure_notice: ErasureNotice | None = None

    @property
    def is_staff(self) -> bool:
        """Whether it is of somebody of the university, and of no campaign."""
        return self.campaign == NO_CAMPAIGN

    @property
    def is_by_ent_alone(self) -> bool:
        """Whether it is of staff whom the ENT alone lets in: nobody has proved its address, which opens nothing then."""
        return self.is_staff and self.ent is not None and not self.password

    @property
    def address(self) -> str:
        """The address by which people are told apart."""
        return folded(self.person.email)

    def has_lapsed(self, now: datetime) -> bool:
        """Whether it was not validated in time: then its address is free, whether or not it was cleaned up."""
        return self.state in GONE or (self.state is State.PENDING and now >= self.deadline)

    def end_of_reset(self, ends: datetime) -> datetime:
        """A reset link outlives no account that waits to be validated."""
        return min(ends, self.deadline) if self.state is State.PENDING else ends

    def waits_for(self, ent: EntIdentity) -> bool:
        """Whether these very people asked for it by the ENT, and have not followed its link."""
        return self.state is State.PENDING and self.ent is not None and self.ent.subject == ent.subject

    def allows(self, action: Action) -> bool:
        """Whether the table of states has it."""
        return (self.state, action) in TABLE


# --- registration ---------------------------------------------------------------------------------------------------


def register(
    person: Person,
    campaign: str,
    file_number: str,
    token: str,
    *,
    now: datetime,
    good_for: timedelta,
    ent: EntIdentity | None = None,
) -> Changed:
    """A new account that waits for its validation link, good for `good_for` (acceptance 1, 11)."""
    link = Link(links.digest(token), "validation", now + good_for)
    account = Account(campaign, file_number, person, State.PENDING, now, link.expires_at, (link,), ent=ent)
    return account, (Registered(), AddressChanged(), _issued("account-created", link, token))


def tell_that_it_exists(account: Account, token: str, *, now: datetime, good_for: timedelta) -> Changed:
    """Somebody registered again with this address: one mail with the login and a reset link (acceptance 4)."""
    return _send_reset(account, "account-exists", token, now, good_for)


def expire(account: Account) -> Changed:
    """End an account that was never validated: nothing personal stays, the address is free (acceptance 9)."""
    return (_emptied(account, State.EXPIRED), (Expired(),)) if account.allows(Action.EXPIRE) else (account, ())


def erase(account: Account, certificate: str = "") -> Changed:
    """Forget the person: nothing personal stays, the address is free, every service is told (acceptance 21).

    With a `certificate` it is sent to them, by a last mail.
    """
    if not account.allows(Action.ERASE):
        return account, ()
    erased = replace(_emptied(account, State.ERASED), epoch=account.epoch + 1, farewell=bool(certificate))
    person = account.person
    last = Farewell(person.email, person.given_name, person.family_name, account.file_number, certificate)
    return erased, (*((last,) if certificate else ()), Erased(), SessionsEnded())


# --- links ------------------------------------------------------------------------------------------------------------


def renew_link(account: Account, token: str, *, now: datetime, good_for: timedelta) -> Changed:
    """A new validation link beside the old ones, which stay good until one is used: anybody may ask (acceptance 7)."""
    if not account.allows(Action.RENEW_LINK) or not may_be_sent(account.asked, "link-resent", "validation", now):
        return account, ()
    link = Link(links.digest(token), "validation", now + good_for)
    renewed = replace(
        account,
        links=links.added(account.links, link, now),
        deadline=max(account.deadline, link.expires_at),
        asked=sent(account.asked, "link-resent", "validation", now),
    )
    return renewed, (_issued("link-resent", link, token),)


def send_login(account: Account, token: str, *, now: datetime, good_for: timedelta) -> Changed:
    """The identifiers were forgotten: one mail with the login and a reset link (acceptance 13)."""
    return _send_reset(account, "identifiers-forgotten", token, now, good_for)


def validate(account: Account, digest: str, password: str, *, now: datetime, by_ent: bool = False) -> Changed:
    """Follow a validation link: the address is proved and the password set; `password` is a hash.

    `by_ent`: the person knows that the ENT opens the account; if not, whoever asked for it there is left out. Where it
    does, the hash may be empty: no password opens the account then.

    Raises NOT_FOUND for a link that is not this account's, LINK_EXPIRED (acceptance 7), ALREADY_VALIDATED (acceptance 8).
    """
    check_link(account, digest, "validation", now)
    validated = replace(
        account,
        state=TABLE[account.state, Action.VALIDATE],
        password=password,
        links=links.closed(account.links, "validation", used=digest),
        asked={},
        ent=account.ent if by_ent or account.is_staff else None,
    )
    return validated, (Validated(),)


def reset_password(account: Account, digest: str, password: str, *, now: datetime) -> Changed:
    """Follow a reset link: a new password alone opens it, all sessions end; an account not yet validated is so now.

    Raises NOT_FOUND, LINK_EXPIRED, LINK_USED (acceptance 13).
    """
    check_link(account, digest, "password-reset", now)
    account = without_email_change(account)
    changed = replace(
        account,
        state=TABLE[account.state, Action.RESET_PASSWORD],
        password=password,
        epoch=account.epoch + 1,
        links=links.closed(account.links, "password-reset", used=digest),
        asked={},
        enrolment=None,
        # Who follows this link has proved the address, and said nothing of who gets in by the ENT; of staff others have.
        ent=account.ent if account.is_staff else None,
    )
    # Who has had no password yet knows of this one.
    told = NoticeDue("password-changed", account.person.email)
    return changed, (Validated() if account.state is State.PENDING else told, SessionsEnded())


def change_password(account: Account, password: str) -> Changed:
    """Another password, for who has shown the one so far; `password` is a hash. Raises ACCOUNT_NOT_VALIDATED."""
    if not account.allows(Action.CHANGE_PASSWORD):
        raise ACCOUNT_NOT_VALIDATED()
    account = without_email_change(account)
    changed = replace(account, password=password, links=links.closed(account.links, "password-reset"))
    return changed, (NoticeDue("password-changed", account.person.email),)


def without_email_change(account: Account) -> Account:
    """Whoever changes the password, or has all logins ended, calls off what a stranger may have begun."""
    return replace(account, email_change=None, links=links.closed(account.links, "email-change"))


def check_link(account: Account, digest: str, purpose: Purpose, now: datetime) -> None:
    """Refuse a link that does nothing (any more); raises NOT_FOUND, LINK_EXPIRED, LINK_USED, ALREADY_VALIDATED."""
    link = links.find(account.links, digest)
    if account.state in GONE:
        raise LINK_EXPIRED()
    if link is None or link.purpose != purpose:
        raise NOT_FOUND()
    if purpose == "validation" and not account.allows(Action.VALIDATE):
        raise ALREADY_VALIDATED()
    if link.standing == "used":
        raise LINK_USED()
    if not link.is_good(now) or account.has_lapsed(now):
        raise LINK_EXPIRED()


# --- profile ------------------------------------------------------------------------------------------------------------


def give_step(account: Account, step: str, data: Step, *, expected: int | None, from_year: int) -> Changed:
    """Give a step of the profile, or give it anew; the same again changes nothing.

    `expected` is the version that the person saw; raises STALE_VERSION if another has come between (acceptance 35).
    """
    if not account.allows(Action.CHANGE_PROFILE):
        raise ACCOUNT_NOT_VALIDATED()
    profile = account.profile
    if profile.data(step) == data:
        return account, ()
    if expected is not None and expected != profile.version_of(step):
        there = profile.data(step)
        raise STALE_VERSION(version=profile.version_of(step), current=plain(there) if there else None)
    return with_profile(account, profile.with_step(step, data), from_year=from_year)


def with_profile(account: Account, profile: Profile, *, from_year: int) -> Changed:
    """The account with a profile that was given or taken over; the name of the identity becomes that of the account."""
    lacking = missing(profile, from_year)
    domain_events: list[DomainEvent] = [CardChanged(lacking)]
    if not lacking and not profile.completed:
        profile = replace(profile, completed=True)
        domain_events.append(ProfileCompleted())
    person, identity = account.person, profile.identity
    if identity is not None and (identity.family_name, identity.given_name or "") != (
        person.family_name,
        person.given_name,
    ):
        person = replace(person, family_name=identity.family_name, given_name=identity.given_name or "")
        domain_events.insert(0, AddressChanged())
    return replace(account, profile=profile, person=person), tuple(domain_events)


# --- parts --------------------------------------------------------------------------------------------------------------


def _emptied(account: Account, state: State) -> Account:
    nobody = Person("", "", "", account.person.language)
    return Account(account.campaign, "", nobody, state, account.created_at, account.deadline, epoch=account.epoch + 1)


def _send_reset(account: Account, kind: MailKind, token: str, now: datetime, good_for: timedelta) -> Changed:
    opens = account.allows(Action.SEND_LOGIN) and not account.has_lapsed(now) and not account.is_by_ent_alone
    if not opens or not may_be_sent(account.asked, kind, "password-reset", now):
        return account, ()
    link = Link(links.digest(token), "password-reset", account.end_of_reset(now + good_for))
    changed = replace(
        account, links=links.added(account.links, link, now), asked=sent(account.asked, kind, "password-reset", now)
    )
    return changed, (_issued(kind, link, token),)


def _issued(kind: MailKind, link: Link, token: str) -> LinkIssued:
    return LinkIssued(kind, PATHS[link.purpose], token, link.expires_at)
