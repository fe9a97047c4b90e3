"""A form with files, read as it comes: the token is checked before a byte is moved, and no file is whole in memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from services.portal.csrf import Csrf
from services.portal.paths import LARGEST_FORM

OVERHEAD: Final = 32768
"""Bytes that a form adds to its files: fields, heads of parts, boundaries."""
FIELD_BYTES: Final = 1024
MAX_FIELDS: Final = 8
FIELDS_WITHIN_SECONDS: Final = 15.0
CHUNK: Final = 65536

_NAME: Final = re.compile(r';\s*name="([^"]*)"')
_FILENAME: Final = re.compile(r';\s*filename="([^"]*)"')
_ESCAPED: Final = re.compile("%(22|0D|0A)")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""What stands for bytes that are no UTF-8."""
_PLAIN: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]*")
_UNREADABLE: Final = (
    aiohttp.ClientError,
    HttpProcessingError,
    ConnectionError,
    AssertionError,
    RuntimeError,
    ValueError,
    TimeoutError,
)
"""What aiohttp raises for a form that is cut off or no form."""


class Unreadable(Exception):
    """The form is cut off, or is none."""


class Misnamed(Exception):
    """The file's name is no text in UTF-8."""


class TooLarge(Exception):
    """The file has more bytes than it may."""


class TooLargeTogether(Exception):
    """All files have more bytes than a form may."""


@dataclass(slots=True)
class SentFile:
    """One file of a form: its name and type as the browser says them, its first bytes, which only an empty one has not."""

    filename: str
    media_type: str
    first: bytes
    _part: aiohttp.BodyPartReader
    _left: _Left

    async def content(self, max_bytes: int) -> AsyncIterator[bytes]:
        """All bytes of the file, once; raises Unreadable, TooLarge, TooLargeTogether."""
        left = max_bytes - len(self.first)
        if left < 0:
            raise TooLarge
        yield self.first
        try:
            while not self._part.at_eof():
                chunk = await self._part.read_chunk(CHUNK)
                left -= len(chunk)
                if left < 0:
                    raise TooLarge
                self._left.take(len(chunk))
                if chunk:
                    yield bytes(chunk)
        except _UNREADABLE as error:
            raise Unreadable from error


@dataclass(frozen=True, slots=True)
class FileForm:
    """What was sent: the fields before the files, and the files, of which a form without a choice has an empty one.

    `size` is what the browser says of all of it, in bytes, 0 where it does not say.
    """

    fields: Mapping[str, str]
    size: int
    _first: SentFile
    _reader: aiohttp.MultipartReader
    _left: _Left

    @property
    def is_empty(self) -> bool:
        """Whether no file was chosen."""
        return not self._first.first and not self._first.filename

    async def files(self) -> AsyncIterator[SentFile]:
        """The files in the order in which they were chosen, each to be read before the next.

        Raises Unreadable, Misnamed, TooLargeTogether.
        """
        yield self._first
        while True:
            try:
                async with asyncio.timeout(FIELDS_WITHIN_SECONDS):
                    part = await self._reader.next()
                    if not isinstance(part, aiohttp.BodyPartReader):
                        return
                    _, filename = _named(part)
                    if filename is None:
                        return
                    file = await _sent(part, filename, self._left)
            except _UNREADABLE as error:
                raise Unreadable from error
            yield file


@dataclass(slots=True)
class _Left:
    """How many bytes of files may still come."""

    bytes: int

    def take(self, came: int) -> None:
        self.bytes -= came
        if self.bytes < 0:
            raise TooLargeTogether


async def file_form(request: web.Request, csrf: Csrf, max_bytes: int = LARGEST_FORM) -> FileForm | None:
    """The posted form up to its first file; None if it does not come from one of our pages.

    All files have at most `max_bytes` bytes. The fields stand before them, the token first. Raises Unreadable,
    TooLargeTogether, Misnamed.
    """
    if request.content_type != "multipart/form-data":
        return None
    if (request.content_length or 0) > max_bytes + OVERHEAD:
        raise TooLargeTogether
    fields: dict[str, str] = {}
    left = _Left(max_bytes)
    try:
        async with asyncio.timeout(FIELDS_WITHIN_SECONDS):
            reader = _reader(request)
            for _ in range(MAX_FIELDS):
                part = await reader.next()
                if not isinstance(part, aiohttp.BodyPartReader):
                    return None
                name, filename = _named(part)
                if filename is not None:
                    break
                fields[name] = await _field(part)
                if not csrf.is_own(request, fields):
                    return None
            else:
                return None
            if not fields:
                return None
            first = await _sent(part, filename, left)
    except _UNREADABLE as error:
        raise Unreadable from error
    return FileForm(fields, request.content_length or 0, first, reader, left)


async def _sent(part: aiohttp.BodyPartReader, filename: str, left: _Left) -> SentFile:
    """The file of a part up to its first bytes; raises Misnamed, TooLargeTogether, and what aiohttp does."""
    if _SURROGATE.search(filename):
        raise Misnamed
    first = await _first(part)
    left.take(len(first))
    said = part.headers.get("Content-Type", "")
    media_type = said if _PLAIN.fullmatch(said) else "application/octet-stream"
    return SentFile(filename, media_type, first, part, left)


def _reader(request: web.Request) -> aiohttp.MultipartReader:
    """Of parts of no kind: in those of forms aiohttp reads the names itself, and forgets such as have semicolons."""
    kind = request.headers["Content-Type"].lower().find("form-data")
    said = request.headers["Content-Type"]
    return aiohttp.MultipartReader({"Content-Type": f"{said[:kind]}mixed{said[kind + 9 :]}"}, request.content)


def _named(part: aiohttp.BodyPartReader) -> tuple[str, str | None]:
    """Names of field and file as browsers write them (HTML, section 4.10.21.8), who escape quotes and ends of lines."""
    said = part.headers.get("Content-Disposition", "")
    name, filename = _NAME.search(said), _FILENAME.search(said)
    return (name[1] if name else ""), (_ESCAPED.sub(_unescaped, filename[1]) if filename else None)


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


async def _field(part: aiohttp.BodyPartReader) -> str:
    value = b""
    while not part.at_eof():
        value += await part.read_chunk(CHUNK)
        if len(value) > FIELD_BYTES:
            raise ValueError("a field is too long")
    return value.decode()


async def _first(part: aiohttp.BodyPartReader) -> bytes:
    while not part.at_eof():
        if chunk := await part.read_chunk(CHUNK):
            return bytes(chunk)
    return b""
