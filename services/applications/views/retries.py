"""Pre-enrolments that staff look after: whom the student records refuse or do not answer, and what a retry of many does."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from services.applications.domain.model import Application
from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.domain.reach import Reach, is_reached
from services.applications.domain.reconciling import Comparison, Difference, Differing, first_of_each, is_still_lost
from services.applications.domain.retries import Retried, premises
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.cards import CardCopies
from services.applications.repository.comparisons import ComparisonRepository
from services.applications.repository.pre_enrolments import PRE_ENROLMENTS, PreEnrolmentRepository
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.views.bulk import refusal_view
from services.applications.views.cursors import cursor_of, malformed, place_in
from services.applications.views.pre_enrolments import shown_to_staff
from services.applications.views.wording import text_in
from services.chassis.context import Actor
from services.chassis.ports import Document, Scalar
from services.chassis.store.rows import PAGE, chunks, page_of, readable
from services.contracts.actors import Role
from services.contracts.api import pre_enrolments as api
from services.contracts.instants import instant_text
from services.contracts.languages import Language
from services.contracts.premises import counted

MOST_LOOKED_AT: Final = 1000
"""Of all there are, for one page of those within reach."""
_ORDERED: Final[Mapping[api.PreEnrolmentPile, str]] = {
    "refused": "reason",
    "lost": "_id",
    "waiting": "due_at",
    "not_called_off": "reason",
}
"""By what each pile is in order."""
_Found = tuple[str, PreEnrolment, Application]


@dataclass(frozen=True, slots=True)
class Retriable:
    """The lists of pre-enrolments; `connected`: there are student records."""

    records: PreEnrolmentRepository
    applications: ApplicationRepository
    programmes: ProgrammeCopies
    cards: CardCopies
    compared: ComparisonRepository
    connected: bool

    async def page(self, actor: Actor, query: api.PreEnrolmentPage, language: Language) -> api.PreEnrolmentList:
        """A page of a pile within reach, also an empty one with more behind it; of who is gone nothing is told.

        Raises INVALID_FIELDS.
        """
        after, reaches = _place(query.after), await self.programmes.reaches(actor, (Role.MANAGER,))
        found, last = list[_Found](), None
        if self.connected:
            found, last = await page_of(self._looked_at(reaches, query, after), query.limit, MOST_LOOKED_AT)
        known = await self.cards.named(record.account for _, record, _ in found)
        return api.PreEnrolmentList(
            items=[
                api.ListedPreEnrolment(
                    id=id, **_whose(file, known, language), pre_enrolment=shown_to_staff(record, language)
                )
                for id, record, file in found
            ],
            next=None if last is None else cursor_of([last[_ORDERED[query.pile]], last["_id"]]),
            connected=self.connected,
        )

    async def _looked_at(
        self, reaches: Sequence[Reach], query: api.PreEnrolmentPage, after: Sequence[str] | None
    ) -> AsyncGenerator[tuple[Document, _Found | None], None]:
        """Each row of a pile, with whose it is where that is within reach."""
        async with aclosing(self._rows(query.pile, after)) as rows:
            async for chunk in chunks(rows):
                files = {each.id: each.state for each in await self.applications.of_ids([row["_id"] for row in chunk])}
                for row in chunk:
                    yield row, next(iter(self._within(reaches, row, files.get(row["_id"]))), None)

    def _rows(
        self, pile: api.PreEnrolmentPile, after: Sequence[Scalar | None] | None
    ) -> AsyncGenerator[Document, None]:
        if pile == "waiting":
            return self.records.waiting(after)
        if pile == "lost":
            return self._lost(after)
        state = PreEnrolmentState.REFUSED if pile == "refused" else PreEnrolmentState.CANCELLED
        return self.records.refused(state, after)

    async def _lost(self, after: Sequence[Scalar | None] | None) -> AsyncGenerator[Document, None]:
        """Those whom the last comparisons miss, and of whom nothing was asked since, in order of their ids."""
        lost: dict[str, Differing] = {}
        for comparison in await self.compared.last():
            lost |= {each.reference: each for each in comparison.differing if each.what is Difference.MISSING}
        ids = sorted(id for id in lost if after is None or id > str(after[-1]))
        for begin in range(0, len(ids), PAGE):
            for row in await self.records.rows_with(ids[begin : begin + PAGE]):
                read = readable("applications", PRE_ENROLMENTS.name, [row], self.records.loaded)
                if any(is_still_lost(lost[saved.id], saved.state) for saved in read):
                    yield row

    async def comparisons(self, actor: Actor, language: Language) -> api.Comparisons:
        """The last comparison of each campaign, with those within reach who differ."""
        reaches = await self.programmes.reaches(actor, (Role.MANAGER,))
        found = await self.compared.last() if self.connected else ()
        return api.Comparisons(items=[await self._compared(each, reaches, language) for each in found])

    async def _compared(
        self, comparison: Comparison, reaches: Sequence[Reach], language: Language
    ) -> api.ComparisonView:
        everywhere = any(reach.programmes is None for reach in reaches)
        shown = first_of_each(comparison)
        files = await self.applications.of_ids([each.reference for each in shown])
        reached = {
            each.id: each.state for each in files if is_reached(reaches, each.state.programme.code, each.state.state)
        }
        known = await self.cards.named(file.account for file in reached.values())
        differing = []
        for each in shown:
            whose: dict[str, Any] = {}
            if (file := reached.get(each.reference)) is not None:
                whose = _whose(file, known, language)
                del whose["programme"]
            elif not (everywhere and each.what is Difference.UNKNOWN):
                continue
            differing.append(api.DifferingView(id=each.reference, what=each.what.value, **whose))
        return api.ComparisonView(
            campaign=comparison.campaign,
            at=instant_text(comparison.at),
            as_of=None if comparison.as_of is None else instant_text(comparison.as_of),
            outcome=comparison.outcome.value,
            here=comparison.here,
            there=comparison.there,
            differences=sum(comparison.counts.values()),
            differing=differing,
        )

    def _within(self, reaches: Sequence[Reach], row: Document, file: Application | None) -> list[_Found]:
        if file is None or not is_reached(reaches, file.programme.code, file.state):
            return []
        read = readable("applications", PRE_ENROLMENTS.name, [row], self.records.loaded)
        return [(saved.id, saved.state, file) for saved in read]


async def retries_view(
    cards: CardCopies, items: Sequence[Retried], language: Language, *, confirmed: str | None
) -> api.RetriesView:
    """What comes, or came, of asking anew; `confirmed` is the digest that was sent, None of a dry run."""
    known = await cards.named(item.application.account for item in items if item.application is not None)
    return api.RetriesView(
        dry_run=confirmed is None,
        digest=confirmed or premises(items).digest,
        **counted(items),
        items=[
            api.RetriedView(
                id=item.id,
                result=item.result,
                **({} if item.application is None else _whose(item.application, known, language)),
                pre_enrolment=None if item.before is None else shown_to_staff(item.before, language),
                refusal=None if item.refusal is None else refusal_view(item.refusal, language),
            )
            for item in items
        ],
    )


def _whose(file: Application, known: Mapping[str, Mapping[str, Any]], language: Language) -> dict[str, Any]:
    identity = known.get(file.account, {})
    return {
        "file_number": file.file_number,
        "family_name": identity.get("family_name"),
        "given_name": identity.get("given_name"),
        "programme": file.programme.code,
        "title": text_in(file.programme.title, language),
    }


def _place(cursor: str | None) -> Sequence[str] | None:
    """By what the pile is in order, and the id."""
    place = place_in(cursor, "after")
    if place is not None and len(place) != 2:
        raise malformed("after")
    return place
