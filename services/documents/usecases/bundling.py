"""Makes the bytes of a bundle, file by file: of all of them together no more is in hand than of one."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import structlog

from services.chassis.context import Actor, CommandContext
from services.chassis.objects.whole import DamagedObject
from services.chassis.ports import TooLarge
from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.chassis.work.background import GivenUpError, Tell
from services.contracts.events.applications import FileChanged, SlotPart
from services.contracts.languages import Language
from services.contracts.refusals import BUSY, RefusedError
from services.contracts.refusals.documents import INSPECTION_UNAVAILABLE
from services.documents.domain.bundle_names import ENDINGS, Names, as_written, of_document, of_person
from services.documents.domain.bundles import Bundle
from services.documents.usecases.app import App
from services.documents.usecases.bundle_parts import MEDIA_TYPES
from services.documents.usecases.bundled_letters import LETTERS, lacking, letter_bytes
from services.documents.usecases.joining import Joined, WrongFragment
from services.documents.usecases.papers import Copied, dossier_of, piece_of, profile_of
from services.documents.usecases.storing import staged

log = structlog.get_logger()

CHUNK: Final = 256 * 1024
STEP: Final = 5
"""Files after which it is told how far it is."""
TRIES: Final = 6
"""Of one file whose turn does not come; whoever makes the bundle then begins anew, later."""
_TURN: Final = "bundles"
"""In whose turn files are looked into here: all bundles of a process together take no more than one person's."""

LACKS: Final = (
    "beyond",
    "gone",
    "damaged",
    "too_large",
    "broken",
    "no-piece",
    "no-documents",
    "no-letter",
    "letter-broken",
)
"""Why something is not in a bundle."""

_AS_GIVEN: Final = ("documents", "piece")

T = TypeVar("T")


@dataclass(slots=True)
class Contents:
    """What is in a bundle, as it grows: the applications of which it tells whose they are, and the names of those that are
    in it; and what is not, with the reason.
    """

    applications: list[str] = field(default_factory=list)
    held: list[tuple[str, str]] = field(default_factory=list)
    lacking: list[tuple[str, str]] = field(default_factory=list)
    files_lacking: int = 0


