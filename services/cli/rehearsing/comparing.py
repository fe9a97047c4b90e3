"""The ledger against what the suite says: places, files as their owners see them, mails, and what stays in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.cli.rehearsing.ledger import Course, File, Ledger
from services.cli.rehearsing.line import Caller
from services.cli.rehearsing.mails import MailFolder
from services.cli.rehearsing.people import Applicant
from services.cli.rehearsing.staff import Board
from services.contracts.api.applications import ApplicationPage, ApplicationView
from services.contracts.api.counts import CountsPage, ProgrammeCounts
from services.contracts.api.endpoints import applications as of_applications
from services.contracts.api.endpoints import review as of_review
from services.contracts.api.endpoints.counts import STATISTICS
from services.contracts.api.filters import DecidedFilter, ReviewPage

MOST_SHOWN: Final = 200
"""Of who waits for a place."""
ANSWERS: Final = {"accepted": "accept", "withdrawn": "withdraw"}
COUNTED: Final = (
    "opened",
    "cancelled",
    "submitted",
    "complete",
    "favourable",
    "unfavourable",
    "ranked_waitlist",
    "waitlist",
    "shortlisted",
    "accepted",
    "withdrawn",
)


async def places(ledger: Ledger, board: Board, now: datetime) -> None:
    """How many places of each programme are taken, and who waits, in which order."""
    for course in ledger.courses.values():
        shown = await board.places(course)
        taken = shown.offered + shown.accepted
        if course.capacity is not None and taken > course.capacity:
            ledger.breaks(f"{now:%Y-%m-%d %H:%M} {course.code}: {taken} places are taken of {course.capacity}")
        accepted = 0 if ledger.is_gone else sum(file.place == "accepted" for file in course.files)
        owed = 0 if ledger.is_gone else course.taken
        _same(ledger, f"{now:%Y-%m-%d %H:%M} {course.code}: places taken", taken, owed)
        _same(ledger, f"{now:%Y-%m-%d %H:%M} {course.code}: places accepted", shown.accepted, accepted)
        waiting = [] if ledger.is_gone else [file.id for file in course.waiting][:MOST_SHOWN]
        _same(
            ledger,
            f"{now:%Y-%m-%d %H:%M} {course.code}: who waits",
            [each.application for each in shown.waiting],
            waiting,
        )


async def mails(ledger: Ledger, folder: MailFolder, now: datetime) -> None:
    """Which mails each person got, of each kind so many."""
    await folder.look()
    for address in sorted(ledger.mails.keys() | folder.kinds.keys()):
        owed, got = ledger.mails.get(address, Counter()), folder.kinds.get(address, Counter())
        for kind in sorted(owed.keys() | got.keys()):
            if owed[kind] != got[kind]:
                ledger.breaks(f"{now:%Y-%m-%d %H:%M} {address}: {got[kind]} mails {kind}, not {owed[kind]}")
                ledger.mails.setdefault(address, Counter())[kind] = got[
                    kind
                ]  # said once, not at every moment from now on
    for twice in folder.twice:
        ledger.breaks(f"mailed twice: {twice}")


async def files(ledger: Ledger, people: Sequence[Applicant], now: datetime) -> None:
    """Each file as its owner sees it."""
    for person in people:
        if not person.is_known:
            continue
        own = await person.caller.ask(of_applications.OWN, query=ApplicationPage(limit=200))
        there = {view.id: view for view in own.items}
        owed = {file.id: file for file in ledger.of(person.email)}
        _same(ledger, f"{now:%Y-%m-%d %H:%M} {person.email}: files", sorted(there), sorted(owed))
        for id in there.keys() & owed.keys():
            _file(ledger, there[id], owed[id], f"{now:%Y-%m-%d %H:%M} {id} of {person.email}")


def _file(ledger: Ledger, there: ApplicationView, owed: File, name: str) -> None:
    _same(ledger, f"{name}: state", there.state, owed.state)
    _same(ledger, f"{name}: decision", there.decision, owed.decision)
    if owed.place in {"offered", "accepted"}:
        _same(ledger, f"{name}: answer until", there.answer_deadline, owed.until and owed.until.isoformat())
    _same(ledger, f"{name}: left the list", there.left_waitlist, owed.place == "left")
    behind = owed.course.waiting.index(owed) + 1 if owed.waits else None
    _same(ledger, f"{name}: rank now", there.live_rank, behind)


async def lists(ledger: Ledger, board: Board, now: datetime) -> None:
    """Each list of staff: files of a programme by the decision that counts, and by what was answered."""
    kinds: tuple[DecidedFilter, ...] = ("favourable", "unfavourable", "ranked_waitlist", "waitlist", "shortlisted")
    for course in ledger.courses.values():
        for kind in kinds:
            owed = sorted(file.id for file in course.files if file.decision == kind and file.place != "left")
            found = await _listed(
                board.manager, ReviewPage(programme=course.code, decision=kind, sort="oldest", limit=200)
            )
            _same(ledger, f"{now:%Y-%m-%d %H:%M} {course.code}: listed as {kind}", sorted(found), owed)
            if kind != "favourable":
                continue
            answers = {file.id: ANSWERS.get(file.place or "") for file in course.files if file.decision == kind}
            _same(ledger, f"{now:%Y-%m-%d %H:%M} {course.code}: listed answers", found, answers)


async def _listed(manager: Caller, asked: ReviewPage) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    while True:
        page = await manager.ask(of_review.FILES, query=asked)
        found |= {row.id: row.answer for row in page.items}
        if page.next is None:
            return found
        asked = asked.model_copy(update={"after": page.next})
        asked.model_fields_set.add("after")


async def hand_overs(ledger: Ledger, board: Board, now: datetime) -> None:
    """Who has accepted is with the student records, and who has withdrawn since is called off."""
    for file in ledger.files.values():
        if not file.was_handed_over:
            continue
        view = await board.manager.ask(of_review.FILE, id=file.id)
        there = None if view.pre_enrolment is None else view.pre_enrolment.state
        owed = "done" if file.place == "accepted" else "cancelled"
        _same(ledger, f"{now:%Y-%m-%d %H:%M} {file.id}: pre-enrolment", there, owed)


async def counts(ledger: Ledger, board: Board, campaign: str, now: datetime) -> None:
    """What stays of each programme, before and after its files are gone."""
    found: dict[str, ProgrammeCounts] = {}
    after: str | None = None
    while True:
        asked = CountsPage(campaign=campaign, limit=50)
        if after is not None:
            asked = CountsPage(campaign=campaign, limit=50, after=after)
        page = await board.admin.ask(STATISTICS, query=asked)
        found |= {each.programme: each for each in page.items}
        if (after := page.next) is None:
            break
    for course in ledger.courses.values():
        owed = counted(course)
        there = found.get(course.code)
        shown = {name: getattr(there, name) if there else 0 for name in COUNTED}
        _same(ledger, f"{now:%Y-%m-%d %H:%M} {course.code}: counts", shown, owed)


def counted(course: Course) -> dict[str, int]:
    """The same by the ledger."""
    files = course.files
    by_decision = Counter(file.decision for file in files)
    return {
        "opened": len(files),
        "cancelled": sum(file.state == "cancelled" for file in files),
        "submitted": sum(file.submitted for file in files),
        "complete": sum(file.state == "complete" for file in files),
        **{kind: by_decision[kind] for kind in COUNTED[4:9]},
        "accepted": sum(file.place == "accepted" for file in files),
        "withdrawn": sum(file.place == "withdrawn" for file in files),
    }


def _same(ledger: Ledger, what: str, there: object, owed: object) -> None:
    if there != owed:
        ledger.breaks(f"{what}: {there}, not {owed}")
