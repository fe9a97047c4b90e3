"""A rehearsal from end to end on a suite that is given: staff, catalogue, people, the play, the next year, the erasure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import aiohttp

from services import SERVICES
from services.cli.imports import catalogue as import_catalogue
from services.cli.offline import opened_to_read
from services.cli.rehearsing import comparing
from services.cli.rehearsing.campaign import Play
from services.cli.rehearsing.catalogue import course_of
from services.cli.rehearsing.ledger import Ledger
from services.cli.rehearsing.line import PASSWORD, Caller, Refused
from services.cli.rehearsing.mails import MailFolder
from services.cli.rehearsing.moments import NIGHT
from services.cli.rehearsing.people import Applicant, wishes_of
from services.cli.rehearsing.rest import come_to_rest
from services.cli.rehearsing.staff import Board
from services.cli.rehearsing.suite import PlayedSuite
from services.cli.staff import staff_add
from services.cli.verify import lasting_violations
from services.contracts.actors import Role
from services.contracts.api import accounts
from services.contracts.api.endpoints import accounts as of_accounts
from services.contracts.api.endpoints import offers as of_offers
from services.contracts.api.offers import ProgrammesQuery
from services.contracts.api.parameters import ParametersGiven
from services.contracts.parameters import Parameters
from services.offers.domain.own_catalogue import Plan

BEFORE: Final = timedelta(days=10)
"""So long before the first opening all begins."""
AFTER: Final = timedelta(days=210)
"""From the last decisions to the end of the campaign, unless answers take longer."""
EXTENDED_DAYS: Final = 6
VERIFY_SECONDS: Final = 60.0
MAIL_SECONDS: Final = 600.0
MAIL_PAUSE: Final = 0.1
STAFF: Final = {Role.MANAGER: "gestion", Role.COMMISSION: "jury", Role.ADMIN: "administration"}
LINK: Final = "https://inscription.repetition.example/"


class Nothing(Exception):
    """What the play is to be of is not there; the text says what."""


class _Lines:
    """What a command says, kept."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def line(self, text: str, *, error: bool = False) -> None:
        """Tell it, if it is amiss."""
        if error:
            self._tell(text)

    def progress(self, done: int, total: int) -> None:
        """Say nothing."""


