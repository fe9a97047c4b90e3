"""B9: the PDF of a whole file with ten pieces, and a letter, against the bare calls of the libraries that make them.

What is measured is the use case: the copy of the file is looked up, the pieces are read from the object store and their
digests checked, the words are found, the inspector makes the PDF in its sandbox in a process of its own, and the letter is
made durable with its row. Eight pieces are scans as programs write them, two are photos. The bare limit calls typst, pikepdf
and Pillow in this process, warm, with the bytes and the words in hand: it compiles the cover, opens the pieces, makes pages
of the photos and saves all of it; of the letter it compiles the template. Every paper says another file number, so that
nobody answers from what he remembers.
"""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

import pikepdf
import typst
from PIL import Image, ImageOps

from services.chassis.context import OPERATOR, Actor, CommandContext
from services.chassis.service.service import Ports
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.contracts.events.applications import FileChanged, GivenPart, SlotPart
from services.contracts.events.letter_parts import LetterPart
from services.contracts.events.offers import TextPart, UnitPart
from services.documents.domain.signing import Signed
from services.documents.domain.uploads import DeclaredUpload
from services.documents.usecases.app import App
from services.documents.usecases.inspection.papers import ACCESSIBLE, TEMPLATES, qr_code
from services.documents.usecases.letter import letter
from services.documents.usecases.letter_words import SAMPLE_CODE, SAMPLE_INSTANT, SAMPLE_PROFILE, LetterWords
from services.documents.usecases.paper_words import Item, Words
from services.documents.usecases.papers import dossier_of
from services.documents.usecases.uploads import upload
from services.documents.wiring import use_cases
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal, Spread
from tests.load.pieces import Body, photo, scan

TITLE = "PDF of a file with ten pieces, and a letter, against the bare library calls"

SCANS: Final = 8
PHOTOS: Final = 2
SIZE: Final = 300_000
DOSSIERS: Final = 10
LETTERS: Final = 30
MOST_TIMES: Final = 2.0
PDF, JPEG = "application/pdf", "image/jpeg"
KIM: Final = Actor("kim")

