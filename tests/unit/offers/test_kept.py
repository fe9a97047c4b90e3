"""What staff write of centres, boards and requirements, and how programmes follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.contracts.refusals import STALE_VERSION, RefusedError
from services.offers.domain.boards import Letters
from services.offers.domain.calendar import Days
from services.offers.domain.kept import (
    Asked,
    Centre,
    Commission,
    KeptPart,
    Said,
    Use,
    check,
    contact_of,
    followed,
    keep,
    kind_of,
    parts_kept,
    taken_over,
    uses_of,
)
from services.offers.domain.programmes import JPEG, MAX_PIECE_BYTES, PDF, Contact, Requirement, Unit
from services.offers.domain.text import Text
from tests.unit.offers.examples import CONTENT, content

OFFICE = Contact("Bureau", email="bureau@univ.example")
FACULTY = Unit("UPVD-SEE", Text("UFR Sciences"))
JURY = Unit("JURY", Text("Jury"))
CV = Requirement("cv", Text("CV"))


def faults(said: Any, use: Use | None = None) -> set[tuple[str, str]]:
    return {(fault.field, fault.slug) for fault in check(said, use)}


def test_a_limit_holds_at_it_and_one_past() -> None:
    for at, past, field, slug in (
        (
            Centre(replace(FACULTY, label=Text("x" * 255))),
            Centre(replace(FACULTY, label=Text("x" * 256))),
            "label.fr",
            0,
        ),
        (Centre(FACULTY, Contact("x" * 255)), Centre(FACULTY, Contact("x" * 256)), "contact.name", 0),
        (
            Centre(FACULTY, Contact("", ("x",) * 6)),
            Centre(FACULTY, Contact("", ("x",) * 7)),
            "contact.address",
            "too-many",
        ),
        (
            Centre(FACULTY, days=Days(answer_delay_days=365)),
            Centre(FACULTY, days=Days(answer_delay_days=366)),
            "dates.answer_delay_days",
            "out-of-range",
        ),
        (Commission(replace(JURY, code="x" * 60)), Commission(replace(JURY, code="x" * 61)), "code", 0),
        (Asked(replace(CV, label=Text("x", "x" * 500))), Asked(replace(CV, label=Text("x", "x" * 501))), "label.en", 0),
        (
            Asked(replace(CV, max_bytes=MAX_PIECE_BYTES)),
            Asked(replace(CV, max_bytes=MAX_PIECE_BYTES + 1)),
            "max_bytes",
            "out-of-range",
        ),
        (Asked(replace(CV, max_bytes=1)), Asked(replace(CV, max_bytes=0)), "max_bytes", "out-of-range"),
        (
            Asked(replace(CV, model_document="https://x.example/" + "x" * 237)),
            Asked(replace(CV, model_document="https://x.example/" + "x" * 238)),
            "model_document",
            0,
        ),
    ):
        assert faults(at) == set()
        assert faults(past) == {(field, slug or "too-long")}


def test_no_picture_of_a_signature_outlives_who_signed() -> None:
    """No letter bears one person's hand above the name of another."""
    ann = Letters(signatory="Ann", function="Dean", signature=f"JURY.{'0' * 16}.jpg")
    there = KeptPart("commission", "JURY", 1, Commission(JURY, letters=ann))

    def kept(letters: Letters) -> Letters | set[tuple[str, str]]:
        try:
            said = keep(there, Commission(JURY, letters=letters), None).said
        except RefusedError as refused:
            return {(each.field, each.slug) for each in refused.fields}
        assert isinstance(said, Commission)
        return said.letters

    assert kept(replace(ann, signatory="Bob")) == {("letters.signature", "another-signatory")}
    for said in (
        replace(ann, signatory="Bob", signature=""),
        replace(ann, signatory="Bob", signature=f"JURY.{'1' * 16}.jpg"),
        replace(ann, function="President"),
        ann,
        Letters(),
    ):
        assert kept(said) == said


def test_what_does_not_go_together_is_refused() -> None:
    both = Asked(replace(CV, conditional=True, optional=True, media_types=(PDF, PDF)))
    assert faults(both) == {("optional", "conditional-or-optional"), ("media_types", "twice")}
    assert faults(Asked(replace(CV, media_types=()))) == {("media_types", "required")}
    days = Days(
        opens_on=date(2027, 2, 2), closes_on=date(2027, 2, 1), answer_deadline=date(2027, 5, 1), answer_delay_days=1
    )
    assert faults(Centre(FACULTY, days=days)) == {
        ("dates.closes_on", "before-another-day"),
        ("dates.answer_deadline", "deadline-or-delay"),
    }
    elsewhere = Use(Asked(CV), 2, frozenset({"A", "B"}))
    assert faults(Asked(CV, "A"), elsewhere) == {("centre", "named-elsewhere")}
    assert faults(Asked(CV), elsewhere) == set()
    assert faults(Asked(CV, "A"), Use(Asked(CV), 2, frozenset({"A"}))) == set()


