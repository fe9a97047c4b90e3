"""A form with one file, read as it comes: the token is checked before a byte is moved, and no file is whole in memory."""

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

OVERHEAD: Final = 16384
"""Bytes that a form adds to its file: fields, heads of parts, boundaries."""
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


@dataclass(frozen=True, slots=True)
class FileForm:
    """What was sent: the fields before the file, the file's name and type as the browser says them, its first bytes.

    `first` is empty only for an empty file; `rest` gives what follows, and raises Unreadable, TooLarge.
    """

    fields: Mapping[str, str]
    filename: str
    media_type: str
    first: bytes
    rest: AsyncIterator[bytes]

    @property
    def is_empty(self) -> bool:
        """Whether no file was chosen."""
        return not self.first and not self.filename

    async def content(self) -> AsyncIterator[bytes]:
        """All bytes of the file, once."""
        yield self.first
        async for chunk in self.rest:
            yield chunk


async def file_form(request: web.Request, csrf: Csrf, max_bytes: int) -> FileForm | None:
    """The posted form up to its file, of at most `max_bytes` bytes; None if it does not come from one of our pages.

    Its fields stand before the file, the token first. Raises Unreadable, TooLarge, Misnamed.
    """
    if request.content_type != "multipart/form-data":
        return None
    if (request.content_length or 0) > max_bytes + OVERHEAD:
        raise TooLarge
    fields: dict[str, str] = {}
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
            if _SURROGATE.search(filename):
                raise Misnamed
            first = await _first(part, max_bytes)
    except _UNREADABLE as error:
        raise Unreadable from error
    said = part.headers.get("Content-Type", "")
    media_type = said if _PLAIN.fullmatch(said) else "application/octet-stream"
    return FileForm(fields, filename, media_type, first, _rest(part, max_bytes - len(first)))


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


async def _first(part: aiohttp.BodyPartReader, max_bytes: int) -> bytes:
    while not part.at_eof():
        if chunk := await part.read_chunk(CHUNK):
            if len(chunk) > max_bytes:
                raise TooLarge
            return bytes(chunk)
    return b""


async def _rest(part: aiohttp.BodyPartReader, left: int) -> AsyncIterator[bytes]:
    try:
        while not part.at_eof():
            chunk = await part.read_chunk(CHUNK)
            left -= len(chunk)
            if left < 0:
                raise TooLarge
            if chunk:
                yield bytes(chunk)
    except _UNREADABLE as error:
        raise Unreadable from error