@dataclass(slots=True)
class Bundling:
    """One bundle while it is made, for a member of staff with the rights that they have now."""

    app: App
    actor: Actor
    bundle: Bundle
    command: CommandContext
    most: int
    contents: Contents = field(default_factory=Contents)

    async def chunks(self, tell: Tell) -> AsyncGenerator[bytes, None]:
        """The bytes; raises GivenUpError where no file is in it at all, TooLarge, ObjectsUnavailable, BUSY,
        INSPECTION_UNAVAILABLE, and what `tell` raises.
        """
        made = self._pdf(tell) if self.bundle.kind in MEDIA_TYPES else self._zip(tell)
        async with aclosing(made):
            async for chunk in made:
                yield chunk

    # --- a ZIP --------------------------------------------------------------------------------------------------

    async def _zip(self, tell: Tell) -> AsyncGenerator[bytes, None]:
        sink, names = _Sink(), Names()
        if self.bundle.kind in _AS_GIVEN and await self._given_bytes() > self.most:
            raise TooLarge(f"more than {self.most} bytes")
        # Without `seek` each entry is followed by its size: who reads from the front finds its end where it is packed,
        # though nothing becomes smaller. No entry is near 4 GiB; of an archive that is, the index alone is ZIP64.
        with zipfile.ZipFile(sink, "w", allowZip64=True) as archive:
            async for file, said, known_as in self._files(tell):
                folder = names.once(said)
                async for inner, content in self._entries(file, folder, known_as):
                    await asyncio.to_thread(archive.writestr, self._entry(inner), content, *_PACKED)
                    for chunk in sink.taken():
                        yield chunk
            report = self._entry(f"{names.once(self._said('readme'))}.txt")
            archive.writestr(report, self._report(), *_PACKED)
        for chunk in sink.taken():
            yield chunk

    async def _given_bytes(self) -> int:
        """Of all documents that were asked for, as far as they can be known before any of them is read."""
        given = 0
        for application in self.bundle.applications:
            if (file := await self.app.papers.file(self.actor, application)) is not None:
                given += sum(slot.document.size for slot in self._wanted(file) if slot.document)
        return given

    def _wanted(self, file: FileChanged) -> list[SlotPart]:
        return [slot for slot in file.pieces if slot.document and self.bundle.piece in ("", slot.code)]

    async def _entries(self, file: FileChanged, name: str, known_as: str) -> AsyncIterator[tuple[str, bytes]]:
        if self.bundle.kind not in _AS_GIVEN:
            made = await self._paper(file, name)
            if made is not None:
                self.contents.held.append((name, known_as))
                yield f"{name}.pdf", made
            return
        wanted, lacking, inner = self._wanted(file), len(self.contents.lacking), Names()
        given = False
        for slot in wanted:
            content = await self._given(file, slot, name)
            if content is not None and slot.document is not None:
                ending = f".{ENDINGS[slot.document.media_type]}"
                said = inner.once(of_document(slot.code, slot.document.filename), ending)
                if not given:
                    self.contents.held.append((name, known_as))
                given = True
                yield (f"{name}_{said}" if self.bundle.kind == "piece" else f"{name}/{said}"), content
        if not wanted:
            self._lack(name, "no-piece" if self.bundle.kind == "piece" else "no-documents")
        self.contents.files_lacking += len(self.contents.lacking) > lacking

    async def _given(self, file: FileChanged, slot: SlotPart, name: str) -> bytes | None:
        """A document as it was given, once all of it is known to be whole."""
        async with AsyncExitStack() as stages:
            found = await piece_of(self.app, Actor(file.account), slot, _ANY, stages)
            if isinstance(found, Copied):
                return await asyncio.to_thread(found.path.read_bytes)
            self._lack(f"{name}, {self._label(slot)}", found or "gone")
            return None

    def _entry(self, name: str) -> zipfile.ZipInfo:
        at = self.command.now.astimezone(self.app.zone)
        entry = zipfile.ZipInfo(name, at.timetuple()[:6])
        entry.external_attr = 0o600 << 16
        return entry

    # --- one PDF ------------------------------------------------------------------------------------------------

    async def _pdf(self, tell: Tell) -> AsyncGenerator[bytes, None]:
        joined, names = Joined(), Names()
        yield joined.head()
        async for file, said, known_as in self._files(tell):
            name = names.once(said)
            made = await self._paper(file, name)
            if made is not None:
                body = await self._fragment(joined, f"{known_as} – {file.programme}", made, len(file.pieces) + 1)
                if body is None:
                    self._lack(name, "letter-broken" if self.bundle.kind in LETTERS else "broken")
                    self.contents.files_lacking += 1
                    continue
                self.contents.held.append((name, known_as))
                for at in range(0, len(body), CHUNK):
                    yield bytes(body[at : at + CHUNK])
        first = await self._tried(self._page)
        body = None if first is None else await self._fragment(joined, self._said("title"), first, 1)
        if body is None:
            raise WrongFragment
        yield bytes(body)
        joined.lead()
        for chunk in joined.tail(self._said("title"), self._language):
            yield chunk

    async def _page(self) -> bytes:
        async with staged(self.app, json.dumps(self._overview()).encode()) as (stage, _):
            return await self.app.inspectors.paper("contents", stage.path, self.app.rules, _TURN)

    async def _fragment(self, joined: Joined, title: str, pdf: bytes, files: int) -> memoryview | None:
        async with staged(self.app, pdf) as (stage, _):

            async def make() -> bytes:
                return await self.app.inspectors.fragment(stage.path, joined.item, self.app.rules, _TURN, files=files)

            made = await self._tried(make)
        try:
            # Of hundreds of thousands of objects; nobody else waits for that.
            return None if made is None else await asyncio.to_thread(joined.add, title, made)
        except WrongFragment:
            return None

    # --- both ---------------------------------------------------------------------------------------------------

    async def _files(self, tell: Tell) -> AsyncIterator[tuple[FileChanged, str, str]]:
        """The files that are within reach, each with its name, and whose it is as they write it; the others are lacking."""
        known = {application: name for application, _, name in self.bundle.names}
        for done, application in enumerate(self.bundle.applications, 1):
            file = await self.app.papers.file(self.actor, application)
            if file is None or file.account not in self.bundle.people:
                # Of whoever is gone no more is told than was asked.
                there = await self.app.papers.whose(application) is not None
                self._lack(known.get(application, application) if there else application, "beyond")
                self.contents.files_lacking += 1
            else:
                profile = await profile_of(self.app, file)
                who = [] if profile is None or profile.identity is None else [profile.identity.family_name]
                if profile is not None and profile.identity is not None and profile.identity.given_name:
                    who.append(profile.identity.given_name)
                self.contents.applications.append(application)
                yield file, of_person(file.file_number, who), as_written(file.file_number, who)
            if done % STEP == 0 or done == len(self.bundle.applications):
                await tell(done, None)
        if not self.contents.held:
            raise GivenUpError("nothing")

    async def _paper(self, file: FileChanged, name: str) -> bytes | None:
        """The one PDF that there is to be of a file, or None where it lacks."""
        return await (self._letter(file, name) if self.bundle.kind in LETTERS else self._dossier(file, name))

    async def _letter(self, file: FileChanged, name: str) -> bytes | None:
        lacks, made = await lacking(self.app, file), None
        if lacks is None:
            told = (self.app, file, self._language, self.command, _TURN)
            made = await self._tried(lambda: letter_bytes(*told))
        if made is None:
            self._lack(name, lacks or "letter-broken")
            self.contents.files_lacking += 1
        return made

    async def _dossier(self, file: FileChanged, name: str) -> bytes | None:
        made = await self._tried(lambda: dossier_of(self.app, file, self._language, _TURN))
        if made is None:
            self._lack(name, "broken")
            self.contents.files_lacking += 1
            return None
        content, lacking = made
        for slot, reason in lacking:
            self._lack(f"{name}, {self._label(slot)}", reason)
        self.contents.files_lacking += bool(lacking)
        return content

    async def _tried(self, make: Callable[[], Awaitable[T]]) -> T | None:
        """What is made of one file, once its turn comes, or None where that cannot be.

        Raises ObjectsUnavailable, but not of damage; BUSY, INSPECTION_UNAVAILABLE where others or nobody are served.
        """
        for tried in range(1, TRIES + 1):
            try:
                return await make()
            except DamagedObject:
                return None
            except RefusedError as refusal:
                if refusal.slug not in (BUSY, INSPECTION_UNAVAILABLE):
                    return None
                if tried == TRIES and refusal.slug == BUSY:
                    raise
                await asyncio.sleep(refusal.retry_after or 0)
        await self._page()  # where this can be made, it is the file that ends whoever looks into it
        return None

    def _lack(self, name: str, reason: str) -> None:
        self.contents.lacking.append((name, self._said(f"lacks.{reason}")))

    def _label(self, slot: SlotPart) -> str:
        return getattr(slot.label, self._language, None) or slot.label.fr

    def _report(self) -> bytes:
        told = self._overview()
        lines = [told["title"], told["institution"], "", told["intro"]]
        for part in (told["lacking"], told["held"]):
            lines += ["", part["heading"], *(f"- {name}{': ' if said else ''}{said}" for name, said in part["items"])]
            lines += [] if part["items"] else [part["none"]]
        # Editors of Windows know by the mark what the letters are.
        return "\r\n".join([*lines, ""]).encode("utf-8-sig")

    def _overview(self) -> dict[str, Any]:
        moment = formats.moment(
            self.command.now, self._language, self.app.zone, catalogues().text(MOMENT, self._language)
        )
        is_made = self.bundle.kind in ("dossiers", "pdf")
        intro = "intro_letters" if self.bundle.kind in LETTERS else "intro" if is_made else "intro_given"
        return {
            "language": self._language,
            "made_at": int(self.command.now.timestamp()),
            "title": self._said("title"),
            "institution": self.app.parameters.in_force.institution.name,
            "intro": self._said(intro, moment=moment),
            "lacking": self._part("lacking", self.contents.lacking, "none" if is_made else "none_given"),
            "held": self._part("held", self.contents.held, "none"),
            "foot": self._said("title"),
        }

    def _part(self, name: str, items: list[tuple[str, str]], none: str) -> dict[str, Any]:
        return {
            "heading": self._said(f"{name}.heading"),
            "none": self._said(f"{name}.{none}"),
            "items": items,
        }

    def _said(self, name: str, /, **values: Any) -> str:
        return catalogues().text(f"documents.bundle.{name}", self._language, **values)

    @property
    def _language(self) -> Language:
        return "en" if self.bundle.language == "en" else "fr"


_PACKED: Final = (zipfile.ZIP_DEFLATED, 0)
_ANY: Final = 2**40
"""Bytes of a document, however large it is: what was stored was within the bound of its day."""


class _Sink(io.RawIOBase):
    """Where an archive is written to that nobody can seek in; what was written is taken from it again and again."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        self._written.append(written := bytes(chunk))
        return len(written)

    def taken(self) -> Iterator[bytes]:
        written, self._written = self._written, []
        for chunk in written:
            for at in range(0, len(chunk), CHUNK):
                yield chunk[at : at + CHUNK]
