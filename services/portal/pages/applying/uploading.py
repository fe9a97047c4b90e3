"""What comes by the form of a piece: a file as it is, or photos and files of which the API makes one PDF (acceptance 60)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel

from services.chassis.texts.catalogues import catalogues
from services.contracts.api.applications import PieceView
from services.contracts.api.documents import FILENAME_HEADER, Assembly, Upload, UploadQuery, encode_filename
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import documents
from services.contracts.api.endpoints.partial_uploads import APPEND
from services.contracts.api.partial_uploads import COMPLETE_HEADER, MEDIA_TYPE, OFFSET_HEADER, NewPartial, Partial
from services.contracts.api.problem import Problem
from services.contracts.parameters import LARGEST_UPLOAD
from services.contracts.refusals.documents import HEIC_NOT_YET, TYPE_NOT_ALLOWED
from services.portal.api import ApiUnavailable, content_of
from services.portal.forms import command_key
from services.portal.pages.applying.file_form import (
    OVERHEAD,
    FileForm,
    SentFile,
    TooLarge,
    TooLargeTogether,
    Unreadable,
)
from services.portal.pages.applying.own import ApplicationPages
from services.portal.pages.applying.showing import MOST_FILES, takes_photos
from services.portal.rendering import language_of

M = TypeVar("M", bound=BaseModel)

_HEIC: Final = (".heic", ".heif")
_ABOUT_FILE: Final = (413, 415, 422)
_WRONG_TYPE: Final = (TYPE_NOT_ALLOWED.name, HEIC_NOT_YET.name)


class TooManyFiles(Exception):
    """More files than `args[0]`."""


class TooLargeFile(Exception):
    """A file of this name is larger than it may be, in bytes: `args`."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A file of which a script tells before it sends it: one of so many, which have so many bytes together.

    `modified` tells it from another one of the same name, as the browser counts time.
    """

    filename: str
    media_type: str
    size: int = 0
    all: int = 0
    number: int = 0
    count: int = 1
    modified: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that a script has sent, as its form says: the id of its upload, its name, how many bytes it has."""

    upload: str
    filename: str
    size: str


