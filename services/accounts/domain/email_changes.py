"""Another address for an account: asked for with the password, in force once it is proved (acceptance 17, 18; ADR 60)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from services.accounts.domain import links
from services.accounts.domain.account import Account, Changed, EmailChange, check_link, without_email_change
from services.accounts.domain.events import AddressChanged, LinkIssued, NoticeDue, SessionsEnded
from services.accounts.domain.helps import Help, with_help
from services.accounts.domain.links import PATHS, Link
from services.accounts.domain.pacing import MAILS
from services.accounts.domain.states import Action
from services.accounts.domain.text import folded
from services.contracts.refusals import FieldError
from services.contracts.refusals.accounts import ACCOUNT_NOT_VALIDATED, LINK_EXPIRED


def typed_faults(email: str, email_confirmation: str) -> list[FieldError]:
    """What is wrong with a new address, whoever is to have it, but for its form: it is given twice alike."""
    faults = [] if email else [FieldError("email", "required")]
    if not email_confirmation:
        faults.append(FieldError("email_confirmation", "required"))
    elif folded(email_confirmation) != folded(email):
        faults.append(FieldError("email_confirmation", "confirmation-differs", given=("email",)))
    return faults


def email_faults(account: Account, email: str, email_confirmation: str) -> list[FieldError]:
    """What is wrong with a new address of this account, but for its form: it is another than the present one as well."""
    unchanged = email and folded(email) == account.address
    return [
        *([FieldError("email", "email-unchanged")] if unchanged else []),
        *typed_faults(email, email_confirmation),
    ]


def wait(account: Account, now: datetime, *, by_staff: bool = False) -> int:
    """Whole seconds until the account may ask for a change once more: each one mails to an address that may be anybody's.

    What staff ask for in the person's place is counted apart.
    """
    return MAILS["email-change"].wait(account.asked.get(_counted_as(by_staff), ()), now)


def ask_email_change(
    account: Account, email: str, *, now: datetime, good_for: timedelta, given: Help | None = None
) -> Changed:
    """Ask for another address: told at the present one, which stays in force; all sessions end (acceptance 17).

    Of two changes the later one counts: links of an earlier one do nothing any more. `given` is the help of staff who ask
    in the person's place. Raises ACCOUNT_NOT_VALIDATED.
    """
    if not account.allows(Action.CHANGE_ADDRESS):
        raise ACCOUNT_NOT_VALIDATED()
    if account.email_change is not None and account.email_change.asked_at > now:
        return account, ()
    counted = _counted_as(given is not None)
    past = account.asked.get(counted, ())
    asked = replace(
        without_email_change(account),
        email_change=EmailChange(email, now, now + good_for),
        epoch=account.epoch + 1,
        asked={**account.asked, counted: MAILS["email-change"].counted(past, now)},
        helps=account.helps if given is None else with_help(account.helps, given),
    )
    return asked, (NoticeDue("email-change-asked", account.person.email), SessionsEnded())


def issue_email_change_link(account: Account, change: EmailChange, token: str, *, now: datetime) -> Changed:
    """Mail the link of a change to the new address, unless another change has taken its place."""
    if account.email_change != change or not account.allows(Action.CHANGE_ADDRESS):
        return account, ()
    link = Link(links.digest(token), "email-change", change.expires_at)
    issued = replace(account, links=links.added(account.links, link, now))
    event = LinkIssued("email-changed", PATHS[link.purpose], token, link.expires_at, unproved=change.email)
    return issued, (event,)


def change_email(account: Account, digest: str, *, now: datetime) -> Changed:
    """Follow the link: the new address is in force, links mailed to the old one do nothing any more, both are told.

    Raises NOT_FOUND for a link that is not this account's, LINK_EXPIRED, LINK_USED; the account is unchanged then.
    """
    check_link(account, digest, "email-change", now)
    change = account.email_change
    if change is None or not account.allows(Action.CHANGE_ADDRESS):
        raise LINK_EXPIRED()
    changed = replace(
        account,
        person=replace(account.person, email=change.email),
        links=links.closed(links.closed(account.links, "email-change", used=digest), "password-reset"),
        asked={},
        email_change=None,
    )
    return changed, (AddressChanged(), NoticeDue("email-change-done", account.person.email))


def tell_that_it_is_taken(account: Account, change: EmailChange) -> Changed:
    """Somebody else has the address: told there, in place of a link, so that the account's events are as many as ever."""
    if account.email_change != change:
        return account, ()
    return account, (NoticeDue("email-taken", change.email, unproved=True),)


def give_up_email_change(account: Account, change: EmailChange) -> Changed:
    """Somebody else has come to have the address: told there; the link does nothing any more, the account is unchanged."""
    if account.email_change != change:
        return account, ()
    return without_email_change(account), (NoticeDue("email-taken", change.email, unproved=True),)


def _counted_as(by_staff: bool) -> str:
    return "email-change-by-staff" if by_staff else "email-change"
