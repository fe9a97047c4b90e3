"""What is filled in in the forms of an application's programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from services.contracts.api.endpoints import applications as endpoints
from services.contracts.instants import instant
from services.portal.api import accepted
from services.portal.pages.applying.own import ApplicationPages
from services.portal.paths import ONE
from services.portal.rendering import language_of

FORM: Final = ONE + "/formulaires/{form}"


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The route of the answers."""
    return [web.get(FORM, pages.rendering.guarded(_Forms(pages).answers, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Forms:
    pages: ApplicationPages

    async def answers(self, request: web.Request) -> web.StreamResponse:
        """The answers of a form as its server has told them (acceptance 64)."""
        view = await self.pages.view(request)
        names = {"id": view.id, "form": request.match_info["form"]}
        answer = await self.pages.api.ask(request, language_of(request), endpoints.FORM, parameters=names)
        form = accepted(answer)
        moment = self.pages.showing(request).moment
        at, changed_at, gone_at = (
            each and moment(instant(each)) for each in (form.received_at, form.changed_at, form.gone_at)
        )
        return self.pages.page(
            request, view, "filled_form.html", form=form, at=at, changed_at=changed_at, gone_at=gone_at
        )
