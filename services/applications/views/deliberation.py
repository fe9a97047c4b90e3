"""A deliberation as a table that goes out, and what comes of one that has come back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from services.applications.domain.bulk import DecisionInBrief
from services.applications.domain.decisions import pending
from services.applications.domain.deliberation import TableItem, stamp_of, written
from services.applications.domain.reach import recused_from
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.cards import CardCopies
from services.applications.repository.decisions import DecisionRepository
from services.applications.views.bulk import decision_brief
from services.applications.views.cells import cell
from services.applications.views.decisions import appointment_view, reason_of
from services.applications.views.exporting import ALONE, PAGE, ExportViews, csv_lines
from services.applications.views.wording import text_in
from services.applications.views.workbook import workbook
from services.chassis.context import Actor
from services.chassis.http.places import Party
from services.chassis.http.problems import Texts
from services.chassis.ports import MAX_FIND
from services.chassis.texts.catalogues import catalogues
from services.contracts.api import deliberation as api
from services.contracts.api.filters import ReviewExport
from services.contracts.languages import LANGUAGES, Language
from services.contracts.premises import counted
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.text_folding import fold

COLUMNS: Final[Mapping[str, str]] = {column: column for column in api.TABLE_COLUMNS}
_TEXTS: Final = Texts("applications")


def headings(language: str) -> list[str]:
    """The first row of a table."""
    return [catalogues().text(f"applications.table.{column}", language) for column in COLUMNS]


@cache
def columns_by_heading() -> Mapping[str, str]:
    """The columns by their codes, and by what they are called in any language, folded."""
    named: dict[str, str] = {}
    for language in LANGUAGES:
        named |= {fold(heading): column for heading, column in zip(headings(language), COLUMNS, strict=True)}
    return named | {fold(column): column for column in COLUMNS}  # what one language calls a title is a code


@dataclass(frozen=True, slots=True)
class DeliberationViews:
    """The complete files of a programme or a commission, and what is decided on them."""

    exports: ExportViews
    applications: ApplicationRepository
    decisions: DecisionRepository
    cards: CardCopies

    async def lines(
        self, actor: Actor, scope: api.DeliberationScope, language: Language
    ) -> AsyncGenerator[bytes, None]:
        """The table as comma-separated values; raises INVALID_FIELDS, TOO_MANY_ROWS, BUSY and as exports do."""
        with ExitStack() as held:
            held.enter_context(self.exports.places.take(Party(actor.asker, ALONE)))
            ids = await self.ids(actor, scope)
            chunks = csv_lines(headings(language), self._pages(actor, ids, language), held.pop_all())
        await anext(chunks)
        return chunks

    async def workbook(
        self, actor: Actor, scope: api.DeliberationScope, language: Language
    ) -> AsyncGenerator[bytes, None]:
        """The same as a workbook."""
        with ExitStack() as held:
            held.enter_context(self.exports.places.take(Party(actor.asker, ALONE)))
            ids = await self.ids(actor, scope)
            pages = self._pages(actor, ids, language)
            chunks = workbook(headings(language), pages, held.pop_all(), self.exports.folder)
        await anext(chunks)
        return chunks

    async def ids(self, actor: Actor, scope: api.DeliberationScope) -> list[str]:
        """The files that a table is about; raises INVALID_FIELDS, TOO_MANY_ROWS, and as lists do."""
        if scope.programme is None and scope.commission is None:
            raise INVALID_FIELDS(fields=[FieldError("programme", "required")])
        asked = ReviewExport(programme=scope.programme, commission=scope.commission, state="complete", sort="name")
        return await self.exports.ids(actor, asked, api.MAX_TABLE_ROWS)

    async def _pages(self, actor: Actor, ids: Sequence[str], language: str) -> AsyncGenerator[list[list[str]], None]:
        reaches = await self.exports.programmes.reaches(actor)
        recused = recused_from(reaches)
        for start in range(0, len(ids), PAGE):
            wanted = ids[start : start + PAGE]
            there = {saved.id: saved for saved in await self.applications.of_ids(wanted)}
            entered = await self.decisions.of_ids([id for id in wanted if id not in recused])
            accounts = {saved.state.account for saved in there.values()}
            known = await self.cards.named(accounts)
            rows = []
            for id in wanted:
                if (saved := there.get(id)) is None or not self.exports.files.is_reached(reaches, saved.state):
                    continue
                file, waits = saved.state, pending(saved.state, entered.get(id))
                counting = None if file.decision is None else file.decision.entered
                texts: dict[str, Any] = {
                    "file_number": file.file_number,
                    **known.get(file.account, {}),
                    "programme": file.programme.code,
                    "title": text_in(file.programme.title, language),
                    **written(waits or counting),
                    "stamp": stamp_of(saved.id, saved.same_since, waits),
                }
                rows.append([cell(texts.get(column)) for column in COLUMNS])
            yield rows

    async def shown(
        self, items: Sequence[TableItem], language: Language, *, dry_run: bool, digest: str
    ) -> api.DeliberationView:
        """What comes, or came, of the rows."""
        accounts = sorted({item.application.account for item in items if item.application is not None})
        known: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(accounts), MAX_FIND):
            known |= await self.cards.named(accounts[start : start + MAX_FIND])
        return api.DeliberationView(
            dry_run=dry_run,
            digest=digest,
            **counted(items),
            items=[_row(item, known, language) for item in items],
        )


def _row(item: TableItem, known: Mapping[str, Mapping[str, Any]], language: Language) -> api.TableRow:
    identity = {} if item.application is None else known.get(item.application.account, {})
    return api.TableRow(
        row=item.row.number,
        result=item.result,
        file_number=item.row.file_number[:40],
        programme=item.row.programme[:60],
        id=item.id or None,
        family_name=identity.get("family_name"),
        given_name=identity.get("given_name"),
        before=_brief(item.before, language),
        after=_brief(item.after, language),
        **_beside(item, language),
        mails=list(item.mails),
        faults=[
            api.TableFault(
                column=cast("Any", fault.field if fault.field in COLUMNS else None),
                slug=fault.slug,
                detail=_TEXTS.detail(fault.slug, language, fault.params),
            )
            for fault in item.faults
        ],
    )


def _beside(item: TableItem, language: Language) -> dict[str, Any]:
    """What goes with a decision that comes, or came just now."""
    decision = item.entered
    if decision is None or not item.changed:
        return {}
    where = appointment_view(decision.appointment)
    return {"reason": reason_of(decision, language), "comment": decision.comment, "appointment": where}


def _brief(brief: DecisionInBrief | None, language: Language) -> Any:
    return None if brief is None else decision_brief(brief, language)
