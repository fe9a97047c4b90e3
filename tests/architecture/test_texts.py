"""The catalogues: whole in every language, no text of nothing, every figure known, set as each language is."""

import ast
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from services import SERVICES
from services.accounts.domain.countries import BIRTH_COUNTRIES, CODES, NATIONALITIES
from services.accounts.usecases.reference import HONOURS
from services.applications.domain.asked import AnswerState
from services.applications.domain.bulk import CONDITIONAL, DECISION_MAILS, FIRST_RECEIPT, MAILS
from services.applications.domain.condition_states import ConditionState
from services.applications.domain.exports import ExportState
from services.applications.domain.opening import REQUIRED_STEPS, Scope
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.domain.states import DecisionKind, FileState, PieceState, PlaceState
from services.chassis.refusals import FIELD_RULES, GENERIC
from services.chassis.texts.catalogues import catalogues
from services.chassis.texts.typography import typeset
from services.contracts.actors import Role
from services.contracts.api.accounts import HelpName
from services.contracts.api.columns import COLUMNS
from services.contracts.api.deliberation import TABLE_COLUMNS
from services.contracts.api.documents import MediaType, PartType
from services.contracts.api.doubts import SameName, VerdictName
from services.contracts.languages import CATALOGUE, LANGUAGES, LOCALE
from services.contracts.parameters import RULES
from services.contracts.refusals import ErrorCode
from services.documents.usecases.inspection.findings import Notice
from services.portal.pages.cataloguing.listing import STATES
from services.portal.pages.cataloguing.parameters import CHOICES, SECTIONS
from services.portal.pages.cataloguing.part_fields import FAMILIES, FLAGS, OWN_TEXTS
from services.portal.pages.cataloguing.programme_fields import FIELDS, GROUPS, RADIOS
from services.portal.pages.mailing.deliveries import REASONS
from services.portal.pages.mailing.deliveries import STATES as DELIVERY_STATES
from services.portal.pages.profile_fields import DATE_PARTS, RECORD, REQUIRED, WITH_ROWS
from services.portal.pages.registrar import TOLD
from services.portal.pages.reviewing import statistics
from services.portal.pages.reviewing.behalf import KINDS as OPENED
from services.portal.pages.reviewing.bulk import ACTIONS
from services.portal.pages.reviewing.narrowing import ASKED
from services.portal.pages.reviewing.showing import EXAMINED
from services.portal.pages.reviewing.trail import ACTIONS as TRAIL
from services.portal.pages.supporting.people import ACTS
from services.portal.rendering import EXPLAINED
from tests.architecture import catalogue
from tests.architecture.source import ROOT, files, tree

