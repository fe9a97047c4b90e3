"""What the tests of applications start from."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from services.applications.domain.asked import Delivery, FilledForm, Form, Question, QuestionAnswer, QuestionKind
from services.applications.domain.copies import ProfileCopy, Programme, ProgrammeCopy, Requirement
from services.applications.domain.events import Change
from services.applications.domain.model import Application, Document, Moment, Piece
from services.applications.domain.opening import open_application
from services.applications.domain.states import FileState, PieceState
from services.applications.domain.submission import freeze, submit
from services.applications.publications import receipt_claims
from services.contracts.actors import Acting

OPENS, CLOSES, DEADLINE = date(2027, 1, 10), date(2027, 3, 31), date(2027, 4, 15)
DELIVERY = Delivery("msg_1", datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC), ())
ZOE = Acting("account:zoe")
LIMIT = 2_000_000
STEPS = {
    "identity": {
        "title": "mx",
        "family_name": "Müller",
        "given_name": "Zoé",
        "birth_date": "2003-05-17",
        "birth_country": "DE",
        "birth_place": "Freiburg",
        "nationality": "DE",
    },
    "address": {"lines": ["12 rue des Abeilles"], "city": "Perpignan", "country": "FR"},
    "baccalaureate": {"kind": "none"},
}


def on(day: date) -> Moment:
    return Moment(datetime.combine(day, time(11), UTC), day, day)


def requirement(code: str = "cv", *, conditional: bool = False, common: bool = False, **other: Any) -> Requirement:
    fields: dict[str, Any] = {"max_bytes": LIMIT, "media_types": ("application/pdf", "image/jpeg"), **other}
    label = {"fr": f"Pièce {code}", "en": f"Piece {code}"}
    return Requirement(code, label, conditional, common, **fields)


def offer(*requirements: Requirement, code: str = "M1-MER", centre: str = "SEE", **other: Any) -> ProgrammeCopy:
    programme = Programme(
        code=code,
        title={"fr": "Sciences de la mer", "en": "Marine science"},
        centre={"code": centre, "label": "UFR SEE"},
        diploma={"code": "M1", "label": "Master 1"},
        contact={"email": "see@example.org"},
        answer_deadline=None,
        answer_delay_days=14,
    )
    fields = {"opens_on": OPENS, "closes_on": CLOSES, "submission_deadline": DEADLINE, **other}
    return ProgrammeCopy(programme, "2027", requirements=requirements or (requirement(),), **fields)


def card(**other: Any) -> ProfileCopy:
    return ProfileCopy(
        **{"account": "zoe", "campaign": "2027", "file_number": "AB12CD34", "missing": (), "steps": STEPS, **other}
    )


def draft(*requirements: Requirement, **other: Any) -> Application:
    application, _ = open_application(card(), offer(*requirements), "zoe|2027|SEE|0", on(OPENS), ZOE)
    return replace(application, **other)


def document(id: str = "doc-1", **other: Any) -> Document:
    fields = {"sha256": "a" * 64, "size": 1000, "media_type": "application/pdf", "filename": "été.pdf", **other}
    return Document(id, **fields)


def file_with(file: FileState, piece: PieceState, *, conditional: bool = True) -> Application:
    """A file in that state whose one piece is in that state; staff's states are put there as staff would leave them."""
    has_document = piece in {PieceState.DEPOSITED, PieceState.VALIDATED, PieceState.REFUSED}
    asked = requirement(conditional=conditional)
    return draft(asked, state=file, pieces=(Piece(asked, piece, document() if has_document else None),))


def asked(given: str | None = None, **other: Any) -> Application:
    """A draft with one question, which is answered so, and one form."""
    question = Question("why", {"fr": "Pourquoi ?"}, QuestionKind.TEXT, required=True)
    form = Form("plans", {"fr": "Projet"}, "https://survey.example/1", required=True)
    return draft(pieces=(), answers=(QuestionAnswer(question, given),), forms=(FilledForm(form),), **other)


def sign(claims: Any) -> str:
    return f"signed:{claims['application']}:{claims['submitted_at']}"


def handed_over(application: Application, moment: Moment, id: str = "s1") -> Change:
    """The application after its submission, if it is not handed over already; raises what `freeze` raises."""
    frozen = freeze(application, STEPS, moment)
    if frozen is None:
        return application, ()
    return submit(application, id, replace(frozen, receipt=sign(receipt_claims("a1", application, frozen))), ZOE)
