"""Whether a town has a postcode, as people write towns (acceptance 31)."""

import pytest

from services.accounts.domain.communes import Commune, Communes

COMMUNES = Communes(
    (postcode, Commune(code, name))
    for code, name, postcodes in (
        ("66136", "Perpignan", "66000 66100"),
        ("33063", "Bordeaux", "33000"),
        ("76351", "Le Havre", "76600 76610"),
        ("94041", "Ivry-sur-Seine", "94200"),
        ("94038", "L'Haÿ-les-Roses", "94240"),
        ("75056", "Paris", "75005 75015"),
        ("75105", "Paris 5e Arrondissement", "75005"),
        ("42218", "Saint-Étienne", "42000"),
        ("02564", "Œuilly", "02160"),
        ("02058", "Beaurieux", "02160"),
    )
    for postcode in postcodes.split()
)


@pytest.mark.parametrize(
    ("postcode", "city"),
    [
        ("66100", "PERPIGNAN"),
        ("66000", "Perpignan Cedex"),
        ("66000", "Perpignan Cedex 9"),
        ("66020", "Perpignan Cedex"),
        ("00200", "Armées"),
        ("66000", "ARMEES"),
        ("98000", "Monaco"),
        ("76600", "Havre"),
        ("94200", "Ivry s/Seine"),
        ("94200", "ivry sur seine"),
        ("94240", "L’Hay les Roses"),
        ("75005", "Paris 05"),
        ("75005", "Paris 5ème arrondissement"),
        ("75005", "PARIS CEDEX 05"),
        ("75015", "Paris"),
        ("42000", "St Etienne"),
        ("02160", "OEUILLY"),
    ],
)
def test_a_town_fits_its_postcode_however_it_is_written(postcode: str, city: str) -> None:
    assert COMMUNES.fit(postcode, city)


@pytest.mark.parametrize(
    ("postcode", "city"),
    [("66000", "Elne"), ("66000", "Perpig"), ("66000", "Cedex 9"), ("33000", "66000"), ("42000", "Étienne")],
)
def test_the_town_of_another_postcode_does_not(postcode: str, city: str) -> None:
    assert not COMMUNES.fit(postcode, city)


def test_those_of_a_postcode_come_in_order_with_their_codes() -> None:
    assert COMMUNES.at("02160") == (Commune("02058", "Beaurieux"), Commune("02564", "Œuilly"))
    assert COMMUNES.at("66020") == ()
