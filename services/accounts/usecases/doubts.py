"""Support looks at pairs of accounts that bear one student number, and says whether they are one person (acceptance 30)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import structlog

from services.accounts.domain import doubts, throttles
from services.accounts.domain.account import Account, Changed
from services.accounts.domain.doubts import Closer, Verdict
from services.accounts.domain.helps import Help
from services.accounts.domain.states import GONE
from services.accounts.repository.doubts import PairPlace
from services.accounts.usecases.app import App
from services.accounts.usecases.support import is_of_staff, require_support
from services.chassis.context import Actor, CommandContext, EventRef, acting_service
from services.chassis.events.aggregates import Decision, Versioned
from services.contracts.api.doubts import DoubtVerdict
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, FieldError
from services.contracts.refusals.accounts import KEPT_ACCOUNT_CLOSED, PERSON_OF_STAFF, TOO_MANY_REQUESTS

log = structlog.get_logger()

ACCOUNTS: Final = acting_service("accounts")
MAX_TRIES: Final = 50
MOST_NUMBERS: Final = 200
"""Student numbers that are looked at for one page."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two accounts in order of their ids, and what was found out of them."""

    first: Versioned[Account]
    second: Versioned[Account]
    verdict: Verdict | None = None
    version: int = 0


async def page(
    app: App, actor: Actor, after: PairPlace | None, limit: int, command: CommandContext
) -> tuple[list[Pair], PairPlace | None]:
    """Pairs that nobody has told apart, by student number, and where the page ends if it is not the last.

    Raises SESSION_ENDED, NOT_FOUND.
    """
    await require_support(app, actor, command)
    campaigns, found, looked = await app.campaigns.load(), list[tuple[Pair, PairPlace]](), 0
    async with aclosing(app.accounts.doubtful("" if after is None else after.number)) as groups:
        async for group in groups:
            number = group[0].document["student_number_key"]
            there = [each for each in group if _takes_part(each.state, command)]
            if campaigns.is_over(group[0].state.campaign):
                there = []
            pairs = list(combinations(sorted(there, key=lambda each: each.id), 2))
            done = await app.doubts.decided((one.id, other.id) for one, other in pairs)
            for one, other in pairs:
                place = PairPlace(number, one.id, other.id)
                behind = after is None or (number, one.id, other.id) > (after.number, after.first, after.second)
                if behind and (one.id, other.id) not in done:
                    found.append((Pair(one, other), place))
            looked += 1
            if len(found) > limit:
                return [pair for pair, _ in found[:limit]], found[limit - 1][1]
            if looked == MOST_NUMBERS:
                return [pair for pair, _ in found], PairPlace(number)
    return [pair for pair, _ in found], None


async def pair(app: App, actor: Actor, ids: tuple[str, str], command: CommandContext) -> Pair:
    """One pair, whether or not anything was found out of it; raises SESSION_ENDED, NOT_FOUND."""
    await require_support(app, actor, command)
    found = await _pair(app, ids, command)
    for each in (found.first, found.second):
        log.info("support.looked", by=str(actor), account=each.id)
    return found


async def decide(
    app: App, actor: Actor, ids: tuple[str, str], body: DoubtVerdict, command: CommandContext
) -> tuple[Pair, tuple[EventRef, ...]]:
    """Say what was found out of a pair; answers it as it is then, and the events caused.

    What was found out is written first, then each account is as it would have it; the same again finishes what has stopped
    in between. Raises SESSION_ENDED, NOT_FOUND, PERSON_OF_STAFF, INVALID_FIELDS, STALE_VERSION, DOUBT_DECIDED,
    KEPT_ACCOUNT_CLOSED, TOO_MANY_REQUESTS, BUSY.
    """
    admin = await require_support(app, actor, command)
    there = await _pair(app, ids, command)
    for each in (there.first, there.second):
        if not admin and await is_of_staff(app, each.state):
            raise PERSON_OF_STAFF()
    closed = _closed(there, body)
    if wait := await app.throttles.count(throttles.helps(str(actor)), command.now):
        raise TOO_MANY_REQUESTS(retry_after=wait, seconds=wait)
    given = Verdict(body.verdict, str(actor), command.now, body.reason, closed)
    if there.verdict is None or not there.verdict.says(given):
        await _require_open(app, there, closed)
    verdict, version = await app.doubts.decide(there.first.id, there.second.id, given, command.expected)
    caused: list[EventRef] = []
    for _ in range(MAX_TRIES):
        after, events = await _settle(app, actor, there, verdict, command)
        caused += events
        if await _closes_in_a_circle(app, there, after, verdict) and await app.doubts.take_back(
            there.first.id, there.second.id, version
        ):
            await _settle(app, actor, there, replace(verdict, closed=""), command)
            raise KEPT_ACCOUNT_CLOSED()
        newest, number = await app.doubts.get(there.first.id, there.second.id)
        if number == version:
            break
        if newest is None:  # taken back, or forgotten with an account that is gone: nothing is closed by it
            after, events = await _settle(app, actor, there, replace(verdict, closed=""), command)
            break
        verdict, version = newest, number  # said otherwise meanwhile: the accounts are as the last word has it
    else:
        raise BUSY(retry_after=1)
    if gone := {one.id for one in after} - await app.accounts.there([one.id for one in after]):
        for id in gone:
            await open_beside(app, id, command)
            await app.doubts.forget_all(id)
        raise NOT_FOUND()
    if newest is None:
        raise KEPT_ACCOUNT_CLOSED()
    return Pair(after[0], after[1], verdict, version), tuple(caused)


