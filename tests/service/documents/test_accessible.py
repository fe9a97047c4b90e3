"""Every paper that Parvis makes of a template keeps PDF/UA-1, by the word of veraPDF."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pikepdf

from services.chassis.testing import Suite
from services.cli.model_files import model_files
from services.contracts.events.letter_parts import ConditionPart
from services.contracts.events.offers import TextPart
from services.contracts.languages import LANGUAGES, Language
from services.documents.domain.signing import Board, Signed
from services.documents.usecases.app import App
from services.documents.usecases.inspection.papers import paper
from services.documents.usecases.letter_words import SAMPLE_CODE, SAMPLE_PROFILE, LetterWords
from services.documents.usecases.minutes_words import MinutesWords
from services.documents.usecases.paper_words import Item, Words
from services.documents.wiring import use_cases
from tests.parameters import hear
from tests.servers.verapdf import VeraPdf
from tests.service.documents.given import EMPTY_FORM, FORM, QUESTIONS, changed, slot, submitted
from tests.service.documents.test_letters import ADMITTED, REJECTED
from tests.service.documents.test_minutes import closed
from tests.service.documents.test_signatures import drawn

CONDITIONS: Final = [ConditionPart(label=TextPart(fr="Obtenir la licence"), until="2027-09-30")]
SIGNED: Final = Signed("Zoé Faure", "Présidente du jury", drawn(format="JPEG"))
NOTHING: Final[Mapping[str, Any]] = {"heading": "Documents", "none": "Aucun", "items": []}


def papers(app: App, language: Language) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """What each is, the template and its data: of every kind the one that says the most, and the one that says the least."""
    words, letters, minutes = Words(app, language), LetterWords(app, language), MinutesWords(app, language)
    submission = submitted()
    full = changed(state="complete", submission=submission, questions=QUESTIONS, forms=[FORM, EMPTY_FORM])
    yield "receipt", "receipt", words.receipt(full, submission)
    bare = submission.model_copy(update={"pieces": [], "questions": [], "forms": []})
    yield "receipt-of-nothing", "receipt", words.receipt(full, bare)
    conditional = ADMITTED.model_copy(update={"conditions": CONDITIONS, "final": False})
    for name, part, signed in (
        ("admission", ADMITTED, Signed()),
        ("admission-signed", conditional, SIGNED),
        ("rejection", REJECTED, SIGNED),
    ):
        said = letters.shipped(part.kind)
        yield name, "letter", letters.letter(full, part, SAMPLE_PROFILE, said, signed, code=SAMPLE_CODE)
    board = Board("JURY", signatory="Grace Hopper", function="Présidente du jury", label={"fr": "Jury"})
    many = [{"code": f"P{n}", "title": {"fr": f"Parcours {n}"}, "lines": []} for n in range(30)]
    yield "minutes", "minutes", minutes.minutes(closed(), board)
    yield "minutes-of-many-pages", "minutes", minutes.minutes(closed(programmes=many, recusals=[]), Board())
    as_of = datetime(2027, 2, 1, tzinfo=UTC)
    rows = [Item(slot()), Item(slot("cv"), "damaged"), Item(slot("photo", ""))]
    yield "cover", "cover", {**words.cover(full, submission.profile, rows, as_of), "behind": 3}
    yield "cover-of-nothing", "cover", {**words.cover(changed(), None, [], as_of), "behind": 0, "left_out": None}
    told = {"language": language, "made_at": 0, "title": "Dossiers", "institution": "Université", "foot": "Dossiers"}
    held = {**NOTHING, "items": [("AB12CD34", "Ann Müller"), ("EF56GH78", "")]}
    yield "contents", "contents", told | {"intro": "Fait le 1er juin.", "lacking": NOTHING, "held": held}


async def test_every_paper_keeps_pdf_ua(suite: Suite, tmp_path: Path, verapdf: VeraPdf) -> None:
    """Acceptance 86: letters of each kind, minutes, receipts, covers, what is in a bundle, and files to fill in."""
    await hear(suite, {"institution.name": "Université de l’Été"})
    app = use_cases(suite.service("documents").service.ports)
    files = await asyncio.to_thread(lambda: [*model_files()])
    for language in LANGUAGES:
        for name, template, data in papers(app, language):
            file = tmp_path / f"{name}.{language}.pdf"
            file.write_bytes(await asyncio.to_thread(paper, template, data))
            files.append(file)
    assert len(files) == 2 + 10 * len(LANGUAGES)
    broken = await asyncio.to_thread(verapdf.broken, files)
    assert not [(file.name, rule) for file, rules in broken.items() for rule in rules]


def test_what_does_not_keep_it_is_found(tmp_path: Path, verapdf: VeraPdf) -> None:
    """The same paper without its title, and without its tags: whoever looks does see it."""
    data = {"language": "fr", "made_at": 0, "title": "Dossiers", "institution": "", "intro": "Dossiers", "foot": ""}
    whole, untitled, untagged = (tmp_path / f"{name}.pdf" for name in ("whole", "untitled", "untagged"))
    whole.write_bytes(paper("contents", data | {"lacking": NOTHING, "held": NOTHING}))
    for file, member in ((untitled, "/ViewerPreferences"), (untagged, "/StructTreeRoot")):
        with pikepdf.open(whole) as pdf:
            del pdf.Root[member]
            pdf.save(file)
    broken = verapdf.broken([whole, untitled, untagged])
    assert [[rule.split()[0] for rule in broken[file]] for file in (whole, untitled)] == [[], ["7.1-10"]]
    assert "7.1-11" in {rule.split()[0] for rule in broken[untagged]}
