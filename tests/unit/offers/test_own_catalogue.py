"""An institution's own catalogue: what its rows describe, and what is wrong with them."""

from collections.abc import Mapping
from datetime import date

import pytest

from services.contracts.api.identity import Grant
from services.offers.domain.own_catalogue import Plan, plan, within
from services.offers.domain.own_columns import Entry
from services.offers.domain.programmes import (
    JPEG,
    MEGABYTE,
    PDF,
    PNG,
    Contact,
    Content,
    Form,
    ListGroup,
    Question,
    Requirement,
    Unit,
)
from services.offers.domain.text import Text

CENTRE = {
    "kind": "centre",
    "code": "SEE",
    "label_fr": "UFR Sciences",
    "contact_email": "see@univ.example",
    "opens_on": "2027-02-01",
    "closes_on": "31/03/2027",
    "submission_deadline": "07/04/2027",
    "answer_delay_days": "15",
}
DIPLOMA = {"kind": "Diplôme", "code": "M1", "label_fr": "Master 1", "label_en": "Master's, first year"}
CV = {"kind": "Pièce", "code": "cv", "label_fr": "Curriculum vitae", "level": "université", "common": "oui"}
PROGRAMME = {"kind": "Formation", "code": "M1-MER", "label_fr": "Sciences de la mer", "centre": "SEE", "diploma": "M1"}
WHOLE = (CENTRE, DIPLOMA, CV, PROGRAMME)


def of(*rows: Mapping[str, str]) -> Plan:
    return plan((Entry(number, row) for number, row in enumerate(rows, 2)), "2027-2028")


def with_programme(*rows: Mapping[str, str], **cells: str) -> Content:
    planned = of(CENTRE, DIPLOMA, *rows, {**PROGRAMME, **cells})
    assert planned.faults == []
    (programme,) = planned.programmes
    return programme.content


def faults(*rows: Mapping[str, str]) -> list[tuple[int, str, str]]:
    return [(line, fault.field, fault.slug) for line, fault in of(*rows).faults]


def test_a_programme_has_days_and_contact_of_its_centre_unless_it_gives_its_own() -> None:
    content = with_programme()
    assert content.calendar.closes_on == date(2027, 3, 31)
    assert content.calendar.answer_delay_days == 15
    assert content.contact == Contact("UFR Sciences", email="see@univ.example")
    assert content.diploma == Unit("M1", Text("Master 1", "Master's, first year"))
    own = with_programme(
        closes_on="2027-03-15",
        answer_deadline="2027-06-30",
        contact_name="Master mer",
        contact_address="1 rue|66000 Perpignan",
    )
    assert (own.calendar.opens_on, own.calendar.closes_on) == (date(2027, 2, 1), date(2027, 3, 15))
    assert (own.calendar.answer_deadline, own.calendar.answer_delay_days) == (date(2027, 6, 30), None)
    assert own.contact == Contact("Master mer", ("1 rue", "66000 Perpignan"))


def test_a_programme_asks_for_what_university_centre_and_itself_ask_for_in_this_order() -> None:
    content = with_programme(
        {"kind": "requirement", "code": "own", "label_fr": "Projet", "media_types": "PDF|png", "max_megabytes": "5"},
        {
            "kind": "requirement",
            "code": "see",
            "label_fr": "Fiche",
            "level": "centre",
            "centre": "SEE",
            "optional": "yes",
        },
        {"kind": "requirement", "code": "law", "label_fr": "Droit", "level": "centre", "centre": "DSP"},
        {"kind": "requirement", "code": "unnamed", "label_fr": "Autre"},
        CV,
        {"kind": "formulaire", "code": "f", "label_fr": "Projet", "url": "https://survey.example/1?t={application}"},
        {"kind": "question", "code": "q", "label_fr": "Anglais ?", "answer_kind": "oui/non", "required": "non"},
        {"kind": "commission", "code": "c", "label_fr": "Commission mer"},
        requirements="own",
        forms="f",
        questions="q",
        commission="c",
    )
    assert content.requirements == (
        Requirement("cv", Text("Curriculum vitae"), common=True, level="university"),
        Requirement("see", Text("Fiche"), optional=True, level="centre"),
        Requirement("own", Text("Projet"), max_bytes=5 * MEGABYTE, media_types=(PDF, PNG)),
    )
    assert content.requirements[0].media_types == (PDF, JPEG)
    assert content.forms == (Form("f", Text("Projet"), "https://survey.example/1?t={application}"),)
    assert content.questions == (Question("q", Text("Anglais ?"), "yes-no", required=False),)
    assert content.commission == Unit("c", Text("Commission mer"))


def test_what_a_programme_names_may_come_after_it() -> None:
    assert [each.code for each in of(*reversed(WHOLE)).programmes] == ["M1-MER"]


