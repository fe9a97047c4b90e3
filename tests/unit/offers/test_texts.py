"""The texts of offers say what was wrong."""

from datetime import date

import pytest

from services.chassis.http.problems import Texts
from services.cli.imports import explain
from services.contracts.languages import LANGUAGES, Language
from services.contracts.refusals import FieldError
from services.contracts.refusals.offers import NOT_A_MON_MASTER_FILE
from services.offers.domain.mentions import Line, gather
from services.offers.domain.pieces import usual_requirements
from services.offers.domain.programmes import Contact, Requirement, Unit, check
from services.offers.domain.text import Text
from services.offers.usecases.imports import Rejected
from tests.unit.offers.examples import CALENDAR, content, days
from tests.unit.offers.test_mentions import ROW, read

ALL_TEXTS = Texts("offers")


def everything_wrong() -> list[FieldError]:
    programme = content(
        title=Text(""),
        centre=Unit("a b", Text("x" * 256)),
        keywords=("k",) * 21,
        capacity=-1,
        contact=Contact("a\0b", email="nobody", url="nowhere"),
        requirements=(Requirement("cv", Text("CV"), media_types=("text/html",)),) * 2,
        calendar=days(closes_on=date(2027, 1, 1), answer_delay_days=None).calendar,
    )
    rows = read({}, {}, {"open": "2", "year": "x", "mention": "1111111A"}, Line(9, (), "bad-quoting"), Line(10, ("a",)))
    return [*check("M1", programme), *(fault for _, fault in rows.faults)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_is_explained_with_its_figures(language: Language) -> None:
    faults = everything_wrong()
    assert len({fault.slug for fault in faults}) > 10
    for fault in faults:
        message = explain(Rejected(2, fault.field, fault.slug, dict(fault.params)), ALL_TEXTS, language)
        assert message != ALL_TEXTS.title(fault.slug, language), f"{fault.slug} lacks a figure"
        assert not set("{}") & set(message)


def test_a_whole_import_that_is_refused_is_explained() -> None:
    with pytest.raises(Exception, match=NOT_A_MON_MASTER_FILE.name) as refused:
        gather(iter([Line(1, tuple(ROW))]))
    assert "Année de la campagne" in explain(refused.value, ALL_TEXTS)  # type: ignore[arg-type] # the refusal that the match names


def test_order_of_days_names_the_other_day_in_words() -> None:
    (fault,) = check("M1", days(closes_on=date(2027, 1, 1), submission_deadline=CALENDAR.opens_on))
    rejected = Rejected(2, fault.field, fault.slug, dict(fault.params))
    assert "ouverture des candidatures" in explain(rejected, ALL_TEXTS, "fr")


def test_the_usual_pieces_have_names_in_both_languages() -> None:
    assert all(requirement.label.en for requirement in usual_requirements(1).values())
