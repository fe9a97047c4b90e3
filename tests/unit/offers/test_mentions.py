"""Rows of the ministry's open data: what they say, which is current, what is wrong with them."""

from collections.abc import Mapping

import pytest

from services.contracts.refusals import RefusedError
from services.contracts.refusals.offers import NOT_A_MON_MASTER_FILE
from services.offers.domain.mentions import COLUMNS, Line, Mention, Newest, gather
from services.offers.domain.programmes import MAX_CAPACITY

ROW: Mapping[str, str] = {
    "year": "2021",
    "uai": "0660437S",
    "official_name": "Université de Perpignan",
    "usual_name": "",
    "address": "52  AVENUE PAUL ALDUY",
    "address_complement": "",
    "postcode": "66860",
    "town": "PERPIGNAN",
    "mention": "1801027X",
    "domains": "SCIENCES, TECHNOLOGIES, SANTÉ | DROIT, ECONOMIE, GESTION",
    "title": "Sciences de la mer",
    "open": "1",
    "partners": "Université de Montpellier",
    "modes": "Formation initiale,Alternance",
    "semester": "1er semestre",
    "capacity": "30",
    "degrees": "Géologie,Biologie,Géologie",
    "url": "https://www.univ-perp.fr/mer",
}


def read(*rows: Mapping[str, str] | Line, head: tuple[str, ...] = tuple(COLUMNS.values())) -> Newest:
    lines = [Line(1, head)]
    for number, row in enumerate(rows, 2):
        lines.append(row if isinstance(row, Line) else Line(number, tuple({**ROW, **row}.values())))
    return gather(iter(lines))


def one(**changes: str) -> Mention:
    newest = read(changes)
    assert newest.faults == []
    (mention,) = newest.mentions
    return mention


def faults(**changes: str) -> list[tuple[int, str, str]]:
    newest = read(changes, {"mention": "1801028Y"})
    assert [mention.number for mention in newest.mentions] == ["1801028Y"], "a faulty row stops no other"
    return [(line, fault.field, fault.slug) for line, fault in newest.faults]


def test_what_a_row_says() -> None:
    mention = one()
    assert mention.code == "0660437S-1801027X"
    assert (mention.line, mention.year, mention.title, mention.capacity, mention.offered) == (
        2,
        2021,
        "Sciences de la mer",
        30,
        True,
    )
    assert mention.institution.name == "Université de Perpignan"
    assert mention.institution.address == ("52 AVENUE PAUL ALDUY", "66860 PERPIGNAN")
    assert mention.keywords == (
        "SCIENCES, TECHNOLOGIES, SANTÉ",
        "DROIT, ECONOMIE, GESTION",
        "Formation initiale",
        "Alternance",
    )
    assert mention.information.splitlines() == [
        "Licences conseillées : Géologie, Biologie",
        "Modalités d'enseignement : Formation initiale, Alternance",
        "Accès : 1er semestre",
        "Co-accréditation : Université de Montpellier",
    ]


def test_cells_may_be_empty() -> None:
    mention = one(partners="", modes="", semester="", capacity="", degrees="", url="", address="", domains="")
    assert (mention.capacity, mention.information, mention.url, mention.keywords) == (None, "", "", ())
    assert mention.institution.address == ("66860 PERPIGNAN",)


def test_the_name_in_use_goes_before_the_official_one() -> None:
    assert one(usual_name="UPVD").institution.name == "UPVD"


def test_a_mention_that_is_not_open_is_not_offered() -> None:
    assert not one(open="0").offered


@pytest.mark.parametrize("years", [("2019", "2021", "2020"), ("2021", "2020", "2019"), ("2019", "2020", "2021")])
def test_the_newest_year_wins_in_whatever_order_they_stand(years: tuple[str, ...]) -> None:
    newest = read(*({"year": year, "title": f"Mer {year}"} for year in years))
    assert [mention.title for mention in newest.mentions] == ["Mer 2021"]
    assert (newest.superseded, newest.faults) == (2, [])


def test_a_faulty_row_of_the_newest_year_leaves_the_year_before() -> None:
    newest = read({"year": "2020"}, {"year": "2021", "capacity": "thirty"})
    assert [mention.year for mention in newest.mentions] == [2020]
    assert [line for line, _ in newest.faults] == [3]


def test_an_institution_has_the_name_of_its_newest_row() -> None:
    newest = read(
        {"year": "2019", "official_name": "COMUE", "mention": "1111111A"},
        {"year": "2021", "official_name": "Université"},
        {"year": "2020", "official_name": "Entre-temps", "mention": "2222222B"},
    )
    assert {mention.institution.name for mention in newest.mentions} == {"Université"}


def test_the_same_mention_twice_in_a_year_is_a_fault_of_the_second() -> None:
    newest = read({}, {"title": "Autre"})
    assert [(line, fault.slug, fault.params) for line, fault in newest.faults] == [(3, "same-as-line", {"line": 2})]
    assert [mention.title for mention in newest.mentions] == ["Sciences de la mer"]


@pytest.mark.parametrize(
    ("name", "value", "slug"),
    [
        ("year", "", "required"),
        ("year", "1999", "malformed"),
        ("year", "20210", "malformed"),
        ("uai", "", "required"),
        ("uai", "660437S", "malformed"),
        ("mention", "1801027x", "malformed"),
        ("title", " ", "required"),
        ("title", "a" * 256, "too-long"),
        ("title", "a\x00b", "control-characters"),
        ("official_name", "", "required"),
        ("open", "", "required"),
        ("open", "2", "not-a-choice"),
        ("capacity", "-1", "malformed"),
        ("capacity", "٣", "malformed"),
        ("capacity", str(MAX_CAPACITY + 1), "out-of-range"),
        ("url", "www.univ-perp.fr", "not-a-url"),
        ("degrees", "a" * 1021, "too-long"),
        ("town", "a" * 256, "too-long"),
    ],
)
def test_faulty_cells(name: str, value: str, slug: str) -> None:
    assert faults(**{name: value}) == [(2, name, slug)]


def test_a_row_at_its_limits() -> None:
    mention = one(title="a" * 255, capacity=str(MAX_CAPACITY), degrees="a" * 1020, town="a" * 255)
    assert mention.capacity == MAX_CAPACITY


def test_all_faults_of_a_row_are_listed() -> None:
    assert faults(year="", title="") == [(2, "year", "required"), (2, "title", "required")]


def test_rows_that_cannot_be_read() -> None:
    newest = read(Line(2, (), "bad-quoting"), Line(5, ("a", "b")), {})
    assert [(line, fault.field, fault.slug) for line, fault in newest.faults] == [
        (2, "row", "bad-quoting"),
        (5, "row", "wrong-number-of-cells"),
    ]
    assert newest.faults[1][1].params == {"expected": len(COLUMNS), "found": 2}
    assert len(newest.mentions) == 1


def test_columns_are_known_by_their_titles() -> None:
    apostrophes = tuple(title.replace("'", "’").upper() for title in COLUMNS.values())
    assert len(read({}, head=apostrophes).mentions) == 1


@pytest.mark.parametrize("head", [(), tuple(list(COLUMNS.values())[:-1])])
def test_another_file_is_refused(head: tuple[str, ...]) -> None:
    with pytest.raises(RefusedError) as refused:
        read({}, head=head)
    assert refused.value.slug == NOT_A_MON_MASTER_FILE
    assert refused.value.members["missing"] in COLUMNS.values()


def test_no_file_at_all_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        gather(iter(()))
    assert refused.value.slug == NOT_A_MON_MASTER_FILE