Piece = tuple[SlotPart, bytes, str]


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B9; a minute."""
    async with opened(Settings(data=bench.folder), ("documents",)) as suite:
        ports = suite["documents"].ports
        app = use_cases(ports)
        await app.signer.load()
        async with app.inspectors.open():
            pieces = [await _given(app, ports, number) for number in range(SCANS + PHOTOS)]
            makers = Makers(app, ports, pieces)
            dossiers = await bench.in_turns(
                lambda: makers.dossiers(bench.many(DOSSIERS)), lambda: makers.bare_dossiers(bench.many(DOSSIERS))
            )
            letters = await bench.in_turns(
                lambda: makers.letters(bench.many(LETTERS)), lambda: makers.bare_letters(bench.many(LETTERS))
            )
    return [_times("file with ten pieces", *dossiers), _times("letter", *letters)]


def _times(what: str, own: Sequence[float], bare: Sequence[float]) -> Figure:
    """Milliseconds, and how many times longer than the bare calls of the same turn."""
    times = [mine / theirs for mine, theirs in zip(own, bare, strict=True)]
    return Figure(what, Spread.of(own), Spread.of(bare), " ms", Spread.of(times), Goal(MOST_TIMES, " times"))


async def _given(app: App, ports: Ports, number: int) -> Piece:
    """A piece with a document in it, that was uploaded as all are."""
    content, media_type = (scan(SIZE), PDF) if number < SCANS else (photo(), JPEG)
    command = CommandContext(ports.clock.now(), correlation="load", key=f"piece-{number}", actor=OPERATOR)
    offer = DeclaredUpload(media_type, f"piece-{number}", len(content))
    saved = (await upload(app, KIM, offer, Body(content), command)).saved
    held = GivenPart(id=saved.id, filename=saved.state.filename, media_type=media_type, size=len(content))
    label = TextPart(fr=f"Pièce {number}")
    return SlotPart(code=f"piece-{number}", label=label, state="deposited", document=held), content, media_type


class Makers:
    """Both sides; each paper is of another file."""

    def __init__(self, app: App, ports: Ports, pieces: Sequence[Piece]) -> None:
        self._app = app
        self._ports = ports
        self._pieces = pieces
        self._numbers = count(1)
        self._compiler = typst.Compiler(
            font_paths=typst.Fonts(include_system_fonts=False), ignore_system_fonts=True, root=str(TEMPLATES)
        )

    def _file(self, letter: bool = False) -> FileChanged:
        number = next(self._numbers)
        part = LetterPart(
            kind="admission",
            decision=f"decision-{number}",
            decided_at=SAMPLE_INSTANT,
            accepted_at=SAMPLE_INSTANT,
            conditions=[],
        )
        return FileChanged(
            application=f"application{number:015}",
            account=KIM.account,
            programme="M1-MER",
            campaign="2027",
            file_number=f"{number:08}",
            title=TextPart(fr="Sciences de la mer"),
            centre=UnitPart(code="SEE", label="UFR Sciences exactes et expérimentales"),
            diploma=UnitPart(code="M1", label="Master 1"),
            state="complete",
            opened_at=SAMPLE_INSTANT,
            submission_deadline="2027-06-01",
            pieces=[slot for slot, _, _ in self._pieces],
            letter=part if letter else None,
            questions=[],
            forms=[],
        )

    async def dossiers(self, number: int) -> float:
        """Milliseconds of each."""
        await self._app.papers.keep_card(KIM.account, 1, SAMPLE_PROFILE.model_dump(mode="json"))
        begun = time.perf_counter()
        for _ in range(number):
            _, lacking = await dossier_of(self._app, self._file(), "fr", KIM.asker)
            assert not lacking
        return (time.perf_counter() - begun) / number * 1e3

    async def letters(self, number: int) -> float:
        """Milliseconds of each, the first time that it is asked for."""
        await self._app.papers.keep_card(KIM.account, 1, SAMPLE_PROFILE.model_dump(mode="json"))
        files = [self._file(letter=True) for _ in range(number)]
        for file in files:
            await self._app.papers.keep_file(file, 1)
        begun = time.perf_counter()
        for file in files:
            command = CommandContext(self._ports.clock.now(), correlation="load", actor=KIM)
            await letter(self._app, KIM, file.application, "fr", command, client=None)
        return (time.perf_counter() - begun) / number * 1e3

    async def bare_dossiers(self, number: int) -> float:
        """Milliseconds of each by the libraries alone."""
        items = [Item(slot) for slot, _, _ in self._pieces]
        at = self._ports.clock.now()
        data = [Words(self._app, "fr").cover(self._file(), SAMPLE_PROFILE, items, at) for _ in range(number)]
        return await asyncio.to_thread(self._timed, self._joined, data)

    async def bare_letters(self, number: int) -> float:
        """Milliseconds of each by typst alone."""
        words, data = LetterWords(self._app, "fr"), []
        for file in (self._file(letter=True) for _ in range(number)):
            assert file.letter is not None
            data.append(
                words.letter(file, file.letter, SAMPLE_PROFILE, words.shipped("admission"), Signed(), code=SAMPLE_CODE)
            )
        return await asyncio.to_thread(self._timed, self._letter, data)

    def _timed(self, make: Any, data: Sequence[Mapping[str, Any]]) -> float:
        begun = time.perf_counter()
        for each in data:
            make(each)
        return (time.perf_counter() - begun) / len(data) * 1e3

    def _compiled(self, template: str, data: Mapping[str, Any]) -> bytes:
        inputs = {"data": json.dumps(data)}
        if "check" in data:
            inputs["code"] = qr_code(data["check"]["address"])
        made = self._compiler.compile(
            (TEMPLATES / f"{template}.typ").read_bytes(),
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=[ACCESSIBLE],
            timestamp=data["made_at"],
        )
        assert isinstance(made, bytes)
        return made

    def _letter(self, data: Mapping[str, Any]) -> bytes:
        return self._compiled("letter", data)

    def _joined(self, data: Mapping[str, Any]) -> bytes:
        # The template is given the pages behind it by who has counted them.
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(self._compiled("cover", {**data, "behind": len(self._pieces)}))) as made:
            for _, content, media_type in self._pieces:
                source = content if media_type == PDF else _page(content)
                with pikepdf.open(io.BytesIO(source)) as pdf:
                    made.pages.extend(pdf.pages)
            made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _page(picture: bytes) -> bytes:
    """A photo as a PDF of one page, as Pillow makes it."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as opened:
        ImageOps.exif_transpose(opened).save(out, "PDF", resolution=150)
    return out.getvalue()
