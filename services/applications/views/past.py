"""A file as it was at an instant, as staff see it who reach it today."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

from services.applications.domain.audit import unsealed
from services.applications.domain.model import Application
from services.applications.domain.past import Earlier
from services.applications.domain.reach import Reach, recused_from
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.audit import AuditedRepository, Trail, pending_of
from services.applications.repository.decisions import DecisionRepository
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.sheets import SheetRepository
from services.applications.repository.staff import StaffCopies
from services.applications.views.wording import text_in, word
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.contracts.actors import staff_id
from services.contracts.api import past as api
from services.contracts.api.deposited import DocumentView
from services.contracts.api.held import HeldView
from services.contracts.instants import instant_text
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError

PAGE: Final = 200
"""Entries in memory at a time."""
_VERDICTS: Final = frozenset({"validate", "refuse", "remark", "judge"})
_ANSWERS: Final[Mapping[str, Literal["accept", "withdraw", "left"]]] = {
    "accepted": "accept",
    "given_up": "withdraw",
    "left": "left",
}
_ERASED: Final = "sha256:"


@dataclass(slots=True)
class _Rebuilt:
    """What the trail tells: what was otherwise since, document by document, and who had judged and entered what."""

    earlier: dict[str, Earlier] = field(default_factory=dict)
    judged: dict[str, tuple[str, str]] = field(default_factory=dict)
    entered: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PastViews:
    """The question how a file was."""

    applications: ApplicationRepository
    sheets: SheetRepository
    decisions: DecisionRepository
    programmes: ProgrammeCopies
    staff: StaffCopies
    trail: Trail

    async def at(self, actor: Actor, id: str, at: datetime, language: str, now: datetime) -> api.PastView:
        """The file as it was; raises NOT_FOUND, and INVALID_FIELDS of an instant before it was there, or to come.

        Who has no part in the file is not told what was entered of it.
        """
        reaches = await self.programmes.reaches(actor)
        saved = await self._reached(reaches, id)
        if at > now:
            raise INVALID_FIELDS(fields=[FieldError("at", "instant-to-come")])
        moment = instant_text(at)
        if moment < instant_text(saved.state.opened_at):
            raise INVALID_FIELDS(fields=[FieldError("at", "before-opening")])
        kept: list[tuple[AuditedRepository[Any], Mapping[str, Any]]] = [(self.applications, saved.document)]
        beside: list[AuditedRepository[Any]] = [self.sheets]
        if id not in recused_from(reaches):
            beside.insert(0, self.decisions)
        kept += [(each, await each.document(id) or {}) for each in beside]
        names = {each.collection.name: pending_of(document) for each, document in kept}
        found = await self._rebuilt(id, names, moment)
        then: dict[str, Any] = {}
        for each, document in kept:
            then |= found.earlier.get(each.collection.name, Earlier()).of(each.picture(document) if document else {})
        return await self._view(saved, moment, then, found, language)

    async def _reached(self, reaches: Sequence[Reach], id: str) -> Versioned[Application]:
        for reach in reaches:
            if (saved := await self.applications.reached(id, reach)) is not None:
                return saved
        raise NOT_FOUND()

    async def _rebuilt(self, id: str, pending: Mapping[str, list[Mapping[str, Any]]], moment: str) -> _Rebuilt:
        """What entries say; those are passed over that were written since the documents were read, of which they tell."""
        found, last = _Rebuilt(), {name: entries[-1]["number"] for name, entries in pending.items() if entries}
        async for entry in self._entries(id, [each for entries in pending.values() for each in entries]):
            collection = str(entry["chain"]).partition(":")[0]
            if entry["number"] > last.get(collection, 0):
                continue
            personal = entry.get("personal", {})
            before, after = unsealed(entry["before"], personal), unsealed(entry["after"], personal)
            if entry["at"] > moment:
                found.earlier.setdefault(collection, Earlier()).note(before, after)
            else:
                _heed(found, entry, after)
        return found

    async def _entries(self, id: str, pending: list[Mapping[str, Any]]) -> AsyncIterator[Mapping[str, Any]]:
        after: Sequence[str] | None = None
        while rows := await self.trail.page(id, pending, PAGE, until=None, after=after):
            for row in rows:
                yield row
            after = (rows[-1]["at"], rows[-1]["_id"])

    async def _view(
        self, saved: Versioned[Application], moment: str, then: Mapping[str, Any], found: _Rebuilt, language: str
    ) -> api.PastView:
        pieces, decision = then.get("pieces", {}), then.get("decision")
        entered, counted = then.get("entered") or {}, (decision or {}).get("entered", {})
        if "kind" not in entered or entered.get("id") == counted.get("id"):
            entered = None  # nothing, or what counts by then
        actors = [by for _, by in found.judged.values()]
        validated = (
            None if decision is None else (_text(decision.get("at")), _text((decision.get("by") or {}).get("actor")))
        )
        actors += [by for _, by in filter(None, (found.entered, validated)) if by]
        assignee = _text(then.get("assignee"))
        known = await self.staff.names(({staff_id(each) for each in actors} | {assignee or ""}) - {""})
        labels = {piece.requirement.code: text_in(piece.requirement.label, language) for piece in saved.state.pieces}
        asked = {each.question.code: text_in(each.question.label, language) for each in saved.state.answers}
        submissions = [each.get("submitted_at") for each in then.get("submissions", {}).values()]
        place, tags = then.get("place", {}), then.get("tags")
        return api.PastView(
            id=saved.id,
            at=moment,
            state=then["state"],
            state_label=word(then["state"], language),
            submission_deadline=then["submission_deadline"],
            submitted_at=max(filter(None, submissions), default=None),
            pieces=[
                _piece(code, labels.get(code, code), piece, found.judged.get(code), language=language, known=known)
                for code, piece in _ordered(pieces, labels)
            ],
            questions=[
                api.PastAnswer(code=code, label=asked.get(code, code), answer=_text(each.get("given")))
                for code, each in _ordered(then.get("answers", {}), asked)
            ],
            entered_decision=_decision(entered, found.entered, None, language, known) if entered else None,
            decision=decision
            and _decision(counted, validated, _text(decision.get("answer_deadline")), language, known),
            answer="left" if then.get("left") else _ANSWERS.get(place.get("state", "")),
            tags=[each for each in tags if isinstance(each, str)] if isinstance(tags, (list, tuple)) else [],
            assignee=assignee,
            assignee_name=known.get(assignee or ""),
        )


def _heed(found: _Rebuilt, entry: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Keep who had done what by the instant; a verdict stays until another document takes its place."""
    if entry["action"] == "enter_decision":
        found.entered = (entry["at"], entry["actor"])
    for code, piece in (after.get("pieces") or {}).items():
        if entry["action"] in _VERDICTS:
            found.judged[code] = (entry["at"], entry["actor"])
        elif piece is None or piece.get("document") is not None:
            found.judged.pop(code, None)


