"""A whole catalogue as a file: an empty one to fill in, what would come of a full one, and what came of it.

Nothing is kept between these pages: that of the preview holds the file, and sending it again does nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.chassis.refusals import RIGHT_MISSING
from services.contracts.api.endpoints import imports as endpoints
from services.contracts.api.endpoints.offers import CURRENT_CAMPAIGN
from services.contracts.api.imports import MAX_IMPORT_BYTES, ImportChange, ImportQuery, ImportResult, RejectedRow
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.contracts.refusals.offers import NO_ACTIVE_CAMPAIGN, PREMISES_CHANGED
from services.portal.api import Api, Refused, content_of, problem_for
from services.portal.downloads import handed_on
from services.portal.pages.applying.file_form import (
    FileForm,
    Misnamed,
    TooLarge,
    TooLargeTogether,
    Unreadable,
    file_form,
)
from services.portal.pages.applying.uploading import parsed
from services.portal.pages.carrying import fields_of, once, packed, unpacked
from services.portal.pages.cataloguing.listing import address_of
from services.portal.paths import (
    CATALOGUE_IMPORT,
    IMPORT_DONE,
    IMPORT_PREVIEW,
    IMPORT_TEMPLATE,
    LARGEST_CATALOGUE_FORM,
)
from services.portal.rendering import Rendering, come_back, language_of, see_other

SHOWN: Final = 200
"""Rows of each kind that a page shows; of further ones it says how many there are."""
DIFFERENCES: Final[Mapping[str, str]] = {
    **{name: f"catalogue.group.{name}" for name in ("title", "information", "contact")},
    **{
        name: f"catalogue.field.{name}"
        for name in (
            *("centre", "diploma", "commission", "keywords", "route", "offered", "capacity"),
            *("groups", "passes_on"),
            *("requirements", "forms", "questions"),
        )
    },
    "campaign": "import.campaign",
}
"""The texts of what can be other than before; days have those of the editor."""


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Importing(rendering, api), rendering.guarded
    return [
        web.get(CATALOGUE_IMPORT, guarded(own.ask, signed_in=True)),
        web.get(IMPORT_TEMPLATE, guarded(own.template, signed_in=True)),
        web.get(IMPORT_PREVIEW, guarded(own.back, signed_in=True)),
        web.get(IMPORT_DONE, guarded(own.back, signed_in=True)),
    ]


def upload_routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes to which catalogues come, which read and bound their bodies themselves."""
    own, guarded = _Importing(rendering, api), rendering.guarded
    return [
        web.post(IMPORT_PREVIEW, guarded(own.foresee, signed_in=True)),
        web.post(IMPORT_DONE, guarded(own.confirm, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Importing:
    rendering: Rendering
    api: Api

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """An empty table to take away, and where to bring a full one."""
        return await self._page(request)

    async def back(self, request: web.Request) -> web.StreamResponse:
        """These pages stand behind a form, and nowhere else."""
        return see_other(CATALOGUE_IMPORT)

    async def template(self, request: web.Request) -> web.StreamResponse:
        """The empty table."""
        return await handed_on(self.rendering, self.api, request, endpoints.TEMPLATE, {})

    async def foresee(self, request: web.Request) -> web.StreamResponse:
        """Tell what would come of the catalogue that is brought."""
        await self._check_right(request)
        try:
            form: FileForm | None = await file_form(request, self.rendering.csrf, MAX_IMPORT_BYTES)
            if form is None:
                return self.rendering.foreign(request, again=CATALOGUE_IMPORT)
            if form.is_empty:
                return await self._wrong(request, "missing")
            file = await anext(form.files())
            content = b"".join([chunk async for chunk in file.content(MAX_IMPORT_BYTES)])
        except (TooLarge, TooLargeTogether):
            return await self._wrong(request, "too_large")
        except (Misnamed, Unreadable):
            return await self._wrong(request, "cut")
        return await self._foreseen(request, content)

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        """Do it as it was foreseen; where something has changed since, tell anew what would come of it."""
        await self._check_right(request)
        form = await fields_of(request, LARGEST_CATALOGUE_FORM)
        if form is None or not self.rendering.csrf.is_own(request, form):
            return self.rendering.foreign(request, again=CATALOGUE_IMPORT)
        if (content := await asyncio.to_thread(unpacked, form.get("table", ""), MAX_IMPORT_BYTES)) is None:
            return await self._wrong(request, "cut")
        done = await self._sent(request, content, {"digest": form.get("digest", "")})
        if not isinstance(done, Problem):
            return self._told(request, "catalogue_import_done.html", done)
        if done.slug == PREMISES_CHANGED.name:
            return await self._foreseen(request, content, status=409, changed=True)
        raise Refused(done)

    async def _check_right(self, request: web.Request) -> None:
        """Before any bytes are read: a catalogue is for who keeps some of it."""
        session = self.rendering.visits.of(request).session
        if session is None or not session.edits:
            raise Refused(problem_for(RIGHT_MISSING(), language_of(request)))

    async def _foreseen(
        self, request: web.Request, content: bytes, *, status: int = 200, changed: bool = False
    ) -> web.Response:
        found = await self._sent(request, content, {"dry_run": True})
        if isinstance(found, Problem):
            page = await self._page(request, status=found.status, errors={"file": found.detail})
            return come_back(page, found)
        return self._told(
            request,
            "catalogue_import_preview.html",
            found,
            status=status,
            changed=changed,
            action=IMPORT_DONE,
            table=await asyncio.to_thread(packed, content),
            changes=found.created + found.updated,
        )

    async def _sent(self, request: web.Request, content: bytes, given: Mapping[str, Any]) -> ImportResult | Problem:
        query = ImportQuery.model_construct(_fields_set=set(given), **given)
        asking = self.api.transfer(
            request,
            language_of(request),
            endpoints.IMPORT,
            once(content),
            headers={"Content-Type": "application/octet-stream"},
            query=query,
        )
        async with asking as response:
            if isinstance(response, Problem):
                return response
            return await asyncio.to_thread(parsed, ImportResult, await content_of(response))

    async def _wrong(self, request: web.Request, why: str) -> web.Response:
        said = self.rendering.text(language_of(request), f"import.{why}", max=MAX_IMPORT_BYTES // 2**20)
        return await self._page(request, status=422, errors={"file": said})

    async def _page(
        self, request: web.Request, *, status: int = 200, errors: Mapping[str, str] | None = None
    ) -> web.Response:
        await self._check_right(request)
        session, language = self.rendering.visits.of(request).session, language_of(request)
        active = await self.api.ask(request, language, CURRENT_CAMPAIGN)
        if isinstance(active, Problem) and active.slug != NO_ACTIVE_CAMPAIGN.name:
            raise Refused(active)
        return self.rendering.page(
            request,
            "catalogue_import.html",
            status=status,
            again=CATALOGUE_IMPORT,
            action=IMPORT_PREVIEW,
            empty=IMPORT_TEMPLATE,
            campaign=None if isinstance(active, Problem) else active.label,
            everything=session is not None and session.keeps_everything,
            most=MAX_IMPORT_BYTES // 2**20,
            errors=errors or {},
        )

    def _told(
        self, request: web.Request, template: str, result: ImportResult, *, status: int = 200, **values: Any
    ) -> web.Response:
        language = language_of(request)
        kinds = [(kind, [each for each in result.changes if each.change == kind]) for kind in ("created", "updated")]
        return self.rendering.page(
            request,
            template,
            status=status,
            again=CATALOGUE_IMPORT,
            back=CATALOGUE_IMPORT,
            result=result,
            groups=[
                (kind, [self._change(each, language) for each in found[:SHOWN]], len(found))
                for kind, found in kinds
                if found
            ],
            rejected=[_rejected(each) for each in result.rejected[:SHOWN]],
            faulty=len({each.line for each in result.rejected}),
            faults=len(result.rejected),
            **values,
        )

    def _change(self, change: ImportChange, language: Language) -> Mapping[str, Any]:
        names = [DIFFERENCES.get(name, f"catalogue.field.dates_{name}") for name in change.differences]
        return {
            "line": change.line,
            "code": change.code,
            "title": change.title,
            "address": address_of(change.code),
            "differences": [self.rendering.text(language, name) for name in names],
        }


def _rejected(row: RejectedRow) -> Mapping[str, Any]:
    return {"line": row.line, "column": row.column, "message": row.message}
