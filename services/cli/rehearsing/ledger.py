"""What each person of a campaign must have been told and how each file must stand, by a model that asks nobody.

It knows the rules of admissions and nothing of how the suite keeps them: what people and staff were answered goes in, and
what time does is reckoned here once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.contracts.parameters import Parameters

A_DAY: Final = timedelta(days=1)
ANEW: Final = timedelta(days=7)
"""What a file that is given back after its last day has for being completed."""
UNDER_WAY: Final = timedelta(hours=1)
"""So much later a place lapses, or a file that was given back: an answer may still be under way."""
REMINDED_FROM: Final = 8
TAKEN: Final = ("offered", "accepted")


@dataclass
class Course:
    """A programme as its people know it, and what became of its files."""

    code: str
    title: str
    capacity: int | None
    opens_on: date
    closes_on: date
    deadline: date
    decided_on: date
    answer_deadline: date | None
    answer_delay: int | None
    list_deadline: date | None
    list_delay: int | None
    files: list[File] = field(default_factory=list)
    promoted: int = 0
    freed: int = 0
    most_taken: int = 0

    @property
    def taken(self) -> int:
        """Places that nobody else can have."""
        return sum(file.place in TAKEN for file in self.files)

    @property
    def waiting(self) -> list[File]:
        """Who waits by rank, the next one first."""
        return sorted((each for each in self.files if each.waits), key=lambda each: each.rank or 0)

    def answer_until(self, today: date) -> date | None:
        """Until when a place is to be answered that is offered today."""
        return today + timedelta(days=self.answer_delay) if self.answer_delay is not None else self.answer_deadline

    def promoted_until(self, today: date, least_days: int) -> date:
        """The same for who is brought to it from the list."""
        least = today + timedelta(days=least_days)
        for day, delay in ((self.list_deadline, self.list_delay), (self.answer_deadline, self.answer_delay)):
            if day is not None or delay is not None:
                return max(least, day or today + timedelta(days=delay or 0))
        return least


@dataclass(eq=False)
class File:
    """An application: how it must stand."""

    owner: str
    course: Course
    id: str
    opened_at: datetime
    deadline: date
    state: str = "draft"
    submitted: bool = False
    reminded: tuple[date, int] | None = None
    decision: str | None = None
    decided_at: datetime | None = None
    rank: int | None = None
    place: str | None = None
    """`offered`, `accepted`, `withdrawn`, `waiting` or `left`."""
    until: date | None = None
    answer_reminded: bool = False
    was_handed_over: bool = False
    given_back: bool = False
    lapsed: bool = False

    @property
    def waits(self) -> bool:
        """Whether it waits for a place by rank."""
        return self.place == "waiting" and self.rank is not None


class Ledger:
    """All that is owed, in one campaign."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.rules = Parameters()
        self.courses: dict[str, Course] = {}
        self.files: dict[str, File] = {}
        self.mails: dict[str, Counter[str]] = {}
        """By address, how many of each kind."""
        self.broken: list[str] = []
        self.is_gone = False
        """Whether all were erased."""
        self._gathered: dict[str, tuple[datetime, dict[str, str]]] = {}

    def owes(self, address: str, kind: str) -> None:
        """One more mail."""
        self.mails.setdefault(address, Counter())[kind] += 1

    def breaks(self, what: str) -> None:
        """Note a broken promise, once."""
        if what not in self.broken:
            self.broken.append(what)

    def of(self, address: str) -> Iterator[File]:
        """The files of a person."""
        return (file for file in self.files.values() if file.owner == address)

    # --- what was done ------------------------------------------------------------------------------------------

    def opened(self, address: str, course: Course, id: str, at: datetime) -> File:
        """Somebody has opened an application."""
        file = File(address, course, id, at, course.deadline)
        self.files[id] = file
        course.files.append(file)
        self._gathers(file, "application-opened", at)
        return file

    def cancelled(self, file: File, now: datetime) -> None:
        """Somebody has given a draft up."""
        file.state = "cancelled"
        self._gathers(file, "application-cancelled", now)

    def _gathers(self, file: File, kind: str, now: datetime) -> None:
        """What one person opens and gives up within some minutes is one mail; of one programme the latest counts."""
        if self.rules.mailer.gather_minutes:
            self._gathered.setdefault(file.owner, (now, {}))[1][file.course.code] = kind
        else:
            self.owes(file.owner, kind)

    def handed_in(self, file: File) -> None:
        """Somebody has submitted, for the first time or anew."""
        file.state, file.submitted = "submitted", True
        self.owes(file.owner, "application-submitted")

    def found_incomplete(self, file: File, today: date) -> None:
        """Staff have given a file back."""
        file.state, file.given_back = "incomplete", True
        if file.deadline < today:
            file.deadline = today + ANEW
        self.owes(file.owner, "application-incomplete")

    def found_complete(self, file: File, *, judged: bool) -> None:
        """Staff have found a file complete, and said so of pieces if it was `judged` now."""
        file.state = "complete"
        if judged:
            self.owes(file.owner, "pieces-judged")
        self.owes(file.owner, "application-complete")

    def moved(self, course: Course, day: date) -> None:
        """The last day of a programme is a later one."""
        if day <= course.deadline:
            return
        course.deadline = day
        for file in course.files:
            if file.state in {"draft", "incomplete"} and file.deadline < day:
                file.deadline = day
                self.owes(file.owner, "deadline-moved")

    def decided(self, file: File, kind: str, at: datetime, *, rank: int | None = None) -> None:
        """A decision was validated."""
        file.decision, file.decided_at, file.rank = kind, at, rank
        file.place = {"favourable": "offered", "ranked_waitlist": "waiting", "waitlist": "waiting"}.get(kind)
        file.until = file.course.answer_until(self.day(at)) if kind == "favourable" else None
        file.answer_reminded = False
        self.owes(file.owner, f"decision-{kind.replace('_', '-')}")

    def accepted(self, file: File) -> None:
        """The place is taken."""
        file.place, file.was_handed_over = "accepted", True
        self.owes(file.owner, "place-accepted")
        if self.rules.enrolment.link_fr:
            self.owes(file.owner, "enrolment-instructed")

    def withdrawn(self, file: File, now: datetime) -> None:
        """The candidate has withdrawn."""
        self._lets_go(file)
        self.owes(file.owner, "place-withdrawn")
        self.promotes(file.course, now)

    def left(self, file: File) -> None:
        """The candidate waits no more."""
        file.place = "left"
        self.owes(file.owner, "waitlist-left")

    @staticmethod
    def _lets_go(file: File) -> None:
        file.place, file.rank = "withdrawn", None
        file.course.freed += 1

    # --- what time does -----------------------------------------------------------------------------------------

    def day(self, at: datetime) -> date:
        """The institution's day."""
        return at.astimezone(self.zone).date()

    def lapses(self, now: datetime) -> bool:
        """Whether something is over by now for want of an act of its person."""
        settled = self.day(now - UNDER_WAY)
        return any(
            (file.state == "incomplete" and settled > file.deadline)
            or (file.place == "offered" and file.until is not None and settled > file.until)
            for file in self.files.values()
        )

    def passes(self, now: datetime) -> None:
        """All that must have come of its own by now."""
        settled = self.day(now - UNDER_WAY)
        minutes = timedelta(minutes=self.rules.mailer.gather_minutes)
        for address in [each for each, (since, _) in self._gathered.items() if since + minutes <= now]:
            kinds = list(self._gathered.pop(address)[1].values())
            self.owes(address, kinds[0] if len(kinds) == 1 else "applications-changed")
        if by_day := now.astimezone(self.zone).hour >= REMINDED_FROM:
            self._remind_drafts(now)
        for file in self.files.values():
            if file.state == "incomplete" and settled > file.deadline:
                file.state, file.lapsed = "submitted", True
                self.owes(file.owner, "application-marked-submitted")
            if by_day:
                self._remind_of_answer(file, now)
            if file.place == "offered" and file.until is not None and settled > file.until:
                self._lets_go(file)
                self.owes(file.owner, "place-lapsed")
        for course in self.courses.values():
            self.promotes(course, now)

    def promotes(self, course: Course, now: datetime) -> None:
        """Each place that has become free is offered to the best rank that waits; where nobody does it is left to staff."""
        least = self.rules.applications.promotion_days
        for _ in range(course.freed):
            has_room = course.capacity is None or course.taken < course.capacity
            if not has_room or not (waiting := course.waiting):
                break
            file = waiting[0]
            file.decision, file.decided_at, file.rank, file.answer_reminded = "favourable", now, None, False
            file.place, file.until = "offered", course.promoted_until(self.day(now), least)
            course.promoted += 1
            self.owes(file.owner, "promotion")
        course.freed = 0
        course.most_taken = max(course.most_taken, course.taken)

    def _remind_drafts(self, now: datetime) -> None:
        """So many days before the last one, once for each; whoever has opened it within a day is not reminded yet."""
        rules, today = self.rules.applications, self.day(now)
        days = [each for each in (rules.first_reminder_days, rules.last_reminder_days) if each]
        for file in self.files.values():
            left = (file.deadline - today).days
            number = min((each for each in days if each >= left), default=None)
            if left < 0 or number is None:
                continue
            if file.state != "draft" or now - file.opened_at < A_DAY:
                continue
            if file.reminded is not None and file.reminded[0] == file.deadline and file.reminded[1] <= number:
                continue
            file.reminded = (file.deadline, number)
            self.owes(file.owner, "application-due")

    def _remind_of_answer(self, file: File, now: datetime) -> None:
        days, today = self.rules.applications.answer_reminder_days, self.day(now)
        if file.place != "offered" or file.until is None or file.answer_reminded or file.decided_at is None:
            return
        if days and today <= file.until <= today + timedelta(days=days) and now - file.decided_at >= A_DAY:
            file.answer_reminded = True
            self.owes(file.owner, "answer-due")
