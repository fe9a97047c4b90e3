"""Files as rows of a spreadsheet: no column that nothing fills, and nothing that any spreadsheet takes for a formula."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from services.applications.domain.asked import FilledForm, Form, FormAnswer, Question, QuestionAnswer, QuestionKind
from services.applications.domain.conditioned import Condition, Followed
from services.applications.domain.decided import GroupAsDecided, ReasonAsDecided
from services.applications.domain.decision_model import EnteredDecision, ValidatedDecision
from services.applications.domain.fees import Fees, ItemAsSet
from services.applications.domain.model import Piece, Place, SubmissionRef
from services.applications.domain.pre_enrolment import Named, PreEnrolment
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.domain.sheets import Note, Sheet
from services.applications.domain.states import DecisionKind, FileState, PieceState, PlaceState
from services.applications.views.cells import LONGEST, Known, cell, cells, headings
from services.contracts.actors import Acting
from services.contracts.api.columns import COLUMNS
from tests.unit.applications.builders import DELIVERY, STEPS, document, draft, offer, requirement

KIM: Final = Acting("staff:kim")
AT: Final = datetime(2027, 2, 1, 11, tzinfo=UTC)
PERSON: Final[dict[str, Any]] = {
    "usual_name": "Martin",
    "other_given_names": "Anaïs",
    "national_student_number": "1234567890A",
    "phone": "0468662000",
    "mobile": "0612345678",
}
ADDRESS: Final[dict[str, Any]] = {
    "lines": ["Bâtiment B", "3e étage", "Porte 4", "12 rue des Abeilles"],
    "postcode": "66000",
}
BACCALAUREATE: Final = {"kind": "obtained", "series": "S", "year": 2019, "honours": "good"}
FEES = Fees(ItemAsSet("FI", {"fr": "Initiale"}), ItemAsSet("B", {"fr": "Boursier"}), 12_005)


def everything() -> Known:
    """A file about which all is known that can be."""
    cv = requirement()
    decided = EnteredDecision(
        "d1",
        DecisionKind.FAVOURABLE,
        AT,
        KIM,
        reason="Très bon dossier",
        rank=3,
        comment="Bravo",
        listed=ReasonAsDecided("R1", {"fr": "Très bon dossier"}),
        conditions=(Condition({"fr": "Obtenir la licence"}),),
        group=GroupAsDecided("A", {"fr": "Autres"}),
    )
    application = draft(
        cv,
        state=FileState.COMPLETE,
        pieces=(Piece(cv, PieceState.DEPOSITED, document()),),
        answers=(QuestionAnswer(Question("why", {"fr": "Pourquoi ?"}, QuestionKind.TEXT, required=True), "La mer"),),
        forms=(
            FilledForm(
                Form("plans", {"fr": "Projet"}, "https://survey.example/1", required=True),
                replace(DELIVERY, answers=(FormAnswer("Où ?", "À Banyuls"),)),
            ),
        ),
        submissions=(SubmissionRef("s1", AT, "a" * 64),),
        decision=ValidatedDecision(decided, AT, KIM, date(2027, 2, 15), (Followed(1),)),
        place=Place(PlaceState.ACCEPTED, AT, KIM),
    )
    steps: dict[str, Any] = dict(STEPS)
    steps |= {
        "identity": steps["identity"] | PERSON,
        "address": steps["address"] | ADDRESS,
        "baccalaureate": BACCALAUREATE,
    }
    return Known(
        application,
        steps,
        offer(cv, commission="BIO"),
        Sheet("zoe", (Note("n1", "À revoir", AT, KIM),), ("urgent",), "kim", FEES),
        replace(decided, id="d2", kind=DecisionKind.UNFAVOURABLE),
        PreEnrolment("zoe", "M1-MER", "2027", Named("P27AB12CD34"), PreEnrolmentState.WAITING),
        {"kim": "Kim Petit"},
        "zoe@mail.example",
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_column_that_can_be_asked_for_is_filled_where_all_is_known(language: str) -> None:
    """Acceptance 97."""
    row = dict(zip(COLUMNS, cells(everything(), language, ZoneInfo("Europe/Paris")), strict=True))
    assert [column for column, text in row.items() if not text] == []
    assert len({*headings(language)}) == len(COLUMNS), "no two of them are called alike"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", '"', ";", "; ", ';"', "\t", "\r", "\n", "\r\n", "\n\N{NO-BREAK SPACE}"])
def test_no_part_that_a_spreadsheet_may_make_a_cell_of_is_a_formula(before: str, sign: str) -> None:
    """Whatever it takes for what parts cells and lines; nothing of the text is lost (OWASP, CSV injection)."""
    first = "" if not before.strip('" ') else "Bonjour"
    safe = cell(f"{first}{before}{sign}1+1")
    blanks = before.rstrip('"')
    assert safe == f"{first}{blanks}'{before[len(blanks) :]}{sign}1+1"


@pytest.mark.parametrize("mark", ["\t", "\r", "\n"])
def test_what_begins_with_a_mark_that_parts_cells_is_a_text(mark: str) -> None:
    assert cell(f"{mark}Bonjour") == f"'{mark}Bonjour"


@pytest.mark.parametrize(
    "text", ["Bonjour", "1-2", "a=b", "zoe@univ.test", "Lettre (2) ; CV", "Oui, - non", '"Zoé" ; l\'été']
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


def test_a_cell_is_as_long_as_it_may_be_and_no_longer() -> None:
    assert cell("é" * LONGEST) == "é" * LONGEST
    assert cell("é" * (LONGEST + 1)) == "é" * (LONGEST - 1) + "…"