def test_each_write_is_a_version_and_the_same_again_is_none() -> None:
    first = keep(None, Centre(FACULTY, OFFICE), None, expected=0)
    assert (first.revision, first.before) == (1, None)
    assert keep(first, Centre(FACULTY, OFFICE), None, expected=0) is first
    second = keep(first, Centre(FACULTY), None, expected=1)
    assert (second.revision, second.before) == (2, Centre(FACULTY, OFFICE))
    for there, expected in ((second, 1), (second, 0), (None, 1)):
        with pytest.raises(RefusedError) as refused:
            keep(there, Centre(JURY), None, expected=expected)
        assert refused.value.slug == STALE_VERSION


def test_what_programmes_say_is_known_before_anybody_writes() -> None:
    shared = content(commission=JURY)
    uses = uses_of([shared, shared, content(centre=Unit("B", Text("B")), requirements=(CV,))])
    centre = uses["centre", "UPVD-SEE"]
    assert (centre.said, centre.programmes) == (Centre(CONTENT.centre, CONTENT.contact), 2)
    assert uses["commission", "JURY"].said == Commission(JURY, "UPVD-SEE")
    assert uses["requirement", "cv"].said == Asked(CONTENT.requirements[0], None)
    assert uses["requirement", "cv"].centres == {"UPVD-SEE", "B"}
    assert uses["requirement", "photo"].said.owner == "UPVD-SEE"
    mixed = uses_of([shared, content(contact=OFFICE)])
    assert contact_of(mixed["centre", "UPVD-SEE"].said) == Contact(CONTENT.centre.label.fr)


def test_programmes_follow_their_centre_and_keep_a_contact_of_their_own() -> None:
    kept = KeptPart("centre", "UPVD-SEE", 1, Centre(FACULTY, OFFICE), Centre(CONTENT.centre, CONTENT.contact))
    after = followed(CONTENT, kept)
    assert after == content(centre=FACULTY, contact=OFFICE)
    assert followed(after, kept) == after
    own = content(contact=Contact("Moi"))
    assert followed(own, kept).contact == own.contact
    other = content(centre=Unit("B", Text("B")))
    assert followed(other, kept) == other
    nameless = replace(kept, said=Centre(FACULTY, replace(OFFICE, name="")))
    assert followed(CONTENT, nameless).contact.name == "UFR Sciences"


def test_programmes_follow_their_board_and_what_they_ask_for() -> None:
    board = content(commission=Unit("JURY", Text("Old")))
    kept = KeptPart("commission", "JURY", 1, Commission(JURY, None, OFFICE), Commission(Unit("JURY", Text("Old"))))
    assert followed(board, kept) == replace(board, commission=JURY), "its contact is for those written from now on"
    assert followed(CONTENT, kept) == CONTENT
    level = tuple(replace(each, level="university") for each in CONTENT.requirements)
    asked = KeptPart("requirement", "cv", 1, Asked(replace(CV, optional=True, media_types=(JPEG,))))
    after = followed(content(requirements=level), asked).requirements
    assert after[0] == replace(CV, optional=True, media_types=(JPEG,), level="university")
    assert after[1:] == level[1:]


def test_boards_and_centres_say_whom_to_ask_as_far_as_they_say_anything() -> None:
    kept: list[Said] = [
        Centre(FACULTY, OFFICE),
        Commission(JURY),
        Commission(replace(JURY, code="B"), None, Contact("", phone="1")),
    ]
    contacts = parts_kept(KeptPart(kind_of(each), each.unit.code, 1, each) for each in kept).contacts
    assert contacts == {("centre", "UPVD-SEE"): OFFICE, ("commission", "B"): Contact("Jury", phone="1")}


def test_a_catalogue_file_says_what_counts_from_now_on_but_not_whose_it_is() -> None:
    board = KeptPart("commission", "JURY", 3, Commission(JURY, "A", OFFICE))
    renamed = taken_over(board, Commission(Unit("JURY", Text("New"))))
    assert (renamed.revision, renamed.said) == (4, Commission(Unit("JURY", Text("New")), "A", OFFICE))
    assert taken_over(renamed, Commission(Unit("JURY", Text("New")))) is renamed
    asked = taken_over(KeptPart("requirement", "cv", 1, Asked(CV, "A")), Asked(replace(CV, common=True)))
    assert asked.said == Asked(replace(CV, common=True), "A")
