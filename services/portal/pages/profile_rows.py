"""The rows of a step (studies elsewhere, internships, work), and pages to add, change and take away one (acceptance 27)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoints import profile as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.profile import RowView
from services.contracts.refusals import STALE_VERSION
from services.portal.api import Api
from services.portal.forms import FIELDS, command_key, errors_of
from services.portal.pages.profile import OWN, PATH
from services.portal.pages.profile_fields import WITH_ROWS, Step, body_of, typed_of
from services.portal.pages.profile_forms import SCRIPTED, ProfileForms, draft_path
from services.portal.rendering import Rendering, language_of, see_other

CALLS: Final[Mapping[str, endpoints.RowEndpoints[Any, Any]]] = {
    "external_studies": endpoints.EXTERNAL_STUDIES,
    "internships": endpoints.INTERNSHIPS,
    "work_experience": endpoints.WORK_EXPERIENCE,
}
_ROW: Final = "{row:[0-9][0-9a-z]{25}}"


def routes(rendering: Rendering, api: Api, forms: ProfileForms) -> list[web.RouteDef]:
    """The routes of each step with rows."""
    pages, found = _Rows(rendering, api, forms), []
    for step in WITH_ROWS:
        for path, show, save in (
            ("", pages.overview, None),
            ("/ajouter", pages.new, pages.add),
            (f"/{_ROW}", pages.show, pages.change),
            (f"/{_ROW}/retirer", pages.ask, pages.remove),
        ):
            found.append(web.get(step.path + path, rendering.guarded(partial(show, step=step), signed_in=True)))
            if save is not None:
                found.append(web.post(step.path + path, rendering.guarded(partial(save, step=step), signed_in=True)))
    return found


@dataclass(frozen=True, slots=True)
class _Rows:
    """The pages."""

    rendering: Rendering
    api: Api
    forms: ProfileForms

    async def overview(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """All rows."""
        shown = [
            (row.id, await self.forms.answers(request, step.fields, typed_of(step, row)))
            for row in await self._kept(request, step)
        ]
        return self.rendering.page(request, "profile_rows.html", step=step.name, path=step.path, rows=shown, back=PATH)

    async def new(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """An empty form, or what was typed into it and not saved."""
        typed, _, resumed = await self.forms.resumed(request, step, {}, "")
        return await self._form(request, step, typed, action=f"{step.path}/ajouter", heading="new", resumed=resumed)

    async def add(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """The button of the empty form: pressed twice, it adds one row."""
        action = f"{step.path}/ajouter"
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=action)
        body = body_of(step, form)
        key = command_key(form, body.model_dump_json(exclude_unset=True, warnings=False))
        added = await self.api.ask(request, language_of(request), CALLS[step.name].add, body=body, key=key)
        if not isinstance(added, Problem):
            return see_other(step.path)
        if added.fields:
            errors = errors_of(added)
            return await self._form(
                request, step, form, action=action, heading="new", status=added.status, errors=errors
            )
        return self.rendering.problem(request, added, again=step.path)

    async def show(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """A row as it is kept."""
        row = await self._row(request, step)
        return await self._form(request, step, typed_of(step, row), action=request.path, heading="edit", tag=row.tag)

    async def change(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """The button of a row's form."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=request.path)
        call, tag = CALLS[step.name].change, form.get("tag", "")
        changed = await self.api.ask(
            request,
            language_of(request),
            call,
            body=body_of(step, form),
            parameters=_at(request, call.parameters),
            if_match=tag or None,
        )
        if not isinstance(changed, Problem):
            return see_other(step.path)
        if changed.slug == STALE_VERSION.name:
            row = await self._row(request, step)
            typed = [(name, value) for name, value in request[FIELDS] if name not in OWN]
            return await self.forms.conflict(
                request, step, action=request.path, typed=typed, saved=typed_of(step, row), tag=row.tag
            )
        if changed.fields:
            errors = errors_of(changed)
            return await self._form(
                request, step, form, action=request.path, heading="edit", tag=tag, status=changed.status, errors=errors
            )
        return self.rendering.problem(request, changed, again=step.path)

    async def ask(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """Whether a row is to go."""
        row = await self._row(request, step)
        return self.rendering.page(
            request,
            "profile_row_remove.html",
            action=request.path,
            key=secrets.token_urlsafe(16),
            errors={},
            back=step.path,
            rows=await self.forms.answers(request, step.fields, typed_of(step, row)),
        )

    async def remove(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """Take it away; one that is gone already is what was wanted."""
        if await self.rendering.form(request) is None:
            return self.rendering.foreign(request, again=step.path)
        call = CALLS[step.name].remove
        gone = await self.api.ask(request, language_of(request), call, parameters=_at(request, call.parameters))
        return (
            self.rendering.problem(request, gone, again=step.path)
            if isinstance(gone, Problem)
            else see_other(step.path)
        )

    async def _kept(self, request: web.Request, step: Step) -> list[RowView]:
        there = await self.forms.profile(request)
        kept: list[RowView] = getattr(there.steps, step.name)
        return kept

    async def _row(self, request: web.Request, step: Step) -> RowView:
        """The row that the address names; raises HTTPNotFound."""
        for row in await self._kept(request, step):
            if row.id == request.match_info["row"]:
                return row
        raise web.HTTPNotFound

    async def _form(
        self,
        request: web.Request,
        step: Step,
        typed: Mapping[str, str],
        *,
        action: str,
        heading: str,
        tag: str = "",
        resumed: bool = False,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        return self.rendering.page(
            request,
            "profile_row.html",
            status=status,
            policy=SCRIPTED,
            draft=draft_path(step) if heading == "new" else None,
            resumed=resumed,
            again=action,
            action=action,
            step=step.name,
            heading=heading,
            key=typed.get("key") or secrets.token_urlsafe(16),
            tag=tag,
            back=step.path,
            fields=await self.forms.fields(request, step, typed, errors or {}),
            errors=self.forms.summary(request, step, errors or {}),
        )


def _at(request: web.Request, parameters: tuple[str, ...]) -> dict[str, str]:
    (name,) = parameters
    return {name: request.match_info["row"]}
