"""One file as a row of a spreadsheet: all that staff see of it, in columns of texts (acceptance 97)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.applications.domain.bulk import status_of
from services.applications.domain.conditions import standing
from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.decision_model import EnteredDecision, ValidatedDecision
from services.applications.domain.decisions import pending
from services.applications.domain.fees import Fees
from services.applications.domain.model import Application
from services.applications.domain.pre_enrolment import PreEnrolment, code_in_force
from services.applications.domain.sheets import Sheet
from services.applications.domain.states import PieceState, PlaceState
from services.applications.views.conditions import conditions_shown
from services.applications.views.decisions import label_of, reason_of
from services.applications.views.wording import text_in, word
from services.chassis.texts.catalogues import catalogues
from services.chassis.texts.held_words import held_line
from services.chassis.texts.profile_words import answer_of
from services.contracts.api.columns import COLUMNS
from services.contracts.fee_lists import amount_of
from services.contracts.languages import Language

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
_CHOSEN: Final[Mapping[str, tuple[str, str]]] = {
    "civility": ("identity", "title"),
    "baccalaureate": ("baccalaureate", "kind"),
    "baccalaureate_series": ("baccalaureate", "series"),
    "baccalaureate_year": ("baccalaureate", "year"),
    "baccalaureate_honours": ("baccalaureate", "honours"),
}
"""Columns of the profile that bear another name than the member of the step, or a word in place of a code."""
_PLACE: Final = ("postcode", "city", "country")

_MARKS: Final = ("\t", "\r", "\n")
# Read with another mark between cells than ours, which is what a French Excel does, a cell of ours is several.
_FORMULA: Final = re.compile(r"""((?:^|[;\t\r\n])[ \u00a0]*)(?="*[=+\-@\uff1d\uff0b\uff0d\uff20])""")


@dataclass(frozen=True, slots=True)
class Known:
    """A file with what is known beside it: the `steps` of its candidate's profile as it stands, and what staff keep."""

    application: Application
    steps: Mapping[str, Any] = field(default_factory=dict)
    offer: ProgrammeCopy | None = None
    sheet: Sheet | None = None
    entered: EnteredDecision | None = None
    enrolment: PreEnrolment | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """How members of staff are known, by account."""
    email: str | None = None


def headings(language: str, columns: Sequence[str] = COLUMNS) -> list[str]:
    """The first row."""
    return [catalogues().text(f"applications.export.{column}", language) for column in columns]


def cells(known: Known, language: str, zone: ZoneInfo, columns: Sequence[str] = COLUMNS) -> list[str]:
    """A file as texts, safe for a spreadsheet; instants are on the clock of `zone`."""
    found = texts_of(known, language, zone)
    return [cell(found.get(column)) for column in columns]


def texts_of(known: Known, language: str, zone: ZoneInfo) -> dict[str, str | None]:
    """The text of every column."""
    application = known.application
    programme, submissions = application.programme, application.submissions
    identity, address = known.steps.get("identity", {}), known.steps.get("address", {})
    lines = list(address.get("lines", ()))
    if len(lines) > ADDRESS_LINES:
        lines[ADDRESS_LINES - 1 :] = [", ".join(lines[ADDRESS_LINES - 1 :])]
    return {
        "file_number": application.file_number,
        **{name: identity.get(name) for name in _PERSON},
        **{f"address_{number}": line for number, line in enumerate(lines, start=1)},
        **{name: address.get(name) for name in _PLACE},
        "programme": programme.code,
        "title": text_in(programme.title, language),
        "campaign": application.campaign,
        "email": known.email,
        **dict(_chosen(known.steps, language)),
        "diploma": programme.diploma.get("label"),
        "centre_code": programme.centre.get("code"),
        "centre": programme.centre.get("label"),
        "commission": None if known.offer is None else known.offer.commission,
        "state": word(application.state, language),
        "opened_at": _moment(application.opened_at, zone),
        "submitted_at": _moment(submissions[-1].submitted_at, zone) if submissions else None,
        "submission_deadline": status_of(application, known.offer).submission_deadline.isoformat(),
        "answer": _answer(application, language),
        "pieces_waiting": str(sum(piece.state is PieceState.DEPOSITED for piece in application.pieces)),
        "pieces": "\n".join(_pieces(application, language)),
        "questions": "\n".join(_questions(application, language)),
        "forms": "\n".join(_forms(application, language)),
        **_decided(application, language, zone),
        **_kept(known, language),
    }


