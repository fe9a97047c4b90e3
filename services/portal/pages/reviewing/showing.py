"""What the pages of staff show of the API's view of a file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import quote, urlencode

from services.chassis.texts.held_words import held_line
from services.chassis.texts.profile_words import sections
from services.contracts.actors import ActorKind
from services.contracts.api.bulk import FileStatusView
from services.contracts.api.decisions import EnteredDecisionView, ValidatedDecisionView
from services.contracts.api.forms import FilledFormView
from services.contracts.api.past import PastPiece
from services.contracts.api.review import (
    ClosedAccountView,
    ReviewMilestone,
    ReviewPiece,
    ReviewRow,
    ReviewView,
    StaffPreEnrolmentView,
)
from services.contracts.events.applications import ProfilePart
from services.contracts.instants import instant
from services.portal.pages.reviewing.saying import Saying
from services.portal.paths import PLACES, REVIEW
from services.portal.showing import COLOURS
from services.portal.standing import document_of, superseded

EXAMINED: Final = ("submitted", "incomplete", "complete")
REOPENED: Final = ("submitted", "complete")
EXTENDED: Final = ("draft", "incomplete")

_DIGITS: Final = 4
"""Of a year; a day of more is none."""
LAST: Final = time(23, 59)
"""The last minute of a day that counts whole."""


def address_of(id: str, *parts: str) -> str:
    """The address of a page of a file."""
    return "/".join((REVIEW, *(quote(part, safe="") for part in (id, *parts))))


def places_of(programme: str) -> str:
    """The address of the page of a programme's places."""
    return PLACES.replace("{code}", quote(programme, safe=""))


def standing(piece: ReviewPiece) -> str:
    """How a piece stands when one decides: other than it was once anybody else has said something of it."""
    return "~".join((piece.state, piece.judged_at or "", piece.document.id if piece.document else ""))


def next_piece(view: ReviewView, code: str = "") -> str | None:
    """The next piece that nobody has judged, in the order of the file and round to its beginning; None: there is none."""
    codes = [piece.code for piece in view.pieces]
    here = codes.index(code) if code in codes else -1
    for piece in (*view.pieces[here + 1 :], *view.pieces[: max(here, 0)]):
        if piece.state == "deposited" and piece.document is not None and piece.registrar is None:
            return address_of(view.id, "pieces", piece.code)
    return None


def typed_day(day: str, month: str, year: str) -> str:
    """The day that was typed; what is none stays as it is, for the API to refuse."""
    if all(part.isascii() and part.isdigit() and len(part) <= _DIGITS for part in (day, month, year)):
        with suppress(ValueError):
            return date(int(year), int(month), int(day)).isoformat()
    return f"{year}-{month}-{day}"


