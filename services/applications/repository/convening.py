"""Who is convened to a meeting: the members of its board on its day."""

from __future__ import annotations

from dataclasses import dataclass

from services.applications.domain.meetings import Meeting
from services.applications.domain.reach import Reach
from services.applications.repository.meetings import MeetingRepository
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.staff import StaffCopies
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.contracts.refusals import NOT_FOUND


@dataclass(frozen=True, slots=True)
class Convening:
    """Meetings with who belongs to them, and who reaches them."""

    meetings: MeetingRepository
    programmes: ProgrammeCopies
    staff: StaffCopies

    async def reached(self, actor: Actor, id: str) -> tuple[Versioned[Meeting], Reach]:
        """The meeting, and within whose reach all its programmes are; raises NOT_FOUND."""
        saved = await self.meetings.get(id)
        if saved is not None:
            for reach in await self.programmes.reaches(actor):
                if reach.holds_all(saved.state.plan.programmes):
                    return saved, reach
        raise NOT_FOUND()

    async def convened(self, meeting: Meeting) -> dict[str, str]:
        """The members, by account, with how they are known."""
        offers = await self.programmes.of_all(meeting.plan.programmes)
        centres = frozenset(offer.programme.centre["code"] for offer in offers.values())
        return await self.staff.on_board(meeting.commission, centres, meeting.plan.day)
