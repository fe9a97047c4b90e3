"""A deliberation as a table: taken away, brought back, seen before it is entered, and entered.

Nothing is kept between these pages: that of the preview holds the table, and sending it again does nothing twice.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.chassis.texts.catalogues import catalogues
from services.contracts.api.deliberation import (
    CSV,
    MAX_TABLE_BYTES,
    MAX_TABLE_ROWS,
    XLSX,
    DeliberationQuery,
    DeliberationScope,
    DeliberationView,
    TableRow,
)
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import deliberation as endpoints
from services.contracts.api.endpoints import review
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.contracts.refusals.applications import PREMISES_CHANGED
from services.portal.api import Refused, accepted, content_of
from services.portal.downloads import handed_on
from services.portal.forms import command_key
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
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import Showing, address_of
from services.portal.paths import DELIBERATION, DELIBERATION_DONE, DELIBERATION_PREVIEW, LARGEST_TABLE_FORM
from services.portal.rendering import come_back, language_of, see_other

SHOWN: Final = 200
"""Rows of each kind that a page shows; of further ones it says how many there are."""
_GROUPS: Final = ("changed", "refused", "unchanged")
_SCOPES: Final = ("programme", "commission")


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Deliberation(pages), pages.rendering.guarded
    return [
        web.get(DELIBERATION, guarded(own.ask, signed_in=True)),
        web.get(f"{DELIBERATION}.csv", guarded(own.handing_out(endpoints.TABLE_CSV), signed_in=True)),
        web.get(f"{DELIBERATION}.xlsx", guarded(own.handing_out(endpoints.TABLE_XLSX), signed_in=True)),
        web.get(DELIBERATION_PREVIEW, guarded(own.back, signed_in=True)),
        web.get(DELIBERATION_DONE, guarded(own.back, signed_in=True)),
    ]


def upload_routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes to which tables come, which read and bound their bodies themselves."""
    own, guarded = _Deliberation(pages), pages.rendering.guarded
    return [
        web.post(DELIBERATION_PREVIEW, guarded(own.foresee, signed_in=True)),
        web.post(DELIBERATION_DONE, guarded(own.confirm, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Brought:
    """A table that was brought, and whose files it is about."""

    content: bytes
    scope: Mapping[str, str]
    key: str


@dataclass(frozen=True, slots=True)
class _Deliberation:
    pages: ReviewPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Whose files; once that is said, the table to take away, and where to bring it back."""
        return await self._page(request, _scope(request.query))

    async def back(self, request: web.Request) -> web.StreamResponse:
        """These pages stand behind a form, and nowhere else."""
        return see_other(DELIBERATION)

    def handing_out(self, endpoint: Endpoint[None, None]) -> Any:
        """A handler that hands the table on."""

        async def taken(request: web.Request) -> web.StreamResponse:
            pages, scope = self.pages, _scope(request.query)
            query = DeliberationScope.model_construct(_fields_set=set(scope), **scope)
            return await handed_on(pages.rendering, pages.api, request, endpoint, {}, query=query)

        return taken

    async def foresee(self, request: web.Request) -> web.StreamResponse:
        """Tell what would come of the table that is brought."""
        form: FileForm | None = None
        try:
            form = await file_form(request, self.pages.rendering.csrf, MAX_TABLE_BYTES)
            if form is None:
                return self.pages.rendering.foreign(request, again=DELIBERATION)
            if form.is_empty:
                return await self._wrong(request, form.fields, "deliberation.missing")
            file = await anext(form.files())
            content = b"".join([chunk async for chunk in file.content(MAX_TABLE_BYTES)])
        except (TooLarge, TooLargeTogether):
            return await self._wrong(request, {} if form is None else form.fields, "deliberation.too_large")
        except (Misnamed, Unreadable):
            return await self._wrong(request, {} if form is None else form.fields, "deliberation.cut")
        return await self._foreseen(request, _Brought(content, _scope(form.fields), secrets.token_urlsafe(16)))

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        """Enter it as it was foreseen; where something has changed since, tell anew what would come of it."""
        form = await fields_of(request, LARGEST_TABLE_FORM)
        if form is None or not self.pages.rendering.csrf.is_own(request, form):
            return self.pages.rendering.foreign(request, again=DELIBERATION)
        if (content := unpacked(form.get("table", ""), MAX_TABLE_BYTES)) is None:
            return await self._wrong(request, form, "deliberation.cut")
        brought = _Brought(content, _scope(form), form.get("key", ""))
        done = await self._sent(request, brought, form.get("digest", ""))
        if isinstance(done, Problem):
            if done.slug == PREMISES_CHANGED.name:
                return await self._foreseen(request, brought, status=409, changed=True)
            raise Refused(done)
        return self._told(request, "deliberation_done.html", brought, done)

    async def _foreseen(
        self, request: web.Request, brought: _Brought, *, status: int = 200, changed: bool = False
    ) -> web.Response:
        found = await self._sent(request, brought, None)
        if isinstance(found, Problem):
            errors = {"file": found.detail} if not found.fields else {"": found.fields[0].message}
            return come_back(await self._page(request, brought.scope, status=found.status, errors=errors), found)
        return self._told(
            request,
            "deliberation_preview.html",
            brought,
            found,
            status=status,
            changed=changed,
            action=DELIBERATION_DONE,
            table=packed(brought.content),
            scope=brought.scope,
            # What has changed in between is another command.
            key=brought.key if not changed else secrets.token_urlsafe(16),
        )

    async def _sent(self, request: web.Request, brought: _Brought, digest: str | None) -> DeliberationView | Problem:
        given: dict[str, Any] = {**brought.scope}
        given |= {"dry_run": True} if digest is None else {"digest": digest}
        query = DeliberationQuery.model_construct(_fields_set=set(given), **given)
        headers = {"Content-Type": "application/octet-stream"}
        if digest is not None:
            content = hashlib.sha256(brought.content).hexdigest()
            headers["Idempotency-Key"] = command_key({"key": brought.key}, digest, content)
        asking = self.pages.api.transfer(
            request, language_of(request), endpoints.READ, once(brought.content), headers=headers, query=query
        )
        async with asking as response:
            if isinstance(response, Problem):
                return response
            return parsed(DeliberationView, await content_of(response))

    async def _wrong(self, request: web.Request, form: Mapping[str, str], key: str) -> web.Response:
        said = self.pages.rendering.text(language_of(request), key, max=MAX_TABLE_BYTES // 2**20)
        return await self._page(request, _scope(form), status=422, errors={"file": said})

    async def _page(
        self, request: web.Request, scope: Mapping[str, str], *, status: int = 200, **values: Any
    ) -> web.Response:
        language, ask = language_of(request), self.pages.api.ask
        narrowed = await ask(request, language, review.CHOICES)
        meant = await ask(request, language, review.DECISION_TYPES)
        choices, offered = accepted(narrowed), accepted(meant)
        programme, commission = (scope.get(name, "") for name in _SCOPES)
        query = "&".join(f"{name}={code}" for name, code in scope.items())
        labels = {each.code: f"{each.label} ({each.code})" for each in (*choices.programmes, *choices.commissions)}
        return self.pages.rendering.page(
            request,
            "deliberation.html",
            status=status,
            again=f"{DELIBERATION}?{query}" if query else DELIBERATION,
            action=DELIBERATION_PREVIEW,
            programmes=[_option(each.code, labels[each.code], programme) for each in choices.programmes],
            commissions=[_option(each.code, labels[each.code], commission) for each in choices.commissions],
            scope=scope,
            query=query,
            of=", ".join(labels.get(code, code) for code in (commission, programme) if code),
            types=offered.items,
            reasons=offered.reasons,
            most=MAX_TABLE_ROWS,
            accept=f".xlsx,.csv,{XLSX},{CSV}",
            **{"errors": {}, **values},
        )

    def _told(
        self,
        request: web.Request,
        template: str,
        brought: _Brought,
        view: DeliberationView,
        *,
        status: int = 200,
        **values: Any,
    ) -> web.Response:
        rows = [(result, [row for row in view.items if row.result == result]) for result in _GROUPS]
        groups = [
            (result, [self._row(request, row) for row in found[:SHOWN]], len(found)) for result, found in rows if found
        ]
        query = "&".join(f"{name}={code}" for name, code in brought.scope.items())
        back = f"{DELIBERATION}?{query}"
        return self.pages.rendering.page(
            request,
            template,
            status=status,
            again=back,
            back=back,
            view=view,
            count=len(view.items),
            groups=groups,
            shown=SHOWN,
            **values,
        )

    def _row(self, request: web.Request, row: TableRow) -> Mapping[str, Any]:
        showing, language, text = self.pages.showing(request), language_of(request), self.pages.rendering.text
        name = " ".join(part for part in (row.family_name, row.given_name) if part) or row.file_number
        faults = [
            fault.detail if fault.column is None else self._beside(language, fault.column, fault.detail)
            for fault in row.faults
        ]
        return {
            "row": row.row,
            "address": address_of(row.id) if row.id else None,
            "name": name or text(language, "review.bulk.unknown"),
            "file_number": row.file_number,
            "programme": row.programme,
            "before": row.before and showing.brief(row.before),
            "after": row.after and showing.brief(row.after),
            "beside": [self._beside(language, column, said) for column, said in _said(row, showing)],
            "mails": [text(language, f"review.mail.{kind}") for kind in row.mails],
            "faults": faults,
        }

    def _beside(self, language: Language, column: str, said: str) -> str:
        """What is said of a column of the table."""
        name = catalogues().text(f"applications.table.{column}", language)
        return self.pages.rendering.text(language, "deliberation.fault", column=name, detail=said)


def _said(row: TableRow, showing: Showing) -> list[tuple[str, str]]:
    """What goes with the decision that a row brings, by its columns."""
    said, where = [("reason", row.reason), ("comment", row.comment)], row.appointment
    if where is not None:
        said += [("place", where.place), ("day", showing.day(where.day)), ("time", where.time)]
    return [(column, text) for column, text in said if text]


def _option(code: str, label: str, chosen: str) -> dict[str, Any]:
    return {"value": code, "text": label, "selected": code == chosen}


def _scope(given: Mapping[str, str]) -> dict[str, str]:
    return {name: code for name in _SCOPES if (code := given.get(name, "").strip()[:60]) and code.isascii()}
