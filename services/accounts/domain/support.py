"""What staff of support do for a person: the same links as the person may ask for, to the same address, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.accounts.domain.account import Account, Changed, renew_link, send_login, without_email_change
from services.accounts.domain.events import MailKind, SessionsEnded
from services.accounts.domain.helps import Help, with_help
from services.accounts.domain.links import Purpose
from services.accounts.domain.pacing import sent, wait
from services.accounts.domain.staff import invite
from services.accounts.domain.states import Action
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.accounts import (
    BY_ENT_ALONE,
    HELPED_LATELY,
    PERSON_WRONG_STATE,
)


def mail_validation(account: Account, token: str, given: Help, *, good_for: timedelta) -> Changed:
    """Mail one more validation link, or to staff one more invitation, as often as whoever asks is mailed one.

    Raises NOT_FOUND for who is gone, PERSON_WRONG_STATE for who has validated, HELPED_LATELY.
    """
    check_there(account, given)
    if not account.allows(Action.RENEW_LINK):
        raise PERSON_WRONG_STATE()
    if account.is_staff:
        _check_pace(account, "staff-invited", "validation", given)
        invited, events = invite(account, token, now=given.at, good_for=good_for)
        asked = sent(account.asked, "staff-invited", "validation", given.at)
        return _helped((replace(invited, asked=asked), events), given)
    _check_pace(account, "link-resent", "validation", given)
    return _helped(renew_link(account, token, now=given.at, good_for=good_for), given)


def mail_reset(account: Account, token: str, given: Help, *, good_for: timedelta) -> Changed:
    """Mail the login and a link by which the person sets a password; the present one stays good until it is followed.

    Raises NOT_FOUND, HELPED_LATELY, BY_ENT_ALONE for staff whose address nobody has proved.
    """
    check_there(account, given)
    if account.is_by_ent_alone:
        raise BY_ENT_ALONE()
    _check_pace(account, "identifiers-forgotten", "password-reset", given)
    return _helped(send_login(account, token, now=given.at, good_for=good_for), given)


def end_sessions(account: Account, given: Help) -> Changed:
    """End all logins of a person, who logs in anew by what they know, and call off a change of address.

    Whoever had got in may have asked for it. Raises NOT_FOUND, PERSON_WRONG_STATE.
    """
    check_there(account, given)
    if not account.allows(Action.LOG_IN):
        raise PERSON_WRONG_STATE()
    account = without_email_change(account)
    return _helped((replace(account, epoch=account.epoch + 1), (SessionsEnded(),)), given)


def check_there(account: Account, given: Help) -> None:
    """Raise NOT_FOUND for who is gone, or did not validate in time."""
    if account.has_lapsed(given.at):
        raise NOT_FOUND()


def _check_pace(account: Account, kind: MailKind, purpose: Purpose, given: Help) -> None:
    if seconds := wait(account.asked, kind, purpose, given.at):
        raise HELPED_LATELY(retry_after=seconds, seconds=seconds)


def _helped(changed: Changed, given: Help) -> Changed:
    account, events = changed
    return replace(account, helps=with_help(account.helps, given)), events
