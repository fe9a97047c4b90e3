"""The page on which a programme is written: what is wrong stands beside its field, and nothing typed is lost."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.chassis.texts import formats
from services.contracts.api.catalogue import Choices, StaffProgramme
from services.contracts.api.endpoints import catalogue as endpoints
from services.contracts.api.endpoints.catalogue_parts import CENTRE
from services.contracts.api.offers import CODE_PATTERN
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.contracts.limits import CODE_LENGTH
from services.contracts.refusals import NOT_FOUND, STALE_VERSION
from services.portal.api import Api, accepted
from services.portal.forms import FIELDS as POSTED
from services.portal.forms import command_key
from services.portal.pages.cataloguing.listing import address_of
from services.portal.pages.cataloguing.programme_fields import (
    FIELDS,
    GROUPS,
    GROUPS_FIELD,
    MAX_PROGRAMME_BYTES,
    RADIOS,
    Field,
    Typed,
    body_of,
    field_of,
    groups_are_read,
    text_of,
    typed_of,
)
from services.portal.paths import CATALOGUE, NEW_PROGRAMME, STAFF_CATALOGUE
from services.portal.rendering import Rendering, come_back, language_of, see_other

SAVED: Final = "enregistre"
"""In the query of who has just saved."""
NEW: Final[Typed] = {"route": ["controlled"], "offered": ["yes"], "passes_on": ["no"]}
_CODE: Final = re.compile(CODE_PATTERN)


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    pages, guarded = _Programme(rendering, api), rendering.guarded
    one = STAFF_CATALOGUE + "/{code}"
    return [
        web.get(NEW_PROGRAMME, guarded(pages.begin, signed_in=True)),
        web.post(NEW_PROGRAMME, guarded(pages.add, signed_in=True, longest=MAX_PROGRAMME_BYTES)),
        web.get(one, guarded(pages.show, signed_in=True)),
        web.post(one, guarded(pages.save, signed_in=True, longest=MAX_PROGRAMME_BYTES)),
    ]


@dataclass(frozen=True, slots=True)
class _Programme:
    rendering: Rendering
    api: Api

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """An empty form, or the one that programmes of a centre begin with."""
        code = request.query.get("centre", "")
        if not _CODE.fullmatch(code):
            return await self._form(request, None, NEW)
        found = await self.api.ask(request, language_of(request), CENTRE, parameters={"code": code})
        dates = accepted(found).centre.dates.model_dump(mode="json", exclude_none=True)
        begun = {f"dates.{name}": [str(value)] for name, value in dates.items()}
        return await self._form(request, None, {**NEW, **begun, "centre": [code]})

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The programme as it is kept."""
        kept = await self._kept(request)
        return await self._form(request, kept, typed_of(kept.programme))

    async def add(self, request: web.Request) -> web.StreamResponse:
        """A programme that was not there; it begins withdrawn, so that it can be looked at before anybody applies."""
        typed = await self._typed(request)
        if typed is None:
            return self.rendering.foreign(request, again=NEW_PROGRAMME)
        language, code = language_of(request), "".join(typed.get("code", ())).strip()
        if len(code) > CODE_LENGTH or not _CODE.fullmatch(code):
            errors = {"code": self.rendering.text(language, "catalogue.code_form")}
            return await self._form(request, None, typed, status=422, errors=errors)
        if unread := self._unread(request, typed):
            return await self._form(request, None, typed, status=422, errors=unread)
        done = await self._put(request, code, typed, version="0", published=False)
        if not isinstance(done, Problem):
            return see_other(f"{address_of(code)}?{SAVED}=1")
        if done.slug in (STALE_VERSION.name, NOT_FOUND.name):
            errors = {"code": self.rendering.text(language, "catalogue.code_taken")}
            return await self._form(request, None, typed, status=409, errors=errors)
        return await self._refused(request, None, typed, done)

    async def save(self, request: web.Request) -> web.StreamResponse:
        """Write it over the version that was looked at; over another one not without having shown what is other."""
        typed = await self._typed(request)
        code = request.match_info["code"]
        if typed is None:
            return self.rendering.foreign(request, again=address_of(code))
        version, published = "".join(typed.get("version", ())), "".join(typed.get("published", ())) == "1"
        if unread := self._unread(request, typed):
            kept = await self._kept(request)
            return await self._form(request, kept, typed, status=422, errors=unread, version=version)
        done = await self._put(request, code, typed, version=version, published=published)
        if not isinstance(done, Problem):
            return see_other(f"{address_of(code)}?{SAVED}=1")
        kept = await self._kept(request)
        if done.slug == STALE_VERSION.name:
            return await self._form(request, kept, typed, status=412, changed=await self._changed(request, kept, typed))
        return await self._refused(request, kept, typed, done, version=version)

    def _unread(self, request: web.Request, typed: Typed) -> dict[str, str]:
        """What is told of lines that cannot be understood as groups."""
        words = self.rendering.text(language_of(request), "catalogue.group_form")
        return {} if groups_are_read(typed) else {GROUPS_FIELD.name: words}

    async def _typed(self, request: web.Request) -> dict[str, list[str]] | None:
        if await self.rendering.form(request) is None:
            return None
        typed: dict[str, list[str]] = {}
        for name, value in request[POSTED]:
            typed.setdefault(name, []).append(value)
        return typed

    async def _put(
        self, request: web.Request, code: str, typed: Typed, *, version: str, published: bool
    ) -> StaffProgramme | Problem:
        form = {name: values[-1] for name, values in typed.items() if values}
        said = [f"{name}={value}" for name, values in typed.items() for value in values]
        return await self.api.ask(
            request,
            language_of(request),
            endpoints.WRITE_PROGRAMME,
            body=body_of(typed, published=published),
            parameters={"code": code},
            key=command_key(form, *said),
            if_match=version,
        )

    async def _kept(self, request: web.Request) -> StaffProgramme:
        parameters = {"code": request.match_info["code"]}
        kept = await self.api.ask(request, language_of(request), endpoints.STAFF_PROGRAMME, parameters=parameters)
        return accepted(kept)

    async def _refused(
        self, request: web.Request, kept: StaffProgramme | None, typed: Typed, problem: Problem, **values: Any
    ) -> web.Response:
        if not problem.fields:
            return self.rendering.problem(
                request, problem, again=NEW_PROGRAMME if kept is None else address_of(kept.code)
            )
        told: dict[str, str] = {}
        for each in problem.fields:
            told.setdefault(field_of(each.field), each.message)
        errors = {name: told[name] for name in ("", *(field.name for field in FIELDS)) if name in told}
        return come_back(
            await self._form(request, kept, typed, status=problem.status, errors=errors, **values), problem
        )

    async def _changed(self, request: web.Request, kept: StaffProgramme, typed: Typed) -> list[tuple[str, str, str]]:
        """What differs between what was typed and what somebody else has saved, as people read it."""
        asked = await self.api.ask(request, language_of(request), endpoints.CHOICES)
        choices, theirs = accepted(asked), typed_of(kept.programme)
        rows = []
        for field in FIELDS:
            mine, other = (self._read(request, field, each, choices) for each in (typed, theirs))
            if mine != other:
                rows.append((self._label(request, field), mine, other))
        return rows

    def _read(self, request: web.Request, field: Field, typed: Typed, choices: Choices) -> str:
        language, value = language_of(request), text_of(field, typed)
        if field.kind == "checks" or (field.kind == "select" and value):
            labels = {unit.code: unit.label for unit in getattr(choices, field.chosen_of)}
            between = self.rendering.text(language, "site.between")
            return between.join(labels.get(code, code) for code in typed.get(field.name, ()))
        if value in RADIOS.get(field.name, ()):
            return self.rendering.text(language, f"catalogue.field.{field.label}.{value}")
        return value

    async def _form(
        self,
        request: web.Request,
        kept: StaffProgramme | None,
        typed: Typed,
        *,
        status: int = 200,
        errors: dict[str, str] | None = None,
        changed: Sequence[tuple[str, str, str]] | None = None,
        version: str | None = None,
    ) -> web.Response:
        language = language_of(request)
        offered = await self.api.ask(request, language, endpoints.CHOICES)
        choices = accepted(offered)
        action = NEW_PROGRAMME if kept is None else address_of(kept.code)
        return self.rendering.page(
            request,
            "catalogue_programme.html",
            status=status,
            again=action,
            action=action,
            back=STAFF_CATALOGUE,
            kept=kept,
            code="".join(typed.get("code", ())),
            looked_at=version or (kept.version if kept else 0),
            published=kept.programme.published if kept else False,
            publication=kept and address_of(kept.code, "publication"),
            for_candidates=f"{CATALOGUE}/{kept.code}" if kept and kept.programme.published else None,
            moved=self._moved(kept, language),
            saved=SAVED in request.query,
            groups=[
                (group, [self._field(request, field, typed, choices, errors or {}) for field in fields])
                for group, fields in GROUPS.items()
            ],
            labels={field.name: self._label(request, field) for field in FIELDS},
            key=secrets.token_urlsafe(16),
            errors=errors or {},
            changed=changed,
        )

    def _moved(self, kept: StaffProgramme | None, language: Language) -> str | None:
        """The day until which one may submit, where it was moved to another than stands in the form."""
        if kept is None or kept.deadline_in_force == kept.programme.dates.submission_deadline:
            return None
        return formats.day(kept.deadline_in_force, language)

    def _label(self, request: web.Request, field: Field) -> str:
        return self.rendering.text(language_of(request), f"catalogue.field.{field.label}")

    def _field(
        self, request: web.Request, field: Field, typed: Typed, choices: Choices, errors: dict[str, str]
    ) -> dict[str, Any]:
        language, text, error = language_of(request), self.rendering.text, errors.get(field.name)
        return {
            "name": field.name,
            "kind": field.kind,
            "label": f"{self._label(request, field)}{' *' if field.asked else ''}",
            "hint": text(language, f"catalogue.field.{field.label}_hint") if field.hinted else None,
            "value": text_of(field, typed),
            "options": self._options(language, field, typed.get(field.name, ()), choices),
            "error": {"text": error, "visuallyHiddenText": text(language, "link.error")} if error else None,
        }

    def _options(
        self, language: Language, field: Field, chosen: Sequence[str], choices: Choices
    ) -> list[dict[str, Any]]:
        if field.kind == "radios":
            words = [
                (each, self.rendering.text(language, f"catalogue.field.{field.label}.{each}"))
                for each in RADIOS[field.name]
            ]
            return [{"value": value, "text": label, "checked": value in chosen} for value, label in words]
        if not field.chosen_of:
            return []
        labels = {unit.code: unit.label for unit in getattr(choices, field.chosen_of)}
        # What is chosen comes first, in its order, which is that in which candidates see it.
        codes = [*(code for code in chosen if code), *(code for code in labels if code not in chosen)]
        mark = "checked" if field.kind == "checks" else "selected"
        options = [{"value": code, "text": labels.get(code, code), mark: code in chosen} for code in codes]
        return options if field.kind == "checks" else [{"value": "", "text": ""}, *options]