def test_cells_are_read_as_registrars_write_them() -> None:
    content = with_programme(
        keywords="mer | littoral||mer",
        information_fr="Une ligne|une autre",
        route="Accès contrôlé",
        offered="NON",
        capacity=" 24 ",
    )
    assert content.keywords == ("mer", "littoral")
    assert content.information == Text("Une ligne\nune autre")
    assert (content.route, content.offered, content.capacity) == ("controlled", False, 24)


@pytest.mark.parametrize(
    ("cells", "column", "slug"),
    [
        ({"kind": ""}, "kind", "required"),
        ({"kind": "planet"}, "kind", "not-a-choice"),
        ({"code": "a b"}, "code", "not-a-code"),
        ({"label_fr": ""}, "label_fr", "required"),
        ({"label_en": "x" * 256}, "label_en", "too-long"),
        ({"centre": ""}, "centre", "required"),
        ({"centre": "ELSEWHERE"}, "centre", "not-in-file"),
        ({"diploma": "M9"}, "diploma", "not-in-file"),
        ({"commission": "none"}, "commission", "not-in-file"),
        ({"requirements": "cv|photo"}, "requirements", "not-in-file"),
        ({"forms": "f"}, "forms", "not-in-file"),
        ({"closes_on": "31/02/2027"}, "closes_on", "not-a-day"),
        ({"closes_on": "2027-01-31"}, "closes_on", "before-another-day"),
        ({"answer_delay_days": "0"}, "answer_delay_days", "out-of-range"),
        ({"answer_delay_days": "soon"}, "answer_delay_days", "not-a-number"),
        ({"offered": "perhaps"}, "offered", "not-yes-or-no"),
        ({"route": "side door"}, "route", "not-a-choice"),
        ({"capacity": "-1"}, "capacity", "not-a-number"),
        ({"contact_email": "nobody"}, "contact_email", "not-an-email"),
        ({"contact_address": "a|b|c|d|e|f|g"}, "contact_address", "too-many"),
        ({"keywords": "k" * 201}, "keywords", "too-long"),
        ({"information_fr": "x" * 4001}, "information_fr", "too-long"),
    ],
)
def test_a_faulty_programme_is_told_by_line_and_column(cells: dict[str, str], column: str, slug: str) -> None:
    assert faults(CENTRE, DIPLOMA, CV, {**PROGRAMME, **cells}) == [(5, column, slug)]


@pytest.mark.parametrize(
    ("cells", "column", "slug"),
    [
        ({"level": "planet"}, "level", "not-a-choice"),
        ({"level": "centre"}, "centre", "required"),
        ({"label_fr": "x" * 501}, "label_fr", "too-long"),
        ({"max_megabytes": "0"}, "max_megabytes", "out-of-range"),
        ({"max_megabytes": "21"}, "max_megabytes", "out-of-range"),
        ({"media_types": "DOCX"}, "media_types", "not-a-choice"),
        ({"conditional": "oui", "optional": "oui"}, "optional", "conditional-or-optional"),
        ({"common": "?!"}, "common", "not-yes-or-no"),
    ],
)
def test_a_faulty_document_stops_only_the_programmes_that_need_it(
    cells: dict[str, str], column: str, slug: str
) -> None:
    faulty = {**CV, "code": "photo", "level": "own", **cells}
    named, other = {**PROGRAMME, "requirements": "photo"}, {**PROGRAMME, "code": "M1-DROIT"}
    planned = of(CENTRE, DIPLOMA, faulty, named, other)
    assert [(line, fault.field, fault.slug) for line, fault in planned.faults] == [
        (4, column, slug),
        (5, "requirements", "depends-on-line"),
    ]
    assert planned.faults[1][1].params == {"line": 4}
    assert [each.code for each in planned.programmes] == ["M1-DROIT"]


def test_a_document_that_everybody_needs_stops_everybody_while_it_is_faulty() -> None:
    """A programme without a document that was meant to be asked for would have to be asked again."""
    assert faults(CENTRE, DIPLOMA, {**CV, "max_megabytes": "x"}, PROGRAMME) == [
        (4, "max_megabytes", "not-a-number"),
        (5, "requirements", "depends-on-line"),
    ]


def test_a_faulty_centre_is_told_by_its_own_columns() -> None:
    assert faults({**CENTRE, "code": "S E E", "opens_on": "?"}, DIPLOMA) == [
        (2, "code", "not-a-code"),
        (2, "opens_on", "not-a-day"),
    ]


def test_all_that_is_wrong_with_a_row_is_told_at_once_and_a_code_stands_once() -> None:
    assert faults(*WHOLE, {**PROGRAMME, "label_fr": "Encore"}, {**CV, "label_fr": "Encore"}) == [
        (6, "code", "twice-in-file"),
        (7, "code", "twice-in-file"),
    ]
    both = {**PROGRAMME, "capacity": "many", "offered": "perhaps"}
    assert faults(CENTRE, DIPLOMA, both) == [(4, "offered", "not-yes-or-no"), (4, "capacity", "not-a-number")]


