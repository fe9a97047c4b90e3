"""What the person gave in the campaign before, looked through part by part and taken over (ADR 126)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from aiohttp import web

from services.contracts.api.endpoints.profile import CARRY_OVER, CARRY_OVER_OFFER
from services.contracts.api.problem import Problem
from services.contracts.api.profile import CarryOver, CarryOverView, ProfilePart
from services.portal.api import Api, accepted
from services.portal.forms import FIELDS, command_key
from services.portal.pages.profile import PATH
from services.portal.pages.profile_fields import RECORD, REQUIRED, WITH_ROWS, Step, typed_of
from services.portal.pages.profile_forms import ProfileForms
from services.portal.rendering import Rendering, language_of, see_other

LAST_YEAR: Final = f"{PATH}/reprise"
PART: Final = "part"
"""The field of the boxes: which parts were looked through."""


def routes(rendering: Rendering, api: Api, forms: ProfileForms) -> list[web.RouteDef]:
    """The routes of the page."""
    pages = _LastYear(rendering, api, forms)
    return [
        web.get(LAST_YEAR, rendering.guarded(pages.show, signed_in=True)),
        web.post(LAST_YEAR, rendering.guarded(pages.take_over, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _LastYear:
    """The page."""

    rendering: Rendering
    api: Api
    forms: ProfileForms

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Each part as it was given, with a box."""
        asked = await self.api.ask(request, language_of(request), CARRY_OVER_OFFER)
        return await self._page(request, accepted(asked))

    async def take_over(self, request: web.Request) -> web.StreamResponse:
        """The button: what was ticked is taken over, and the profile shows what is still missing."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=LAST_YEAR)
        ticked = [value for name, value in request[FIELDS] if name == PART]
        language = language_of(request)
        if not ticked:
            asked = await self.api.ask(request, language, CARRY_OVER_OFFER)
            errors = {PART: self.rendering.text(language, "last_year.none_ticked")}
            return await self._page(request, accepted(asked), status=422, errors=errors)
        parts = cast("list[ProfilePart]", ticked)
        body = CarryOver.model_construct(parts=parts)
        key = command_key(form, " ".join(ticked))
        taken = await self.api.ask(request, language, CARRY_OVER, body=body, key=key)
        if isinstance(taken, Problem):
            return self.rendering.problem(request, taken, again=LAST_YEAR)
        return see_other(f"{PATH}?repris=1")

    async def _page(
        self, request: web.Request, offer: CarryOverView, *, status: int = 200, errors: dict[str, str] | None = None
    ) -> web.Response:
        shown = [
            {
                "part": each.part,
                "state": each.state,
                "path": step.path,
                "cards": await self._cards(request, step, offer),
            }
            for each in offer.parts
            for step in (*REQUIRED, *WITH_ROWS)
            if step.name == each.part
        ]
        return self.rendering.page(
            request,
            "last_year.html",
            status=status,
            again=LAST_YEAR,
            action=LAST_YEAR,
            back=PATH,
            record=RECORD.path,
            key=secrets.token_urlsafe(16),
            campaign=offer.campaign,
            parts=shown,
            offered=any(each.state == "offered" for each in offer.parts),
            errors=errors or {},
        )

    async def _cards(
        self, request: web.Request, step: Step, offer: CarryOverView
    ) -> Sequence[Sequence[tuple[str, str]]]:
        """What is offered of a part as people read it: one list of answers, or one for each row."""
        kept: Any = getattr(offer.steps, step.name)
        rows = kept if isinstance(kept, list) else [] if kept is None else [kept]
        return [await self.forms.answers(request, step.fields, typed_of(step, row)) for row in rows]
