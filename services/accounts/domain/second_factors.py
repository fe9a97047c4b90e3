"""The second factor of staff who log in by password: one-time codes by time (RFC 6238), and codes to recover with.

Of a recovery code only a digest is kept; the secret of the device is sealed by who keeps it, and is text in clear here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.accounts.domain.account import Account, Changed
from services.accounts.domain.events import SecondFactorChanged, SessionsEnded
from services.accounts.domain.factors import Enrolment, SecondFactor
from services.contracts.refusals.accounts import CODE_WRONG, ENROLMENT_OVER, ENT_SESSION_NEEDED

STEP_SECONDS: Final = 30
DRIFT: Final = 1
"""Steps by which the clock of a device may be ahead or behind."""
RECOVERY_CODES: Final = 10
ENROLMENT_TIME: Final = timedelta(minutes=30)
"""How long a secret that was shown may be confirmed."""
CHALLENGE_TIME: Final = timedelta(minutes=5)
"""How long one may take from the password to the code."""
CHALLENGE_TRIES: Final = 5
"""Codes that may be tried before the password is asked for again."""

_GROUP: Final = 4
_RECOVERY_CHARACTERS: Final = 16
"""Of base32: 80 bits, which nobody guesses from a digest."""


def recovery_codes(secret: str, seed: str) -> tuple[str, ...]:
    """Ten codes in groups of four: the same of the same seed, so that a lost answer can be given again."""
    key = secret.encode()
    made = (hmac.digest(key, f"recovery\n{seed}\n{number}".encode(), "sha256") for number in range(RECOVERY_CODES))
    plain = (base64.b32encode(each).decode().lower()[:_RECOVERY_CHARACTERS] for each in made)
    return tuple("-".join(each[at : at + _GROUP] for at in range(0, len(each), _GROUP)) for each in plain)


def recovery_digest(typed: str) -> str:
    """What is kept of a recovery code, however it is typed: with or without dashes, blanks and capitals."""
    plain = "".join(each for each in typed.casefold() if each.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def begin_enrolment(
    account: Account, sealed: str, session: str, *, proved: bool, by_ent: bool = False, now: datetime
) -> Changed:
    """A secret for a device, to be confirmed in the same session; it takes the place of one that was not.

    `proved` says that a code was shown, `by_ent` that the session is by the ENT. Raises CODE_WRONG where there is a device
    and none was, ENT_SESSION_NEEDED where there is none and the person comes in by the ENT, which is what proves them.
    """
    if account.second_factor is not None and not proved:
        raise CODE_WRONG()
    if account.second_factor is None and account.ent is not None and not by_ent:
        raise ENT_SESSION_NEEDED()
    return replace(account, enrolment=Enrolment(sealed, session, now + ENROLMENT_TIME)), ()


def check_enrolment(account: Account, session: str, now: datetime) -> Enrolment:
    """The secret that this session may confirm; raises ENROLMENT_OVER."""
    enrolment = account.enrolment
    if enrolment is None or enrolment.session != session or not now < enrolment.expires_at:
        raise ENROLMENT_OVER()
    return enrolment


def confirm_enrolment(account: Account, sealed: str, step: int, recovery: Sequence[str], *, now: datetime) -> Changed:
    """The device of the secret `sealed` has shown a code of `step`: it is asked for from now on.

    `recovery` are digests of the ways around it. Raises ENROLMENT_OVER where another secret was shown since.
    """
    if account.enrolment is None or account.enrolment.sealed != sealed:
        raise ENROLMENT_OVER()
    factor = SecondFactor(sealed, now, step, tuple(recovery))
    return replace(account, second_factor=factor, enrolment=None), (SecondFactorChanged("set"),)


def accept_code(account: Account, step: int | None, read: str, sealed: str) -> Changed:
    """A code of `step` of the secret `read` was shown; `sealed` the same sealed anew. Each step is good once.

    Raises CODE_WRONG.
    """
    factor = account.second_factor
    if factor is None or step is None or step <= factor.step or factor.sealed != read:
        raise CODE_WRONG()
    return replace(account, second_factor=replace(factor, step=step, sealed=sealed)), ()


def accept_recovery(account: Account, digest: str) -> Changed:
    """A recovery code was shown, which is good no more; the person is told. Raises CODE_WRONG."""
    factor = account.second_factor
    if factor is None or digest not in factor.recovery:
        raise CODE_WRONG()
    left = tuple(each for each in factor.recovery if each != digest)
    return replace(account, second_factor=replace(factor, recovery=left)), (SecondFactorChanged("recovery-used"),)


def renew_recovery(account: Account, recovery: Sequence[str]) -> Changed:
    """Other recovery codes in place of all that were there; raises CODE_WRONG where there is no device."""
    if account.second_factor is None:
        raise CODE_WRONG()
    return replace(account, second_factor=replace(account.second_factor, recovery=tuple(recovery))), ()


def reset(account: Account) -> Changed:
    """The device is asked for no more, all sessions end, the person is told of one that there was; nothing where none is."""
    if account.second_factor is None and account.enrolment is None:
        return account, ()
    changed = replace(account, second_factor=None, enrolment=None, epoch=account.epoch + 1)
    told = () if account.second_factor is None else (SecondFactorChanged("reset"),)
    return changed, (*told, SessionsEnded())