def _chosen(steps: Mapping[str, Any], language: str) -> Iterable[tuple[str, str]]:
    """Answers of the profile of which the codes say nothing to people."""
    words: Language = "en" if language == "en" else "fr"
    for column, (step, member) in _CHOSEN.items():
        if (value := steps.get(step, {}).get(member)) is not None:
            yield column, answer_of(step, member, value, words)


def _decided(application: Application, language: str, zone: ZoneInfo) -> dict[str, str | None]:
    """The decision that counts, and when it was answered."""
    place = application.place
    answered = {"answered_at": None if place is None or place.at is None else _moment(place.at, zone)}
    if (decision := application.decision) is None:
        return answered
    entered, day = decision.entered, decision.answer_deadline
    return answered | {
        "decision": label_of(entered, language),
        "rank": None if entered.rank is None else str(entered.rank),
        "group": None if entered.group is None else text_in(entered.group.label, language),
        "reason": reason_of(entered, language),
        "reason_code": entered.reason_code,
        "decision_comment": entered.comment,
        "validated_at": _moment(decision.at, zone),
        "answer_deadline": None if day is None else day.isoformat(),
        "conditions": "\n".join(_conditions(decision, language)),
        "conditions_state": None
        if (stands := standing(application)) is None
        else word(f"condition_{stands}", language),
    }


def _conditions(decision: ValidatedDecision, language: str) -> Iterable[str]:
    for each in conditions_shown(decision, language):
        said = (each.label, each.until, each.state_label, each.on, each.reason)
        yield " ; ".join(part for part in said if part)


def _kept(known: Known, language: str) -> dict[str, str | None]:
    """What staff alone see, and how far the student records are."""
    sheet, waiting, enrolment = known.sheet, pending(known.application, known.entered), known.enrolment
    kept: dict[str, str | None] = {"entered_decision": None if waiting is None else label_of(waiting, language)}
    if sheet is not None:
        whose = sheet.assignee
        kept |= {
            "tags": ", ".join(sheet.tags),
            "assignee": None if whose is None else known.names.get(whose, whose),
            "notes": "\n".join(note.text for note in sheet.notes),
            **_fees(sheet.fees, language),
        }
    if enrolment is not None:
        kept["enrolment_code"] = code_in_force(enrolment, "")
        if enrolment.state is not None:
            kept["enrolment_state"] = word(f"pre_enrolment_{enrolment.state}", language)
    return kept


def _fees(fees: Fees, language: str) -> dict[str, str | None]:
    told: dict[str, str | None] = {
        name: None if item is None else text_in(item.label, language)
        for name, item in (("regime", fees.regime), ("exemption", fees.exemption))
    }
    amount = None if fees.amount is None else amount_of(fees.amount)
    if amount is not None and language == "fr":
        amount = amount.replace(".", ",")  # or it is a text to spreadsheets, of which none is summed
    return told | {"amount": amount}


def cell(text: str | None, *, formulas: bool = False) -> str:
    """A text as a cell holds it: no longer than may be, and in no part what a spreadsheet takes for a formula, whatever
    it parts cells by (OWASP, CSV injection), unless no spreadsheet reads it.
    """
    text = text or ""
    if not formulas:
        text = _FORMULA.sub(r"\1'", text)
        text = f"'{text}" if text.startswith(_MARKS) else text
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
        held, more = piece.held, piece.comment
        if held is not None:
            more = held_line(held.label, held.on, held.expires_on, language)
        said = f" ({more})" if more else ""
        yield f"{text_in(piece.requirement.label, language)} : {word(piece.state, language)}{said}"


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
