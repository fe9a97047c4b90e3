"""What is typed into the profile is kept every few seconds by a script, and can be thrown away (acceptance 34)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from aiohttp import web

from services.contracts.api.endpoints.profile import FORGET_DRAFT, KEEP_DRAFT
from services.contracts.api.problem import Problem
from services.contracts.api.profile import Draft
from services.portal.api import Api
from services.portal.csrf import FIELD
from services.portal.forms import FIELDS, KEY
from services.portal.pages.profile_fields import REQUIRED, WITH_ROWS, Step
from services.portal.pages.profile_forms import draft_path
from services.portal.rendering import Rendering, language_of, see_other

_UNKEPT: Final = frozenset({FIELD, KEY, "commune"})


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes of every step's draft."""
    pages, found = _Drafts(rendering, api), []
    for step in (*REQUIRED, *WITH_ROWS):
        for path, page in ((draft_path(step), pages.keep), (f"{draft_path(step)}/effacer", pages.forget)):
            found.append(web.post(path, rendering.guarded(partial(page, step=step), signed_in=True)))
    return found


@dataclass(frozen=True, slots=True)
class _Drafts:
    """What the script and the button send."""

    rendering: Rendering
    api: Api

    async def keep(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """Keep the form as it is; nobody reads the answer."""
        if await self.rendering.form(request) is None:
            return self.rendering.foreign(request, again=step.path)
        values = {name: value for name, value in request[FIELDS] if name not in _UNKEPT}
        body, at = Draft.model_construct(values=values), {"step": step.draft}
        kept = await self.api.ask(request, language_of(request), KEEP_DRAFT, body=body, parameters=at)
        return web.Response(status=kept.status if isinstance(kept, Problem) else 204)

    async def forget(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """Throw the draft away, and show what is saved."""
        if await self.rendering.form(request) is None:
            return self.rendering.foreign(request, again=step.path)
        gone = await self.api.ask(request, language_of(request), FORGET_DRAFT, parameters={"step": step.draft})
        return (
            self.rendering.problem(request, gone, again=step.path)
            if isinstance(gone, Problem)
            else see_other(step.path)
        )