def _piece(
    code: str,
    label: str,
    piece: Mapping[str, Any],
    judged: tuple[str, str] | None,
    *,
    language: str,
    known: Mapping[str, str],
) -> api.PastPiece:
    held = piece.get("held")
    if held is not None:
        judged = None
    return api.PastPiece(
        code=code,
        label=label,
        state=piece["state"],
        state_label=word(piece["state"], language),
        document=_document(piece.get("document")),
        registrar=held
        and HeldView(
            label=_text(held.get("label")) or "",
            on=_day(held.get("on")),
            expires_on=_day(held.get("expires_on")),
            document=_document(held.get("document")),
        ),
        comment=_text(piece.get("comment")) if held is None else None,
        judged_at=judged and judged[0],
        judged_by=judged and judged[1],
        judged_by_name=judged and known.get(staff_id(judged[1])),
    )


def _document(document: Mapping[str, Any] | None) -> DocumentView | None:
    if document is None:
        return None
    told = {name: document[name] for name in ("id", "media_type", "size", "sha256")}
    return DocumentView(**told, filename=_text(document.get("filename")) or "")


def _decision(
    decision: Mapping[str, Any],
    done: tuple[str | None, str | None] | None,
    answer_deadline: str | None,
    language: str,
    known: Mapping[str, str],
) -> api.PastDecision:
    kind, rank = decision["kind"], decision.get("rank")
    called = (decision.get("type") or {}).get("label")
    label = text_in(called, language) if isinstance(called, Mapping) else word(kind, language)
    at, by = done or (None, None)
    return api.PastDecision(
        kind=kind,
        label=_text(label) or word(kind, language),
        reason=_text(decision.get("reason")),
        rank=rank if isinstance(rank, int) else None,
        comment=_text(decision.get("comment")),
        at=at,
        by=by,
        by_name=known.get(staff_id(by)) if by else None,
        answer_deadline=answer_deadline,
    )


def _ordered(then: Mapping[str, Any], today: Mapping[str, str]) -> list[tuple[str, Mapping[str, Any]]]:
    """In today's order; what is asked for no more comes last."""
    codes = [*(code for code in today if code in then), *sorted(then.keys() - today.keys())]
    return [(code, then[code]) for code in codes]


def _text(value: Any) -> str | None:
    """A text, or nothing where it has been erased."""
    return value if isinstance(value, str) and not value.startswith(_ERASED) else None


def _day(value: Any) -> date | None:
    with suppress(TypeError, ValueError):
        return date.fromisoformat(value)
    return None
