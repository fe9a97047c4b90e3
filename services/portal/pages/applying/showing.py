"""What the pages of an application show of the API's view: words, colours, addresses, and which commands to offer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.chassis.texts.held_words import held_line
from services.chassis.texts.warning_words import warning_text
from services.contracts.api.applications import ApplicationView, BlockView, FormView, PieceView, QuestionView
from services.contracts.api.documents import UploadWarning
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.contracts.parameters import LARGEST_UPLOAD
from services.portal.pages.applying.decided import before, shown_decision, unanswered
from services.portal.paths import APPLICATIONS, LARGEST_FORM
from services.portal.showing import COLOURS, Text
from services.portal.standing import document_of, superseded

PDF: Final = "application/pdf"
PHOTOS: Final = ("image/jpeg", "image/png", "image/heic", "image/heif", ".heic", ".heif")
"""What browsers offer to choose where photos become a PDF; not all of them know HEIC by its type."""

MOST_FILES: Final = 20
"""Files of one form: as many as are looked into before its browser gives up."""
_NOTICED: Final = "noticed"
_CUT_SHORT: Final = "picture-cut-short"
_WARNED: Final = re.compile(rf"([A-Za-z0-9][A-Za-z0-9._-]{{0,59}})~{_CUT_SHORT}")
_FORMS: Final = ("https://", "http://localhost", "http://127.0.0.1")  # no open line, but to this very machine
_IN_HAND: Final = ("draft", "incomplete")


def address_of(id: str, *parts: str) -> str:
    """The address of a page of an application."""
    return "/".join((APPLICATIONS, *(quote(part, safe="") for part in (id, *parts))))


@dataclass(frozen=True, slots=True)
class Showing:
    """Makes what templates show, in one language, by the clock of `zone`, the institution's."""

    text: Text
    zone: ZoneInfo
    language: Language

    def card(self, view: ApplicationView) -> Mapping[str, Any]:
        """One of a list of applications: what it is, what to do next, by when."""
        return {
            "id": view.id,
            "title": view.programme.title,
            "centre": view.programme.centre,
            "state": view.state_label,
            "colour": COLOURS.get(view.state, ""),
            "todo": self.todo(view),
            "waits": (waits := view.state in _IN_HAND and not _is_late(view)),
            "prolonged": view.prolonged and (waits or bool(view.possible_answers)),
        }

    def whole(self, view: ApplicationView) -> Mapping[str, Any]:
        """All that the pages of one application show."""
        editable, contact = self.editable(view), view.contact
        return {
            "id": view.id,
            "programme": view.programme,
            "route": view.route,
            "state": view.state,
            "state_label": view.state_label,
            "decision_label": view.decision_label,
            "decided": shown_decision(view.decided, self.language, self.zone),
            "answer": view.answer,
            "opened_for_you": view.opened_by == "university",
            "letter": view.letter,
            "enrolment": view.enrolment,
            "pre_enrolment": view.pre_enrolment,
            "possible_answers": view.possible_answers,
            "live_rank": view.live_rank,
            "waiting_before": before(view.live_rank or 1, view.decided, self.text, self.language),
            "unanswered": unanswered(view.rank_explained, self.text, self.language),
            "can_leave": view.can_leave_waitlist,
            "by": self.end_of(view.submission_deadline),
            "prolonged": view.prolonged,
            "deadline": self.moment(self.end_of(view.submission_deadline)),
            "answer_deadline": view.answer_deadline and self.moment(self.end_of(view.answer_deadline)),
            "submitted_at": view.submitted_at and self.moment(instant(view.submitted_at)),
            "contact": contact,
            "contact_lines": [
                line for line in ((contact.name or ""), *(contact.address or "").splitlines()) if line.strip()
            ],
            "contact_url": contact.url if (contact.url or "").startswith(("https://", "http://")) else None,
            "together": {
                "max": LARGEST_FORM,
                "photo_max": LARGEST_UPLOAD,
                "too_large": self.too_large_together(),
                "most": MOST_FILES,
                "too_many": self.too_many(MOST_FILES),
            },
            "pieces": [
                {**self.piece(view.id, piece, editable=editable), "same": self.same_file(view, piece)}
                for piece in view.pieces
            ],
            "forms": [self.form(view.id, form, editable=editable) for form in view.forms],
            "questions": [self.question(view.id, question, editable=editable) for question in view.questions],
            "information": view.information,
            "tabs": self.tabs(view) if editable else [],
            "history": [{"label": past.label, "at": self.moment(instant(past.at))} for past in view.history],
            "in_hand": view.state in _IN_HAND,
            "editable": editable,
            "can_submit": view.can_submit,
            "can_cancel": view.can_cancel,
            "blocking": [self.block(view, block) for block in view.blocking],
            "todo": self.todo(view),
            "warning": self.warning(view),
        }

    def editable(self, view: ApplicationView) -> bool:
        """Whether its candidate may still change something."""
        return view.state in _IN_HAND and not _is_late(view)

    def tabs(self, view: ApplicationView) -> list[Mapping[str, str]]:
        """What is asked beside documents, would be overlooked (acceptance 43), and is not answered yet."""
        left = {name: any(each.state == "awaiting" for each in getattr(view, name)) for name in ("forms", "questions")}
        names = [name for name, is_left in (left | {"information": bool(view.information)}).items() if is_left]
        return [{"id": name, "name": self.text(self.language, f"application.{name}")} for name in names]

    def form(self, application: str, form: FormView, *, editable: bool) -> Mapping[str, Any]:
        """One form: where to fill it in, as long as that counts, and where to see what is filled in."""
        leads_out = editable and form.url.startswith(_FORMS)
        is_there, language = form.received_at is not None, self.language
        changed = self.text(language, "form.changed") if is_there else self.text(language, "form.added")
        gone = self.text(language, "form.gone_there")
        return {
            "id": form_anchor(form.code),
            "label": form.label,
            "required": form.required,
            "url": form.url if leads_out else None,
            "answers": address_of(application, "formulaires", form.code)
            if form.received_at or form.changed_at
            else None,
            "more": [said for said, at in ((changed, form.changed_at), (gone, form.gone_at)) if at],
            "state_label": form.state_label,
            "colour": COLOURS.get(form.state, ""),
        }

    def question(self, application: str, question: QuestionView, *, editable: bool) -> Mapping[str, Any]:
        """One question, with its answer as people read it."""
        words = {"yes": "piece.yes", "no": "piece.no"} if question.kind == "yes-no" else {}
        given = question.answer
        return {
            "id": question_anchor(question.code),
            "address": address_of(application, "questions", question.code),
            "label": question.label,
            "required": question.required,
            "answer": self.text(self.language, words[given]) if given in words else given,
            "state_label": question.state_label,
            "colour": COLOURS.get(question.state, ""),
            "open": editable,
        }

    def warning(self, view: ApplicationView) -> str:
        """What becomes of a file that is not submitted, or not submitted anew."""
        if view.submitted_at is None:
            return self.text(self.language, "application.warning")
        return self.text(self.language, "application.last_counts")

    def piece(self, application: str, piece: PieceView, *, editable: bool) -> Mapping[str, Any]:
        """One piece, with the commands that its state leaves."""
        waits, held, shown = editable and piece.state == "awaiting", piece.registrar, document_of(piece)
        removable = editable and piece.document is not None and piece.state in ("deposited", "refused")
        model = piece.model_document or ""
        return {
            "id": anchor(piece.code),
            "address": address_of(application, "pieces", piece.code),
            "label": piece.label,
            "state_label": piece.state_label,
            "colour": COLOURS.get(piece.state, ""),
            "document": shown,
            "superseded": superseded(piece),
            "provided": held is not None and held.document is not None,
            "registrar": held and held_line(held.label, held.on, held.expires_on, self.language),
            "warnings": [each.text for each in (shown.warnings if shown and removable else None) or ()],
            "deposited": piece.state == "deposited",
            "comment": piece.comment,
            "model": model if model.startswith(("/", "https://")) else None,
            "kinds": [catalogues().text(f"applications.word.{kind}", self.language) for kind in piece.media_types],
            "accept": ",".join((*piece.media_types, *(PHOTOS if takes_photos(piece) else ()))),
            "photos": takes_photos(piece),
            "max_bytes": piece.max_bytes,
            "too_large": self.too_large(piece.max_bytes),
            "photo_too_large": self.too_large(LARGEST_UPLOAD),
            "conditional": piece.conditional,
            "optional": piece.optional,
            "open": waits,
            "removable": removable,
            "declarable": waits and piece.document is None and piece.conditional,
            "undeclarable": editable and piece.state == "not_applicable",
            "reusable": piece.reusable,
        }

    def same_file(self, view: ApplicationView, piece: PieceView) -> str | None:
        """That the file of a piece is that of another one too: allowed (acceptance 120), and often a slip."""
        if piece.document is None:
            return None
        for other in view.pieces:
            if other.code != piece.code and other.document and other.document.sha256 == piece.document.sha256:
                return self.text(self.language, "piece.same_file", piece=other.label)
        return None

    def too_many(self, most: int) -> str:
        """What documents says of more files than become one PDF."""
        return catalogues().text("documents.too-many-parts.detail", self.language, max=most)

    def too_large(self, max_bytes: int) -> str:
        """What applications says of a file that is larger than its piece takes; no byte is moved only to hear it."""
        return catalogues().text("applications.too-large-for-piece.detail", self.language, max_bytes=max_bytes)

    def too_large_together(self) -> str:
        """What documents says of files that are too large together."""
        return catalogues().text("documents.parts-too-large.detail", self.language, max_bytes=LARGEST_FORM)

    def wrong_type(self, piece: PieceView, *, heic: bool) -> str:
        """What applications says of a file of another type than its piece takes; of photos of phones, how to mend it.

        Documents, which refuses some before, knows what the institution takes and not what the piece does.
        """
        allowed = [catalogues().text(f"applications.word.{kind}", self.language) for kind in piece.media_types]
        if heic:
            return self.text(self.language, "piece.heic", allowed=allowed)
        return catalogues().text("applications.type-not-allowed.detail", self.language, allowed=piece.media_types)

    def noticed(self, query: Mapping[str, str]) -> Mapping[str, str]:
        """What `warned` put into an address, by the id of the piece's field, as documents says it; else nothing."""
        found = _WARNED.fullmatch(query.get(_NOTICED, ""))
        return {} if found is None else {anchor(found[1]): warning_text(_CUT_SHORT, None, None, self.language)}

    def block(self, view: ApplicationView, block: BlockView) -> Mapping[str, Any]:
        """One thing that stands in the way of submitting, with a link to where it is mended."""
        match block.reason:
            case "awaiting" if block.kind == "form":
                reason = self.text(self.language, "submission.unfilled")
            case "awaiting" if block.kind == "question":
                reason = self.text(self.language, "submission.unanswered")
            case "awaiting":
                reason = self.text(self.language, "submission.awaiting")
            case "refused":
                reason = self.text(self.language, "submission.refused")
            case _:
                reason = self.text(self.language, "submission.late")
        href: str | None = None
        match block.kind:
            case "piece":
                href = f"{address_of(view.id)}#{anchor(block.code)}-row"
            case "form":
                href = f"{address_of(view.id)}#{form_anchor(block.code)}"
            case "question":
                href = address_of(view.id, "questions", block.code)
        return {"label": block.label, "reason": reason, "href": href}

    def todo(self, view: ApplicationView) -> str:
        """What the candidate has to do next, and by when."""
        language = self.language
        if view.possible_answers or (view.decided is not None and view.state not in (*_IN_HAND, "cancelled")):
            return self._todo_decided(view)
        match view.state:
            case "draft" | "incomplete":
                return self._todo_in_hand(view)
            case "submitted":
                return self.text(language, "todo.submitted")
            case "complete":
                return self.text(language, "todo.complete")
            case _:
                return self.text(language, "todo.cancelled")

    def _todo_decided(self, view: ApplicationView) -> str:
        match view.answer:
            case "accept" | "withdraw":
                return self.text(self.language, f"todo.{view.answer}")
            case _ if view.possible_answers and view.answer_deadline is not None:
                by = {"zone": self.zone, "by": self.end_of(view.answer_deadline)}
                return self.text(self.language, "todo.answer_by", **by)
            case _ if view.possible_answers:
                return self.text(self.language, "todo.answer")
            case _ if view.left_waitlist or view.decision == "favourable":
                return self.text(self.language, "todo.left_waitlist" if view.left_waitlist else "todo.answer_late")
            case _:
                return self.text(self.language, f"todo.{view.decision}")

    def _todo_in_hand(self, view: ApplicationView) -> str:
        language = self.language
        by = {"zone": self.zone, "by": self.end_of(view.submission_deadline)}
        lacking = len([block for block in view.blocking if block.kind != "deadline"])
        if _is_late(view):
            again = view.submitted_at is not None
            return self.text(language, "todo.late_again", **by) if again else self.text(language, "todo.late", **by)
        if view.can_submit:
            return self.text(language, "todo.ready", **by)
        if view.state == "incomplete":
            return self.text(language, "todo.incomplete", count=lacking, **by)
        return self.text(language, "todo.pieces", count=lacking, **by)

    def end_of(self, day: str) -> datetime:
        """The last minute of a day that counts whole, as people write it."""
        return datetime.combine(date.fromisoformat(day), time(23, 59), self.zone)

    def moment(self, at: datetime) -> str:
        """An instant with its hour, and whose hour that is."""
        pattern = catalogues().text(MOMENT, self.language)
        return formats.moment(at, self.language, self.zone, pattern)


def takes_photos(piece: PieceView) -> bool:
    """Whether photos of any kind and size, one or many, can go into the piece: as the pages of a PDF."""
    return PDF in piece.media_types


def warned(code: str, warnings: Sequence[UploadWarning]) -> str:
    """The query that tells the page of a photo that was cut short: the PDF that was made of it shows that no more.

    Empty for none. All else that was noticed is said by the application itself.
    """
    cut = any(each.slug == _CUT_SHORT for each in warnings)
    return "?" + urlencode({_NOTICED: f"{code}~{_CUT_SHORT}"}) if cut else ""


def anchor(code: str) -> str:
    """The id of a piece's field; its row has it with `-row` behind."""
    return f"piece-{code}"


def form_anchor(code: str) -> str:
    """The id of a form's row."""
    return f"form-{code}"


def question_anchor(code: str) -> str:
    """The id of a question's row."""
    return f"question-{code}"


def _is_late(view: ApplicationView) -> bool:
    return any(block.kind == "deadline" for block in view.blocking)
