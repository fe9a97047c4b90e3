"""A whole campaign, played: from before the opening to its last answers; what people and staff do at which moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from typing import Any, Literal

from services.cli.rehearsing.ledger import Course, File
from services.cli.rehearsing.moments import LAST_MINUTES, MORNING, NIGHT, Act, Moments, deed
from services.cli.rehearsing.people import Applicant, Wish
from services.cli.rehearsing.staff import REASON
from services.contracts.api.decisions import DecisionBody


class Play(Moments):
    """What is done in a campaign."""

    def __init__(self, *, people: Sequence[Applicant], **given: Any) -> None:
        """As `Moments`."""
        super().__init__(people=people, **given)
        self._owners = {person.email: person for person in people}
        self._wishes: dict[str, Wish] = {}
        self._foreseen: set[tuple[str, date | None]] = set()
        self._entered: dict[str, list[tuple[File, str, int | None]]] = {}

    def foresee(self, course: Course) -> None:
        """The days of a programme, from its opening to its decisions."""
        middle = course.opens_on + (course.closes_on - course.opens_on) / 2
        for number, (day, hour) in enumerate(
            ((course.opens_on, time(10)), (middle, time(14)), (course.closes_on, time(20, 30)))
        ):
            self.at(day, hour, "people come", deed(self._come, course, number))
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

    # --- people -------------------------------------------------------------------------------------------------

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
        await self._each([deed(come, person, wish) for person, wish in newcomers])
        early = [(p, w) for p, w in self._all(course) if w.file and w.file.state == "draft" and number == 1]
        await self._each([deed(p.submits, w) for p, w in early if w.submits == "early"])
        if number == 2:
            await self._each(
                [deed(p.cancels, w, self.now) for p, w in self._all(course) if w.file and w.submits == "cancels"]
            )

    async def _submit_late(self, course: Course) -> None:
        late = [
            (p, w)
            for p, w in self._all(course)
            if w.file and w.file.state == "draft" and w.submits in {"early", "late"}
        ]
        await asyncio.gather(self._kills_once(), self._each([deed(p.submits, w) for p, w in late]))

    async def _review(self, course: Course) -> None:
        today = self._ledger.day(self.now)
        seen = [file for file in course.files if file.state == "submitted" and file.place is None]
        again = {file.id for file in seen if self._wishes[file.id].completes == "complete" or file.given_back}
        await self._each(
            [
                deed(self._board.reviews, file, gives_back=file.id not in again, today=today)
                for file in seen
                if not file.lapsed
            ]
        )

    async def _complete(self, course: Course) -> None:
        back = [(p, w) for p, w in self._all(course) if w.file and w.file.state == "incomplete"]
        await self._each([deed(p.submits, w) for p, w in back if w.completes == "completes"])

    # --- decisions ----------------------------------------------------------------------------------------------

    async def _enter(self, course: Course) -> None:
        """The best get the places, the next ones wait by rank, some of the others wait or are to be seen."""
        files = sorted((file for file in course.files if file.state == "complete"), key=lambda file: file.owner)
        self._chance.shuffle(files)
        await self._each([deed(self._board.enters_by_mistake, file) for file in files[:1]])
        room = len(files) // 3 if course.capacity is None else min(course.capacity, len(files))
        taken, rest = files[:room], files[room:]
        ranked, rest = rest[: (len(rest) + 1) // 2], rest[(len(rest) + 1) // 2 :]
        waiting, seen, others = rest[:1], rest[1:2], rest[2:]
        groups = {"favourable": taken, "ranked_waitlist": ranked, "waitlist": waiting, "unfavourable": others}
        planned: list[tuple[File, str, int | None]] = [(file, "shortlisted", None) for file in seen]
        for kind, group in groups.items():
            ordered = sorted(group, key=lambda file: file.owner)
            half = len(ordered) // 2
            # The manager does some at once, and the board the others one by one.
            if ordered[:half]:
                await self._must(deed(self._board.enters, ordered[:half], _given(kind)))
            alone = [(file, _given(kind, rank)) for rank, file in enumerate(ordered[half:], half + 1)]
            await self._each([deed(self._board.enters_one, file, given) for file, given in alone])
            planned += [(file, kind, n if kind == "ranked_waitlist" else None) for n, file in enumerate(ordered, 1)]
        day = self._ledger.day(self.now) + timedelta(days=4)
        await self._each([deed(self._board.shortlists, file, day) for file in seen])
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
        await self._must(deed(self._board.enters, seen, _given("unfavourable")))
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
            self.at(today + timedelta(days=2), time(18), "answers", deed(self._answer, file))
            if file.until is not None:
                days = self._ledger.rules.applications.answer_reminder_days
                self.at(file.until - timedelta(days=days), MORNING, "reminders")
                self.at(file.until + timedelta(days=1), NIGHT, "who was silent withdraws")
            if wish.answers == "changes":
                last = file.until or today + timedelta(days=10)
                self.at(last - timedelta(days=2), MORNING, "second thoughts", deed(self._withdraw, file))

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
        await self._each([deed(p.leaves, w.file) for p, w in leaving if w.file])


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
