"""What papers say, in the person's language: the data of their templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from urllib.parse import urlsplit

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.chassis.texts.held_words import held_line
from services.chassis.texts.profile_words import sections
from services.contracts.api.applications import RECEIPT_PAGE
from services.contracts.events.applications import FileChanged, ProfilePart, QuestionPart, SlotPart, SubmittedPart
from services.contracts.events.offers import TextPart, UnitPart
from services.contracts.instants import calendar_day, instant
from services.contracts.languages import Language
from services.documents.usecases.app import App


@dataclass(frozen=True, slots=True)
class Item:
    """A piece on a cover; `note` says why its pages are not behind it, if they are not: a text of papers, by name."""

    slot: SlotPart
    note: str = ""


class Words:
    """What papers say, in one language, by the institution's clock."""

    def __init__(self, app: App, language: Language) -> None:
        self._app = app
        self._language = language

    def receipt(self, file: FileChanged, submission: SubmittedPart) -> Mapping[str, Any]:
        """The data of the template of that name. It names nobody: all that it says, the record can confirm."""
        address = f"{self._app.public_url}{RECEIPT_PAGE}/{submission.id}"
        return {
            "language": self._language,
            "made_at": int(instant(submission.submitted_at).timestamp()),
            "title": self.said("receipt.title"),
            "institution": self._app.parameters.in_force.institution.name,
            "intro": self.said("receipt.intro"),
            "facts": [
                (self.said("programme"), self.of(file.title)),
                (self.said("centre"), f"{self.unit(file.diploma)}, {self.unit(file.centre)}"),
                (self.said("submitted_at"), self.moment(instant(submission.submitted_at))),
                (self.said("file_number"), file.file_number),
                (self.said("receipt.digest"), submission.receipt_sha256),
            ],
            "pieces": {
                "heading": self.said("receipt.pieces"),
                "none": self.said("receipt.no_pieces"),
                "items": [self._given(slot) for slot in submission.pieces],
            },
            "answers": {
                "heading": self.said("answers"),
                "items": [
                    *[(self.of(each.label), self._answer(each)) for each in submission.questions],
                    *[(self.of(each.label), self._word("answered")) for each in submission.forms],
                ],
            },
            "check": {
                "heading": self.said("receipt.check"),
                "text": self.said("receipt.how", site=urlsplit(address).netloc),
                "address": address,
                "alt": self.said("receipt.code", address=address),
            },
            "foot": f"{self.said('file_number')} {file.file_number}",
        }

    def cover(
        self, file: FileChanged, profile: ProfilePart | None, items: Sequence[Item], as_of: datetime
    ) -> Mapping[str, Any]:
        """The data of the template of that name, and what may become of pieces that cannot be read.

        `as_of` is when the last of all this came.
        """
        submitted = file.submission
        return {
            "language": self._language,
            "made_at": int(as_of.timestamp()),
            "title": self.said("cover.title"),
            "institution": self._app.parameters.in_force.institution.name,
            "facts": [
                (self.said("programme"), self.of(file.title)),
                (self.said("centre"), f"{self.unit(file.diploma)}, {self.unit(file.centre)}"),
                (self.said("file_number"), file.file_number),
                (self.said("cover.state"), self._word(file.state)),
                (self.said("cover.opened_at"), self.moment(instant(file.opened_at))),
                (
                    self.said("cover.deadline"),
                    self.moment(datetime.combine(calendar_day(file.submission_deadline), time(23, 59), self._app.zone)),
                ),
                *([(self.said("submitted_at"), self.moment(instant(submitted.submitted_at)))] if submitted else []),
            ],
            "left_out": self.said("cover.left_out"),
            "pieces": {
                "heading": self.said("cover.pieces"),
                "none": self.said("receipt.no_pieces"),
                "columns": [self.said("cover.piece"), self.said("cover.file"), self.said("cover.status")],
                "items": [
                    {
                        **self._given(item.slot),
                        "state": self._word(item.slot.state),
                        "note": self.note(item.note) if item.note else "",
                    }
                    for item in items
                ],
            },
            "notes": {name: self.note(name) for name in ("damaged", "too_large")},
            "profile": [*([] if profile is None else sections(profile, self._language)), *self._asked(file)],
            "foot": f"{self.said('file_number')} {file.file_number}",
        }

    def _asked(self, file: FileChanged) -> Iterator[Mapping[str, Any]]:
        """The questions of the programme and each of its forms, as sections behind the profile."""
        if file.questions:
            rows = [(self.of(each.label), self._answer(each)) for each in file.questions]
            yield {"heading": self.said("cover.questions"), "rows": [rows]}
        for form in file.forms:
            state = self._word("awaiting")
            if form.received_at is not None:
                state = self.said("cover.received", moment=self.moment(instant(form.received_at)))
            answers = [(each.question, each.answer) for each in form.answers]
            yield {"heading": self.of(form.label), "rows": [[(self.said("cover.form"), state), *answers]]}

    def _answer(self, asked: QuestionPart) -> str:
        """What was answered: yes and no in words, texts as they were typed."""
        if asked.answer is None:
            return self._word("awaiting")
        match asked.kind, asked.answer:
            case "yes-no", "yes":
                return self.said("yes")
            case "yes-no", "no":
                return self.said("no")
            case _:
                return asked.answer

    def filename(self, name: str, file: FileChanged) -> str:
        """What a paper is called, in the person's language: two applications of a person have not the same."""
        match name:
            case "receipt":
                return self.said("receipt.filename", number=file.file_number, programme=file.programme)
            case _:
                return self.said("cover.filename", number=file.file_number, programme=file.programme)

    def note(self, name: str) -> str:
        """Why the pages of a piece are not there."""
        match name:
            case "gone":
                return self.said("note.gone")
            case "too_large":
                return self.said("note.too_large")
            case _:
                return self.said("note.damaged")

    def _word(self, name: str) -> str:
        """What screens call a state of a file or of a piece."""
        return catalogues().text(f"applications.word.{name}", self._language)

    def _given(self, slot: SlotPart) -> Mapping[str, str]:
        named = "" if slot.document is None else slot.document.filename
        if (held := slot.held) is not None:
            on, expires_on = (None if day is None else calendar_day(day) for day in (held.on, held.expires_on))
            named = held_line(held.label, on, expires_on, self._language)
        return {"label": self.of(slot.label), "filename": named}

    def said(self, name: str, /, **values: Any) -> str:
        """One text of the papers."""
        return catalogues().text(f"documents.paper.{name}", self._language, **values)

    def of(self, text: TextPart) -> str:
        """A text of the institution's, in French where it has no other."""
        return getattr(text, self._language, None) or text.fr

    def unit(self, unit: UnitPart) -> str:
        """The name of a centre or diploma."""
        return getattr(unit, f"label_{self._language}", None) or unit.label

    def moment(self, at: datetime) -> str:
        """An instant with its hour, and whose hour that is."""
        return formats.moment(at, self._language, self._app.zone, catalogues().text(MOMENT, self._language))
