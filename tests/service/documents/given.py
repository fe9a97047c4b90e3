"""What others tell of an application: a file of Ann's, her profile, and what she has submitted."""

from __future__ import annotations

from typing import Any, Final

from services.contracts.events.accounts import AddressPart, BaccalaureatePart, CardChanged, IdentityPart, StepsPart
from services.contracts.events.applications import (
    FileChanged,
    FilledFormPart,
    FormAnswerPart,
    GivenPart,
    ProfilePart,
    QuestionPart,
    SlotPart,
    SubmittedPart,
)
from services.contracts.events.offers import TextPart, UnitPart

APPLICATION: Final = "01jd5w8q3v7m2c9k4t6x0b1n5r"
IDENTITY: Final = IdentityPart(
    title="mx",
    family_name="Müller-L’Hôte",
    given_name="Ann",
    birth_date="2003-05-17",
    birth_country="DE",
    birth_place="Freiburg",
    nationality="DE",
)
ADDRESS: Final = AddressPart(lines=["12 rue des Abeilles"], city="Perpignan", country="FR", postcode="66000")
BACCALAUREATE: Final = BaccalaureatePart(kind="bac", year=2021)


def slot(code: str = "notes", document: str = "1" * 26, *, state: str = "deposited", **given: Any) -> SlotPart:
    """A piece with a document in it; an empty `document`: without."""
    label = {"notes": TextPart(fr="Relevé de notes", en="Transcript")}.get(code, TextPart(fr=f"Pièce {code}"))
    fields: dict[str, Any] = {"filename": "relevé d’été #2.pdf", "media_type": "application/pdf", "size": 1000} | given
    held = GivenPart(id=document, **fields) if document else None
    return SlotPart(code=code, label=label, state=state, document=held)


QUESTIONS: Final = [
    QuestionPart(
        code="why",
        label=TextPart(fr="Pourquoi ce master ?", en="Why this master?"),
        kind="text",
        answer="La mer,\nle *littoral*.",
    ),
    QuestionPart(code="boat", label=TextPart(fr="Avez-vous un permis ?"), kind="yes-no", answer="yes"),
]
OPEN_QUESTION: Final = QuestionPart(code="open", label=TextPart(fr="Autre chose ?"), kind="text")
FORM: Final = FilledFormPart(
    code="projet",
    label=TextPart(fr="Projet professionnel", en="Plans"),
    received_at="2027-01-25T09:30:00.000Z",
    answers=[FormAnswerPart(question="Quel métier ?", answer="Océanographe")],
)
EMPTY_FORM: Final = FilledFormPart(code="sport", label=TextPart(fr="Sportifs"), answers=[])


def submitted(filename: str = "relevé d’été #2.pdf") -> SubmittedPart:
    """What was submitted last."""
    return SubmittedPart(
        id="01jd5w8q3v7m2c9k4t6x0b1n5s",
        submitted_at="2027-02-01T11:00:00.000Z",
        receipt_sha256="9f86d081884c7d65" * 4,
        pieces=[slot(filename=filename)],
        profile=ProfilePart(identity=IDENTITY, address=ADDRESS, baccalaureate=BACCALAUREATE),
        questions=QUESTIONS,
        forms=[FORM],
    )


SUBMISSION: Final = submitted()


def changed(**members: Any) -> FileChanged:
    """How Ann's file stands."""
    usual: dict[str, Any] = {
        "application": APPLICATION,
        "account": "ann",
        "programme": "M1-MER",
        "campaign": "2027",
        "file_number": "AB12CD34",
        "title": TextPart(fr="Sciences de la mer", en="Marine science"),
        "centre": UnitPart(code="SEE", label="UFR SEE"),
        "diploma": UnitPart(code="M1", label="Master 1"),
        "state": "draft",
        "opened_at": "2027-01-20T08:00:00.000Z",
        "submission_deadline": "2027-04-15",
        "pieces": [slot()],
    }
    return FileChanged(**(usual | members))


def card(version: int = 1) -> CardChanged:
    """Ann's profile as it stands."""
    steps = StepsPart(identity=IDENTITY, address=ADDRESS, baccalaureate=BACCALAUREATE)
    return CardChanged(account="ann", campaign="2027", file_number="AB12CD34", version=version, missing=[], steps=steps)
