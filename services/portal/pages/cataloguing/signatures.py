"""The page on which a board's letters get their signature, and are looked at before one is sent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from aiohttp import web

from services.contracts.api.catalogue_parts import StaffCommission, WrittenCommission
from services.contracts.api.decisions import LetterName
from services.contracts.api.endpoints.catalogue_parts import COMMISSION, WRITE_COMMISSION
from services.contracts.api.endpoints.signatures import PUT_SIGNATURE, SAMPLE_LETTER
from services.contracts.api.problem import Problem
from services.contracts.api.signatures import LARGEST_SIGNATURE, LetterSigners, SignatureFile
from services.contracts.languages import LANGUAGES
from services.portal.api import Api, accepted
from services.portal.downloads import passed_on
from services.portal.forms import command_key
from services.portal.pages.applying.file_form import TooLarge, TooLargeTogether, file_form
from services.portal.pages.cataloguing.programme import SAVED
from services.portal.pages.cataloguing.putting import BROKEN, put_file
from services.portal.paths import COMMISSIONS, SIGNATURE
from services.portal.rendering import Rendering, come_back, language_of, see_other

FIELD: Final = "file"


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes that read forms of fields."""
    pages, guarded = _Signatures(rendering, api), rendering.guarded
    return [
        web.get(SIGNATURE, guarded(pages.show, signed_in=True)),
        web.post(SIGNATURE + "/retrait", guarded(pages.remove, signed_in=True)),
        web.get(SIGNATURE + "/exemple/{kind}/{language}", guarded(pages.sample, signed_in=True)),
    ]


def upload_routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The route to which a picture comes."""
    return [web.post(SIGNATURE, rendering.guarded(_Signatures(rendering, api).put, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Signatures:
    rendering: Rendering
    api: Api

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Who signs, a form for another picture, and the letters as they would be."""
        return self._page(request, await self._kept(request))

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Put a picture, and have the board name it; pressed twice, it is the same."""
        kept, language, rendering = await self._kept(request), language_of(request), self.rendering
        try:
            form = await file_form(request, rendering.csrf, LARGEST_SIGNATURE)
            if form is None:
                return rendering.foreign(request, again=_address(kept))
            if form.is_empty:
                return self._wrong(request, kept, rendering.text(language, "signature.missing"), 422)
            parameters = {"commission": kept.code}
            put = await put_file(
                self.api, request, PUT_SIGNATURE, parameters, form, largest=LARGEST_SIGNATURE, answer=SignatureFile
            )
        except BROKEN as error:
            if not isinstance(error, TooLarge | TooLargeTogether):
                return self._wrong(request, kept, rendering.text(language, "model.unreadable"), 400)
            said = rendering.text(language, "signature.too_large", kilobytes=LARGEST_SIGNATURE // 1024)
            return self._wrong(request, kept, said, 413)
        if isinstance(put, Problem):
            return come_back(self._wrong(request, kept, put.detail, put.status), put)
        return await self._written(request, kept, put.signature, form.fields)

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Have the board name none; letters that were made stay as they are."""
        kept, form = await self._kept(request), await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=_address(kept))
        return await self._written(request, kept, "", form)

    async def sample(self, request: web.Request) -> web.StreamResponse:
        """A letter to nobody."""
        kept, letters = await self._kept(request), request.match_info
        said = kept.commission.letters
        body = LetterSigners(
            commission=kept.code,
            signatory=said.signatory,
            function=said.function,
            signature=said.signature,
            centre=kept.commission.centre,
        )
        parameters = {"kind": letters["kind"], "language": letters["language"]}
        if parameters["kind"] not in get_args(LetterName) or parameters["language"] not in LANGUAGES:
            raise web.HTTPNotFound
        asking = self.api.transfer(request, language_of(request), SAMPLE_LETTER, body, parameters=parameters)
        async with asking as found:
            if isinstance(found, Problem):
                return self.rendering.problem(request, found, again=_address(kept))
            return await passed_on(request, found)

    async def _written(
        self, request: web.Request, kept: StaffCommission, signature: str, form: Mapping[str, str]
    ) -> web.StreamResponse:
        said = kept.commission.model_dump()
        said["letters"] |= {"signature": signature}
        done = await self.api.ask(
            request,
            language_of(request),
            WRITE_COMMISSION,
            body=WrittenCommission.model_validate(said),
            parameters={"code": kept.code},
            key=command_key(form, signature),
            if_match=str(kept.version),
        )
        if isinstance(done, Problem):
            if not done.fields:
                return self.rendering.problem(request, done, again=_address(kept))
            return come_back(self._wrong(request, kept, done.fields[0].message, done.status), done)
        return see_other(f"{_address(kept)}?{SAVED}=1")

    async def _kept(self, request: web.Request) -> StaffCommission:
        parameters = {"code": request.match_info["code"]}
        found = await self.api.ask(request, language_of(request), COMMISSION, parameters=parameters)
        return accepted(found)

    def _wrong(self, request: web.Request, kept: StaffCommission, said: str, status: int) -> web.Response:
        return self._page(request, kept, status=status, errors={FIELD: said})

    def _page(
        self,
        request: web.Request,
        kept: StaffCommission,
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        letters = kept.commission.letters
        return self.rendering.page(
            request,
            "catalogue_signature.html",
            status=status,
            again=_address(kept),
            action=_address(kept),
            back=f"{COMMISSIONS}/{kept.code}",
            name=kept.commission.label.fr,
            centre=kept.commission.centre,
            letters=letters,
            samples=[(kind, language) for kind in get_args(LetterName) for language in LANGUAGES],
            largest=LARGEST_SIGNATURE // 1024,
            saved=SAVED in request.query,
            key=secrets.token_urlsafe(16),
            errors=errors or {},
        )


def _address(kept: StaffCommission) -> str:
    return SIGNATURE.replace("{code}", kept.code)
