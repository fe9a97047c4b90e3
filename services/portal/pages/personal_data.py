"""One's data: taking all of them away, and having oneself forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.http.places import ACCOUNT_SHARE, Party, Places
from services.chassis.texts.profile_words import sections
from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.endpoints import rights
from services.contracts.api.problem import Problem
from services.contracts.api.rights import Erasure
from services.contracts.events.applications import ProfilePart
from services.contracts.refusals import RefusedError
from services.contracts.refusals.accounts import ACCOUNT_ERASED
from services.portal.api import Api, accepted, problem_for
from services.portal.downloads import made
from services.portal.exports import Contents, Exporter
from services.portal.forms import errors_of
from services.portal.rendering import Rendering, language_of, see_other

DATA: Final = "/compte/donnees"
EXPORT: Final = f"{DATA}/export"
DELETION: Final = f"{DATA}/suppression"
DELETED: Final = f"{DATA}/supprime"

AT_ONCE: Final = 8
"""Exports on their way in one process; an eighth of what is free is one of them, so that nobody has two."""
RETRY_SECONDS: Final = 30


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The page about one's data, the export, and the pages of a deletion; times are shown on the clock of `zone`."""
    data = _PersonalData(rendering, api, zone, Places("exports", AT_ONCE, retry_seconds=RETRY_SECONDS))
    return [
        web.get(DATA, rendering.guarded(data.show, signed_in=True)),
        web.post(EXPORT, rendering.guarded(data.export, signed_in=True)),
        web.get(DELETION, rendering.guarded(data.ask, signed_in=True)),
        web.post(DELETION, rendering.guarded(data.delete, signed_in=True)),
        web.get(DELETED, rendering.guarded(data.deleted)),
    ]


@dataclass(frozen=True, slots=True)
class _PersonalData:
    """The pages of one's data."""

    rendering: Rendering
    api: Api
    zone: ZoneInfo
    places: Places

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What may be done."""
        return self.rendering.page(request, "personal_data.html")

    async def export(self, request: web.Request) -> web.StreamResponse:
        """The button: a ZIP of all that there is of the person, put together while it is sent."""
        if await self.rendering.form(request) is None:
            return self.rendering.foreign(request, again=DATA)
        language, session = language_of(request), self.rendering.visits.of(request).session
        try:
            place = self.places.take(None if session is None else Party(session.account, ACCOUNT_SHARE))
        except RefusedError as refusal:
            return self.rendering.problem(request, problem_for(refusal, language), again=DATA)
        with place:
            export = await self.api.ask(request, language, rights.EXPORT)
            if isinstance(export, Problem):
                return self.rendering.problem(request, export, again=DATA)

            given = export.profile.steps.model_dump(mode="json", exclude_none=True)
            profile = sections(
                ProfilePart.model_validate(
                    {name: step for name, step in given.items() if step and name != "internal_record"}
                ),
                language,
            )

            def index(contents: Contents) -> str:
                return self.rendering.written(
                    language, "export.html", contents=contents, profile=profile, zone=self.zone
                )

            name = self.rendering.text(language, "export.filename", number=export.account.file_number)
            archive = Exporter(self.api, request, language, index).archive(export)
            return await made(request, name, "application/zip", archive)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What goes and what stays, and the form."""
        return await self._form(request, {})

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """The button, once or twice: it goes on where nobody needs to be logged in, for there is nobody any more."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=DELETION)
        if "sure" not in form:
            unsure = self.rendering.text(language_of(request), "deletion.unsure")
            return await self._form(request, {"sure": unsure}, status=422)
        password = form.get("password", "")
        body = Erasure.model_construct(_fields_set={"password"} if password else set(), password=password or None)
        erased = await self.api.ask(request, language_of(request), rights.ERASE, body=body)
        if isinstance(erased, Problem) and erased.slug != ACCOUNT_ERASED.name:
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
