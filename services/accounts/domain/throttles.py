"""Slowing down who guesses or floods, without ever locking anyone out for good (acceptance 15, 30, 109; ADR 36).

Two measures: `Limit` counts the latest times exactly, for the few tries at one account; `Pace` lets so many come at once
and then one at a time, for what comes in numbers, and remembers one instant alone. The past is a tuple of instants.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.contracts.slowing import Limit, Past


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once, then one every so often. What is remembered is until when all that came is paid for."""

    burst: int
    every: timedelta

    @property
    def kept(self) -> timedelta:
        """How long the past matters."""
        return self.burst * self.every

    def wait(self, past: Past, now: datetime) -> int:
        """Whole seconds until one more is let in; 0 if it may come now."""
        over = self._paid(past, now) - now - (self.burst - 1) * self.every
        return max(0, math.ceil(over.total_seconds()))

    def counted(self, past: Past, now: datetime) -> Past:
        """The past with the one of this moment."""
        return (max(self._paid(past, now), now) + self.every,)

    def _paid(self, past: Past, now: datetime) -> datetime:
        """Until when all that came is paid for: never later than twice what matters, but by a clock that was ahead."""
        return past[-1] if past and past[-1] - now <= 2 * self.kept else now


Measure = Limit | Pace


def hourly(number: int) -> Pace:
    """So many an hour, of which a third may come at once."""
    return Pace(max(1, number // 3), timedelta(hours=1) / number)


@dataclass(frozen=True, slots=True)
class ThrottleLimit:
    """A measure and the name of what it is taken of; names hold no address of anybody's, but digests."""

    key: str
    measure: Measure


TRIES: Final = Limit(10, timedelta(minutes=5))
"""At one account from one line, or with one known device (acceptance 15)."""
TRIES_OF_NETWORK: Final = Limit(30, timedelta(minutes=5))
"""At one account from all the lines of a network."""
TRIES_OF_STRANGERS: Final = Pace(100, timedelta(seconds=36))
"""At one account from all lines from which nobody has logged in lately, wherever they are: a hundred an hour."""
TRIES_OF_ALL: Final = Pace(1000, timedelta(seconds=3.6))
"""At one account from all lines from which somebody has."""
LOGINS: Final = Pace(60, timedelta(minutes=5))
"""With the right password at one account: each begins a session, and may end one, of which every service is told."""
FAILURES_OF_LINE: Final = Pace(300, timedelta(seconds=1))
"""At whatever accounts from one line: a school behind one address has a hundred on its evening and goes on."""
FAILURES_OF_NETWORK: Final = Pace(1200, timedelta(seconds=0.5))

CODES: Final = Limit(10, timedelta(hours=1))
"""Codes of a device tried at one account from one browser that has shown one, or from all others together."""
CODES_OF_DAY: Final = Limit(50, timedelta(days=1))
"""The same from all others together: of a million codes three are good, and nobody guesses on for years."""
RECOVERIES: Final = Limit(20, timedelta(hours=1))
"""Recovery codes tried at one account from one network: nobody guesses them, and wrong codes do not count against them."""
WARNINGS: Final = Limit(1, timedelta(days=1))
"""Mails to one person that say that somebody tries codes."""
RECORDS: Final = Limit(5, timedelta(days=1))
"""Certified questions of one account to the registrar: who guesses the numbers of others gets nowhere."""
RECORDS_OF_LINE: Final = hourly(60)
RECORDS_OF_NETWORK: Final = hourly(600)
SEARCHES: Final = Pace(1500, timedelta(seconds=0.4))
"""People whom one member of staff asks for in searches: enough to answer the telephone, not to copy everybody."""
HELPS: Final = Pace(60, timedelta(seconds=20))
"""Acts of one member of staff for people, each of which mails somebody or ends their logins."""

NOWHERE: Final = "nowhere"
"""Where somebody is whose line is not known."""
LOGGED_IN: Final = "logged-in"
SHARDS: Final = 16
"""Parts into which what bounds all networks together is cut by network: one of them cannot use up what is for all."""


def tries(
    whose: str, line: str | None, network: str | None, device: str | None, *, standing: bool
) -> list[ThrottleLimit]:
    """What bounds a try at a password.

    `whose` is the address, or a login that is none: nothing here depends on whether there is an account. `device` is the
    digest of a token that the account was given, `standing` whether somebody has logged in from that line lately.
    """
    if device is not None:
        return [ThrottleLimit(_key("tries", whose, device), TRIES)]
    found = tries_at_one(whose, line, network, standing=standing)
    if line is not None and network is not None:
        found += [
            ThrottleLimit(_key("failures", line), FAILURES_OF_LINE),
            ThrottleLimit(_key("failures-of-network", network), FAILURES_OF_NETWORK),
        ]
    return found


def tries_at_one(whose: str, line: str | None, network: str | None, *, standing: bool) -> list[ThrottleLimit]:
    """The same, as far as it is about one account: its owner may have it forgotten, and nothing of other accounts."""
    return [
        ThrottleLimit(_key("tries", whose, line or NOWHERE), TRIES),
        ThrottleLimit(_key("tries-of-network", whose, network or NOWHERE), TRIES_OF_NETWORK),
        ThrottleLimit(_key("tries-of-all", whose), TRIES_OF_ALL)
        if standing
        else ThrottleLimit(_key("tries-of-strangers", whose), TRIES_OF_STRANGERS),
    ]


def logins(whose: str) -> list[ThrottleLimit]:
    """What bounds logins with the right password; `whose` as for `tries`."""
    return [ThrottleLimit(_key("logins", whose), LOGINS)]


def challenges(whose: str, network: str | None, device: str | None) -> list[ThrottleLimit]:
    """What bounds right passwords that are answered with a challenge; `whose` and `device` as for `tries`.

    Apart from `logins`: who has stolen a password and gets no further must not use up what its owner needs.
    """
    return [ThrottleLimit(_key("challenges", whose, device or network or NOWHERE), LOGINS)]


def codes(account: str, device: str | None) -> list[ThrottleLimit]:
    """What bounds codes tried once the password was right; `device` is the digest of one that has shown a code before.

    One that was but given for following a link is none: whoever reads the mailbox could have as many as they like.
    """
    if device is not None:
        return [ThrottleLimit(_key("codes", account, device), CODES)]
    return [
        ThrottleLimit(_key("codes", account, NOWHERE), CODES),
        ThrottleLimit(_key("codes-of-day", account, NOWHERE), CODES_OF_DAY),
    ]


def codes_of_session(account: str) -> list[ThrottleLimit]:
    """What bounds codes tried by who is logged in, of all sessions together."""
    return [
        ThrottleLimit(_key("codes", account, LOGGED_IN), CODES),
        ThrottleLimit(_key("codes-of-day", account, LOGGED_IN), CODES_OF_DAY),
    ]


def recoveries(account: str, where: str | None) -> list[ThrottleLimit]:
    """What bounds recovery codes tried; `where` is the network, or a known device, or `LOGGED_IN`."""
    return [ThrottleLimit(_key("recoveries", account, where or NOWHERE), RECOVERIES)]


def searches(staff: str, most: int) -> list[ThrottleLimit]:
    """What bounds searches for people by one member of staff, one of which is to find so many at most."""
    return [ThrottleLimit(_key("searches", staff), Pace(SEARCHES.burst // most, most * SEARCHES.every))]


def helps(staff: str) -> list[ThrottleLimit]:
    """What bounds acts of one member of staff for people."""
    return [ThrottleLimit(_key("helps", staff), HELPS)]


def warnings(account: str) -> list[ThrottleLimit]:
    """What bounds mails that say that codes are tried."""
    return [ThrottleLimit(_key("warnings", account), WARNINGS)]


def requests(
    line: str | None, network: str | None, *, per_line: int, per_network: int, for_all: int
) -> list[ThrottleLimit]:
    """What bounds requests that make us write mails to whoever is named in them; the numbers are per hour."""
    network = network or NOWHERE
    shard = int.from_bytes(hashlib.sha256(network.encode()).digest()[:2]) % SHARDS
    found = [
        ThrottleLimit(_key("requests-of-network", network), hourly(per_network)),
        ThrottleLimit(f"requests-of-all:{shard}", hourly(max(1, for_all // SHARDS))),
    ]
    return found if line is None else [ThrottleLimit(_key("requests", line), hourly(per_line)), *found]


def records(account: str, line: str | None, network: str | None) -> list[ThrottleLimit]:
    """What bounds questions for records of the registrar."""
    found = [ThrottleLimit(_key("records", account), RECORDS)]
    if line is not None and network is not None:
        found.append(ThrottleLimit(_key("records-of-line", line), RECORDS_OF_LINE))
        found.append(ThrottleLimit(_key("records-of-network", network), RECORDS_OF_NETWORK))
    return found


def standing_key(line: str) -> str:
    """Under which it is remembered that somebody has logged in from a line."""
    return _key("standing", line)


def _key(what: str, *of: str) -> str:
    return f"{what}:{hashlib.sha256(chr(10).join(of).encode()).hexdigest()}"
