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

import pytest

from services import SERVICES
from services.chassis.refusals import FIELD_RULES, GENERIC
from services.chassis.texts.catalogues import catalogues
from services.chassis.texts.typography import typeset
from services.contracts.languages import CATALOGUE, LANGUAGES, LOCALE
from services.contracts.refusals import ErrorCode
from tests.architecture import catalogue
from tests.architecture.made_texts import MADE, WORDS
from tests.architecture.source import ROOT, files, listed, tree

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
    for words in ("paper_words", "letter_words", "minutes_words"):
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


FRENCH_SPACING = re.compile("""[ \xa0\u202f]([:;?!»]|&raquo;)(?=[\\s"'<{]|$)|(«|&laquo;)[ \xa0\u202f]|&nbsp;|&#8239;""")


def test_no_template_has_the_punctuation_of_one_language() -> None:
    """How a colon is set is said by the catalogues: English has no space before it."""
    for seed in ("<p>{{ a }} : {{ b }}</p>", 'join(" ; ")', "« {{ a }} »", "{{ a }}\u202f!"):
        assert FRENCH_SPACING.search(seed), seed
    found = [
        f"{template.relative_to(ROOT)}:{number}"
        for template in sorted((ROOT / "services").glob("**/templates/*.html"))
        for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1)
        if FRENCH_SPACING.search(line)
    ]
    assert not found, listed(found)


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
