"""The page on which the file to fill in of a requirement is put, seen and taken away."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from services.contracts.api.catalogue_parts import StaffRequirement, WrittenRequirement
from services.contracts.api.endpoints.catalogue_parts import REQUIREMENT, WRITE_REQUIREMENT
from services.contracts.api.endpoints.models import PUT_MODEL
from services.contracts.api.models import ModelFile
from services.contracts.api.problem import Problem
from services.contracts.parameters import LARGEST_UPLOAD
from services.portal.api import Api, accepted
from services.portal.forms import command_key
from services.portal.pages.applying.file_form import TooLarge, TooLargeTogether, file_form
from services.portal.pages.cataloguing.programme import SAVED
from services.portal.pages.cataloguing.putting import BROKEN, put_file
from services.portal.paths import MODEL, REQUIREMENTS
from services.portal.rendering import Rendering, come_back, language_of, see_other

FIELD: Final = "file"


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes that read forms of fields."""
    pages, guarded = _Models(rendering, api), rendering.guarded
    return [
        web.get(MODEL, guarded(pages.show, signed_in=True)),
        web.post(MODEL + "/retrait", guarded(pages.remove, signed_in=True)),
    ]


def upload_routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The route to which a file comes."""
    return [web.post(MODEL, rendering.guarded(_Models(rendering, api).put, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Models:
    rendering: Rendering
    api: Api

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The model that the requirement has, and a form for another."""
        return self._page(request, await self._kept(request))

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Put a file, and have the requirement name it; pressed twice, it is the same."""
        kept, language, rendering = await self._kept(request), language_of(request), self.rendering
        try:
            form = await file_form(request, self.rendering.csrf, LARGEST_UPLOAD)
            if form is None:
                return self.rendering.foreign(request, again=_address(kept))
            if form.is_empty:
                return self._wrong(request, kept, rendering.text(language, "model.missing"), 422)
            parameters = {"requirement": kept.code}
            put = await put_file(
                self.api, request, PUT_MODEL, parameters, form, largest=LARGEST_UPLOAD, answer=ModelFile
            )
        except BROKEN as error:
            if not isinstance(error, TooLarge | TooLargeTogether):
                return self._wrong(request, kept, rendering.text(language, "model.unreadable"), 400)
            said = rendering.text(language, "model.too_large", megabytes=LARGEST_UPLOAD // 2**20)
            return self._wrong(request, kept, said, 413)
        if isinstance(put, Problem):
            return come_back(self._wrong(request, kept, put.detail, put.status), put)
        return await self._written(request, kept, put.model_document, form.fields)

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Have the requirement name none; what candidates were given stays where it is."""
        kept, form = await self._kept(request), await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=_address(kept))
        return await self._written(request, kept, None, form)

    async def _written(
        self, request: web.Request, kept: StaffRequirement, model: str | None, form: Mapping[str, str]
    ) -> web.StreamResponse:
        said = kept.requirement.model_dump() | {"model_document": model}
        done = await self.api.ask(
            request,
            language_of(request),
            WRITE_REQUIREMENT,
            body=WrittenRequirement.model_validate(said),
            parameters={"code": kept.code},
            key=command_key(form, model or ""),
            if_match=str(kept.version),
        )
        if isinstance(done, Problem):
            return self.rendering.problem(request, done, again=_address(kept))
        return see_other(f"{_address(kept)}?{SAVED}=1")

    async def _kept(self, request: web.Request) -> StaffRequirement:
        parameters = {"code": request.match_info["code"]}
        found = await self.api.ask(request, language_of(request), REQUIREMENT, parameters=parameters)
        return accepted(found)

    def _wrong(self, request: web.Request, kept: StaffRequirement, said: str, status: int) -> web.Response:
        return self._page(request, kept, status=status, errors={FIELD: said})

    def _page(
        self,
        request: web.Request,
        kept: StaffRequirement,
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        return self.rendering.page(
            request,
            "catalogue_model.html",
            status=status,
            again=_address(kept),
            action=_address(kept),
            back=f"{REQUIREMENTS}/{kept.code}",
            name=kept.requirement.label.fr,
            model=kept.requirement.model_document,
            saved=SAVED in request.query,
            key=secrets.token_urlsafe(16),
            errors=errors or {},
        )


def _address(kept: StaffRequirement) -> str:
    return MODEL.replace("{code}", kept.code)