async def _settle(
    app: App, actor: Actor, there: Pair, verdict: Verdict, command: CommandContext
) -> tuple[list[Versioned[Account]], list[EventRef]]:
    """Both accounts as a verdict would have them, first who stays, and the events caused. Raises NOT_FOUND, BUSY."""
    after: dict[str, Versioned[Account]] = {}
    caused: list[EventRef] = []
    sides = [(there.first, there.second), (there.second, there.first)]
    for one, other in sorted(sides, key=lambda side: side[0].id == verdict.closed):
        whose = replace(command, key=None, digest=None, expected=None, personal=False, on_behalf_of=Actor(one.id))

        def settle(account: Account, beside: Sequence[Closer], id: str = one.id, twin: str = other.id) -> Changed:
            return doubts.settled(account, id, twin, verdict, beside)

        saved, events = await _change(app, one.id, other.id, settle, whose)
        caused += events
        if saved is None:
            raise NOT_FOUND()
        if saved.state.closed is not None:
            await app.sessions.end_before(one.id, saved.state.epoch)
            await app.devices.forget_all(one.id)
        after[one.id] = saved
        log.warning("support.helped", by=str(actor), account=one.id, verb=verdict.kind)
    return [after[there.first.id], after[there.second.id]], caused


async def open_beside(app: App, gone: str, command: CommandContext) -> None:
    """Open the accounts that were closed for one that is gone: their person has no other one by now."""
    reopened = Help("account-reopened", str(ACCOUNTS), command.now)

    def reopen(account: Account, beside: Sequence[Closer]) -> Changed:
        return doubts.opened(account, beside, reopened)

    for id in await app.doubts.closed_beside(gone):
        await _change(app, id, gone, reopen, replace(command, key=None, expected=None))


async def _change(
    app: App, id: str, other: str, change: Callable[[Account, Sequence[Closer]], Changed], command: CommandContext
) -> tuple[Versioned[Account] | None, list[EventRef]]:
    """Change an account by what closes it beside the verdict of it and one `other`, until that has not changed meanwhile.

    Answers it as it is then, None if it is gone, and the events caused. Raises BUSY.
    """
    caused: list[EventRef] = []
    beside = await _closing(app, id, but=other)
    for _ in range(MAX_TRIES):

        def decide(account: Account, beside: Sequence[Closer] = beside) -> Decision[Account]:
            return Decision(*change(account, beside))

        outcome = await app.accounts.change(id, decide, command)
        if outcome is None:
            return None, caused
        caused += outcome.events
        seen, beside = beside, await _closing(app, id, but=other)
        if seen == beside:
            return outcome.saved, caused
    raise BUSY(retry_after=1)


async def _require_open(app: App, there: Pair, closed: str) -> None:
    """Refuse to have a person go on with an account that is closed by anything but what was found out of this pair.

    Raises KEPT_ACCOUNT_CLOSED.
    """
    kept = next((each for each in (there.first, there.second) if closed and each.id != closed), None)
    if kept is None or kept.state.closed is None:
        return
    if kept.state.closed.kept != closed or await _closing(app, kept.id, but=closed):
        raise KEPT_ACCOUNT_CLOSED()


async def _closes_in_a_circle(app: App, there: Pair, after: list[Versioned[Account]], verdict: Verdict) -> bool:
    """Whether an account was closed just now for one that somebody else has closed meanwhile.

    Of verdicts that would close accounts for one another in a circle, the one that closes the last of them sees it.
    """
    for before, now in zip((there.first, there.second), after, strict=True):
        if now.id == verdict.closed and before.state.closed is None:
            (kept,) = {each.id for each in after} - {now.id}
            found = await app.accounts.by_ids((kept,))
            return any(each.state.closed is not None for each in found)
    return False


async def _closing(app: App, id: str, *, but: str) -> list[Closer]:
    """What closes an account beside the verdict of one pair, for accounts that are there."""
    found = [each for each in await app.doubts.closing(id) if each[0] != but]
    there = {
        each.id for each in await app.accounts.by_ids([other for other, _ in found]) if each.state.state not in GONE
    }
    return [each for each in found if each[0] in there]


def _closed(there: Pair, body: DoubtVerdict) -> str:
    """The account that is to be closed, if any; raises INVALID_FIELDS."""
    ids = [there.first.id, there.second.id]
    if body.verdict == "two-persons":
        if body.keep is not None:
            raise INVALID_FIELDS(fields=[FieldError("keep", "not-expected")])
        return ""
    if body.keep is None:
        raise INVALID_FIELDS(fields=[FieldError("keep", "required")])
    if body.keep not in ids:
        raise INVALID_FIELDS(fields=[FieldError("keep", "not-this-person")])
    ids.remove(body.keep)
    return ids[0]


async def _pair(app: App, ids: tuple[str, str], command: CommandContext) -> Pair:
    first, second = sorted(ids)
    found = {each.id: each for each in await app.accounts.by_ids((first, second))}
    if len(found) < 2 or any(each.state.has_lapsed(command.now) for each in found.values()):
        raise NOT_FOUND()
    verdict, version = await app.doubts.get(first, second)
    keys = {each.document.get("student_number_key") for each in found.values()}
    if verdict is None and (None in keys or len(keys) > 1):
        raise NOT_FOUND()
    return Pair(found[first], found[second], verdict, version)


def _takes_part(account: Account, command: CommandContext) -> bool:
    return account.closed is None and not account.has_lapsed(command.now)
