"""Searching: what is found, in which order, page by page (acceptance 37, 38)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.text_folding import fold
from services.offers.domain.calendar import Availability
from services.offers.domain.programmes import Content, Programme, Unit
from services.offers.domain.text import Text
from services.offers.views.index import Asked, Found, IndexedProgramme, SearchIndex, as_set, index_of, places
from tests.unit.offers.examples import CALENDAR, content, days

TODAY = CALENDAR.opens_on


def index(**programmes: Content) -> SearchIndex:
    return index_of(IndexedProgramme(Programme(code, 1, shown)) for code, shown in programmes.items())


def titled(title: str, *keywords: str) -> Content:
    return content(title=Text(title), keywords=keywords)


def found(index: SearchIndex, text: str = "", *, today: date = TODAY, limit: int = 200, **more: object) -> list[str]:
    asked = Asked(tuple(fold(text).split()), **more)  # type: ignore[arg-type] # centre, diploma, open
    entries, _ = index.page(index.search(asked, today), None, limit)
    return [entry.programme.code for entry in entries]


SEA = titled("Sciences de la mer", "océanographie")
ENERGY = titled("Énergie, parcours Matériaux et procédés solaires", "L'eau et l’œuvre")
COMPUTING = titled("Calcul haute performance, simulation", "informatique", "mathématiques")
THREE = index(SEA=SEA, ENERGY=ENERGY, HPC=COMPUTING)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("mer", ["SEA"]),
        ("MER", ["SEA"]),
        ("energie", ["ENERGY"]),
        ("ÉNERGIE solaire", ["ENERGY"]),
        ("solaire energie", ["ENERGY"]),
        ("oeuvre", ["ENERGY"]),
        ("œuvre", ["ENERGY"]),
        ("l'eau", ["ENERGY"]),
        ("oceano", ["SEA"]),
        ("matique", ["HPC"]),
        ("math", ["HPC"]),
        ("haute-performance", ["HPC"]),
        ("mer informatique", []),
        ("merx", []),
        ("hpc", ["HPC"]),
        ("", ["ENERGY", "HPC", "SEA"]),
        ("…", ["ENERGY", "HPC", "SEA"]),
        ("see master", ["ENERGY", "HPC", "SEA"]),
    ],
)
def test_words_are_found_without_case_and_accents_37(text: str, codes: list[str]) -> None:
    assert found(THREE, text) == codes


def test_a_part_is_looked_for_once_however_often_it_is_asked_for() -> None:
    """Acceptance 108: fifty letters in one question, each in nearly every word, held the process for half a second."""
    fresh = index(SEA=SEA, ENERGY=ENERGY, HPC=COMPUTING)
    letters = " ".join("aeiorst" * 7)
    assert [found(fresh, letters) for _ in range(3)] == [["ENERGY", "HPC", "SEA"]] * 3
    assert fresh.looks == 2 * 7


def test_a_part_of_two_neighbouring_words_is_no_word() -> None:
    assert found(index(A=titled("ab cd")), "bc") == []


def test_the_title_goes_before_the_rest_and_then_the_code_decides() -> None:
    four = index(A=titled("x", "mer"), B=titled("mer"), C=titled("x", "mer"), D=titled("mer"))
    assert found(four, "mer") == ["B", "D", "A", "C"]


def test_an_english_title_is_found_too() -> None:
    assert found(index(A=content(title=Text("Mer", "Sea"))), "sea") == ["A"]


def test_filters_by_centre_and_diploma() -> None:
    other = content(centre=Unit("UCA", Text("Clermont")), diploma=Unit("master-2", Text("Master 2")))
    two = index(A=SEA, B=other)
    assert found(two, centre="UCA") == ["B"]
    assert found(two, centre="uca") == []
    assert found(two, diploma="master-1") == ["A"]
    assert found(two, centre="UCA", diploma="master-1") == []
    assert found(two, "clermont") == ["B"]


def test_open_and_not_open_follow_the_day_39() -> None:
    late = days(opens_on=TODAY + timedelta(days=1))
    three = index(A=SEA, B=late, C=content(offered=False))
    assert (found(three, open=True), found(three, open=False)) == (["A"], ["B", "C"])
    tomorrow = TODAY + timedelta(days=1)
    assert (found(three, open=True, today=tomorrow), found(three, open=False, today=tomorrow)) == (["A", "B"], ["C"])


def test_an_empty_catalogue_has_nothing() -> None:
    empty = index()
    assert (found(empty), found(empty, "mer"), found(empty, open=True), len(empty)) == ([], [], [], 0)
    assert empty.get("A") is None


def test_a_programme_by_its_code() -> None:
    entry = THREE.get("HPC")
    assert entry is not None
    assert entry.programme.content.availability(TODAY) is Availability.OPEN
    assert [THREE.get(code) for code in ("A", "I", "Z", "hpc")] == [None] * 4


def walk(index: SearchIndex, found: Found, limit: int) -> list[str]:
    codes: list[str] = []
    after = None
    while True:
        entries, after = index.page(found, after, limit)
        codes += [entry.programme.code for entry in entries]
        assert len(entries) <= limit
        if after is None:
            return codes
        assert len(entries) == limit


@given(st.sets(st.integers(0, 60), max_size=40), st.sets(st.integers(0, 60), max_size=40), st.integers(1, 50))
def test_pages_hold_everything_once_in_order(titles: set[int], others: set[int], limit: int) -> None:
    many = index(**{f"P{number:02}": SEA for number in range(61)})
    hits = Found(as_set(titles, 61), as_set(others - titles, 61))
    expected = [f"P{number:02}" for number in (*sorted(titles), *sorted(others - titles))]
    assert walk(many, hits, limit) == expected


def test_a_page_goes_on_rightly_when_its_last_programme_is_gone() -> None:
    before = index(A=SEA, B=SEA, C=SEA)
    _, after = before.page(before.search(Asked(), TODAY), None, 2)
    now = index(A=SEA, C=SEA, D=SEA)
    entries, _ = now.page(now.search(Asked(), TODAY), after, 2)
    assert [entry.programme.code for entry in entries] == ["C", "D"]


@given(st.sets(st.integers(0, 300)))
def test_sets_of_numbers(numbers: set[int]) -> None:
    assert list(places(as_set(numbers, 301))) == sorted(numbers)


@given(
    st.lists(st.text(alphabet="abé '", max_size=8), max_size=12),
    st.text(alphabet="abé ", max_size=4),
)
def test_the_index_finds_what_a_plain_look_at_every_title_finds(titles: list[str], text: str) -> None:
    bare = [
        Content(**{**{name: getattr(SEA, name) for name in SEA.__slots__}, "title": Text(title), "keywords": ()})
        for title in titles
    ]
    all_of_them = index(**{f"X{number:03}": shown for number, shown in enumerate(bare)})
    asked = fold(text).split()
    expected = {
        f"X{number:03}"
        for number, title in enumerate(titles)
        if all(any(word in held for held in fold(title).split()) for word in asked)
    }
    hits = all_of_them.search(Asked(tuple(asked)), TODAY)
    assert {all_of_them.entries[place].programme.code for place in places(hits.titles)} == expected
