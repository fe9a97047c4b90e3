"""What was done to a file, as staff see it who reach that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.applications.domain.audit import unsealed
from services.applications.domain.reach import Reach, recused_from
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.audit import Trail, pending_of
from services.applications.repository.decisions import DECISIONS, DecisionRepository
from services.applications.repository.pre_enrolments import PreEnrolmentRepository
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.recusals import RecusalRepository
from services.applications.repository.sheets import SheetRepository
from services.applications.repository.staff import StaffCopies
from services.chassis.context import Actor
from services.contracts.actors import staff_id
from services.contracts.api import sheets as api
from services.contracts.refusals import NOT_FOUND

_ENTERED: Final = f"{DECISIONS.name}:"
"""Chains of what is entered begin with it."""


@dataclass(frozen=True, slots=True)
class AuditViews:
    """The questions about the trail; days are those of `zone`."""

    applications: ApplicationRepository
    sheets: SheetRepository
    decisions: DecisionRepository
    pre_enrolments: PreEnrolmentRepository
    recusals: RecusalRepository
    programmes: ProgrammeCopies
    staff: StaffCopies
    trail: Trail
    zone: ZoneInfo

    async def page(self, actor: Actor, id: str, query: api.AuditPage) -> api.AuditList:
        """A page of what was done to the file of that id and to the sheet beside it; raises NOT_FOUND."""
        reaches = await self.programmes.reaches(actor)
        pending = pending_of(await self._document(reaches, id))
        for kept in (self.sheets, self.decisions, self.pre_enrolments):
            pending += pending_of(await kept.document(id) or {})
        for each in await self.recusals.documents_of(id):
            pending += pending_of(each)
        behind = None if query.after is None else query.after.split("~")
        until = None
        if query.at is not None:
            until = datetime.combine(query.at + timedelta(days=1), time(), self.zone)
        found = await self.trail.page(id, pending, query.limit + 1, until=until, after=behind)
        page = found[: query.limit]
        last = "~".join((page[-1]["at"], page[-1]["_id"])) if len(found) > query.limit else None
        if id in recused_from(reaches):
            page = [row for row in page if not row["chain"].startswith(_ENTERED)]
        who = {staff_id(row[name]) for row in page for name in ("actor", "on_behalf_of")}
        names = await self.staff.names(who - {""})
        return api.AuditList(items=[_entry(row, names) for row in page], next=last)

    async def _document(self, reaches: Sequence[Reach], id: str) -> Mapping[str, Any]:
        for reach in reaches:
            if (saved := await self.applications.reached(id, reach)) is not None:
                return saved.document
        raise NOT_FOUND()


def _entry(row: Mapping[str, Any], names: Mapping[str, str]) -> api.AuditEntry:
    personal, behalf = row.get("personal", {}), row["on_behalf_of"]
    return api.AuditEntry(
        at=row["at"],
        actor=row["actor"],
        actor_name=names.get(staff_id(row["actor"])),
        on_behalf_of=behalf,
        on_behalf_of_name=names.get(staff_id(behalf)),
        action=row["action"],
        before=unsealed(row["before"], personal),
        after=unsealed(row["after"], personal),
        mail=row["mail"],
    )
