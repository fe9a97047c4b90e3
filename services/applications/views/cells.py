"""One file as a row of a spreadsheet: all that staff see of it, in columns of texts (acceptance 97)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.applications.domain.bulk import status_of
from services.applications.domain.model import Application, ProgrammeCopy
from services.applications.domain.states import PieceState, PlaceState
from services.applications.views.decisions import label_of
from services.applications.views.wording import text_in, word
from services.chassis.texts.catalogues import catalogues

LONGEST: Final = 5000
"""Characters of a cell; what is longer ends in an ellipsis."""
ADDRESS_LINES: Final = 4

_PERSON: Final = (
    "family_name",
    "given_name",
    "usual_name",
    "other_given_names",
    "birth_date",
    "birth_place",
    "birth_country",
    "nationality",
    "national_student_number",
    "phone",
    "mobile",
)
_PLACE: Final = ("postcode", "city", "country")
COLUMNS: Final = (
    "file_number",
    *_PERSON,
    *(f"address_{number}" for number in range(1, ADDRESS_LINES + 1)),
    *_PLACE,
    "programme",
    "title",
    "diploma",
    "centre_code",
    "centre",
    "commission",
    "state",
    "opened_at",
    "submitted_at",
    "submission_deadline",
    "decision",
    "answer",
    "pieces_waiting",
    "pieces",
    "questions",
    "forms",
)
"""What stands in each cell of a row; the heading is the text of that name."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def headings(language: str) -> list[str]:
    """The first row."""
    return [catalogues().text(f"applications.export.{column}", language) for column in COLUMNS]


def cells(
    application: Application,
    steps: Mapping[str, Any],
    offer: ProgrammeCopy | None,
    language: str,
    zone: ZoneInfo,
) -> list[str]:
    """A file with the `steps` of its candidate's profile as it stands; instants are on the clock of `zone`."""
    programme, submissions = application.programme, application.submissions
    identity, address = steps.get("identity", {}), steps.get("address", {})
    lines = list(address.get("lines", ()))
    if len(lines) > ADDRESS_LINES:
        lines[ADDRESS_LINES - 1 :] = [", ".join(lines[ADDRESS_LINES - 1 :])]
    decision = application.decision
    found: dict[str, Any] = {
        "file_number": application.file_number,
        **{name: identity.get(name) for name in _PERSON},
        **{f"address_{number}": line for number, line in enumerate(lines, start=1)},
        **{name: address.get(name) for name in _PLACE},
        "programme": programme.code,
        "title": text_in(programme.title, language),
        "diploma": programme.diploma.get("label"),
        "centre_code": programme.centre.get("code"),
        "centre": programme.centre.get("label"),
        "commission": None if offer is None else offer.commission,
        "state": word(application.state, language),
        "opened_at": _moment(application.opened_at, zone),
        "submitted_at": _moment(submissions[-1].submitted_at, zone) if submissions else None,
        "submission_deadline": status_of(application, offer).submission_deadline.isoformat(),
        "decision": None if decision is None else label_of(decision.entered, language),
        "answer": _answer(application, language),
        "pieces_waiting": str(sum(piece.state is PieceState.DEPOSITED for piece in application.pieces)),
        "pieces": "\n".join(_pieces(application, language)),
        "questions": "\n".join(_questions(application, language)),
        "forms": "\n".join(_forms(application, language)),
    }
    return [cell(found.get(column)) for column in COLUMNS]


def cell(text: str | None) -> str:
    """A text as a cell holds it: no longer than may be, and never what a spreadsheet takes for a formula."""
    text = text or ""
    if text.startswith(_FORMULA):
        text = f"'{text}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _answer(application: Application, language: str) -> str | None:
    place = application.place
    answers = {PlaceState.ACCEPTED: "yes", PlaceState.WITHDRAWN: "no", PlaceState.LEFT: "left"}
    if place is None or place.state not in answers:
        return None
    return catalogues().text(f"applications.export.{answers[place.state]}", language)


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _pieces(application: Application, language: str) -> Iterable[str]:
    for piece in application.pieces:
        comment = f" ({piece.comment})" if piece.comment else ""
        yield f"{text_in(piece.requirement.label, language)} : {word(piece.state, language)}{comment}"


def _questions(application: Application, language: str) -> Iterable[str]:
    words = {each: catalogues().text(f"applications.export.{each}", language) for each in ("yes", "no")}
    for answer in application.answers:
        given = answer.given or ""
        said = words.get(given, given) if answer.question.kind.value == "yes-no" else given
        yield f"{text_in(answer.question.label, language)} : {said}"


def _forms(application: Application, language: str) -> Iterable[str]:
    for filled in application.forms:
        answers: Sequence[Any] = filled.delivery.answers if filled.delivery is not None else ()
        said = " ; ".join(f"{each.question} : {each.answer}" for each in answers)
        yield f"{text_in(filled.form.label, language)} : {said}"
