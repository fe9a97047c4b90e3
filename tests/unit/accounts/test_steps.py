"""The rules of the steps, each at its limit and one past it (acceptance 28 to 33)."""

from datetime import date
from typing import Any

import pytest
from babel import Locale
from babel.core import get_global

from services.accounts.domain.communes import Commune, Communes
from services.accounts.domain.countries import BIRTH_COUNTRIES, CODES, FRENCH_POST
from services.accounts.domain.profile import STEPS, Profile, missing, plain, step_of
from services.accounts.domain.steps import address_faults, baccalaureate_faults, identity_faults
from services.contracts.refusals import FieldError
from tests.unit.accounts.builders import FROM_YEAR, TODAY, address, baccalaureate, identity

NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
INE = "0123456789M"
NOWHERE = Communes(())


def slugs(faults: list[FieldError]) -> list[tuple[str, str]]:
    return [(fault.field, fault.slug) for fault in faults]


def of_identity(today: date = TODAY, profile: Profile | None = None, **changes: Any) -> list[tuple[str, str]]:
    return slugs(identity_faults(identity(**changes), profile or Profile(), today=today, from_year=FROM_YEAR))


def test_all_that_is_wrong_is_said_at_once() -> None:
    faults = of_identity(
        family_name="",
        given_name="12",
        birth_country="XX",
        birth_place="",
        nationality="fr",
        birth_date="1800-01-01",
        national_student_number="1",
    )
    assert faults == [
        ("family_name", "required"),
        ("given_name", "not-a-name"),
        ("birth_date", "birth-date-out-of-range"),
        ("birth_country", "not-a-country"),
        ("birth_place", "required"),
        ("nationality", "not-a-country"),
        ("national_student_number", "not-a-student-number"),
    ]


@pytest.mark.parametrize("name", ["Zoé", "O’Brien", "d'Ormesson", "Nguyễn", "李", "عبد", "Müller-Lüdenscheidt", "X"])
def test_names_of_all_scripts_are_names(name: str) -> None:
    assert of_identity(family_name=name, given_name=name) == []


@pytest.mark.parametrize(
    ("today", "born", "good"),
    [
        (date(2026, 11, 22), date(2016, 11, 22), True),
        (date(2026, 11, 22), date(2016, 11, 23), False),
        (date(2026, 11, 22), date(1926, 11, 22), True),
        (date(2026, 11, 22), date(1926, 11, 21), False),
        (date(2028, 2, 29), date(2018, 2, 28), True),
        (date(2028, 2, 29), date(2018, 3, 1), False),
        (date(2028, 2, 29), date(1928, 2, 29), True),
        (date(2028, 2, 29), date(1928, 2, 28), False),
    ],
)
def test_one_is_10_to_100_years_old(today: date, born: date, good: bool) -> None:
    """Acceptance 32."""
    assert (of_identity(today, birth_date=born.isoformat()) == []) is good


# --- the student number (acceptance 29, 30) ---------------------------------------------------------------------------


def with_baccalaureate(**changes: Any) -> Profile:
    return Profile().with_step("baccalaureate", baccalaureate(**changes))


REQUIRED = [("national_student_number", "student-number-required")]


@pytest.mark.parametrize(
    ("nationality", "number", "given", "faults"),
    [
        ("FR", None, {"year": 1995}, REQUIRED),
        ("FR", None, {"year": 1994}, []),
        ("FR", INE, {"year": 1995}, []),
        ("ES", None, {"year": 2021}, []),
        ("FR", None, {"kind": "equivalent", "year": 2021}, []),
        ("FR", None, {"kind": "none", "series": None, "year": None}, []),
    ],
)
def test_a_french_national_gives_the_student_number_if_the_baccalaureate_requires_it(
    nationality: str, number: str | None, given: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    profile = with_baccalaureate(**given)
    assert of_identity(profile=profile, nationality=nationality, national_student_number=number) == faults
    # The other way round the identity was there first: then it is the identity that lacks something.
    both = Profile().with_step("identity", identity(nationality=nationality, national_student_number=number))
    both = both.with_step("baccalaureate", baccalaureate(**given))
    assert missing(both, FROM_YEAR) == (("identity", "address") if faults else ("address",))
    assert missing(both, 0) == ("address",)


def test_what_is_missing_is_named_in_order() -> None:
    """Acceptance 23."""
    assert missing(Profile(), FROM_YEAR) == STEPS
    assert missing(Profile().with_step("address", address()), FROM_YEAR) == ("identity", "baccalaureate")


# --- the address (acceptance 31) ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("postcode", "country", "slug"),
    [
        ("66000", "FR", None),
        ("01000", "FR", None),
        ("95880", "FR", None),
        ("97400", "RE", None),
        ("98713", "PF", None),
        ("6600", "FR", "french-postcode"),
        ("660000", "FR", "french-postcode"),
        ("00100", "FR", None),
        ("00000", "FR", "french-postcode"),
        ("96000", "FR", "french-postcode"),
        ("6600A", "FR", "french-postcode"),
        ("٦٦٠٠٠", "FR", "french-postcode"),
        (None, "FR", "required"),
        (None, "IE", None),
        ("SW1A 1AA", "GB", None),
    ],
)
def test_the_french_post_wants_five_digits(postcode: str | None, country: str, slug: str | None) -> None:
    assert slugs(address_faults(address(postcode=postcode, country=country), NOWHERE)) == (
        [("postcode", slug)] if slug else []
    )


