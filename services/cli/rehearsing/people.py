"""Who applies in a campaign that is played: what each of them has in mind, and how they do it over the public API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final, Literal

import aiohttp

from services.cli.rehearsing import papers
from services.cli.rehearsing.ledger import Course, File, Ledger
from services.cli.rehearsing.line import PASSWORD, Caller
from services.cli.rehearsing.mails import MailFolder
from services.contracts.api import accounts, decisions
from services.contracts.api.applications import AnswerQuestion, ApplicationView, DepositPiece, OpenApplication
from services.contracts.api.endpoints import accounts as of_accounts
from services.contracts.api.endpoints import applications as of_applications
from services.contracts.instants import instant

MAIL_SECONDS: Final = 600.0
PAUSE: Final = 0.1

Submits = Literal["early", "late", "never", "cancels"]
Completes = Literal["complete", "completes", "lapses"]
Answers = Literal["accepts", "withdraws", "silent", "changes"]


@dataclass
class Wish:
    """One application that somebody has in mind; `changes` is to accept, and to withdraw later."""

    course: Course
    comes: int
    """On the first, second or third of the days on which people come."""
    submits: Submits
    completes: Completes
    answers: Answers
    leaves: bool
    file: File | None = None


class Applicant:
    """A person, and what they do."""

    def __init__(
        self,
        *,
        client: aiohttp.ClientSession,
        base: Callable[[], str],
        number: int,
        wishes: Sequence[Wish],
        ledger: Ledger,
        mails: MailFolder,
    ) -> None:
        address = f"10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}"
        self.number = number
        self.email = f"personne.{number}@repetition.example"
        self.wishes = wishes
        self.is_known = False
        self.turn = asyncio.Lock()
        """One who applies to two programmes does one thing after the other."""
        self.caller = Caller(client, base, self.email, address)
        self._ledger = ledger
        self._mails = mails

    async def becomes_known(self) -> None:
        """From nothing to a complete profile; nothing if that is done."""
        if self.is_known:
            return
        who = papers.identity(self.number)
        asked = accounts.Registration(
            family_name=who.family_name or "",
            given_name=who.given_name,
            email=self.email,
            email_confirmation=self.email,
            language="en" if self.number % 5 == 0 else "fr",
        )
        await self.caller.ask(of_accounts.REGISTER, asked)
        self._ledger.owes(self.email, "account-created")
        token = await self._token()
        await self.caller.ask(of_accounts.VALIDATE, accounts.Validation(token=token, password=PASSWORD))
        await self.caller.ask(of_accounts.GIVE_IDENTITY, who)
        await self.caller.ask(of_accounts.GIVE_ADDRESS, papers.ADDRESS)
        await self.caller.ask(of_accounts.GIVE_BACCALAUREATE, papers.BACCALAUREATE)
        self.is_known = True

    async def _token(self) -> str:
        async with asyncio.timeout(MAIL_SECONDS):
            while True:
                await self._mails.look()
                if (token := self._mails.tokens.get(self.email)) is not None:
                    return token
                await asyncio.sleep(PAUSE)

    async def opens(self, wish: Wish) -> None:
        """Begin an application, and give the first document."""
        opened = await self.caller.ask(of_applications.OPEN, OpenApplication(programme=wish.course.code))
        wish.file = self._ledger.opened(self.email, wish.course, opened.id, instant(opened.opened_at))
        await self._completes(opened, most=1)

    async def cancels(self, wish: Wish, now: datetime) -> None:
        """Give a draft up."""
        file = _of(wish)
        await self.caller.ask(of_applications.CANCEL, id=file.id)
        self._ledger.cancelled(file, now)

    async def submits(self, wish: Wish) -> None:
        """Give what is wanting, and hand the file over."""
        file = _of(wish)
        await self._completes(await self.caller.ask(of_applications.ONE, id=file.id))
        await self.caller.ask(of_applications.SUBMIT, id=file.id)
        self._ledger.handed_in(file)

    async def answers(self, file: File, answer: Literal["accept", "withdraw"], now: datetime) -> None:
        """Answer the place that is offered."""
        await self.caller.ask(of_applications.ANSWER_PLACE, decisions.PlaceAnswer(answer=answer), id=file.id)
        if answer == "accept":
            self._ledger.accepted(file)
        else:
            self._ledger.withdrawn(file, now)

    async def leaves(self, file: File) -> None:
        """Wait no more."""
        await self.caller.ask(of_applications.LEAVE_WAITLIST, id=file.id)
        self._ledger.left(file)

    async def _completes(self, view: ApplicationView, most: int = 1000) -> None:
        """Give the documents that are wanting, `most` of them, and, if all are, the answers."""
        given = 0
        for piece in view.pieces:
            if piece.state not in {"awaiting", "refused"} or piece.optional or given == most:
                continue
            if piece.conditional and piece.state == "awaiting":
                await self.caller.ask(of_applications.DECLARE_NOT_APPLICABLE, id=view.id, code=piece.code)
                continue
            if piece.document is not None:
                await self.caller.ask(of_applications.REMOVE, id=view.id, code=piece.code)
            content, media_type = papers.document(piece.media_types)
            kept = await self.caller.upload(content, f"{piece.code} d'été.{media_type[-3:]}", media_type)
            await self.caller.ask(
                of_applications.DEPOSIT, DepositPiece(receipt=kept.receipt), id=view.id, code=piece.code
            )
            given += 1
        for question in view.questions:
            if question.required and question.state == "awaiting" and given < most:
                said = AnswerQuestion(answer="yes" if question.kind == "yes-no" else "Apprendre.\nEt le reste.")
                await self.caller.ask(of_applications.ANSWER, said, id=view.id, question=question.code)


def wishes_of(courses: Sequence[Course], number: int, chance: Random) -> list[Wish]:
    """What the person of a number has in mind: one programme or two, every way of going about it in turn."""
    chosen = [courses[number % len(courses)]]
    if len(courses) > 1 and number % 3 == 0:
        chosen.append(courses[(number + 1) % len(courses)])
    submits: tuple[Submits, ...] = ("early", "late", "early", "late", "late", "early", "never", "cancels")
    completes: tuple[Completes, ...] = ("complete", "complete", "completes", "complete", "complete", "lapses")
    answers: tuple[Answers, ...] = ("accepts", "withdraws", "silent", "accepts", "changes")
    return [
        Wish(
            course,
            comes=chance.randrange(3),
            submits=chance.choice(submits),
            completes=chance.choice(completes),
            answers=chance.choice(answers),
            leaves=chance.random() < 0.15,
        )
        for course in chosen
    ]


def _of(wish: Wish) -> File:
    if wish.file is None:
        raise LookupError("an application that was never opened")
    return wish.file
