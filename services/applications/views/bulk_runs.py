"""Runs of acts for many files as staff see them: how far each is, and what came of it for which file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.applications.domain.bulk import DECIDING, BulkAct, BulkItem
from services.applications.domain.bulk_runs import ActOf, BulkRun, RunFile
from services.applications.domain.model import Application
from services.applications.domain.reach import is_reached, recused_from
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.bulk import done_before
from services.applications.repository.bulk_runs import BulkRunRepository, RunFiles
from services.applications.repository.cards import CardCopies
from services.applications.repository.languages import LanguageCopies
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.staff import StaffCopies
from services.applications.views.bulk import file_views
from services.applications.views.wording import word
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.texts.catalogues import catalogues
from services.contracts.api import bulk_runs as api
from services.contracts.instants import instant_text
from services.contracts.languages import Language
from services.contracts.refusals import ErrorCode, ErrorKind
from services.contracts.refusals.applications import RECUSED
from services.contracts.undoing import UNDOES


@dataclass(frozen=True, slots=True)
class RunViews:
    """Runs, with what their files are called by now; `act_of` reads the act of one."""

    runs: BulkRunRepository
    files: RunFiles
    applications: ApplicationRepository
    programmes: ProgrammeCopies
    cards: CardCopies
    languages: LanguageCopies
    staff: StaffCopies
    act_of: ActOf

    async def own(self, actor: Actor, language: Language, now: datetime) -> api.RunList:
        """Those of the actor that are not gone."""
        found = [saved for saved in await self.runs.own(actor.id) if now < saved.state.expires_at]
        names = await self.staff.names({actor.id}) if found else {}
        return api.RunList(
            items=[api.RunInBrief.model_validate(_brief(each, language, names.get(actor.id))) for each in found]
        )

    async def shown(self, actor: Actor, saved: Versioned[BulkRun], language: Language) -> api.RunView:
        """One that the actor may see."""
        run = saved.state
        files = await self.files.of(run.batch)
        reaches = await self.programmes.reaches(actor)
        there = {each.id: each for each in await self.applications.of_ids([file.file for file in files])}
        seen = {
            id: each for id, each in there.items() if is_reached(reaches, each.state.programme.code, each.state.state)
        }
        act: BulkAct = self.act_of(run)
        apart = recused_from(reaches) if act.action in DECIDING else frozenset()
        items = [_item(file, seen.get(file.file), apart=file.file in apart) for file in files]
        views = await file_views(self.cards, self.languages, act, items, language, staff=self.staff)
        names = await self.staff.names({run.account})
        return api.RunView.model_validate(
            {
                **_brief(saved, language, names.get(run.account)),
                **_counted(files),
                "undone": await self._undone(saved, files),
                "items": [
                    api.RunItemView(result="waiting" if file.came is None else file.came.result, **view)
                    for file, view in zip(files, views, strict=True)
                ],
            }
        )

    async def _undone(self, saved: Versioned[BulkRun], files: Sequence[RunFile]) -> api.UndoneBy:
        run, undoing = saved.state, UNDOES[saved.state.action]
        if run.undoes is not None:
            return api.UndoneBy(why_not="undone-itself")
        if undoing.by is None:
            return api.UndoneBy(why_not=undoing.why_not)
        back = await self.runs.undoing(saved.id)
        possible = run.is_over and (back is None or back.state.has_failed) and _counted(files)["changed"] > 0
        return api.UndoneBy(by=undoing.by, possible=possible, run=None if back is None else back.id)


def _counted(files: Sequence[RunFile]) -> dict[str, int]:
    """How many there are by now of each result."""
    counts = Counter(file.came.result for file in files if file.came is not None)
    return {result: counts[result] for result in ("changed", "unchanged", "refused")}


def _item(file: RunFile, saved: Versioned[Application] | None, *, apart: bool) -> BulkItem:
    """What came of it for one file; of one that is not there, or beyond reach, no more than that.

    Who has no part in the file is not told what was decided on it, by a refusal neither.
    """
    came = file.came
    if saved is not None and apart:
        is_refused = came is not None and came.result == "refused"
        return BulkItem(file.file, saved.version, saved.state, refusal=RECUSED() if is_refused else None)
    refusal = None
    if came is not None and came.refusal is not None:
        refusal = ErrorCode(came.refusal, ErrorKind.CONFLICT)(**came.figures)
    if saved is None:
        return BulkItem(file.file, refusal=refusal)
    if came is None:
        return BulkItem(file.file, saved.version, saved.state)
    item = done_before(saved, came.out)
    return replace(item, after=None if refusal else item.after, refusal=refusal)


def _brief(saved: Versioned[BulkRun], language: Language, known_as: str | None) -> dict[str, object]:
    run: BulkRun = saved.state
    text = catalogues().text(f"applications.bulk-run.failed.{run.reason}", language) if run.reason else None
    return {
        "id": saved.id,
        "action": run.action,
        "state": run.state.value,
        "state_label": word(f"bulk_run_{run.state}", language),
        "done": run.done,
        "total": run.total,
        "changed": run.changed,
        "unchanged": run.unchanged,
        "refused": run.refused,
        "asked_at": instant_text(run.asked_at),
        "expires_at": instant_text(run.expires_at),
        "account": run.account,
        "known_as": known_as,
        "undoes": run.undoes,
        "reason": run.reason or None,
        "reason_text": text,
    }