def test_a_french_town_has_its_postcode_where_the_list_knows_it() -> None:
    there = Communes(("66200", Commune(f"{at}", f"Elne {letter}")) for at, letter in enumerate("ABCDEF"))
    assert address_faults(address(postcode="66200", city="elne f"), there) == []
    (fault,) = address_faults(address(postcode="66200", city="Perpignan"), there)
    assert (fault.field, fault.slug) == ("city", "city-elsewhere")
    assert fault.params == {"communes": ["Elne A", "Elne B", "Elne C", "Elne D", "Elne E"]}
    for elsewhere in ({"postcode": "66201"}, {"country": "ES"}, {"country": "RE", "postcode": "97400"}):
        assert address_faults(address(city="Perpignan", **{"postcode": "66200"} | elsewhere), there) == []


def test_every_address_needs_its_lines_its_town_and_its_country() -> None:
    assert slugs(address_faults(address(lines=("", "b"), city="", country="XX"), NOWHERE)) == [
        ("lines.0", "required"),
        ("country", "not-a-country"),
        ("city", "required"),
    ]


def test_countries_are_those_of_the_world() -> None:
    named = {code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()}
    assert named - NOT_COUNTRIES == CODES
    assert FRENCH_POST < CODES
    assert all(Locale(language).territories[code] for language in ("fr", "en") for code in CODES)


def test_countries_of_birth_are_also_those_that_are_no_more() -> None:
    """By the codes that CLDR knows as another's today, but for two that were never codes of a state in ISO 3166-3."""
    replaced = {code for code in get_global("territory_aliases") if len(code) == 2 and code.isalpha()}
    assert replaced - {"QU", "UK"} == BIRTH_COUNTRIES - CODES


# --- the baccalaureate (acceptance 32) ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"year": 1900}, []),
        ({"year": 1899}, [("year", "year-out-of-range")]),
        ({"year": TODAY.year}, []),
        ({"year": TODAY.year + 1}, [("year", "year-out-of-range")]),
        ({"year": None, "series": None}, [("series", "required"), ("year", "required")]),
        ({"kind": "equivalent", "series": None}, []),
        ({"country": "ES"}, []),
        ({"country": "XX"}, [("country", "not-a-country")]),
        ({"country": "XX", "year": None}, [("year", "required"), ("country", "not-a-country")]),
        ({"kind": "none", "series": None, "year": None}, []),
        ({"kind": "none"}, [("series", "not-expected"), ("year", "not-expected")]),
    ],
)
def test_a_baccalaureate_has_a_year_and_none_has_nothing(given: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    assert slugs(baccalaureate_faults(baccalaureate(**given), today=TODAY)) == faults


def test_what_is_wrong_with_a_baccalaureate_says_between_what_and_because_of_what() -> None:
    (year,) = baccalaureate_faults(baccalaureate(year=1899), today=TODAY)
    assert year.params == {"min": 1900, "max": TODAY.year}
    for given in ({"kind": "none"}, {"series": None, "year": None}):
        found = baccalaureate_faults(baccalaureate(**given), today=TODAY)
        assert {fault.given for fault in found} == {("kind",)}, "it rests on the kind, if that can be read"


# --- as JSON --------------------------------------------------------------------------------------------------------------


def test_steps_survive_as_json() -> None:
    for name, step in (("identity", identity()), ("address", address()), ("baccalaureate", baccalaureate())):
        assert step_of(name, plain(step)) == step
    assert plain(identity())["birth_date"] == "2003-05-14"
    assert "phone" not in plain(identity())
