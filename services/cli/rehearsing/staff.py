"""What staff do in a campaign that is played: a manager, a member of the board and an administrator, over the public API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from services.cli.rehearsing.ledger import Course, File, Ledger
from services.cli.rehearsing.line import Caller
from services.contracts.api import bulk, review
from services.contracts.api.decisions import AppointmentBody, DecisionBody, DecisionGiven
from services.contracts.api.endpoints import offers as of_offers
from services.contracts.api.endpoints import places as of_places
from services.contracts.api.endpoints import review as of_review
from services.contracts.api.offers import MoveDeadline, PlanCampaign
from services.contracts.api.places import PlacesView

REASON: Final = "Les places sont moins nombreuses que les candidatures.\nLe projet est à préciser."


class Board:
    """Those who examine and decide."""

    def __init__(self, manager: Caller, member: Caller, admin: Caller, ledger: Ledger) -> None:
        self.manager = manager
        self.member = member
        self.admin = admin
        self._ledger = ledger

    async def reviews(self, file: File, *, gives_back: bool, today: date) -> None:
        """Say what is thought of each piece, and whether the file is complete."""
        view = await self.manager.ask(of_review.FILE, id=file.id)
        deposited = [piece for piece in view.pieces if piece.state == "deposited"]
        verdicts = [review.PieceVerdict(code=piece.code, verdict="validated") for piece in deposited]
        if gives_back and verdicts:
            verdicts[0] = review.PieceVerdict(code=verdicts[0].code, verdict="refused", comment="Illisible.")
        if verdicts:
            await self.manager.ask(of_review.JUDGE_SEVERAL, review.Verdicts(verdicts=verdicts), id=file.id)
        if gives_back and verdicts:
            await self.manager.ask(of_review.MARK, review.FileMark(state="incomplete"), id=file.id)
            self._ledger.found_incomplete(file, today)
        else:
            await self.manager.ask(of_review.MARK, review.FileMark(state="complete"), id=file.id)
            self._ledger.found_complete(file, judged=bool(verdicts))

    async def enters(self, files: Sequence[File], given: DecisionBody) -> None:
        """The manager enters the same decision on several files; ranks follow the order of the ids."""
        await self._in_bulk(
            "enter_decision", bulk.BulkArgs(decision=DecisionGiven(**given.model_dump(exclude_unset=True))), files
        )

    async def enters_one(self, file: File, given: DecisionBody) -> None:
        """The board enters a decision on one file."""
        await self.member.ask(of_review.ENTER_DECISION, given, id=file.id)

    async def enters_by_mistake(self, file: File) -> None:
        """The board enters a decision that it deletes again, of which nobody may ever hear."""
        wrong = DecisionBody(kind="unfavourable", reason=REASON)
        await self.member.ask(of_review.ENTER_DECISION, wrong, id=file.id)
        await self.member.ask(of_review.DELETE_DECISION, id=file.id)

    async def shortlists(self, file: File, day: date) -> None:
        """The board wants to see somebody."""
        where = AppointmentBody(place="Amphithéâtre 3", day=day, time="14:30")
        await self.member.ask(of_review.ENTER_DECISION, DecisionBody(kind="shortlisted", appointment=where), id=file.id)

    async def validates(self, files: Sequence[File]) -> frozenset[str]:
        """The manager lets what is entered count: who gets which mail is looked at first; the ids of which it does."""
        return await self._in_bulk("validate_decision", bulk.BulkArgs(), files)

    async def _in_bulk(self, action: bulk.BulkActionName, args: bulk.BulkArgs, files: Sequence[File]) -> frozenset[str]:
        changed: set[str] = set()
        for start in range(0, len(files), bulk.MAX_BULK):
            ids = [file.id for file in files[start : start + bulk.MAX_BULK]]
            rank = args.decision.rank if args.decision else None
            if rank is not None and args.decision is not None and start:
                moved = args.decision.model_copy(update={"rank": rank + start})
                args = args.model_copy(update={"decision": moved})
            asked = bulk.Bulk(action=action, args=args, ids=ids, dry_run=True)
            tried = await self.manager.ask(of_review.BULK, asked)
            done = await self.manager.ask(
                of_review.BULK, bulk.Bulk(action=action, args=args, ids=ids, digest=tried.digest)
            )
            for item in done.items:
                changed |= {item.id} if item.result == "changed" else set()
                if item.result != "changed":
                    why = item.refusal.slug if item.refusal else item.result
                    self._ledger.breaks(f"{action} of {item.id}: {why}")
        return frozenset(changed)

    async def moves(self, course: Course, day: date) -> None:
        """The administrator gives a programme a later last day."""
        moved = MoveDeadline(programme=course.code, submission_deadline=day, reason="Répétition")
        await self.admin.ask(of_offers.MOVE_DEADLINE, moved)
        self._ledger.moved(course, day)

    async def places(self, course: Course) -> PlacesView:
        """How a programme stands."""
        return await self.manager.ask(of_places.PLACES, programme=course.code)

    async def plans(self, code: str, starts_on: date, ends_on: date) -> None:
        """The administrator plans a campaign and lets it be the active one."""
        planned = PlanCampaign(code=code, label=f"Candidatures {code}", starts_on=starts_on, ends_on=ends_on)
        await self.admin.ask(of_offers.PLAN_CAMPAIGN, planned)
        await self.admin.ask(of_offers.ACTIVATE_CAMPAIGN, campaign=code)
