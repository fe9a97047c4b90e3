"""Files with all that columns tell of them, so many at a time: what no column asks for is not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.model import Application
from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.reach import Reach, is_reached, recused_from
from services.applications.domain.sheets import Sheet
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.cards import CardCopies
from services.applications.repository.decisions import DecisionRepository
from services.applications.repository.languages import LanguageCopies
from services.applications.repository.pre_enrolments import PreEnrolmentRepository
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.sheets import SheetRepository
from services.applications.repository.staff import StaffCopies
from services.applications.views.cells import Known, cell, texts_of
from services.chassis.context import Actor
from services.contracts.api import review as api

_SHEETS: Final = frozenset({"tags", "assignee", "notes", "regime", "exemption", "amount"})
_ENROLMENTS: Final = frozenset({"enrolment_code", "enrolment_state"})


@dataclass(frozen=True, slots=True)
class KnownFiles:
    """What columns tell; `zone` is the institution's."""

    applications: ApplicationRepository
    programmes: ProgrammeCopies
    cards: CardCopies
    sheets: SheetRepository
    decisions: DecisionRepository
    pre_enrolments: PreEnrolmentRepository
    staff: StaffCopies
    languages: LanguageCopies
    zone: ZoneInfo

    async def beside(
        self, files: Mapping[str, Application], columns: Sequence[str], reaches: Iterable[Reach]
    ) -> dict[str, Known]:
        """These files, `MAX_FIND` at most, by id, with what these columns ask for; who asks has been let through to them
        by these reaches.
        """
        asked, ids = frozenset(columns), [*files]
        steps = await self.cards.steps(application.account for application in files.values())
        offers = await self.programmes.of_all({application.programme.code for application in files.values()})
        sheets: Mapping[str, Sheet] = await self.sheets.of_ids(ids) if asked & _SHEETS else {}
        entered: Mapping[str, EnteredDecision] = {}
        if "entered_decision" in asked:
            recused = recused_from(reaches)
            entered = await self.decisions.of_ids([id for id in ids if id not in recused])
        enrolments: Mapping[str, PreEnrolment] = {}
        if asked & _ENROLMENTS:
            enrolments = await self.pre_enrolments.of_ids(ids)
        whose = {sheet.assignee for sheet in sheets.values() if sheet.assignee is not None}
        names = await self.staff.names(whose) if whose else {}
        people = [application.account for application in files.values()]
        emails = await self.languages.emails(people) if "email" in asked else {}
        return {
            id: Known(
                application,
                steps.get(application.account, {}),
                offers.get(application.programme.code),
                sheets.get(id),
                entered.get(id),
                enrolments.get(id),
                names,
                emails.get(application.account),
            )
            for id, application in files.items()
        }

    @staticmethod
    def is_reached(reaches: Iterable[Reach], file: Application) -> bool:
        """Whether somebody is let through to a file as it is now."""
        return is_reached(reaches, file.programme.code, file.state)

    async def with_cells(
        self, actor: Actor, page: api.ReviewList, columns: Sequence[str], language: str
    ) -> api.ReviewList:
        """A page of a list with these columns of each file on it; of one that has left the actor's reach nothing."""
        ids, reaches = [row.id for row in page.items], await self.programmes.reaches(actor)
        there = await self.applications.of_ids(ids) if ids else []
        files = {saved.id: saved.state for saved in there if self.is_reached(reaches, saved.state)}
        shown: dict[str, dict[str, str]] = {}
        for id, known in (await self.beside(files, columns, reaches)).items():
            texts = texts_of(known, language, self.zone)
            shown[id] = {column: cell(texts.get(column), formulas=True) for column in columns}
        items = [row.model_copy(update={"cells": shown.get(row.id, {})}) for row in page.items]
        return page.model_copy(update={"items": items})