MEDIA_TYPES = ("application/pdf", "image/jpeg", "image/png")
WORDS = {
    "accounts": (*(BIRTH_COUNTRIES - CODES), *(NATIONALITIES - CODES), *HONOURS),
    "applications": (
        *(state.value for states in (FileState, PieceState, AnswerState, DecisionKind, PlaceState) for state in states),
        *(f"pre_enrolment_{state}" for state in PreEnrolmentState),
        *(f"condition_{state}" for state in ConditionState),
        *(f"export_{state}" for state in ExportState),
        *(scope.value for scope in Scope),
        *("withdrawn", "other-campaign", "not-offered", "not-yet-open", "closed"),
        *REQUIRED_STEPS,
        *MEDIA_TYPES,
        *("pending", "submission_deadline"),
    ),
    "documents": (*get_args(MediaType), *get_args(PartType)),
    "offers": (
        *("starts_on", "opens_on", "closes_on", "submission_deadline"),
        *("review_on", "jury_on", "publication_on", "answer_deadline"),
    ),
}
OF_PARAMETERS = (
    *("not-a-span", "not-a-decision-type", "not-a-decision-reason", "not-a-condition", "labels-alike"),
    "reason-lacking",
)
"""What a parameter can be refused for, and nothing else."""
MADE = {
    "portal": (
        *(f"{kind}.{part}" for kind in ("validation", "reset") for part in ("title", "lead", "button")),
        *(f"{kind}-used.{part}" for kind in ("validation", "reset") for part in ("title", "body")),
        *(f"{why}.{part}" for why in ("expired", "new-link") for part in ("title", "validation", "reset")),
        *(f"refused.{status}" for status in EXPLAINED),
        *(f"development-ent.{kind}" for kind in ("student", "staff")),
        *(f"{table}.{service}" for table in ("services", "about") for service in SERVICES),
        *(f"people.help.{act}" for act in get_args(HelpName)),
        *(f"people.{part}.{act}" for act in ACTS for part in ("act", "means")),
        *(f"doubts.same.{name}" for name in get_args(SameName)),
        *(f"doubts.verdict.{name}" for name in get_args(VerdictName)),
        *(f"people.{column}" for column in ("person", "number", "email", "state", "pending", "validated", "nameless")),
        *(f"people.enters_{way}" for way in ("not", "both", "ent", "password")),
        *(f"formation.{day}" for day in ("review_on", "jury_on", "publication_on", "answer", "waitlist_answer")),
        *(f"formation.{asked}" for asked in ("forms", "questions")),
        *(f"profile.step.{step}" for step in ("internal_record", *(each.name for each in (*REQUIRED, *WITH_ROWS)))),
        *(f"profile.lead.{step.name}" for step in REQUIRED),
        *(f"profile.state.{state}" for state in ("given", "missing", "lacking")),
        *(f"profile.date_{part}" for part in DATE_PARTS),
        *(f"profile.conflict.{version}" for version in ("typed", "kept")),
        *(f"profile.rows.{heading}" for heading in ("new", "edit")),
        "profile.remark.national_student_number",
        *(f"profile.internal.{told}" for told in TOLD),
        *(f"profile.registrar.{said}" for said in ("waiting", "found", "not-found", "unavailable")),
        *("profile.registrar.lead", "profile.registrar.lead_again", "profile.certify", "profile.certify_ent"),
        *(f"review.{each}" for each in ("name", "file_number", "programme", "submitted_at", "deadline")),
        *("review.state", "review.waits", "review.attente_oui", "review.attente_non"),
        *(f"review.{name}" for name in ("centre", "commission", "formation")),
        *(f"review.tag.{name}" for name in ASKED),
        *(f"review.verdict.{verdict}" for verdict in ("validated", "refused", "none")),
        *(f"review.state.{state}{part}" for state in EXAMINED for part in ("", "_hint")),
        *(f"review.opening.{kind}{part}" for kind in OPENED for part in ("", "_hint")),
        *(f"review.opening.{fault}" for fault in ("unknown", "missing", "no_programme", "too_many")),
        *("review.opening.choose", "review.opening.choose_programme", "review.judged_by"),
        *("application.letter_admission", "application.letter_rejection"),
        *(f"letters.{each}" for each in ("admission", "rejection", "fr", "en", "own", "shipped")),
        *("review.by_candidate", "review.by_service"),
        *(f"review.action.{action}" for action in TRAIL),
        *(f"review.bulk.{each}" for each in (*ACTIONS, "choose_files", "choose_action")),
        *(
            f"{page}.{when}.{result}"
            for page in ("review.bulk", "deliberation")
            for when in ("will_be", "was")
            for result in ("changed", "unchanged", "refused")
        ),
        *(f"deliberation.{wrong}" for wrong in ("missing", "too_large", "cut")),
        *(f"review.mail.{kind}" for kind in (*MAILS.values(), FIRST_RECEIPT, *DECISION_MAILS.values(), CONDITIONAL)),
        *(f"review.condition_state.{state}{part}" for state in ConditionState for part in ("", "_hint")),
        *(f"review.{said}_{state}" for said in ("conditions", "conditions_are") for state in ConditionState),
        *("review-bulk.title", "review-bulk.body", "review-view.title", "review-view.body"),
        *(f"exports.{format}" for format in ("xlsx", "csv")),
        *(f"review.views.with_{kind}" for kind in ("centre", "commission")),
        *(f"parameters.{each}" for each in (*RULES, "by_you", "by_staff", "by_operator")),
        *(f"parameters.{key}.{word}" for key, words in CHOICES.items() for word in words),
        *(f"parameters.section.{section}" for section in SECTIONS),
        *("route.controlled", "route.direct"),
        *(f"catalogue.state.{state}" for state in STATES),
        *(
            f"catalogue.column.{column}"
            for column in ("programme", "centre", "diploma", "state", "opens_on", "deadline")
        ),
        *(f"catalogue.group.{group}" for group in GROUPS),
        *(f"parts.{family.kind}.{part}" for family in FAMILIES for part in ("title", "add", "lead")),
        *(f"parts.group.{group}" for family in FAMILIES for group in family.groups),
        *(f"parts.field.{text}" for text in ("label_fr", "label_en", *OWN_TEXTS)),
        *(f"parts.is.{flag}" for flag in FLAGS),
        *(f"catalogue.field.{text}" for field in FIELDS for text in field.texts),
        *(f"catalogue.field.{name}.{value}" for name, values in RADIOS.items() for value in values),
        *("review.judged", "review.judged_by_you"),
        *("review.decide", "review.decide_again", "answer.open", "answer.change"),
        *(f"answer.{answer}{part}" for answer in ("accept", "withdraw") for part in ("", "_hint")),
        *(f"answer.given_{answer}" for answer in ("accept", "withdraw", "left")),
        *(f"pre_enrolment.{state}" for state in PreEnrolmentState),
        *(f"todo.{said}" for said in ("accept", "withdraw", *DecisionKind) if said != DecisionKind.FAVOURABLE),
        *("todo.left_waitlist", "todo.answer_late"),
        *(f"parameters.{hint}" for hint in ("per_centre", "codes", "spans", "types", "reasons", "conditions")),
        *(f"deliveries.{state}" for state in DELIVERY_STATES),
        *(f"deliveries.reason.{reason}" for reason in REASONS),
        *(f"deliveries.column.{column}" for column in ("subject", "person", "state", "created_at")),
        *("deliveries.no_subject", "deliveries.no_number"),
        *(f"statistics.{column}" for column in (*statistics.COLUMNS, *statistics.FURTHER)),
        *(f"staffing.role.{role}{part}" for role in Role for part in ("", "_hint")),
        *(f"staffing.{column}" for column in ("email", "login", "rights", "state")),
        *(f"staffing.{said}" for said in ("everywhere", "reach_centres", "reach_commissions", "from", "until")),
        *(f"staffing.{said}" for said in ("given_before", "machine", "giver_gone", "active")),
        *(
            f"profile.{text}"
            for step in (*REQUIRED, *WITH_ROWS, RECORD)
            for field in step.fields
            for text in field.texts
        ),
    ),
    "applications": (
        *(f"export.{column}" for column in (*COLUMNS, "yes", "no", "left")),
        *(f"table.{column}" for column in TABLE_COLUMNS),
        *(f"export.failed.{reason}" for reason in ("too-many-rows", "too-large", "beyond-reach", "rights", "broken")),
    ),
    "documents": tuple(f"warning.{notice.value}" for notice in Notice),
    "offers": (
        *(f"{slug}.{part}" for slug in OF_PARAMETERS for part in ("title", "detail")),
        "reason.not-yet-open",
        "reason.closed",
        "reason.not-offered",
    ),
    "format": ("moment",),
    "docs": ("bearer", "anyone"),
}
"""Keys that code puts together."""