@dataclass(frozen=True, slots=True)
class Uploading:
    """Takes in what a form brings for one piece, file by file, while it comes."""

    pages: ApplicationPages
    request: web.Request
    piece: PieceView
    application: str | None = None
    """In whose candidate's place staff send it: one file then, as it is."""

    @property
    def _photos(self) -> bool:
        return self.application is None and takes_photos(self.piece)

    async def take(self, form: FileForm) -> Upload | Problem:
        """The one document that goes into the piece, or what the API has against a file, which is named then.

        A file alone is kept as it is, if it is no larger than the piece takes; photos beyond that, in HEIC, or several
        files become a PDF. Raises TooManyFiles, TooLargeFile, TooLargeTogether, Misnamed, Unreadable, ApiUnavailable.
        """
        photos, taken = self._photos, list[Upload]()
        most = MOST_FILES if photos else 1
        async for file in form.files():
            if len(taken) == most:
                raise TooManyFiles(most)
            is_part = photos and (bool(taken) or self._becomes_page(file, form.size))
            sent = await self._upload(form, file, len(taken), is_part=is_part)
            if isinstance(sent, Problem):
                return self.named(sent, file)
            taken.append(sent)
        return taken[0] if len(taken) == 1 and taken[0].receipt else await self._assemble(form.fields, taken)

    def announced(self, file: Announced, form: Mapping[str, str]) -> tuple[NewPartial, str]:
        """How the API is told of it, as a page where `take` makes one of it, and by which key; raises as `take` does."""
        photos = takes_photos(self.piece)
        if file.count > (most := MOST_FILES if photos else 1):
            raise TooManyFiles(most)
        is_part = photos and (file.number > 0 or self._becomes_page(file, file.all))
        if file.size > (largest := self._largest(file, is_part=is_part)):
            raise TooLargeFile(file.filename, largest)
        use: Literal["part"] | None = "part" if is_part else None
        told = NewPartial.model_construct(
            length=file.size, media_type=file.media_type, filename=file.filename or None, use=use
        )
        named = (file.filename, file.media_type, f"{use}", *map(str, (file.size, file.number, file.modified)))
        return told, command_key(form, "pieces", *named)

    async def take_sent(self, form: Mapping[str, str], sent: Sequence[Sent]) -> Upload | Problem:
        """The one document of files that are there; else what is against it.

        Raises TooManyFiles, ApiUnavailable.
        """
        if len(sent) > (most := MOST_FILES if takes_photos(self.piece) else 1):
            raise TooManyFiles(most)
        taken = list[Upload]()
        for file in sent:
            made = await self._completed(file)
            if isinstance(made, Problem):
                return self.named(made, Announced(file.filename, ""))
            taken.append(made)
        return taken[0] if len(taken) == 1 and taken[0].receipt else await self._assemble(form, taken)

    async def _completed(self, file: Sent) -> Upload | Problem:
        headers = {"Content-Type": MEDIA_TYPE, OFFSET_HEADER: file.size, COMPLETE_HEADER: "?1"}
        parameters = {"upload": file.upload}
        asking = self.pages.api.transfer(
            self.request, language_of(self.request), APPEND, headers=headers, parameters=parameters
        )
        async with asking as response:
            if isinstance(response, Problem):
                return response
            made = parsed(Partial, await content_of(response)).upload
        if made is None:
            raise ApiUnavailable("nothing came of an upload that was completed")
        return made

    def _becomes_page(self, file: SentFile | Announced, all: int) -> bool:
        """Whether the first file is a photo that the piece would not take as it is, or that may be one of many."""
        as_it_is = file.media_type in self.piece.media_types
        return _is_photo(file) and not (as_it_is and all <= self.piece.max_bytes + OVERHEAD)

    def _largest(self, file: SentFile | Announced, *, is_part: bool) -> int:
        return LARGEST_UPLOAD if is_part and _is_photo(file) else self.piece.max_bytes

    async def _upload(self, form: FileForm, file: SentFile, number: int, *, is_part: bool) -> Upload | Problem:
        """One file as the API has taken it in; the same button pressed twice sends one."""
        broken: list[Exception] = []
        once = (file.filename, hashlib.sha256(file.first).hexdigest())
        headers = {
            "Content-Type": file.media_type,
            FILENAME_HEADER: encode_filename(file.filename),
            "Idempotency-Key": command_key(form.fields, *once, *((f"{number}",) if is_part else ())),
        }
        most = self._largest(file, is_part=is_part)
        content = _noting(file.content(most), broken)
        query = UploadQuery(use="part") if is_part else None
        endpoint, parameters = documents.UPLOAD, None
        if self.application is not None:
            endpoint, parameters = documents.UPLOAD_FOR, {"application": self.application}
        try:
            return await self._asked(endpoint, content, headers=headers, query=query, parameters=parameters)
        except ApiUnavailable:
            if broken and isinstance(broken[0], TooLarge):
                raise TooLargeFile(file.filename, most) from None
            if broken:
                raise broken[0] from None
            raise
        except TooLarge:
            raise TooLargeFile(file.filename, most) from None

    async def _assemble(self, form: Mapping[str, str], taken: list[Upload]) -> Upload | Problem:
        """The PDF of them, in the order in which they were chosen, with what was noticed in them."""
        headers = {"Idempotency-Key": command_key(form, *(each.document for each in taken))}
        body = Assembly(documents=tuple(each.document for each in taken), max_bytes=self.piece.max_bytes)
        made = await self._asked(documents.ASSEMBLE, body, headers=headers)
        if isinstance(made, Problem):
            return made
        warnings = [warning for each in taken for warning in each.warnings or ()]
        return made.model_copy(update={"warnings": (*warnings, *(made.warnings or ())) or None})

    async def _asked(self, endpoint: Endpoint[Any, Upload], content: Any, **more: Any) -> Upload | Problem:
        language = language_of(self.request)
        async with self.pages.api.transfer(self.request, language, endpoint, content, **more) as response:
            if isinstance(response, Problem):
                return response
            return parsed(Upload, await content_of(response))

    def named(self, problem: Problem, file: SentFile | Announced) -> Problem:
        """The refusal with the name of the file that it is about: one of many, perhaps."""
        if problem.status not in _ABOUT_FILE or not file.filename:
            return problem
        why = problem.detail
        if problem.slug in _WRONG_TYPE:
            why = self.pages.showing(self.request).wrong_type(self.piece, heic=problem.slug == HEIC_NOT_YET.name)
        said = self.said_of(file.filename, why)
        return problem.model_copy(update={"detail": said})

    def said_of(self, filename: str, why: str) -> str:
        """What is wrong with one of the files."""
        return self.pages.rendering.text(language_of(self.request), "piece.of_file", file=filename, why=why)

    def why_not(self, error: TooManyFiles | TooLargeFile | TooLargeTogether) -> tuple[str, int]:
        """What the API says of more than it takes, and with which status: no byte is moved only to hear it."""
        text, language = catalogues().text, language_of(self.request)
        match error:
            case TooLargeFile():
                name, most = error.args
                return self.said_of(
                    name, text("applications.too-large-for-piece.detail", language, max_bytes=most)
                ), 413
            case TooManyFiles():
                return self.pages.showing(self.request).too_many(error.args[0]), 422
            case _:
                return self.pages.showing(self.request).too_large_together(), 413


def parsed(model: type[M], content: bytes) -> M:
    """What the API answers; raises ApiUnavailable for anything else."""
    try:
        return model.model_validate_json(content)
    except ValueError as error:
        raise ApiUnavailable(type(error).__name__) from error


async def _noting(content: AsyncIterator[bytes], broken: list[Exception]) -> AsyncIterator[bytes]:
    """The same bytes; why they end too soon is kept, for the client tells of the broken line alone."""
    try:
        async for chunk in content:
            yield chunk
    except (TooLarge, TooLargeTogether, Unreadable) as error:
        broken.append(error)
        raise


def _is_photo(file: SentFile | Announced) -> bool:
    """By what the browser says; what it is in truth, the API finds out."""
    return file.media_type.startswith("image/") or _is_heic(file)


def _is_heic(file: SentFile | Announced) -> bool:
    return file.media_type in ("image/heic", "image/heif") or file.filename.lower().endswith(_HEIC)