def test_a_row_that_cannot_be_read_stops_no_other() -> None:
    rows = [Entry(2, {}, "bad-quoting"), *(Entry(number, row) for number, row in enumerate(WHOLE, 3))]
    planned = plan(rows, "2027-2028")
    assert [(line, fault.field, fault.slug) for line, fault in planned.faults] == [(2, "row", "bad-quoting")]
    assert [each.line for each in planned.programmes] == [6]


def test_without_days_nothing_can_be_offered() -> None:
    bare = {name: cell for name, cell in CENTRE.items() if name not in ("closes_on", "answer_delay_days")}
    assert faults(bare, DIPLOMA, PROGRAMME) == [(4, "closes_on", "required")]
    assert faults({**bare, "closes_on": "2027-03-01"}, DIPLOMA, PROGRAMME) == [
        (4, "answer_deadline", "deadline-or-delay")
    ]


def test_programmes_beyond_the_rights_are_left_out_each_with_its_line() -> None:
    planned = of(CENTRE, DIPLOMA, PROGRAMME, {"kind": "Commission", "code": "MER", "label_fr": "Mer"})
    within(planned, [Grant(role="manager", centres=frozenset({"SEE"}))])
    assert [each.code for each in planned.programmes] == ["M1-MER"]
    for rights, field in (
        ({"centres": frozenset({"DROIT"})}, "centre"),
        ({"commissions": frozenset({"MER"})}, "commission"),
    ):
        planned = of(CENTRE, DIPLOMA, PROGRAMME)
        within(planned, [Grant(role="manager", **rights)])
        assert planned.programmes == []
        assert [(line, each.field, each.slug) for line, each in planned.faults] == [(4, field, "foreign-row")]


def test_a_programme_has_the_groups_that_its_row_says() -> None:
    """ADR 114: in order; the English name and the number of places may be left out."""
    content = with_programme(groups="PRIMO ; Primo-entrants ; First entrants ; 12 | AUTRES ; Autres", passes_on="oui")
    assert content.groups == (
        ListGroup("PRIMO", Text("Primo-entrants", "First entrants"), 12),
        ListGroup("AUTRES", Text("Autres")),
    )
    assert content.passes_on
    assert (with_programme().groups, with_programme().passes_on) == ((), False)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"groups": "PRIMO"}, ("groups", "not-a-group")),
        ({"groups": "PRIMO ; Primo ; First ; 12 ; 13"}, ("groups", "not-a-group")),
        ({"groups": "PRIMO ; Primo ; First ; many"}, ("groups", "not-a-group")),
        ({"groups": "PRIMO ; Primo ; First ; 100001"}, ("groups", "out-of-range")),
        ({"groups": "P R ; Primo"}, ("groups", "not-a-code")),
        ({"groups": f"{'P' * 21} ; Primo"}, ("groups", "too-long")),
        ({"groups": f"PRIMO ; {'P' * 101}"}, ("groups", "too-long")),
        ({"groups": "PRIMO ; "}, ("groups", "required")),
        ({"groups": "A ; Primo | A ; Autres"}, ("groups", "twice")),
        ({"groups": "A ; Primo | B ; PRIMO"}, ("groups", "twice")),
        ({"groups": " | ".join(f"G{number} ; Groupe {number}" for number in range(11))}, ("groups", "too-many")),
        ({"groups": "", "passes_on": "oui"}, ("passes_on", "without-groups")),
    ],
)
def test_a_group_that_is_none_is_a_fault_of_its_column(cells: dict[str, str], fault: tuple[str, str]) -> None:
    assert {found[1:] for found in faults(CENTRE, DIPLOMA, PROGRAMME | cells)} == {fault}


@pytest.mark.parametrize(
    ("cells", "groups", "passes_on"),
    [
        ({}, ("PRIMO",), True),
        ({"groups": ""}, (), False),
        ({"groups": "B ; Autres"}, ("B",), True),
        ({"passes_on": ""}, ("PRIMO",), False),
        ({"groups": "", "passes_on": ""}, (), False),
    ],
)
def test_groups_stay_where_the_file_does_not_speak_of_them(
    cells: Mapping[str, str], groups: tuple[str, ...], passes_on: bool
) -> None:
    """ADR 114; an empty cell speaks of them, and takes them away."""
    there = with_programme(groups="PRIMO ; Primo-entrants ; First entrants ; 12", passes_on="oui")
    (planned,) = of(CENTRE, DIPLOMA, {**PROGRAMME, **cells}).programmes
    after = planned.over(there)
    assert (tuple(each.code for each in after.groups), after.passes_on) == (groups, passes_on)
    assert planned.over(None) == planned.content


def test_as_many_groups_as_there_may_be() -> None:
    ten = " | ".join(f"G{number} ; {'G' * 98}{number:02} ; ; 100000" for number in range(10))
    assert len(with_programme(groups=ten).groups) == 10
    assert with_programme(groups=f"{'P' * 20} ; Primo").groups[0].code == "P" * 20