def declared() -> set[str]:
    """The keys of every refusal, rule, word and page."""
    found = {f"chassis.{slug}" for slug in (*(code.name for code in GENERIC), *FIELD_RULES)}
    for service in (*SERVICES, "gateway"):
        name = "services.cli.gateway" if service == "gateway" else f"services.contracts.refusals.{service}"
        module = importlib.import_module(name)
        rules = getattr(module, "FIELD_RULES", ()) or _rules(service)
        found |= {f"{service}.{slug}" for slug in (*_slugs(vars(module)), *rules) if slug not in FIELD_RULES}
    found = {f"{slug}.{part}" for slug in found for part in ("title", "detail")}
    found |= {f"{where}.word.{word}" for where, words in WORDS.items() for word in words}
    found |= {f"{where}.{name}" for where, names in MADE.items() for name in names}
    return found | set(_of_pages()) | set(_of_papers())


def _slugs(module: dict[str, object]) -> Iterator[str]:
    for value in module.values():
        if isinstance(value, ErrorCode) and value not in GENERIC:
            yield value.name


def _rules(service: str) -> Iterator[str]:
    """The slugs of rules that a service can give: arguments of `fault`, `FieldError`, `Line` and `Entry`."""
    for file in files(f"services/{service}"):
        for node in ast.walk(tree(file)):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = {"fault": 1, "FieldError": 1, "Line": 2, "Entry": 2}.get(name)
            if place is None or len(node.args) <= place:
                continue
            for part in ast.walk(node.args[place]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def _of_pages() -> Iterator[str]:
    """The keys that templates and the pages' code name."""
    for where, folder in (("portal", "services/portal/templates"), ("docs", "services/chassis/http/templates")):
        for template in (ROOT / folder).glob("*.html"):
            named = re.findall(r"""\btext\(["']([^"']+)["'](?! ~)""", template.read_text(encoding="utf-8"))
            yield from (f"{where}.{name}" for name in named if not name.endswith("."))
    for file in files("services/portal"):
        for node in ast.walk(tree(file)):
            match node:
                case ast.Call(func=ast.Attribute(attr="message"), args=[_, ast.Constant(value=str(name)), *_]):
                    yield from (f"portal.{name}.title", f"portal.{name}.body")
                case ast.Call(func=ast.Attribute(attr="text"), args=[_, ast.Constant(value=str(name)), *_]):
                    yield f"portal.{name}"


def _of_papers() -> Iterator[str]:
    """The keys that the code of papers names."""
    for words in ("paper_words", "letter_words"):
        for node in ast.walk(tree(ROOT / f"services/documents/usecases/{words}.py")):
            match node:
                case ast.Call(func=ast.Attribute(attr="said"), args=[ast.Constant(value=str(name)), *_]):
                    yield f"documents.paper.{name}"
                case ast.Call(func=ast.Name(id="said"), args=[ast.Constant(value=str(name)), *_]):
                    yield f"documents.paper.{name}"


def test_every_language_has_every_text_with_the_same_figures() -> None:
    assert sorted(catalogue.faults()) == []


def test_every_text_is_of_something_and_everything_has_its_text() -> None:
    there = set(catalogue.messages(catalogue.read(LOCALE, "fr")))
    assert sorted(there - declared()) == []
    assert sorted(declared() - there) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_set_as_their_language_is(language: str) -> None:
    texts = [
        (key, form)
        for key, message in catalogue.messages(catalogue.read(LOCALE, language)).items()
        if key != "format.moment"
        for form in catalogue.forms(message)
    ]
    mails = sorted((ROOT / "services/mailer/templates").glob(f"*/{language}.txt"))
    assert mails
    texts += [(f"mail.{file.parent.name}", file.read_text(encoding="utf-8")) for file in mails]
    assert [fault for key, text in texts for fault in catalogue.misprints(key, text, language)] == []
    assert not [key for key, text in texts if language == "fr" and re.search(r" [:;?!»]|« ", typeset(text, language))]


def test_a_refusal_is_called_the_same_in_every_case() -> None:
    """RFC 9457, section 3.1.3; a title is made without what the case tells, and one that asks for it would be empty."""
    titles = re.compile(rf"({'|'.join(('chassis', *SERVICES))})\.[a-z0-9-]+\.title")
    for language in LANGUAGES:
        for key, message in catalogue.messages(catalogue.read(LOCALE, language)).items():
            assert not titles.fullmatch(key) or "{" not in "".join(catalogue.forms(message)), key


def test_the_catalogues_that_are_read_are_set() -> None:
    assert catalogues().text("accounts.bad-credentials.title", "fr") == "Identifiant ou mot de passe incorrect"
    assert "«\xa0" in catalogues().text("applications.piece-not-conditional.detail", "fr")


# --- a third language is a file ---------------------------------------------------------------------------------


def german(folder: Path, leave_out: str = "") -> None:
    """A third catalogue: what the English one says, marked."""
    head, _, text = (folder / "en" / CATALOGUE).read_text(encoding="utf-8").partition("\n\n")
    text = re.sub(r'^(msgstr(?:\[\d\])? ")(?=[^"])', r"\1Deutsch: ", text, flags=re.MULTILINE)
    text = text.replace("Deutsch: English", "Deutsch").replace("Deutsch: d MMMM y", "d. MMMM y")
    if leave_out:
        text = "\n\n".join(entry for entry in text.split("\n\n") if f'msgid "{leave_out}"' not in entry)
    file = folder / "de" / CATALOGUE
    file.parent.mkdir(parents=True)
    file.write_text(f"{head.replace('Language: en', 'Language: de')}\n\n{text}", encoding="utf-8")


def test_a_third_language_that_lacks_a_text_is_found(tmp_path: Path) -> None:
    shutil.copytree(LOCALE, tmp_path / "locale")
    german(tmp_path / "locale", leave_out="portal.home.lead")
    assert list(catalogue.faults(tmp_path / "locale")) == ["de: portal.home.lead: no text"]


ASK = """
import asyncio, json, sys
from pathlib import Path
from services.chassis.testing import run_suite
from services.portal.wiring import pages

async def main():
    async with run_suite(Path(sys.argv[1]), services=("offers",), pages=pages) as suite:
        said = {}
        for path in ("/", "/api/offers/programmes/nothing", "/problems/not-found", "/api/offers/docs"):
            async with suite.client.get(path, headers={"Accept-Language": "de, fr;q=0.5"}) as response:
                said[path] = [response.headers["Content-Language"], await response.text()]
        Path(sys.argv[1], "said").write_text(json.dumps(said))

asyncio.run(main())
"""


def test_a_third_language_is_a_file(tmp_path: Path) -> None:
    """The suite with one more file speaks one more language: refusals, pages and documentation."""
    suite = tmp_path / "suite"
    shutil.copytree(ROOT / "services", suite / "services")
    german(suite / "services/locale")
    assert list(catalogue.faults(suite / "services/locale")) == []
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path / "data")],
        env=os.environ | {"PYTHONPATH": str(suite)},
        cwd=suite,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads((tmp_path / "data" / "said").read_text())
    assert {language for language, _ in said.values()} == {"de"}
    assert json.loads(said["/api/offers/programmes/nothing"][1])["title"].startswith("Deutsch: ")
    assert '<html lang="de"' in said["/"][1]
    assert "lang=fr" in said["/"][1]
    assert "lang=en" in said["/"][1]
    assert "Deutsch: " in said["/problems/not-found"][1]
    assert "Deutsch: Calls" in said["/api/offers/docs"][1]
