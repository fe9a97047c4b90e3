"""A file as it was at an instant that staff choose, from the page of what was done to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from services.chassis.texts.held_words import held_line
from services.contracts.api.endpoints import past as endpoints
from services.contracts.api.past import PastAsked, PastDecision, PastPiece, PastView
from services.contracts.api.problem import Problem
from services.contracts.instants import instant, instant_text
from services.portal.forms import errors_of
from services.portal.pages.profile_fields import DATE_PARTS
from services.portal.pages.reviewing.listing import UNPROCESSABLE, ReviewPages
from services.portal.pages.reviewing.showing import Showing, address_of, typed_day
from services.portal.paths import REVIEW
from services.portal.rendering import language_of
from services.portal.showing import COLOURS

_TIME: Final = re.compile(r"([01]?\d|2[0-3])\s*[:hH]\s*([0-5]\d)?", re.ASCII)
_MINUTE: Final = timedelta(minutes=1) - timedelta(milliseconds=1)


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The route."""
    past = _Past(pages)
    return [web.get(REVIEW + "/{id}/historique/instant", pages.rendering.guarded(past.show, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Past:
    pages: ReviewPages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The file as it was at the instant of the address, or that was typed; without one the form alone."""
        view, language = await self.pages.view(request), language_of(request)
        showing, here = self.pages.showing(request), address_of(view.id, "historique", "instant")
        typed = {
            name: request.query.get(name, "").strip() for name in (*(f"at-{part}" for part in DATE_PARTS), "at-time")
        }
        at: Any = request.query.get("at", "") or self._typed(typed)
        errors: Mapping[str, str] = {}
        was = None
        if at:
            asked = PastAsked.model_construct(_fields_set={"at"}, at=at)
            found = await self.pages.api.ask(
                request, language, endpoints.FILE_AT, parameters={"id": view.id}, query=asked
            )
            if isinstance(found, Problem):
                errors = errors_of(found)
            else:
                was = self._was(showing, found)
                typed = typed if any(typed.values()) else self._shown(found)
        return self.pages.page(
            request,
            view,
            "review_past.html",
            status=UNPROCESSABLE if errors else 200,
            was=was,
            typed=typed,
            parts=[(part, typed[f"at-{part}"]) for part in DATE_PARTS],
            errors=errors,
            action=here,
            again=here,
        )

    def _typed(self, typed: Mapping[str, str]) -> str:
        """The instant that was typed, as the API takes it: the end of a minute, or of a day; now, within it.

        What is none stays as it is.
        """
        day, month, year, time = (typed[name] for name in (*(f"at-{part}" for part in DATE_PARTS), "at-time"))
        if not (day or month or year or time):
            return ""
        on, clock = typed_day(day, month, year), _TIME.fullmatch(time or "23:59")
        try:
            hour, minute = (0, 0) if clock is None else (int(clock[1]), int(clock[2] or 0))
            begun = datetime.fromisoformat(on).replace(hour=hour, minute=minute, tzinfo=self.pages.zone)
            begins = (begun if time else begun.replace(hour=0, minute=0)).astimezone(UTC)
            ends, now = begun.astimezone(UTC) + _MINUTE, self.pages.clock.now()
            told = instant_text(min(ends, now) if begins <= now else ends)
        except (ValueError, OverflowError):
            return f"{on}T{time}"
        return f"{on}T{time}" if clock is None else told

    def _shown(self, found: PastView) -> dict[str, str]:
        """An instant as the fields of the form say it."""
        at = instant(found.at).astimezone(self.pages.zone)
        parts = {"at-day": str(at.day), "at-month": str(at.month), "at-year": str(at.year)}
        return parts | {"at-time": f"{at:%H:%M}"}

    def _was(self, showing: Showing, found: PastView) -> Mapping[str, Any]:
        """What the page shows of it."""
        assignee = found.assignee and showing.who(f"staff:{found.assignee}", found.assignee_name)
        return {
            "at": showing.moment(instant(found.at)),
            "state_label": found.state_label,
            "colour": COLOURS.get(found.state, ""),
            "deadline": showing.day(found.submission_deadline),
            "submitted_at": showing.submitted(found.submitted_at, found.state),
            "pieces": [_piece(showing, piece) for piece in found.pieces],
            "questions": [(each.label, each.answer) for each in found.questions],
            "decision": found.decision and _decision(showing, found.decision),
            "entered": found.entered_decision and _decision(showing, found.entered_decision),
            "answer": found.answer and showing.answered(found.answer),
            "tags": ", ".join(found.tags),
            "assignee": assignee,
        }


def _piece(showing: Showing, piece: PastPiece) -> Mapping[str, Any]:
    held = piece.registrar
    document = piece.document
    return {
        "label": piece.label,
        "state_label": piece.state_label,
        "colour": COLOURS.get(piece.state, ""),
        "file": document and (document.filename or showing.text(showing.language, "past.erased")),
        "sha256": document and document.sha256,
        "registrar": held and held_line(held.label, held.on, held.expires_on, showing.language),
        "comment": piece.comment or "",
        "judged": showing.judged(piece),
    }


def _decision(showing: Showing, decision: PastDecision) -> Mapping[str, Any]:
    return {
        "label": decision.label,
        "colour": COLOURS.get(decision.kind, ""),
        "reason": decision.reason,
        "rank": decision.rank,
        "comment": decision.comment,
        "until": decision.answer_deadline and showing.day(decision.answer_deadline),
        "said": decision.at
        and f"{showing.who(decision.by or '', decision.by_name)}, {showing.moment(instant(decision.at))}",
    }