class Rehearsed:
    """One campaign on one suite; `ledger` says afterwards what was owed, and what was broken."""

    def __init__(
        self, suite: PlayedSuite, planned: Plan, *, people: int, seed: int, zone: ZoneInfo, tell: Callable[[str], None]
    ) -> None:
        self._suite = suite
        self._planned = planned
        self._number = people
        self._seed = seed
        self._zone = zone
        self._tell = tell
        self._mails = MailFolder(suite.mails)
        self.ledger = Ledger(zone)
        self.moments = 0

    async def play(self, catalogue: Path) -> None:
        """All of it; raises Nothing, NoRest, DidNotStart, Refused where not even the beginning is to be had."""
        opening = min(each.content.calendar.opens_on for each in self._planned.programmes)
        begin = datetime.combine(opening - BEFORE, time(10), self._zone)
        self._suite.show(begin)
        await self._suite.start()
        async with self._board() as (client, board):
            last = max(each.content.calendar.submission_deadline for each in self._planned.programmes)
            code, ends_on = f"{opening.year}-{opening.year + 1}", last + AFTER
            await board.plans(code, begin.date(), ends_on)
            await self._loads(catalogue)
            await come_to_rest(self._suite, None)
            await self._settings(board)
            await self._courses(client)
            chance = Random(self._seed)  # noqa: S311 - of what people do, which is to be the same again
            courses = list(self.ledger.courses.values())
            people = [
                Applicant(
                    client=client,
                    base=lambda: self._suite.base,
                    number=number,
                    wishes=wishes_of(courses, number, chance),
                    ledger=self.ledger,
                    mails=self._mails,
                )
                for number in range(self._number)
            ]
            play = Play(
                suite=self._suite,
                ledger=self.ledger,
                board=board,
                people=people,
                mails=self._mails,
                chance=chance,
                tell=self._tell,
                now=begin,
            )
            for course in courses:
                play.foresee(course)
            play.move_deadline(courses[0], EXTENDED_DAYS)
            await play.until_nothing_is_due()
            await self._ends(play, board, people, code, ends_on)
            self.moments = play.moments
            await self._verifies()

    @asynccontextmanager
    async def _board(self) -> AsyncIterator[tuple[aiohttp.ClientSession, Board]]:
        """Those who decide, each validated by the link of a mail."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as client:
            found: dict[Role, Caller] = {}
            for role, name in STAFF.items():
                email = f"{name}@repetition.example"
                arguments = {"email": email, "role": role, "centres": None, "commissions": None, "until": None}
                given = arguments | {"language": "fr", "ent": None}
                if await staff_add.on(self._suite.settings, _Lines(self._tell), given):
                    raise Nothing(f"{email} could not be given a role")
                caller = Caller(client, lambda: self._suite.base, email, "10.255.0.1")
                token = await self._token(email)
                await caller.ask(of_accounts.VALIDATE, accounts.Validation(token=token, password=PASSWORD))
                self.ledger.owes(email, "staff-invited")
                found[role] = caller
            yield client, Board(found[Role.MANAGER], found[Role.COMMISSION], found[Role.ADMIN], self.ledger)

    async def _token(self, email: str) -> str:
        async with asyncio.timeout(MAIL_SECONDS):
            while True:
                await self._mails.look()
                if (token := self._mails.tokens.get(email)) is not None:
                    return token
                await asyncio.sleep(MAIL_PAUSE)

    async def _loads(self, catalogue: Path) -> None:
        """The catalogue, by the command of operations; what is faulty in it is told."""
        await import_catalogue.on(self._suite.settings, _Lines(self._tell), {"file": catalogue, "dry_run": False})

    async def _settings(self, board: Board) -> None:
        given = ParametersGiven.model_validate({"enrolment": {"link_fr": LINK}})
        there = await board.admin.ask(of_offers.SET_PARAMETERS, given)
        self.ledger.rules = Parameters(**{name: getattr(there, name) for name in type(there).model_fields})

    async def _courses(self, client: aiohttp.ClientSession) -> None:
        anybody = Caller(client, lambda: self._suite.base, "", "10.255.0.2")
        after: str | None = None
        while True:
            asked = ProgrammesQuery(limit=50) if after is None else ProgrammesQuery(limit=50, after=after)
            page = await anybody.ask(of_offers.PROGRAMMES, query=asked)
            for each in page.items:
                detail = await anybody.ask(of_offers.PROGRAMME, code=each.code)
                if each.reason is not None and each.reason.slug == "not-offered":
                    continue
                if any(form.required for form in detail.forms):
                    self._tell(f"{each.code} is left out: it requires a form that is filled in elsewhere")
                    continue
                self.ledger.courses[each.code] = course_of(detail)
            if (after := page.next) is None:
                break
        if not self.ledger.courses:
            raise Nothing("the catalogue has no programme to which people could apply")

    async def _ends(self, play: Play, board: Board, people: list[Applicant], code: str, ends_on: date) -> None:
        """All is looked at once more; the next campaign begins; people are told that they go, and go."""
        ledger = self.ledger
        for day in changes_of_the_clock(play.now.date(), ends_on):
            play.at(day, NIGHT, "the clock is changed")
        await play.until_nothing_is_due()
        closing = max(ends_on, play.now.date() + timedelta(days=2))
        await play.comes(datetime.combine(closing, time(10), self._zone))
        now = play.now
        self._tell("every file, list, hand-over and count is compared")
        await comparing.files(ledger, people, now)
        await comparing.lists(ledger, board, now)
        await comparing.hand_overs(ledger, board, now)
        await comparing.counts(ledger, board, code, now)
        after = f"{closing.year + 1}-{closing.year + 2}"
        await board.plans(after, closing, closing + timedelta(days=365))
        rules = ledger.rules.retention
        gone_on = closing + timedelta(days=rules.kept_days + 1)
        told = [person for person in people if person.is_known]

        async def tell() -> None:
            for person in told:
                ledger.owes(person.email, "erasure-announced")

        play.at(gone_on - timedelta(days=rules.warning_days), time(9), "people are told of the erasure", tell)
        play.at(gone_on - timedelta(days=1), NIGHT, "the night before")
        await play.until_nothing_is_due()
        await self._is_there(told[:1], there=True)
        ledger.is_gone = True
        await play.comes(datetime.combine(gone_on, NIGHT, self._zone))
        await self._is_there(told, there=False)
        await comparing.counts(ledger, board, code, play.now)

    async def _is_there(self, people: list[Applicant], *, there: bool) -> None:
        """Who knocks is told that the campaign is over, and nothing at all once the account is gone."""
        owed = "campaign-over" if there else "bad-credentials"
        for person in people:
            try:
                await person.caller.ask(of_accounts.ME)
                said = "let in"
            except Refused as refused:
                said = refused.problem.slug
            if said != owed:
                self.ledger.breaks(f"{person.email}: {said}, not {owed}, at the door")

    async def _verifies(self) -> None:
        self._tell("parvis verify all")
        async with opened_to_read(self._suite.settings) as suite:
            for line in await lasting_violations(suite, SERVICES, VERIFY_SECONDS):
                self.ledger.breaks(f"verify: {line}")


def changes_of_the_clock(since: date, until: date) -> list[date]:
    """The last Sundays of March and October between two days."""
    found = []
    for year in range(since.year, until.year + 1):
        for month in (3, 10):
            last = date(year, month, 31)
            sunday = last - timedelta(days=(last.weekday() + 1) % 7)
            if since < sunday < until:
                found.append(sunday)
    return found
