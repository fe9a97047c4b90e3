"""The pages on which centres, boards and requirements are written: programmes follow, and nothing typed is lost."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web

from services.contracts.actors import Role
from services.contracts.api.catalogue import Choices
from services.contracts.api.catalogue_parts import PartsPage
from services.contracts.api.endpoints.catalogue import CHOICES
from services.contracts.api.offers import CODE_PATTERN
from services.contracts.api.problem import Problem
from services.contracts.limits import CODE_LENGTH
from services.contracts.refusals import STALE_VERSION
from services.portal.api import Api, accepted
from services.portal.forms import FIELDS as POSTED
from services.portal.forms import MAX_LONG_FORM_BYTES, command_key
from services.portal.pages.cataloguing.part_fields import (
    CHOSEN,
    FAMILIES,
    FLAGS,
    SIGNATURE,
    Family,
    body_of,
    field_of,
    typed_of,
)
from services.portal.pages.cataloguing.programme import SAVED
from services.portal.pages.cataloguing.programme_fields import Field, Typed, text_of
from services.portal.pages.formations import MEDIA_TYPES
from services.portal.paths import STAFF_CATALOGUE
from services.portal.rendering import Rendering, come_back, language_of, see_other

WRITERS: Final = frozenset({Role.ADMIN.value, Role.MANAGER.value})
"""Who writes the words of a centre's letters."""
_CODE: Final = re.compile(CODE_PATTERN)


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    found: list[web.RouteDef] = []
    for family in FAMILIES:
        pages, guarded, one = _Parts(rendering, api, family), rendering.guarded, family.path + "/{code}"
        found += [
            web.get(family.path, guarded(pages.every, signed_in=True)),
            web.get(family.adding, guarded(pages.begin, signed_in=True)),
            web.post(family.adding, guarded(pages.add, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
            web.get(one, guarded(pages.show, signed_in=True)),
            web.post(one, guarded(pages.save, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
        ]
    return found


@dataclass(frozen=True, slots=True)
class _Parts:
    rendering: Rendering
    api: Api
    family: Family

    async def every(self, request: web.Request) -> web.StreamResponse:
        """Those within one's reach, a page by code."""
        after = request.query.get("after")
        query = PartsPage.model_construct(_fields_set={"after"} if after else set(), after=after)
        found = await self.api.ask(request, language_of(request), self.family.listing, query=query)
        if isinstance(found, Problem):
            return self.rendering.problem(request, found, again=self.family.path)
        return self.rendering.page(
            request,
            "catalogue_parts.html",
            kind=self.family.kind,
            adding=self.family.adding,
            back=STAFF_CATALOGUE,
            rows=[(self._address(row.code), row) for row in found.items],
            first=self.family.path if after else None,
            next=f"{self.family.path}?{urlencode({'after': found.next})}" if found.next else None,
        )

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """An empty form."""
        return await self._form(request, None, self.family.new)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One as it is kept."""
        kept = await self._kept(request)
        return await self._form(request, kept, typed_of(self.family, self.family.said(kept)))

    async def add(self, request: web.Request) -> web.StreamResponse:
        """One that was not there, neither written nor named by programmes."""
        typed = await self._typed(request)
        if typed is None:
            return self.rendering.foreign(request, again=self.family.adding)
        language, code = language_of(request), "".join(typed.get("code", ())).strip()
        if len(code) > CODE_LENGTH or not _CODE.fullmatch(code):
            errors = {"code": self.rendering.text(language, "catalogue.code_form")}
            return await self._form(request, None, typed, status=422, errors=errors)
        there = await self.api.ask(request, language, self.family.reading, parameters={"code": code})
        done = await self._put(request, code, typed, "0") if isinstance(there, Problem) else there
        if there is not done and not isinstance(done, Problem):
            return see_other(f"{self._address(code)}?{SAVED}=1")
        if there is done or (isinstance(done, Problem) and done.slug == STALE_VERSION.name):
            errors = {"code": self.rendering.text(language, "parts.code_taken")}
            return await self._form(request, None, typed, status=409, errors=errors)
        return await self._refused(request, None, typed, done)

    async def save(self, request: web.Request) -> web.StreamResponse:
        """Write it over the version that was looked at; over another one not without having shown what is other."""
        typed, code = await self._typed(request), request.match_info["code"]
        if typed is None:
            return self.rendering.foreign(request, again=self._address(code))
        version = "".join(typed.get("version", ()))
        done = await self._put(request, code, typed, version)
        if not isinstance(done, Problem):
            return see_other(f"{self._address(code)}?{SAVED}=1")
        kept = await self._kept(request)
        if done.slug == STALE_VERSION.name:
            return await self._form(request, kept, typed, status=412, changed=await self._changed(request, kept, typed))
        return await self._refused(request, kept, typed, done, version=version)

    def _address(self, code: str) -> str:
        return f"{self.family.path}/{quote(code, safe='')}"

    async def _typed(self, request: web.Request) -> dict[str, list[str]] | None:
        if await self.rendering.form(request) is None:
            return None
        typed: dict[str, list[str]] = {}
        for name, value in request[POSTED]:
            typed.setdefault(name, []).append(value)
        return typed

    async def _put(self, request: web.Request, code: str, typed: Typed, version: str) -> Any:
        form = {name: values[-1] for name, values in typed.items() if values}
        said = [f"{name}={value}" for name, values in typed.items() for value in values]
        return await self.api.ask(
            request,
            language_of(request),
            self.family.writing,
            body=body_of(self.family, typed),
            parameters={"code": code},
            key=command_key(form, *said),
            if_match=version,
        )

    async def _kept(self, request: web.Request) -> Any:
        parameters = {"code": request.match_info["code"]}
        return accepted(await self.api.ask(request, language_of(request), self.family.reading, parameters=parameters))

    async def _refused(
        self, request: web.Request, kept: Any, typed: Typed, problem: Problem, **values: Any
    ) -> web.Response:
        if not problem.fields:
            again = self.family.adding if kept is None else self._address(kept.code)
            return self.rendering.problem(request, problem, again=again)
        told: dict[str, str] = {}
        for each in problem.fields:
            told.setdefault(field_of(self.family, each.field), each.message)
        errors = {name: told[name] for name in ("", *(field.name for field in self.family.fields)) if name in told}
        shown = await self._form(request, kept, typed, status=problem.status, errors=errors, **values)
        return come_back(shown, problem)

    async def _changed(self, request: web.Request, kept: Any, typed: Typed) -> list[tuple[str, str, str]]:
        """What differs between what was typed and what somebody else has saved, as people read it."""
        offered = await self.api.ask(request, language_of(request), CHOICES)
        choices = accepted(offered)
        theirs, rows = typed_of(self.family, self.family.said(kept)), []
        for field in self.family.fields:
            mine, other = (self._read(request, field, each, choices) for each in (typed, theirs))
            if mine != other:
                rows.append((self._label(request, field), mine, other))
        return rows

    def _read(self, request: web.Request, field: Field, typed: Typed, choices: Choices) -> str:
        if not self._has_options(field):
            return text_of(field, typed)
        options = self._options(request, field, typed.get(field.name, ()), choices)
        between = self.rendering.text(language_of(request), "site.between")
        return between.join(each["text"] for each in options if each.get("checked") or each.get("selected"))

    async def _form(
        self,
        request: web.Request,
        kept: Any,
        typed: Typed,
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
        changed: Sequence[tuple[str, str, str]] | None = None,
        version: str | None = None,
    ) -> web.Response:
        offered = await self.api.ask(request, language_of(request), CHOICES)
        choices = accepted(offered)
        action = self.family.adding if kept is None else self._address(kept.code)
        return self.rendering.page(
            request,
            "catalogue_part.html",
            status=status,
            again=action,
            action=action,
            back=self.family.path,
            kind=self.family.kind,
            kept=kept,
            letters=bool(self._roles(request) & WRITERS),
            name=self.family.said(kept).label.fr if kept else None,
            code="".join(typed.get("code", ())),
            looked_at=version or (kept.version if kept else 0),
            saved=SAVED in request.query,
            groups=[
                (
                    group,
                    [self._field(request, field, typed, choices, kept=kept, errors=errors or {}) for field in fields],
                )
                for group, fields in self.family.groups.items()
            ],
            labels={field.name: self._label(request, field) for field in self.family.fields},
            key=secrets.token_urlsafe(16),
            errors=errors or {},
            changed=changed,
        )

    def _roles(self, request: web.Request) -> frozenset[str]:
        session = self.rendering.visits.of(request).session
        return frozenset() if session is None else session.roles

    def _label(self, request: web.Request, field: Field) -> str:
        where = "catalogue" if field.name.startswith(("contact.", "dates.")) else "parts"
        return self.rendering.text(language_of(request), f"{where}.field.{field.label}")

    def _field(
        self,
        request: web.Request,
        field: Field,
        typed: Typed,
        choices: Choices,
        *,
        kept: Any,
        errors: Mapping[str, str],
    ) -> dict[str, Any]:
        language, text, error = language_of(request), self.rendering.text, errors.get(field.name)
        return {
            "name": field.name,
            "kind": field.kind,
            "label": f"{self._label(request, field)}{' *' if field.asked else ''}",
            "hint": text(language, f"parts.field.{field.label}_hint") if field.hinted else None,
            "value": text_of(field, typed),
            "options": self._options(request, field, typed.get(field.name, ()), choices, kept),
            "error": {"text": error, "visuallyHiddenText": text(language, "link.error")} if error else None,
        }

    def _has_options(self, field: Field) -> bool:
        return field.kind in ("checks", "select")

    def _options(
        self, request: web.Request, field: Field, chosen: Sequence[str], choices: Choices, kept: Any = None
    ) -> list[dict[str, Any]]:
        language, text = language_of(request), self.rendering.text
        if field.name == "is":
            return [
                {"value": each, "text": text(language, f"parts.is.{each}"), "checked": each in chosen} for each in FLAGS
            ]
        if field.name == SIGNATURE:
            there = [each for each in (kept.commission.letters.signature if kept else "", *chosen) if each]
            return [
                {"value": each, "text": text(language, "parts.keep_signature"), "checked": each in chosen}
                for each in dict.fromkeys(there)
            ]
        if field.name in CHOSEN:
            named = "selected" if field.kind == "select" else "checked"
            return [
                {"value": each, "text": text(language, f"parts.{field.label}.{each}"), named: each in chosen}
                for each in CHOSEN[field.name]
            ]
        if field.name == "media_types":
            return [{"value": each, "text": word, "checked": each in chosen} for each, word in MEDIA_TYPES.items()]
        if field.kind != "select":
            return []
        labels = {"": text(language, "parts.of_all")} | {unit.code: unit.label for unit in choices.centres}
        labels |= {code: code for code in chosen if code not in labels}
        return [{"value": code, "text": label, "selected": code in chosen} for code, label in labels.items()]
