"""An export of all one's data: a ZIP that is put together while it is on its way, and stands nowhere.

It is made of the person's own calls of the API, one after another: it is as of no one moment.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import aiohttp
from aiohttp import web
from pydantic import BaseModel

from services.chassis.ports import ObjectsUnavailable
from services.contracts.api.applications import ApplicationPage, ApplicationView
from services.contracts.api.documents import DocumentItem, DocumentQuery
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import applications, documents, mailer
from services.contracts.api.mailer import MessageQuery, MessageView
from services.contracts.api.problem import Problem
from services.contracts.api.rights import Export
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.portal.api import Api, ApiUnavailable, Refused
from services.portal.visits import LoginNeeded

PAGE: Final = 100
MOST_PAGES: Final = 100
"""Of one list; who has more gets no export, rather than a part of one."""
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
"""What is no part of a name on one of the systems on which people unpack."""


@dataclass(slots=True)
class Contents:
    """What the readable page tells: lists, files by their place in the ZIP, and those that were gone by then."""

    export: Export
    applications: Sequence[ApplicationView] = ()
    messages: Sequence[MessageView] = ()
    files: list[tuple[str, DocumentItem]] = field(default_factory=list)
    missing: list[DocumentItem] = field(default_factory=list)


class _Line:
    """Where a ZIP is written: its bytes are taken away as soon as they are there."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes, /) -> int:
        self._bytes += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """There is nothing to close."""

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken


@dataclass(frozen=True, slots=True)
class Exporter:
    """Puts one person's ZIP together; `index` makes the readable page of what is in it."""

    api: Api
    request: web.Request
    language: Language
    index: Callable[[Contents], str]

    async def archive(self, export: Export) -> AsyncIterator[bytes]:
        """The bytes of the ZIP; raises ObjectsUnavailable where it fails, so that no part is taken for the whole."""
        try:
            async for chunk in self._archive(Contents(export)):
                yield chunk
        except (ApiUnavailable, LoginNeeded, Refused, aiohttp.ClientError, TimeoutError) as error:
            raise ObjectsUnavailable(type(error).__name__) from error

    async def _archive(self, contents: Contents) -> AsyncIterator[bytes]:
        line, at = _Line(), instant(contents.export.exported_at).timetuple()[:6]
        with ZipFile(line, "w") as made:

            def entry(name: str, compression: int = ZIP_DEFLATED) -> ZipInfo:
                info = ZipInfo(name, at)
                info.compress_type = compression
                return info

            made.writestr(entry("account.json"), contents.export.model_dump_json(indent=2))
            contents.applications = await self._all(applications.OWN, ApplicationPage)
            made.writestr(entry("applications.json"), _json(contents.applications))
            made.writestr(entry("receipts.json"), _json(await self._receipts(contents.applications)))
            contents.messages = await self._all(mailer.OWN_MESSAGES, MessageQuery)
            made.writestr(entry("messages.json"), _json(contents.messages))
            owned: Sequence[DocumentItem] = await self._all(documents.OWN_DOCUMENTS, DocumentQuery)
            made.writestr(entry("documents.json"), _json(owned))
            yield line.take()
            for number, item in enumerate(owned, start=1):
                name = f"documents/{number:03d}-{_UNSAFE.sub('_', item.filename)}"
                path = {"id": item.document}
                async with self.api.transfer(self.request, self.language, documents.DOCUMENT, parameters=path) as found:
                    if isinstance(found, Problem):
                        if found.status != 404:
                            raise Refused(found)
                        contents.missing.append(item)
                        continue
                    with made.open(entry(name, ZIP_STORED), "w", force_zip64=True) as file:
                        async for chunk in found.content.iter_any():
                            file.write(chunk)
                            yield line.take()
                contents.files.append((name, item))
            made.writestr(entry("index.html"), self.index(contents))
        yield line.take()

    async def _all(self, endpoint: Endpoint[None, Any], query: type[BaseModel]) -> list[Any]:
        """All items of a list, page by page; raises Refused, and ApiUnavailable for one without an end."""
        items: list[Any] = []
        after: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            page = await self.api.ask(self.request, self.language, endpoint, query=query(limit=PAGE, **after))
            if isinstance(page, Problem):
                raise Refused(page)
            items += page.items
            if page.next is None:
                return items
            after = {"after": page.next}
        raise ApiUnavailable("too many pages")

    async def _receipts(self, own: Sequence[ApplicationView]) -> list[BaseModel]:
        """What was submitted, of applications that were."""
        found: list[BaseModel] = []
        for view in own:
            path = {"id": view.id}
            record = await self.api.ask(self.request, self.language, applications.RECEIPT, parameters=path)
            if not isinstance(record, Problem):
                found.append(record)
            elif record.status not in (404, 409):
                raise Refused(record)
        return found


def _json(items: Sequence[BaseModel]) -> str:
    return json.dumps([item.model_dump(mode="json") for item in items], ensure_ascii=False, indent=2)
