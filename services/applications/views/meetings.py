"""Meetings of boards as staff see them: all programmes of one are within their reach, or there is none."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, cast

from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import pending
from services.applications.domain.meetings import Meeting
from services.applications.domain.model import Application
from services.applications.domain.outcomes import Came
from services.applications.domain.reach import Reach
from services.applications.domain.recusals import Recusal
from services.applications.domain.sheets import Sheet
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.cards import CardCopies
from services.applications.repository.convening import Convening
from services.applications.repository.decisions import DecisionRepository
from services.applications.repository.meetings import MEETINGS
from services.applications.repository.recusals import RecusalRepository
from services.applications.repository.sheets import SheetRepository
from services.applications.views.bulk import refusal_view
from services.applications.views.decisions import group_view, groups_shown, label_of, reason_of
from services.applications.views.wording import text_in, word
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.http.problems import Texts
from services.chassis.ports import Document
from services.chassis.store.rows import page_of, readable
from services.contracts.actors import Role
from services.contracts.api import meetings as api
from services.contracts.instants import instant_text
from services.contracts.languages import Language
from services.contracts.refusals import RefusedError

_TEXTS: Final = Texts("applications")
MOST_LOOKED_AT: Final = 500
"""Meetings of all boards, for one page of those within reach."""
MOST_PROGRAMMES: Final = 500
"""Programmes that are looked at for their boards."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is kept beside the files of a meeting, by their ids, and who is known by which name."""

    entered: Mapping[str, EnteredDecision]
    sheets: Mapping[str, Sheet]
    recusals: Sequence[Recusal]
    people: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    recused: frozenset[str]
    """The files in which who asks has no part."""


@dataclass(frozen=True, slots=True)
class MeetingViews:
    """The questions about meetings."""

    convening: Convening
    applications: ApplicationRepository
    decisions: DecisionRepository
    sheets: SheetRepository
    recusals: RecusalRepository
    cards: CardCopies

    async def page(self, actor: Actor, query: api.MeetingPage, language: str) -> api.MeetingList:
        """A page of those within the actor's reach, the latest first; also one of few, or none, with more behind it."""
        reaches = await self.convening.programmes.reaches(actor)
        after = None if query.after is None else query.after.split("~")

        def within(row: Document) -> Versioned[Meeting] | None:
            reached = any(reach.holds_all(row["programmes"]) for reach in reaches)
            return self.convening.meetings.loaded(row) if reached else None

        async def looked_at() -> AsyncGenerator[tuple[Document, Versioned[Meeting] | None], None]:
            async with aclosing(self.convening.meetings.by_day(query.commission, after)) as rows:
                async for row in rows:
                    yield row, next(iter(readable("applications", MEETINGS.name, [row], within)), None)

        found, last = await page_of(looked_at(), query.limit, MOST_LOOKED_AT)
        return api.MeetingList(
            items=[api.MeetingRow(**_row(saved, language)) for saved in found],
            next=None if last is None else f"{last.get('day')}~{last['_id']}",
        )

    async def boards(self, actor: Actor, language: str) -> api.BoardList:
        """The boards of the programmes that the actor manages."""
        reaches = await self.convening.programmes.reaches(actor, (Role.MANAGER,))
        parts = [reach.programmes for reach in reaches]
        codes = None if None in parts else frozenset().union(*(part for part in parts if part is not None))
        rows = await self.convening.programmes.some(codes, MOST_PROGRAMMES + 1)
        found: dict[str, list[api.MeetingProgramme]] = {}
        labels: dict[str, str] = {}
        for row in rows[:MOST_PROGRAMMES]:
            if (commission := row.get("commission")) is not None:
                title = text_in(row["programme"]["title"], language)
                if (label := row.get("commission_label")) is not None:  # 0.1.0 has kept none
                    labels[commission] = text_in(label, language)
                found.setdefault(commission, []).append(api.MeetingProgramme(code=row["_id"], title=title, groups=[]))
        return api.BoardList(
            items=[
                api.BoardView(code=code, label=labels.get(code, code), programmes=found[code]) for code in sorted(found)
            ],
            more=len(rows) > MOST_PROGRAMMES,
        )

    async def one(self, actor: Actor, id: str, language: Language) -> api.MeetingView:
        """The meeting of that id; raises NOT_FOUND."""
        saved, reach = await self.convening.reached(actor, id)
        meeting = saved.state
        there = {each.id: each.state for each in await self.applications.of_ids(meeting.files)} if meeting.files else {}
        files = {id: file for id, file in there.items() if _is_reached(reach, file)}
        convened = await self.convening.convened(meeting)
        recusals = await self.recusals.of_files([*files])
        beside = _Beside(
            await self.decisions.of_ids([id for id in files if id not in reach.recused]),
            await self.sheets.of_ids([id for id in files if id not in reach.recused]),
            recusals,
            await self.cards.named(file.account for file in files.values()),
            {**await self.convening.staff.names(each.member for each in recusals), **convened},
            reach.recused,
        )
        offers = await self.convening.programmes.of_all(meeting.plan.programmes)
        return api.MeetingView(
            **_row(saved, language),
            programmes=[
                api.MeetingProgramme(
                    code=code,
                    title=text_in(offers[code].programme.title, language) if code in offers else code,
                    groups=groups_shown(offers[code].groups, language) if code in offers else [],
                )
                for code in meeting.plan.programmes
            ],
            items=[
                api.MeetingFile(id=id, recusals=[], recused=False)
                if (file := files.get(id)) is None
                else _file(id, file, beside, actor, language)
                for id in meeting.files
            ],
            members=[
                api.MeetingMember(account=each, name=name, present=each in meeting.present, me=each == actor.id)
                for each, name in sorted(convened.items(), key=lambda item: (item[1], item[0]))
            ],
            voting=None if (voting := meeting.plan.voting) is None else "secret" if voting.secret else "open",
            quorum=None if voting is None else voting.quorum,
            manages=reach.role is Role.MANAGER,
            convened=actor.id in convened,
            closed_at=None if meeting.closed is None else instant_text(meeting.closed.at),
            version=saved.version,
        )


