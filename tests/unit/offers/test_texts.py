"""Every refusal and every rule of offers has its texts, in both languages, and they say what was wrong."""

import ast
import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import services.offers
from services.chassis.http.problems import Texts
from services.chassis.languages import LANGUAGES, Language
from services.chassis.refusals import FIELD_RULES
from services.chassis.refusals import TEXTS as GENERIC_TEXTS
from services.cli.imports import explain
from services.contracts.refusals import ErrorCode, FieldError
from services.contracts.refusals import offers as refusals
from services.contracts.refusals.offers import NOT_A_MON_MASTER_FILE
from services.offers.domain.mentions import Line, gather
from services.offers.domain.pieces import usual_requirements
from services.offers.domain.programmes import Contact, Requirement, Unit, check
from services.offers.domain.text import Text
from services.offers.usecases.imports import Rejected
from services.offers.wiring import TEXTS
from tests.unit.offers.examples import CALENDAR, content, days
from tests.unit.offers.test_mentions import ROW, read

FOLDER = Path(services.offers.__file__).parent
ALL_TEXTS = Texts(GENERIC_TEXTS, TEXTS)


def declared() -> set[str]:
    return {slug.name for slug in vars(refusals).values() if isinstance(slug, ErrorCode)}


def rules() -> Iterator[str]:
    """The slugs of rules that the code can give: arguments of `fault`, `FieldError` and `Line`."""
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = {"fault": 1, "FieldError": 1, "Line": 2}.get(name)
            if place is None or len(node.args) <= place:
                continue
            for part in ast.walk(node.args[place]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def test_slugs_and_texts_are_the_same_both_ways() -> None:
    own = declared() | (set(rules()) - set(FIELD_RULES))
    assert Texts(TEXTS).faults(own) == []
    assert {"not-a-code", "bad-quoting", "not-utf8-row", "same-as-line"} <= own


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
        template = ALL_TEXTS.slugs[fault.slug][f"detail_{language}"]
        message = explain(Rejected(2, fault.field, fault.slug, dict(fault.params)), ALL_TEXTS, language)
        assert message != ALL_TEXTS.title(fault.slug, language), f"{fault.slug} lacks a figure for {template}"
        assert not set("{}") & set(message)
        assert bool(fault.params) or not [name for _, name, _, _ in string.Formatter().parse(template) if name]


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
