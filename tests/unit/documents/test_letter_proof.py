"""A name is compared by a digest: as people write it, for the letter of one code alone."""

from __future__ import annotations

import pytest

from services.documents.domain.letter_proof import Proof, is_named, name_digest
from services.documents.usecases.letter_words import SAMPLE_PROFILE, names_of

CODE, OTHER = "0" * 26, "1" * 26


@pytest.mark.parametrize(
    ("name", "typed", "agrees"),
    [
        ("Zoé Müller-L’Hôte", "zoe muller l'hote", True),
        ("Zoé Müller-L’Hôte", "MÜLLER-L’HÔTE Zoé", True),
        ("Zoé Faure (Roy)", "Zoé Faure Roy", True),
        ("Łukasz Ørsted", "łukasz ØRSTED", True),
        ("李 小龍", "李 小龍", True),
        ("李 小龍", "李 小竜", False),
        ("Zoé Faure (Roy)", "Zoé Faure", False),
        ("Zoé Faure", "Zoéfaure", False),
        ("Zoé Faure", "", False),
        ("", "", False),
        ("", "-", False),
    ],
)
def test_a_name_is_compared_word_by_word(name: str, typed: str, agrees: bool) -> None:
    assert is_named(Proof("fr", (), name_digest(CODE, name)), CODE, typed) is agrees


def test_a_digest_is_of_one_letter_alone() -> None:
    """Two letters of one person have nothing in common for who sees digests."""
    assert name_digest(CODE, "Zoé Faure") != name_digest(OTHER, "Zoé Faure")
    assert not is_named(Proof("fr", (), name_digest(OTHER, "Zoé Faure")), CODE, "Zoé Faure")


@pytest.mark.parametrize(
    ("typed", "agrees"),
    [("Zoé Faure (Roy)", True), ("Roy Zoé", True), ("Zoe Faure", True), ("Zoé", False), ("Faure Roy", False)],
)
def test_of_who_has_two_names_each_alone_is_theirs(typed: str, agrees: bool) -> None:
    """Who copies one from a passport is not told that the letter was forged."""
    assert SAMPLE_PROFILE.identity is not None
    known = {"given_name": "Zoé", "family_name": "Faure", "usual_name": "Roy"}
    identity = SAMPLE_PROFILE.identity.model_copy(update=known)
    name, *shorter = (name_digest(CODE, each) for each in names_of(identity))
    assert is_named(Proof("fr", (), name, tuple(shorter)), CODE, typed) is agrees
    assert names_of(None) == [""] and len(names_of(identity.model_copy(update={"usual_name": None}))) == 1
