"""What is said of a rank in a waiting list, of none, one, many, and more than are counted (acceptance 91)."""

from __future__ import annotations

import pytest

from services.contracts.api.applications import MOST_BEFORE
from services.contracts.api.places import RankExplainedView
from services.contracts.languages import Language
from services.portal.pages.applying.decided import unanswered
from tests.unit.portal.test_showing import text


@pytest.mark.parametrize(
    ("count", "until", "fr", "en"),
    [
        (
            0,
            None,
            "Toutes les places déjà proposées ont reçu une réponse.",
            "All places offered so far have been answered.",
        ),
        (
            1,
            "2027-05-12",
            "1 place est proposée à une autre personne, qui doit répondre au plus tard le 12 mai 2027.",
            "1 place is offered to somebody else, who has to answer by 12 May 2027.",
        ),
        (
            2,
            "2027-05-12",
            "2 places sont proposées à d’autres personnes, qui doivent répondre au plus tard le 12 mai 2027.",
            "2 places are offered to other people, who have to answer by 12 May 2027.",
        ),
        (
            1,
            None,
            "1 place est proposée à une autre personne, qui n’a pas encore répondu.",
            "1 place is offered to somebody else, who has not answered yet.",
        ),
        (
            MOST_BEFORE - 1,
            None,
            "999 places sont proposées à d’autres personnes, qui n’ont pas encore répondu.",
            "999 places are offered to other people, who have not answered yet.",
        ),
        (
            MOST_BEFORE,
            "2027-05-12",
            "1000 places ou plus sont proposées à d’autres personnes, qui n’ont pas encore répondu.",
            "1000 places or more are offered to other people, who have not answered yet.",
        ),
    ],
)
def test_places_that_are_not_answered(count: int, until: str | None, fr: str, en: str) -> None:
    said = RankExplainedView(before=3, unanswered=count, unanswered_until=until)
    languages: dict[Language, str] = {"fr": fr, "en": en}
    for language, words in languages.items():
        assert unanswered(said, text, language).replace("\u202f", " ").replace("\xa0", " ") == words
        assert unanswered(None, text, language) == ""
