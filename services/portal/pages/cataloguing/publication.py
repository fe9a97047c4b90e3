"""The page on which a programme is put into the catalogue, or taken out of it: what that means stands above the button."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from aiohttp import web

from services.contracts.api.catalogue import StaffProgramme, WrittenProgramme
from services.contracts.api.endpoints import catalogue as endpoints
from services.contracts.api.problem import Problem
from services.contracts.refusals import STALE_VERSION
from services.portal.api import Api, accepted
from services.portal.forms import command_key, errors_of
from services.portal.pages.cataloguing.listing import address_of
from services.portal.pages.cataloguing.programme import SAVED
from services.portal.paths import STAFF_CATALOGUE
from services.portal.rendering import Rendering, come_back, language_of, see_other


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    pages, path = _Publication(rendering, api), STAFF_CATALOGUE + "/{code}/publication"
    return [
        web.get(path, rendering.guarded(pages.ask, signed_in=True)),
        web.post(path, rendering.guarded(pages.decide, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Publication:
    rendering: Rendering
    api: Api

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Whether that is meant."""
        return self._page(request, await self._kept(request))

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Do it to the programme as it was when the page was made."""
        kept = await self._kept(request)
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=address_of(kept.code, "publication"))
        published = form.get("published") == "1"
        if published == kept.programme.published:
            return see_other(f"{address_of(kept.code)}?{SAVED}=1")  # pressed twice
        said = kept.programme.model_dump(mode="json") | {"published": published}
        done = await self.api.ask(
            request,
            language_of(request),
            endpoints.WRITE_PROGRAMME,
            body=WrittenProgramme.model_construct(_fields_set=set(said), **said),
            parameters={"code": kept.code},
            key=command_key(form, str(published)),
            if_match=form.get("version", ""),
        )
        if not isinstance(done, Problem):
            return see_other(f"{address_of(kept.code)}?{SAVED}=1")
        if done.slug == STALE_VERSION.name:
            return self._page(request, kept, status=412, changed=True)
        return come_back(self._page(request, kept, status=done.status, errors=errors_of(done)), done)

    async def _kept(self, request: web.Request) -> StaffProgramme:
        parameters = {"code": request.match_info["code"]}
        kept = await self.api.ask(request, language_of(request), endpoints.STAFF_PROGRAMME, parameters=parameters)
        return accepted(kept)

    def _page(
        self,
        request: web.Request,
        kept: StaffProgramme,
        *,
        status: int = 200,
        changed: bool = False,
        errors: dict[str, str] | None = None,
    ) -> web.Response:
        action = address_of(kept.code, "publication")
        return self.rendering.page(
            request,
            "catalogue_publication.html",
            status=status,
            again=action,
            action=action,
            back=address_of(kept.code),
            kept=kept,
            key=secrets.token_urlsafe(16),
            # What is wrong with a field is mended on the page of the programme, to which this one leads back.
            errors={"" if field else field: message for field, message in (errors or {}).items()},
            changed=changed,
        )
