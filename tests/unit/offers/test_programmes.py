"""Programmes: what may be published, what changes, when one can apply (acceptance 36, 38, 39)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.contracts.limits import CODE_LENGTH
from services.contracts.refusals import INVALID_FIELDS, RefusedError
from services.offers.domain.calendar import MAX_DELAY_DAYS, Availability, Calendar
from services.offers.domain.events import ProgrammeChanged, ProgrammePublished, ProgrammeWithdrawn
from services.offers.domain.pieces import usual_requirements
from services.offers.domain.programmes import (
    ASKED_LENGTH,
    INFORMATION_LENGTH,
    KEYWORD_LENGTH,
    LABEL_LENGTH,
    LINE_LENGTH,
    MAX_ADDRESS_LINES,
    MAX_CAPACITY,
    MAX_FORMS,
    MAX_KEYWORDS,
    MAX_PIECE_BYTES,
    MAX_QUESTIONS,
    MAX_REQUIREMENTS,
    MEGABYTE,
    PDF,
    TITLE_LENGTH,
    URL_LENGTH,
    Contact,
    Content,
    Form,
    Programme,
    Question,
    Requirement,
    Unit,
    check,
    differences,
    publish,
    withdraw,
)
from services.offers.domain.states import ProgrammeState
from services.offers.domain.text import Text
from tests.unit.offers.examples import CALENDAR, CONTENT, content, days

DAY = timedelta(days=1)
SURVEY = "https://survey.example/1?token={application}"


def faults(content: Content, code: str = "M1") -> list[tuple[str, str]]:
    return [(fault.field, fault.slug) for fault in check(code, content)]


def with_requirement(requirement: Requirement) -> Content:
    return content(requirements=(requirement,))


def test_on_the_first_and_the_last_day_one_can_apply_and_not_on_the_days_around_39() -> None:
    first, last = CALENDAR.opens_on, CALENDAR.closes_on
    assert CONTENT.availability(first - DAY) is Availability.NOT_YET_OPEN
    assert CONTENT.availability(first) is Availability.OPEN
    assert CONTENT.availability(last) is Availability.OPEN
    assert CONTENT.availability(last + DAY) is Availability.CLOSED


def test_a_window_of_one_day_is_open_on_that_day() -> None:
    one = days(closes_on=CALENDAR.opens_on)
    assert one.availability(CALENDAR.opens_on) is Availability.OPEN


def test_what_is_not_offered_is_open_on_no_day() -> None:
    none = content(offered=False)
    assert {
        none.availability(day) for day in (CALENDAR.opens_on - DAY, CALENDAR.opens_on, CALENDAR.closes_on + DAY)
    } == {Availability.NOT_OFFERED}


def test_a_new_programme_is_published() -> None:
    programme, facts = publish(None, "UPVD-M1", CONTENT)
    assert programme == Programme("UPVD-M1", 1, CONTENT)
    assert facts == (ProgrammePublished(),)


def test_publishing_the_same_again_changes_nothing() -> None:
    there = Programme("M1", 3, CONTENT)
    assert publish(there, "M1", replace(CONTENT)) == (there, ())


def test_a_change_is_a_new_revision() -> None:
    programme, facts = publish(Programme("M1", 3, CONTENT), "M1", content(capacity=30))
    assert programme == Programme("M1", 4, content(capacity=30))
    assert facts == (ProgrammeChanged(),)


def test_what_was_withdrawn_can_be_published_again() -> None:
    gone, facts = withdraw(Programme("M1", 1, CONTENT))
    assert (gone.state, gone.revision, facts) == (ProgrammeState.WITHDRAWN, 2, (ProgrammeWithdrawn(),))
    assert withdraw(gone) == (gone, ())
    assert publish(gone, "M1", CONTENT, revive=False) == (gone, ())
    back, facts = publish(gone, "M1", CONTENT)
    assert (back.state, back.revision, facts) == (ProgrammeState.PUBLISHED, 3, (ProgrammePublished(),))


def test_differences_name_the_parts_and_the_days() -> None:
    other = replace(days(closes_on=date(2027, 3, 30)), title=Text("Mer"), capacity=None)
    assert differences(CONTENT, other) == ("title", "capacity", "closes_on")
    assert differences(CONTENT, CONTENT) == ()


def test_a_faulty_programme_is_refused_with_all_its_faults() -> None:
    with pytest.raises(RefusedError) as refused:
        publish(None, "not a code", content(capacity=-1, title=Text("")))
    assert refused.value.slug == INVALID_FIELDS
    assert [fault.field for fault in refused.value.fields] == ["code", "title.fr", "capacity"]


def test_a_sound_programme_has_no_fault() -> None:
    assert faults(CONTENT) == []


@pytest.mark.parametrize("code", ["M1", "0062126D-1800611Q", "a-b-c", "a" * CODE_LENGTH])
def test_codes_that_can_stand_in_an_address(code: str) -> None:
    assert faults(CONTENT, code) == []


@pytest.mark.parametrize("code", ["", "é", "a b", "-a", "a-", "a--b", "a/b", "a.b", "a\n", "٣"])
def test_codes_that_cannot(code: str) -> None:
    assert faults(CONTENT, code) == [("code", "not-a-code")]


def test_a_code_has_an_end() -> None:
    assert faults(CONTENT, "a" * (CODE_LENGTH + 1)) == [("code", "too-long")]


@pytest.mark.parametrize(
    ("longest", "make", "field"),
    [
        (TITLE_LENGTH, lambda text: content(title=Text(text)), "title.fr"),
        (TITLE_LENGTH, lambda text: content(title=Text("Mer", text)), "title.en"),
        (LABEL_LENGTH, lambda text: content(centre=Unit("A", Text(text))), "centre.label.fr"),
        (LABEL_LENGTH, lambda text: content(diploma=Unit("A", Text(text))), "diploma.label.fr"),
        (ASKED_LENGTH, lambda text: with_requirement(Requirement("cv", Text(text))), "requirements.cv.label.fr"),
        (ASKED_LENGTH, lambda text: content(forms=(Form("f", Text(text), SURVEY),)), "forms.f.label.fr"),
        (ASKED_LENGTH, lambda text: content(questions=(Question("q", Text("Q", text)),)), "questions.q.label.en"),
        (KEYWORD_LENGTH, lambda text: content(keywords=(text,)), "keywords.0"),
        (INFORMATION_LENGTH, lambda text: content(information=Text(text)), "information.fr"),
        (INFORMATION_LENGTH, lambda text: content(information=Text("", text)), "information.en"),
        (LINE_LENGTH, lambda text: content(contact=Contact(text)), "contact.name"),
        (LINE_LENGTH, lambda text: content(contact=Contact("A", ("b", text))), "contact.address.1"),
        (LINE_LENGTH, lambda text: content(contact=Contact("A", phone=text)), "contact.phone"),
    ],
)
def test_texts_have_an_end_and_no_control_characters(longest: int, make: object, field: str) -> None:
    """Acceptance 121: what is asked for is called in up to 500 characters."""
    assert callable(make)
    assert faults(make("é" * longest)) == []
    assert faults(make("é" * (longest + 1))) == [(field, "too-long")]
    assert faults(make("a\x00b")) == [(field, "control-characters")]


def test_blanks_that_keep_words_together_are_no_control_characters() -> None:
    """Word processors set them before the signs of French."""
    title = Text("Master\N{NO-BREAK SPACE}: droit\N{NARROW NO-BREAK SPACE}; notariat")
    assert faults(content(title=title, information=title)) == []


def test_information_may_have_several_lines_and_a_title_may_not() -> None:
    assert faults(content(information=Text("a\nb"))) == []
    assert faults(content(title=Text("a\nb"))) == [("title.fr", "control-characters")]


@pytest.mark.parametrize(
    ("sound", "faulty", "field", "slug"),
    [
        (
            "https://univ.example/" + "a" * (URL_LENGTH - 21),
            "https://univ.example/" + "a" * URL_LENGTH,
            "url",
            "too-long",
        ),
        ("http://univ.example/m?a=b#c", "javascript:alert(1)", "url", "not-a-url"),
        ("", "https://univ.example/ a", "url", "not-a-url"),
        ("a@" + 4 * f"{'b' * 59}." + "example", "a@" + "b" * LINE_LENGTH + ".example", "email", "too-long"),
        ("", '"><b>@univ.example', "email", "not-an-email"),
        ("", "nobody", "email", "not-an-email"),
    ],
)
def test_contact_addresses(sound: str, faulty: str, field: str, slug: str) -> None:
    assert faults(content(contact=Contact("A", **{field: sound}))) == []  # type: ignore[arg-type] # one of the texts
    assert faults(content(contact=Contact("A", **{field: faulty}))) == [(f"contact.{field}", slug)]  # type: ignore[arg-type]


def test_a_contact_has_a_name_and_a_keyword_a_word() -> None:
    assert faults(content(contact=Contact(" "))) == [("contact.name", "required")]
    assert faults(content(keywords=("a", ""))) == [("keywords.1", "required")]


@pytest.mark.parametrize("capacity", [None, 0, MAX_CAPACITY])
def test_capacities(capacity: int | None) -> None:
    assert faults(content(capacity=capacity)) == []


@pytest.mark.parametrize("capacity", [-1, MAX_CAPACITY + 1])
def test_capacities_out_of_range(capacity: int) -> None:
    assert faults(content(capacity=capacity)) == [("capacity", "out-of-range")]


def test_lists_have_an_end() -> None:
    def asked_for(count: int) -> Content:
        return content(requirements=tuple(Requirement(f"p{at}", Text("P")) for at in range(count)))

    assert faults(content(keywords=("k",) * MAX_KEYWORDS)) == []
    assert faults(content(keywords=("k",) * (MAX_KEYWORDS + 1))) == [("keywords", "too-many")]
    assert faults(content(contact=Contact("A", ("l",) * MAX_ADDRESS_LINES))) == []
    assert faults(content(contact=Contact("A", ("l",) * (MAX_ADDRESS_LINES + 1)))) == [("contact.address", "too-many")]
    assert faults(asked_for(MAX_REQUIREMENTS)) == []
    assert faults(asked_for(MAX_REQUIREMENTS + 1)) == [("requirements", "too-many")]

    def forms(count: int) -> Content:
        return content(forms=tuple(Form(f"f{at}", Text("F"), SURVEY) for at in range(count)))

    def questions(count: int) -> Content:
        return content(questions=tuple(Question(f"q{at}", Text("Q")) for at in range(count)))

    assert faults(forms(MAX_FORMS)) == faults(questions(MAX_QUESTIONS)) == []
    assert faults(forms(MAX_FORMS + 1)) == [("forms", "too-many")]
    assert faults(questions(MAX_QUESTIONS + 1)) == [("questions", "too-many")]


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ({"forms": (Form("f", Text("F"), ""),)}, ("forms.f.url", "required")),
        ({"forms": (Form("f", Text("F"), "survey"),)}, ("forms.f.url", "not-a-url")),
        ({"forms": (Form("f", Text("F"), SURVEY.replace("https", "http")),)}, ("forms.f.url", "not-https")),
        ({"forms": (Form("f", Text("F"), f"{SURVEY}?nom={{nom}}"),)}, ("forms.f.url", "unknown-placeholder")),
        ({"forms": (Form("f", Text("F"), SURVEY),) * 2}, ("forms", "twice")),
        ({"questions": (Question("q q", Text("Q")),)}, ("questions.q q.code", "not-a-code")),
        ({"questions": (Question("q", Text("Q")),) * 2}, ("questions", "twice")),
        ({"commission": Unit("", Text("Commission"))}, ("commission.code", "not-a-code")),
    ],
)
def test_what_else_is_asked_is_held_to_its_rules(part: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(content(**part)) == [fault]


@pytest.mark.parametrize(
    ("requirement", "fault"),
    [
        (Requirement("c v", Text("CV")), ("requirements.c v.code", "not-a-code")),
        (Requirement("cv", Text("CV"), max_bytes=0), ("requirements.cv.max_bytes", "out-of-range")),
        (Requirement("cv", Text("CV"), max_bytes=MAX_PIECE_BYTES + 1), ("requirements.cv.max_bytes", "out-of-range")),
        (Requirement("cv", Text("CV"), media_types=()), ("requirements.cv.media_types", "required")),
        (Requirement("cv", Text("CV"), media_types=("text/html",)), ("requirements.cv.media_types", "not-a-choice")),
        (Requirement("cv", Text("CV"), media_types=(PDF, PDF)), ("requirements.cv.media_types", "twice")),
        (
            Requirement("cv", Text("CV"), conditional=True, optional=True),
            ("requirements.cv.optional", "conditional-or-optional"),
        ),
    ],
)
def test_requirements_that_nobody_could_meet(requirement: Requirement, fault: tuple[str, str]) -> None:
    assert faults(with_requirement(requirement)) == [fault]


def test_the_smallest_and_the_largest_piece() -> None:
    assert faults(with_requirement(Requirement("cv", Text("CV"), max_bytes=1))) == []
    assert faults(with_requirement(Requirement("cv", Text("CV"), max_bytes=MAX_PIECE_BYTES))) == []


def test_a_requirement_stands_once() -> None:
    twice = content(requirements=(Requirement("cv", Text("CV")), Requirement("cv", Text("CV"))))
    assert faults(twice) == [("requirements", "twice")]


ORDER = [
    "opens_on",
    "closes_on",
    "submission_deadline",
    "review_on",
    "jury_on",
    "publication_on",
    "answer_deadline",
    "waitlist_answer_deadline",
]


def every_day() -> dict[str, Any]:
    return {name: date(2027, 2, 1) for name in ORDER}


@pytest.mark.parametrize("at", range(1, len(ORDER)))
def test_days_follow_one_another_and_may_coincide(at: int) -> None:
    same = Calendar(**every_day())
    assert faults(content(calendar=same)) == []
    early = replace(same, **{name: day - DAY for name, day in every_day().items() if name == ORDER[at]})
    assert (ORDER[at], "before-another-day") in faults(content(calendar=early))


def test_days_that_are_not_given_are_passed_over() -> None:
    wrong = days(publication_on=CALENDAR.submission_deadline - DAY)
    assert faults(wrong) == [("publication_on", "before-another-day")]


def test_one_answers_by_a_day_or_within_a_delay() -> None:
    by_day = {"answer_deadline": date(2027, 6, 1), "answer_delay_days": None}
    assert faults(days(**by_day)) == []
    assert faults(days(answer_deadline=date(2027, 6, 1))) == [("answer_deadline", "deadline-or-delay")]
    assert faults(days(answer_delay_days=None)) == [("answer_deadline", "deadline-or-delay")]
    both = days(waitlist_answer_deadline=date(2027, 6, 1), waitlist_answer_delay_days=3)
    assert faults(both) == [("waitlist_answer_deadline", "deadline-or-delay")]
    assert faults(days(waitlist_answer_delay_days=3)) == []


@pytest.mark.parametrize("name", ["answer_delay_days", "waitlist_answer_delay_days"])
def test_delays_are_of_a_day_to_a_year(name: str) -> None:
    assert [faults(days(**{name: delay})) for delay in (1, MAX_DELAY_DAYS)] == [[], []]
    assert [faults(days(**{name: delay})) for delay in (0, MAX_DELAY_DAYS + 1)] == [[(name, "out-of-range")]] * 2


def test_the_usual_requirements_are_sound_and_as_large_as_the_centre_allows() -> None:
    usual = usual_requirements(5 * MEGABYTE)
    assert faults(content(requirements=tuple(usual.values()))) == []
    assert {requirement.max_bytes for requirement in usual.values()} == {5 * MEGABYTE}
    assert [code for code, requirement in usual.items() if requirement.conditional] == [
        "justificatifs-stages",
        "attestation-b2",
    ]
    assert [code for code, requirement in usual.items() if requirement.model_document] == [
        "lettre-recommandation",
        "dossier-complementaire",
    ]


def test_a_text_is_given_in_the_language_asked_for_or_in_french() -> None:
    assert Text("Mer", "Sea").within("en") == "Sea"
    assert Text("Mer", "Sea").within("fr") == "Mer"
    assert Text("Mer").within("en") == "Mer"
    assert Text("Mer").by_language() == {"fr": "Mer"}
