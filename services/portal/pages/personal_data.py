"""One's data: what may be done with them, and having oneself forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.endpoints.rights import ERASE
from services.contracts.api.problem import Problem
from services.contracts.api.rights import Erasure
from services.portal.api import Api, accepted
from services.portal.forms import errors_of
from services.portal.rendering import Rendering, language_of, see_other

DATA: Final = "/compte/donnees"
DELETION: Final = f"{DATA}/suppression"
DELETED: Final = f"{DATA}/supprime"


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The page about one's data, and those of a deletion."""
    data = _PersonalData(rendering, api)
    return [
        web.get(DATA, rendering.guarded(data.show, signed_in=True)),
        web.get(DELETION, rendering.guarded(data.ask, signed_in=True)),
        web.post(DELETION, rendering.guarded(data.delete, signed_in=True)),
        web.get(DELETED, rendering.guarded(data.deleted)),
    ]


@dataclass(frozen=True, slots=True)
class _PersonalData:
    """The pages of one's data."""

    rendering: Rendering
    api: Api

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What may be done."""
        return self.rendering.page(request, "personal_data.html")

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What goes and what stays, and the form."""
        return await self._form(request, {})

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """The button: it goes on where nobody needs to be logged in, for there is nobody any more."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=DELETION)
        if "sure" not in form:
            unsure = self.rendering.text(language_of(request), "deletion.unsure")
            return await self._form(request, {"sure": unsure}, status=422)
        password = form.get("password", "")
        body = Erasure.model_construct(_fields_set={"password"} if password else set(), password=password or None)
        erased = await self.api.ask(request, language_of(request), ERASE, body=body)
        if isinstance(erased, Problem):
            if erased.fields:
                return await self._form(request, errors_of(erased), status=erased.status)
            return self.rendering.problem(request, erased, again=DELETION)
        self.rendering.visits.of(request).end()
        return see_other(DELETED)

    async def deleted(self, request: web.Request) -> web.StreamResponse:
        """Say that it is done."""
        return self.rendering.message(request, "deletion-done", status=200)

    async def _form(self, request: web.Request, errors: Mapping[str, str], *, status: int = 200) -> web.Response:
        asked = await self.api.ask(request, language_of(request), endpoints.ME)
        return self.rendering.page(
            request,
            "deletion.html",
            status=status,
            again=DELETION,
            action=DELETION,
            key=secrets.token_urlsafe(16),
            me=accepted(asked),
            errors=errors,
        )