@dataclass(frozen=True, slots=True)
class Showing(Saying):
    """Makes what templates show, in one language, by the clock of `zone`, to the member of staff `reader`."""

    def row(self, row: ReviewRow) -> Mapping[str, Any]:
        """One file of the list."""
        return {
            "id": row.id,
            "address": address_of(row.id),
            "name": self.name(row),
            "person": f"{REVIEW}?{urlencode({'personne': row.account})}",
            "file_number": row.file_number,
            "title": row.title,
            "campaign": row.campaign,
            "state": row.state,
            "state_label": row.state_label,
            "colour": COLOURS.get(row.state, ""),
            "waiting": row.waiting,
            "submitted_at": self.submitted(row.submitted_at, row.state),
            "deadline": self.day(row.submission_deadline),
            "decision": row.decided_label or "",
            "answer": self.answered(row.answer) if row.answer else "",
            "entered": row.entered,
            "conditions": self.conditions(row.conditions) if row.conditions else "",
            "cells": row.cells or {},
        }

    def file(self, view: ReviewView) -> Mapping[str, Any]:
        """All that the pages of one file show."""
        examined = view.state in EXAMINED
        return {
            "id": view.id,
            "address": address_of(view.id),
            "places": places_of(view.programme),
            "name": self.name(view),
            "file_number": view.file_number,
            "title": view.title,
            "campaign": view.campaign,
            "email": view.email,
            "campaign_over": view.campaign_over,
            "state": view.state,
            "state_label": view.state_label,
            "colour": COLOURS.get(view.state, ""),
            "submitted_at": self.submitted(view.submitted_at, view.state),
            "was_submitted": view.submitted_at is not None,
            "deadline": self.moment(datetime.combine(date.fromisoformat(view.submission_deadline), LAST, self.zone)),
            "pieces": [self.piece(view, piece) for piece in view.pieces],
            "forms": [self.form(each) for each in view.forms],
            "questions": [self.question(each.label, each.answer, each.kind) for each in view.questions],
            "profile": sections(ProfilePart.model_validate(view.profile), self.language),
            "history": [self.milestone(past) for past in view.history],
            "entered": view.entered_decision and self.decision(view.entered_decision),
            "mere_offer": view.mere_offer,
            "list_groups": view.groups,
            "taken_over": view.taken_over_by and address_of(view.taken_over_by),
            "account_closed": view.closed_account and self.closed_account(view, view.closed_account),
            "needs_another": self.needs_another(view),
            "decision": view.decision and self.decision(view.decision),
            "conditions": view.conditions,
            "answer": view.answer,
            "letter": view.letter,
            "left_waitlist": view.left_waitlist,
            "answered_at": view.answered_at and self.moment(instant(view.answered_at)),
            "pre_enrolment": view.pre_enrolment and self.pre_enrolment(view.pre_enrolment),
            "route": view.route,
            "decided_on": view.state != "cancelled" and not view.recused,
            "recused": view.recused,
            "notes": [
                {"text": note.text, "at": self.moment(instant(note.at)), "who": self.who(note.by, note.by_name)}
                for note in view.notes
            ],
            "tags": view.tags,
            "sheet_unreadable": view.sheet_unreadable,
            "fees": self.fees(view.fees),
            "enrolment_code": "–" if view.enrolment_code is None else view.enrolment_code.code,
            "assignee": view.assignee and self.who(f"{ActorKind.STAFF}:{view.assignee}", view.assignee_name),
            "mine": view.assignee == self.reader,
            "examined": examined,
            "reopened": view.state in REOPENED,
            "extended": view.state in EXTENDED,
            "never_submitted": view.state in EXTENDED and view.submitted_at is None,
            "with_candidate": view.state in EXTENDED and view.submitted_at is not None,
            "waiting": len([piece for piece in view.pieces if piece.state == "deposited"]),
            "next_piece": next_piece(view),
            "refused": len([piece for piece in view.pieces if piece.state == "refused"]),
            "version": view.version,
        }

    def closed_account(self, view: ReviewView, closed: ClosedAccountView) -> Mapping[str, Any]:
        """That the account is closed, where its person's other files are, and whether a place is held here."""
        other = closed.goes_on_with
        return {
            "since": self.moment(instant(closed.since)),
            "other": other and f"{REVIEW}?{urlencode({'personne': other})}",
            "holds_place": view.decision is not None
            and view.decision.kind == "favourable"
            and view.answer != "withdraw",
        }

    def form(self, form: FilledFormView) -> Mapping[str, Any]:
        """One form, with when its server has told of it and what it says."""
        names = ("received_at", "changed_at", "gone_at")
        at, changed_at, gone_at = (
            each and self.moment(instant(each)) for each in (getattr(form, name) for name in names)
        )
        return {
            "label": form.label,
            "at": at,
            "answers": form.answers,
            "changed_at": changed_at,
            "changed": form.changed,
            "gone_at": gone_at,
        }

    def piece(self, view: ReviewView, piece: ReviewPiece) -> Mapping[str, Any]:
        """One piece, with who has judged it, and where that is done."""
        held = piece.registrar
        return {
            "code": piece.code,
            "id": f"piece-{piece.code}",
            "label": piece.label,
            "state": piece.state,
            "state_label": piece.state_label,
            "colour": COLOURS.get(piece.state, ""),
            "document": document_of(piece),
            "superseded": superseded(piece),
            "provided": held is not None and held.document is not None,
            "registrar": held and held_line(held.label, held.on, held.expires_on, self.language),
            "file": address_of(view.id, "pieces", piece.code, "fichier"),
            "preview": address_of(view.id, "pieces", piece.code, "apercu"),
            "comment": piece.comment or "",
            "judged": self.judged(piece),
            "judge": address_of(view.id, "pieces", piece.code)
            if self.is_judged(view, piece) and not view.recused
            else None,
            "standing": standing(piece),
            "hint": " – ".join(part for part in (piece.state_label, piece.comment) if part),
        }

    def judged(self, piece: ReviewPiece | PastPiece) -> str:
        """When somebody has judged a piece, and who; empty where nobody has."""
        who = "review.judged_by" if piece.judged_by_name else "review.judged"
        if piece.judged_by == f"{ActorKind.STAFF}:{self.reader}":
            who = "review.judged_by_you"
        at = piece.judged_at and self.moment(instant(piece.judged_at))
        return self.text(self.language, who, at=at, who=piece.judged_by_name or "") if at else ""

    def pre_enrolment(self, standing: StaffPreEnrolmentView) -> Mapping[str, Any]:
        """How far a pre-enrolment is, and why it is no farther; it is tried anew where it was refused."""
        reason = standing.reason
        if reason == "no-answer":
            reason = self.text(self.language, "review.pre_enrolment_no_answer")
        elif reason == "campaign-over":
            reason = self.text(self.language, "review.pre_enrolment_campaign_over")
        elif standing.failures:
            reason = self.text(self.language, "review.pre_enrolment_waits")
        return {
            "label": standing.state_label,
            "done": standing.state == "done",
            "code": standing.code,
            "since": self.moment(instant(standing.since)),
            "reason": reason,
            "retries": bool(reason),
        }

    def decision(self, decision: EnteredDecisionView) -> Mapping[str, Any]:
        """A decision, who entered it and when, and whether it counts."""
        meeting = decision.appointment
        entered = self.moment(instant(decision.entered_at))
        shown = {
            "id": decision.id,
            "label": decision.label,
            "colour": COLOURS.get(decision.kind, ""),
            "waits": decision.kind == "ranked_waitlist",
            "reason": decision.reason,
            "rank": decision.rank,
            "group": decision.group and decision.group.label,
            "comment": decision.comment,
            "appeal": decision.appeal,
            "conditions": [self.condition(each) for each in decision.conditions],
            "when": meeting and self._meeting(meeting.day, meeting.time),
            "place": meeting and meeting.place,
            "entered": self.text(
                self.language,
                "review.entered_by",
                at=entered,
                who=self.who(decision.entered_by, decision.entered_by_name),
            ),
        }
        if isinstance(decision, ValidatedDecisionView):
            day = decision.answer_deadline
            shown["validated"] = self.text(
                self.language,
                "review.validated_by",
                at=self.moment(instant(decision.validated_at)),
                who=self.who(decision.validated_by, decision.validated_by_name),
            )
            if (lost := decision.unreached) is not None:
                since = self.moment(instant(lost.at))
                name = "hard" if lost.why == "hard" else "soft" if lost.why == "soft" else "never_left"
                shown["unreached"] = self.text(self.language, f"review.unreached.{name}", at=since)
                shown["held"] = lost.holds
            shown["until"] = day and self.moment(datetime.combine(date.fromisoformat(day), LAST, self.zone))
        return shown

    def needs_another(self, view: ReviewView) -> bool:
        """Whether the reader has entered the decision, and somebody else has to validate it (acceptance 81)."""
        entered = view.entered_decision
        return view.second_person and entered is not None and entered.entered_by == f"{ActorKind.STAFF}:{self.reader}"

    def is_judged(self, view: ReviewView, piece: ReviewPiece) -> bool:
        """Whether something can be said of a piece: its file was handed over, and it has a document of the candidate's."""
        return view.state in EXAMINED and piece.document is not None and piece.registrar is None

    def question(self, label: str, answer: str | None, kind: str) -> Mapping[str, str]:
        """One question with its answer as people read it."""
        if answer is None:
            return {"label": label, "answer": self.text(self.language, "review.unanswered")}
        words = {"yes": "piece.yes", "no": "piece.no"} if kind == "yes-no" else {}
        return {"label": label, "answer": self.text(self.language, words[answer]) if answer in words else answer}

    def milestone(self, past: ReviewMilestone) -> Mapping[str, str | None]:
        """A state that the file came into."""
        return {
            "label": past.label,
            "at": self.moment(instant(past.at)),
            "who": self.who(past.actor, past.actor_name),
            "reason": past.reason or "",
            "since": past.on and self.day(past.on),
        }

    def submitted(self, at: str | None, state: str) -> str:
        """When it was submitted; a place that is offered without a file is asked for nothing, and never is."""
        if at is not None:
            return self.moment(instant(at))
        if state in EXTENDED:
            return self.text(self.language, "review.not_yet")
        return self.text(self.language, "review.not_submitted")

    def name(self, row: ReviewRow) -> str:
        """Whose file it is; the number of the file alone where the name is no more."""
        return " ".join(part for part in (row.family_name, row.given_name) if part) or row.file_number

    def _assignee(self, status: FileStatusView) -> str:
        if status.assignee in (None, "nobody"):
            return "" if status.assignee is None else self.text(self.language, "review.suivi_nobody")
        return self.who(f"{ActorKind.STAFF}:{status.assignee}", status.assignee_name)

    def status(self, status: FileStatusView) -> Mapping[str, str]:
        """How a file stands: its state, and its last day where that is the candidate's to keep."""
        day = self.day(status.submission_deadline) if status.state in EXTENDED else ""
        return {
            "label": status.state_label,
            "colour": COLOURS.get(status.state, ""),
            "deadline": day,
            "decision": "" if status.decision is None else self.brief(status.decision),
            "fees": "" if status.fees is None else " – ".join(filter(None, self.fees(status.fees).values())) or "–",
            "piece": "" if status.piece is None else f"{status.piece.label} – {status.piece.state_label}",
            "comment": "" if status.piece is None else status.piece.comment or "",
            "filename": "" if status.piece is None else status.piece.filename or "",
            "assignee": self._assignee(status),
        }
