"""What an application's page says and offers in every state: what to do next, by when, and no command that would fail."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.chassis.texts.catalogues import catalogues
from services.contracts.api.applications import ApplicationView, BlockView, ContactView, PieceView, ProgrammeView
from services.contracts.languages import Language
from services.portal.pages.applying.showing import Showing

LATE = BlockView(kind="deadline", code="submission_deadline", label="Date limite", reason="deadline-passed")
LACKING = BlockView(kind="piece", code="cv", label="CV", reason="awaiting")
REFUSED = BlockView(kind="piece", code="cv", label="CV", reason="refused")
BY = "25 mars 2027 à 23 h 59 (heure de Paris)"


def text(language: Language, name: str, **values: Any) -> str:
    return catalogues().text(f"portal.{name}", language, **values)


def piece(**more: Any) -> PieceView:
    said = {"code": "cv", "label": "CV", "state": "awaiting", "state_label": "En attente", "conditional": False}
    kinds = {"optional": False, "common": False, "max_bytes": 2**21, "media_types": ["application/pdf", "image/jpeg"]}
    return PieceView.model_validate({**said, **kinds, **more})


def view(**more: Any) -> ApplicationView:
    said: dict[str, Any] = {
        "id": "a" * 26,
        "programme": ProgrammeView(code="M1", title="Mer", centre="Sciences", diploma="Master 1"),
        "campaign": "2027",
        "state": "draft",
        "state_label": "En attente",
        "decision_label": "Pas encore de décision",
        "opened_at": "2027-02-01T11:00:00.000Z",
        "submission_deadline": "2027-03-25",
        "contact": ContactView(),
        "pieces": [piece()],
        "can_submit": False,
        "blocking": [],
        "can_cancel": True,
        "history": [],
        "version": 1,
    }
    return ApplicationView.model_validate({**said, **more})


@pytest.fixture
def showing() -> Showing:
    return Showing(text, ZoneInfo("Europe/Paris"), "fr")


SUBMITTED = {"submitted_at": "2027-02-03T11:00:00.000Z"}


@pytest.mark.parametrize(
    ("state", "todo", "waits"),
    [
        (
            {"blocking": [LACKING]},
            f"Il reste 1 élément à fournir, puis votre candidature à transmettre, avant le {BY}.",
            True,
        ),
        ({"can_submit": True}, f"Tout est prêt : transmettez votre candidature avant le {BY}.", True),
        (
            {"blocking": [LACKING, LATE]},
            f"La date limite était le {BY}. Cette candidature n’a pas été transmise",
            False,
        ),
        (
            {"state": "incomplete", "blocking": [REFUSED], **SUBMITTED},
            "Votre dossier est incomplet : il reste 1 élément",
            True,
        ),
        (
            {"state": "incomplete", "blocking": [LATE], **SUBMITTED},
            "C’est votre dernière transmission qui compte.",
            False,
        ),
        ({"state": "submitted", **SUBMITTED}, "Rien à faire pour le moment : votre dossier est réceptionné.", False),
        ({"state": "complete", **SUBMITTED}, "Rien à faire pour le moment : votre dossier est complet.", False),
        ({"state": "cancelled"}, "Cette candidature est annulée", False),
    ],
)
def test_a_card_says_what_to_do_next(showing: Showing, state: dict[str, Any], todo: str, *, waits: bool) -> None:
    card = showing.card(view(**state))
    assert todo.replace(" ", "") in card["todo"].translate({0xA0: None, 0x202F: None, 0x20: None})
    assert card["waits"] is waits


GIVEN = {"document": {"id": "d", "filename": "cv.pdf", "media_type": "application/pdf", "size": 1, "sha256": "ab" * 32}}
COMMANDS = ("open", "removable", "declarable", "undeclarable")


@pytest.mark.parametrize(
    ("given", "commands"),
    [
        ({}, {"open"}),
        ({"conditional": True}, {"open", "declarable"}),
        ({"conditional": True, "state": "not_applicable"}, {"undeclarable"}),
        ({"state": "deposited", **GIVEN}, {"removable"}),
        ({"state": "refused", **GIVEN}, {"removable"}),
        ({"state": "validated", **GIVEN}, set()),
    ],
)
def test_a_piece_offers_the_commands_that_its_state_leaves(
    showing: Showing, given: dict[str, Any], commands: set[str]
) -> None:
    """Acceptance 50, 51, 53, 56, 57; once submitted, or too late, none (54, 71)."""
    for state, expected in (
        ({}, commands),
        ({"state": "incomplete", **SUBMITTED}, commands),
        ({"blocking": [LATE]}, set()),
        ({"state": "submitted", **SUBMITTED}, set()),
        ({"state": "complete", **SUBMITTED}, set()),
        ({"state": "cancelled"}, set()),
    ):
        (shown,) = showing.whole(view(pieces=[piece(**given)], **state))["pieces"]
        assert {name for name in COMMANDS if shown[name]} == expected, state


def test_the_contact_is_shown_without_what_could_harm(showing: Showing) -> None:
    contact = ContactView(name="Scolarité", address="52 avenue Paul Alduy\n66860 Perpignan", url="javascript:alert(1)")
    shown = showing.whole(view(contact=contact))
    assert shown["contact_lines"] == ["Scolarité", "52 avenue Paul Alduy", "66860 Perpignan"]
    assert shown["contact_url"] is None


@pytest.mark.parametrize(
    ("state", "editable", "said"),
    [("deposited", True, True), ("refused", True, True), ("validated", True, False), ("deposited", False, False)],
)
def test_another_file_is_asked_for_only_where_it_can_be_given(
    showing: Showing, state: str, editable: bool, said: bool
) -> None:
    warnings = [{"slug": "blank-page", "page": 1, "text": "La page 1 est vide."}]
    document = {"id": "d", "filename": "cv.pdf", "media_type": "application/pdf", "size": 1, "sha256": "0" * 64}
    shown = showing.piece("a" * 26, piece(state=state, document=document | {"warnings": warnings}), editable=editable)
    assert (bool(shown["warnings"]), shown["removable"]) == (said, said)
