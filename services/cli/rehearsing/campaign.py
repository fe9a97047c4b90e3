"""A whole campaign, played: from before the opening to the erasure after retention, from one moment of it to the next."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Final, Literal

from services.cli.rehearsing import comparing
from services.cli.rehearsing.ledger import Course, File, Ledger
from services.cli.rehearsing.line import Refused
from services.cli.rehearsing.mails import MailFolder
from services.cli.rehearsing.people import Applicant, Wish
from services.cli.rehearsing.rest import come_to_rest
from services.cli.rehearsing.staff import REASON, Board
from services.cli.rehearsing.suite import PlayedSuite
from services.contracts.api.decisions import DecisionBody

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
Ended = Literal["stop", "kill"]


@dataclass(order=True)
class Due:
    """An act at a moment."""

    moment: datetime
    number: int
    name: str = field(compare=False)
    act: Act = field(compare=False)


class Play:
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
        self._owners = {person.email: person for person in people}
        self._wishes: dict[str, Wish] = {}
        self._foreseen: set[tuple[str, date | None]] = set()
        self._entered: dict[str, list[tuple[File, str, int | None]]] = {}
        self._killed = 0
        self.now = now
        self.moments = 0
        self._said = 0

    # --- the order of things ------------------------------------------------------------------------------------

    def at(self, day: date, hour: time, name: str, act: Act | None = None) -> None:
        """Have something done at an hour of the institution's clock, or time alone do what it does."""
        moment = datetime.combine(day, hour, self._ledger.zone)
        if moment > self.now:
            heapq.heappush(self._due, Due(moment, next(self._numbers), name, act or _nothing))

    def foresee(self, course: Course) -> None:
        """The days of a programme, from its opening to its decisions."""
        middle = course.opens_on + (course.closes_on - course.opens_on) / 2
        for number, (day, hour) in enumerate(
            ((course.opens_on, time(10)), (middle, time(14)), (course.closes_on, time(20, 30)))
        ):
            self.at(day, hour, "people come", _of(self._come, course, number))
        self.at(middle + timedelta(days=1), time(10), "review", lambda: self._review(course))
        self.at(middle + timedelta(days=3), time(18), "people complete", lambda: self._complete(course))
        self._foresee_deadline(course)
        decided = course.decided_on
        self.at(decided, time(14), "the board enters", lambda: self._enter(course))
        self.at(decided + timedelta(days=1), time(9, 30), "decisions count", lambda: self._validate(course))
        self.at(decided + timedelta(days=4), time(12), "some leave the list", lambda: self._leave(course))
        self.at(decided + timedelta(days=6), time(14), "the second round", lambda: self._second_round(course))

    def _foresee_deadline(self, course: Course) -> None:
        day = course.deadline

        async def if_still(act: Act) -> None:
            if course.deadline == day:
                await act()

        for before in (
            self._ledger.rules.applications.first_reminder_days,
            self._ledger.rules.applications.last_reminder_days,
        ):
            self.at(day - timedelta(days=before), MORNING, "reminders")
        self.at(day, LAST_MINUTES, "the last minutes", lambda: if_still(lambda: self._submit_late(course)))
        self.at(day + timedelta(days=1), NIGHT, "the day after")
        self.at(day + timedelta(days=1), time(10), "review", lambda: if_still(lambda: self._review(course)))
        self.at(day + timedelta(days=3), time(18), "people complete", lambda: if_still(lambda: self._complete(course)))
        self.at(day + timedelta(days=4), time(10), "review", lambda: if_still(lambda: self._review(course)))
        self.at(day + timedelta(days=10), NIGHT, "what was given back lapses")

    def move_deadline(self, course: Course, days: int) -> None:
        """Three days before the last one it is made a later one."""
        day = course.deadline + timedelta(days=days)
        course.decided_on = max(course.decided_on, day + timedelta(days=12))

        async def move() -> None:
            await self._board.moves(course, day)
            self._foresee_deadline(course)

        self.at(course.deadline - timedelta(days=3), time(12), f"{course.code} gets {days} days more", move)

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
        deeds = [act.act for act in acts if act.act is not _nothing]
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
        # By night people's places lapse, and the people go: that waits for what others have to say.
        await come_to_rest(self._suite, moment if moment.timetz().replace(tzinfo=None) == NIGHT else None)
        self._ledger.passes(self.now)

    # --- people -------------------------------------------------------------------------------------------------

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

    def _all(self, course: Course) -> Iterable[tuple[Applicant, Wish]]:
        return ((person, wish) for person in self._people for wish in person.wishes if wish.course is course)

    async def _come(self, course: Course, number: int) -> None:
        async def come(person: Applicant, wish: Wish) -> None:
            async with person.turn:
                await person.becomes_known()
                await person.opens(wish)
            if wish.file is not None:
                self._wishes[wish.file.id] = wish

        newcomers = [(person, wish) for person, wish in self._all(course) if wish.comes == number]
        await self._each([_of(come, person, wish) for person, wish in newcomers])
        early = [(p, w) for p, w in self._all(course) if w.file and w.file.state == "draft" and number == 1]
        await self._each([_of(p.submits, w) for p, w in early if w.submits == "early"])
        if number == 2:
            await self._each(
                [_of(p.cancels, w, self.now) for p, w in self._all(course) if w.file and w.submits == "cancels"]
            )

    async def _submit_late(self, course: Course) -> None:
        late = [
            (p, w)
            for p, w in self._all(course)
            if w.file and w.file.state == "draft" and w.submits in {"early", "late"}
        ]
        killing = asyncio.create_task(self._kills_once())
        await self._each([_of(p.submits, w) for p, w in late])
        await killing

    async def _kills_once(self) -> None:
        """Once in a campaign the power fails while people submit in the last minutes."""
        if self._killed:
            return
        self._killed += 1
        await self._suite.kill()
        await self._suite.start()

    async def _review(self, course: Course) -> None:
        today = self._ledger.day(self.now)
        seen = [file for file in course.files if file.state == "submitted" and file.place is None]
        again = {file.id for file in seen if self._wishes[file.id].completes == "complete" or file.given_back}
        await self._each(
            [
                _of(self._board.reviews, file, gives_back=file.id not in again, today=today)
                for file in seen
                if not file.lapsed
            ]
        )

    async def _complete(self, course: Course) -> None:
        back = [(p, w) for p, w in self._all(course) if w.file and w.file.state == "incomplete"]
        await self._each([_of(p.submits, w) for p, w in back if w.completes == "completes"])

    # --- decisions ----------------------------------------------------------------------------------------------

    async def _enter(self, course: Course) -> None:
        """The best get the places, the next ones wait by rank, some of the others wait or are to be seen."""
        files = sorted((file for file in course.files if file.state == "complete"), key=lambda file: file.id)
        self._chance.shuffle(files)
        await self._each([_of(self._board.enters_by_mistake, file) for file in files[:1]])
        room = len(files) // 3 if course.capacity is None else min(course.capacity, len(files))
        taken, rest = files[:room], files[room:]
        ranked, rest = rest[: (len(rest) + 1) // 2], rest[(len(rest) + 1) // 2 :]
        waiting, seen, others = rest[:1], rest[1:2], rest[2:]
        groups = {"favourable": taken, "ranked_waitlist": ranked, "waitlist": waiting, "unfavourable": others}
        planned: list[tuple[File, str, int | None]] = [(file, "shortlisted", None) for file in seen]
        for kind, group in groups.items():
            ordered = sorted(group, key=lambda file: file.id)
            half = len(ordered) // 2
            # The manager does some at once, and the board the others one by one.
            if ordered[:half]:
                await self._must(_of(self._board.enters, ordered[:half], _given(kind)))
            alone = [(file, _given(kind, rank)) for rank, file in enumerate(ordered[half:], half + 1)]
            await self._each([_of(self._board.enters_one, file, given) for file, given in alone])
            planned += [(file, kind, n if kind == "ranked_waitlist" else None) for n, file in enumerate(ordered, 1)]
        day = self._ledger.day(self.now) + timedelta(days=4)
        await self._each([_of(self._board.shortlists, file, day) for file in seen])
        self._entered[course.code] = planned

    async def _validate(self, course: Course) -> None:
        planned = self._entered.pop(course.code, [])
        valid = await self._validated([file for file, _, _ in planned])
        for file, kind, rank in planned:
            if file.id in valid:
                self._ledger.decided(file, kind, self.now, rank=rank)

    async def _validated(self, files: Sequence[File]) -> frozenset[str]:
        """The ids of those whose decision counts now."""
        valid: frozenset[str] = frozenset()

        async def validate() -> None:
            nonlocal valid
            valid = await self._board.validates(files)

        await self._must(validate)
        return valid

    async def _second_round(self, course: Course) -> None:
        """Who was seen is decided on."""
        seen = [file for file in course.files if file.decision == "shortlisted"]
        if not seen:
            return
        await self._must(_of(self._board.enters, seen, _given("unfavourable")))
        valid = await self._validated(seen)
        for file in seen:
            if file.id in valid:
                self._ledger.decided(file, "unfavourable", self.now)

    # --- answers ------------------------------------------------------------------------------------------------

    def _foresee_answers(self) -> None:
        """What comes of places that were offered since: an answer, a reminder, or that nobody answers."""
        for file in self._ledger.files.values():
            if file.place != "offered" or (file.id, file.until) in self._foreseen:
                continue
            self._foreseen.add((file.id, file.until))
            today, wish = self._ledger.day(self.now), self._wishes[file.id]
            self.at(today + timedelta(days=2), time(18), "answers", _of(self._answer, file))
            if file.until is not None:
                days = self._ledger.rules.applications.answer_reminder_days
                self.at(file.until - timedelta(days=days), MORNING, "reminders")
                self.at(file.until + timedelta(days=1), NIGHT, "who was silent withdraws")
            if wish.answers == "changes":
                last = file.until or today + timedelta(days=10)
                self.at(last - timedelta(days=1), time(12), "second thoughts", _of(self._withdraw, file))

    async def _answer(self, file: File) -> None:
        wish, person = self._wishes[file.id], self._owners[file.owner]
        if file.place == "offered" and wish.answers != "silent":
            answer: Literal["accept", "withdraw"] = "withdraw" if wish.answers == "withdraws" else "accept"
            await self._must(lambda: person.answers(file, answer, self.now))

    async def _withdraw(self, file: File) -> None:
        if file.place == "accepted":
            await self._must(lambda: self._owners[file.owner].answers(file, "withdraw", self.now))

    async def _leave(self, course: Course) -> None:
        leaving = [(p, w) for p, w in self._all(course) if w.file and w.leaves and w.file.place == "waiting"]
        await self._each([_of(p.leaves, w.file) for p, w in leaving if w.file])


def _given(kind: str, rank: int = 1) -> DecisionBody:
    match kind:
        case "unfavourable":
            return DecisionBody(kind="unfavourable", reason=REASON)
        case "ranked_waitlist":
            return DecisionBody(kind="ranked_waitlist", rank=rank)
        case "waitlist":
            return DecisionBody(kind="waitlist")
        case _:
            return DecisionBody(kind="favourable", comment="Bienvenue.")


def _of(act: Callable[..., Awaitable[None]], *arguments: object, **more: object) -> Act:
    return lambda: act(*arguments, **more)


async def _nothing() -> None:
    """Time alone does something."""
