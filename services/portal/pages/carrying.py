"""A file that the page of a preview carries to the one that confirms it: nothing is kept between them."""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

_SECONDS: Final = 60.0
"""In which a form with a file must have come."""
_FIELDS: Final = 16


async def fields_of(request: web.Request, longest: int) -> dict[str, str] | None:
    """The fields of a form that carries a file, of at most so many bytes; None for what is no such form."""
    if request.content_type != "application/x-www-form-urlencoded" or (request.content_length or 0) > longest:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > longest:
                    return None
        return await asyncio.to_thread(_parsed, body)
    except (aiohttp.ClientError, HttpProcessingError, ConnectionError, TimeoutError, ValueError):
        return None


def _parsed(body: bytearray) -> dict[str, str]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS))


async def once(content: bytes) -> AsyncIterator[bytes]:
    """The file, as it is sent on."""
    yield content


def packed(content: bytes) -> str:
    """The file in letters that a form sends as they are."""
    return base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")


def unpacked(text: str, most: int) -> bytes | None:
    """The file; None for what is none of ours, or has more than so many bytes."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, most + 1)
    except (ValueError, zlib.error):
        return None
    return content if unpacking.eof and content and len(content) <= most else None
