"""Time in a campaign that is played: one moment after the other, and what is done and looked at in each."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Final

from services.cli.rehearsing import comparing
from services.cli.rehearsing.ledger import Ledger
from services.cli.rehearsing.line import Refused
from services.cli.rehearsing.mails import MailFolder
from services.cli.rehearsing.people import Applicant
from services.cli.rehearsing.rest import come_to_rest
from services.cli.rehearsing.staff import Board
from services.cli.rehearsing.suite import PlayedSuite

AT_ONCE: Final = 6
"""People who act at the same time."""
LATER: Final = timedelta(minutes=75)
"""Verdicts are told an hour after the first, and what people open within ten minutes."""
NIGHT: Final = time(4, 5)
MORNING: Final = time(8, 30)
LAST_MINUTES: Final = time(23, 50)
EVENING: Final = 20
"""From this hour on it is not waited for what is told later: it is told by the next moment."""

RESTARTED_EVERY: Final = 20
"""Of so many moments the suite is stopped before one and killed before another."""

Act = Callable[[], Awaitable[None]]


@dataclass(order=True)
class Due:
    """An act at a moment."""

    moment: datetime
    number: int
    name: str = field(compare=False)
    act: Act = field(compare=False)


class Moments:
    """The acts of a campaign by their moments; what comes of one may add others."""

    def __init__(
        self,
        *,
        suite: PlayedSuite,
        ledger: Ledger,
        board: Board,
        people: Sequence[Applicant],
        mails: MailFolder,
        chance: Random,
        tell: Callable[[str], None],
        now: datetime,
    ) -> None:
        self._suite = suite
        self._ledger = ledger
        self._board = board
        self._people = people
        self._mails = mails
        self._chance = chance
        self._tell = tell
        self._due: list[Due] = []
        self._numbers = count()
        self._killed = 0
        self.now = now
        self.moments = 0
        self._said = 0

    def at(self, day: date, hour: time, name: str, act: Act | None = None) -> None:
        """Have something done at an hour of the institution's clock, or time alone do what it does."""
        moment = datetime.combine(day, hour, self._ledger.zone)
        if moment > self.now:
            heapq.heappush(self._due, Due(moment, next(self._numbers), name, act or nothing))

    async def until_nothing_is_due(self) -> None:
        """Play all that is foreseen, and what comes of it."""
        while self._due:
            moment, acts = self._due[0].moment, list[Due]()
            while self._due and self._due[0].moment == moment:
                acts.append(heapq.heappop(self._due))
            await self.comes(moment, acts)

    async def comes(self, moment: datetime, acts: Iterable[Due] = ()) -> None:
        """Let time pass to a moment, have done what is to be done then, and look whether all is as it must be."""
        acts = list(acts)
        names = sorted({act.name for act in acts if act.name})
        self._tell(f"{moment:%a %Y-%m-%d %H:%M %Z}  {', '.join(names)}")
        await self._travels(moment)
        await self._settles(moment)
        deeds = [act.act for act in acts if act.act is not nothing]
        if deeds:
            await asyncio.gather(*(deed() for deed in deeds))
            await self._settles(moment)
        await comparing.places(self._ledger, self._board, self.now)
        if deeds and moment.hour < EVENING:
            self.now = moment + LATER
            self._suite.show(self.now)
            await self._settles(moment)
        if moment.hour < EVENING:
            await comparing.mails(self._ledger, self._mails, self.now)
        self._foresee_answers()
        self.moments += 1
        for line in self._ledger.broken[self._said :]:
            self._tell(f"    ! {line}")
        self._said = len(self._ledger.broken)

    async def _travels(self, moment: datetime) -> None:
        """Days go by; now and then nothing runs meanwhile, for it was stopped, or killed, and catches up."""
        ends = {7: self._suite.stop, 17: self._suite.kill}.get(self.moments % RESTARTED_EVERY)
        if ends is not None:
            await ends()
        self.now = moment
        self._suite.show(moment)
        if ends is not None:
            await self._suite.start()
        for caller in (self._board.manager, self._board.member, self._board.admin, *(p.caller for p in self._people)):
            caller.log_out()

    async def _settles(self, moment: datetime) -> None:
        # People go by night, and what has not been completed or answered lapses: that waits for what others have to say.
        waits = moment.timetz().replace(tzinfo=None) == NIGHT or self._ledger.lapses(moment)
        await come_to_rest(self._suite, moment if waits else None)
        self._ledger.passes(self.now)

    def _foresee_answers(self) -> None:
        """What comes of what has just happened; nothing here."""

    async def _each(self, acts: Iterable[Act]) -> None:
        """Have people act side by side; what is refused to one of them is a broken promise, and the others go on."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(act: Act) -> None:
            async with room:
                await self._must(act)

        await asyncio.gather(*(one(act) for act in acts))

    async def _must(self, act: Act) -> None:
        try:
            await act()
        except Refused as refused:
            self._ledger.breaks(f"{self.now:%Y-%m-%d %H:%M} refused: {refused}")

    async def _kills_once(self) -> None:
        """Once in a campaign the power fails while people submit in the last minutes."""
        if self._killed:
            return
        self._killed += 1
        await self._suite.kill()
        await self._suite.start()


def deed(act: Callable[..., Awaitable[None]], *arguments: object, **more: object) -> Act:
    return lambda: act(*arguments, **more)


async def nothing() -> None:
    """Time alone does something."""