def outcome_view(came: Sequence[Came], language: Language) -> api.OutcomeView:
    """What came of each file."""
    return api.OutcomeView(
        items=[
            api.OutcomeItemView(
                file=each.file,
                result=each.result,
                rank=each.rank,
                **({} if each.refusal is None else _refused(each.refusal, language)),
            )
            for each in came
        ]
    )


def _refused(refusal: RefusedError, language: Language) -> dict[str, Any]:
    """Why, and of which member of the item, where it is one: then in the words of that."""
    view = refusal_view(refusal, language)
    if not refusal.fields:
        return {"refusal": view}
    wrong = refusal.fields[0]
    detail = _TEXTS.detail(wrong.slug, language, wrong.params)
    return {"refusal": view.model_copy(update={"detail": detail}), "field": wrong.field}


def _is_reached(reach: Reach, file: Application) -> bool:
    return reach.holds(file.programme.code) and reach.is_seen(file.state)


def _row(saved: Versioned[Meeting], language: str) -> dict[str, Any]:
    meeting = saved.state
    return {
        "id": saved.id,
        "commission": meeting.commission,
        "title": meeting.plan.title,
        "day": meeting.plan.day.isoformat(),
        "time": meeting.plan.time,
        "place": meeting.plan.place,
        "state": meeting.state.value,
        "state_label": word(f"meeting_{meeting.state}", language),
        "files": len(meeting.files),
    }


def _file(id: str, file: Application, beside: _Beside, actor: Actor, language: str) -> api.MeetingFile:
    identity, recused, sheet = beside.people.get(file.account, {}), id in beside.recused, beside.sheets.get(id)
    return api.MeetingFile(
        id=id,
        file_number=file.file_number,
        family_name=identity.get("family_name"),
        given_name=identity.get("given_name"),
        programme=file.programme.code,
        state=file.state.value,
        state_label=word(file.state, language),
        note=sheet.notes[-1].text if sheet is not None and sheet.notes else None,
        decision=None if recused else _decision(file, beside.entered.get(id), language),
        recusals=[
            api.RecusalView(
                member=each.member,
                name=beside.names.get(each.member, each.member),
                at=instant_text(each.at),
                me=each.member == actor.id,
            )
            for each in beside.recusals
            if each.file == id
        ],
        recused=recused,
    )


def _decision(file: Application, entered: EnteredDecision | None, language: str) -> api.MeetingDecision | None:
    waits = pending(file, entered)
    counting = None if file.decision is None else file.decision.entered
    if (shown := waits or counting) is None:
        return None
    return api.MeetingDecision(
        id=shown.id,
        kind=cast("Any", shown.kind.value),
        type=shown.type_code,
        label=label_of(shown, language),
        group=group_view(shown.group, language),
        rank=shown.rank,
        reason=reason_of(shown, language),
        reason_code=shown.reason_code,
        validated=waits is None,
    )
