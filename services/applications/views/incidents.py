"""Incidents as staff see them, and what would come of moving the last days that one touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.applications.domain.incidents import Incident, IncidentState, premises
from services.applications.repository.incidents import Touched
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.staff import StaffCopies
from services.applications.views.wording import text_in
from services.chassis.events.aggregates import Versioned
from services.contracts.actors import staff_id
from services.contracts.api import incidents as api
from services.contracts.instants import instant_text


@dataclass(frozen=True, slots=True)
class IncidentViews:
    """What staff ask of incidents."""

    touched: Touched
    programmes: ProgrammeCopies
    staff: StaffCopies

    async def foreseen(
        self, saved: Versioned[Incident], hours: int, days: Mapping[date, date], language: str, *, dry_run: bool
    ) -> api.ExtensionView:
        """What comes, or came, of moving these days: programmes, files and people, and mails, one for each file."""
        files, answers, accounts = Counter[str](), Counter[str](), set[str]()
        for day in days:
            async for row in self.touched.open_until(day):
                files[row["programme"]["code"]] += 1
                accounts.add(row["account"])
            async for row in self.touched.answering_until(day):
                answers[row["programme"]["code"]] += 1
                accounts.add(row["account"])
        own = await self.programmes.with_last_day(frozenset(days))
        codes = sorted({*own, *files, *answers})
        titles = await self.programmes.titles(codes[: api.MOST_PROGRAMMES])
        return api.ExtensionView(
            dry_run=dry_run,
            digest=premises(saved.id, hours, days, list(own)),
            hours=hours,
            days=[api.MovedDay(before=before, after=after) for before, after in sorted(days.items())],
            programmes=[
                api.TouchedProgramme(
                    code=code,
                    title=text_in(titles[code], language) if code in titles else code,
                    submission_deadline=own.get(code),
                    files=files[code],
                    answers=answers[code],
                )
                for code in codes[: api.MOST_PROGRAMMES]
            ],
            touched=len(codes),
            files=files.total(),
            answers=answers.total(),
            people=len(accounts),
            mails=files.total() + answers.total(),
        )

    async def shown(self, saved: Versioned[Incident], days: Mapping[date, date]) -> api.IncidentView:
        """One incident."""
        incident = saved.state
        by = staff_id(incident.by.actor) if incident.by is not None else ""
        return api.IncidentView(
            id=saved.id,
            source=incident.source.value,
            service=incident.service or None,
            begins=instant_text(incident.begins),
            ends=instant_text(incident.ends),
            seconds=int(incident.lasted.total_seconds()),
            state=incident.state.value,
            hours=incident.hours if incident.state is IncidentState.EXTENDED else None,
            least_hours=incident.least_hours,
            days=[api.MovedDay(before=before, after=after) for before, after in sorted(days.items())],
            reason=incident.reason or None,
            judged_at=None if incident.judged_at is None else instant_text(incident.judged_at),
            by=by or None,
            version=saved.version,
        )
