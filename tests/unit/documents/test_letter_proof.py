"""A name is compared by a digest: as people write it, for the letter of one code alone."""

from __future__ import annotations

import pytest

from services.documents.domain.letter_proof import Proof, is_named, name_digest

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
