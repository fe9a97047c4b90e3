"""Passwords: lengths at their limits, and what is too easily guessed (acceptance 16)."""

import pytest

from services.accounts.domain.passwords import LONGEST, SHORTEST, WORDS_OF_THE_PLACE, normal, password_faults
from services.accounts.usecases.passwords import common_passwords

COMMON = common_passwords()
PERSONAL = ("zoe.durand@etu.test", "Durand", "Zoé", "AB12CD34", "Université de Valmont", *WORDS_OF_THE_PLACE)
VARIED = "correct horse battery staple, " * 5


def rule(password: str) -> str | None:
    faults = password_faults("password", password, common=COMMON, personal=PERSONAL)
    assert all(fault.field == "password" for fault in faults)
    return faults[0].slug if faults else None


@pytest.mark.parametrize(
    ("password", "slug"),
    [
        ("x7:Qwm!vT2z", "too-short"),
        ("x7:Qwm!vT2z$", None),
        (VARIED[:LONGEST], None),
        (VARIED[: LONGEST + 1], "too-long"),
        ("é7:Qwm!vT2z", "too-short"),
        ("e\u03017:Qwm!vT2z", "too-short"),
        ("日本語のパスワードです!", None),
    ],
)
def test_12_to_128_characters_however_they_are_composed(password: str, slug: str | None) -> None:
    assert rule(password) == slug


@pytest.mark.parametrize(
    "passphrase", ["cheval bleu sous la pluie", "la mer monte", "correct horse battery staple", "ouistiti violet"]
)
def test_a_passphrase_without_figures_will_do(passphrase: str) -> None:
    assert len(passphrase) >= SHORTEST
    assert rule(passphrase) is None


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "PASSWORD1234",
        "motdepasse2026!",
        "123456789012",
        "2026!azerty2026!",
        "aaaaaaaaaaaa",
        "azertyazerty",
        "abcabcabcabcab",
        "abcdefghijkl",
        "zyxwvutsrqponm",
        "azertyuiopqs",
        "qwertyuiop[]",
        "1q2w3e4r5t6y",
        "123456123456",
        "iloveyou!!!!!!!!",
    ],
)
def test_what_everybody_tries_is_too_common(password: str) -> None:
    assert rule(password) == "too-common"


@pytest.mark.parametrize(
    ("password", "slug"),
    [
        ("zoe.durand@etu.test", "too-personal"),
        ("durand-durand-7", "too-personal"),
        ("AB12CD34-2026", "too-personal"),
        ("Durand.Zoé.2003", None),
        ("les durand aiment la mer", None),
        ("universite-valmont", "too-personal"),
        ("Candidature-Parvis", "too-personal"),
        ("parvisparvis1!", "too-personal"),
        ("l’université de la mer", None),
    ],
)
def test_what_is_known_of_the_person_or_the_place_is_not_enough(password: str, slug: str | None) -> None:
    assert rule(password) == slug


def test_figures_and_signs_alone_are_judged_as_they_are() -> None:
    assert rule("40!7?19-26+8") is None


def test_the_list_is_of_use() -> None:
    assert sum(len(word) >= SHORTEST for word in COMMON) > 300
    assert all(word == word.casefold() and word == word.strip() for word in COMMON)


def test_every_keyboard_gives_the_same_password() -> None:
    assert normal("e\u0301te\u0301") == normal("été")
