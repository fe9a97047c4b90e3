"""What the registrar knows of one's studies here, and the page by which one has it asked (acceptance 26, 28)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.chassis.texts.held_words import held_line
from services.contracts.api.endpoints.accounts import ME
from services.contracts.api.endpoints.profile import ASK_FOR_RECORD
from services.contracts.api.problem import Problem
from services.contracts.api.profile import InternalStudiesView, ProfileView, RecordRequest
from services.portal.api import Api, accepted
from services.portal.forms import errors_of
from services.portal.pages.profile import INTERNAL, PATH
from services.portal.pages.profile_fields import IDENTITY, RECORD, body_of, typed_of
from services.portal.pages.profile_forms import ProfileForms
from services.portal.rendering import Rendering, language_of, see_other

ASKED: Final = "demande"
"""In the query of who has just asked."""
TOLD: Final = ("code", "grade", "result", "honours")
"""What a year or a diploma may say beside its title."""


def routes(rendering: Rendering, api: Api, forms: ProfileForms) -> list[web.RouteDef]:
    """The routes of both pages."""
    pages = _Registrar(rendering, api, forms)
    return [
        web.get(INTERNAL, rendering.guarded(pages.internal_record, signed_in=True)),
        web.get(RECORD.path, rendering.guarded(pages.show, signed_in=True)),
        web.post(RECORD.path, rendering.guarded(pages.ask, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Registrar:
    """The pages."""

    rendering: Rendering
    api: Api
    forms: ProfileForms

    async def internal_record(self, request: web.Request) -> web.StreamResponse:
        """Years and diplomas, read-only."""
        there = await self.forms.profile(request)
        return self.rendering.page(
            request,
            "profile_internal.html",
            back=PATH,
            record=RECORD.path,
            registrar=there.registrar,
            studies=[self._studies(request, each) for each in there.steps.internal_record or ()],
            held=[held_line(each.label, each.on, each.expires_on, language_of(request)) for each in there.held],
        )

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What came of asking so far, and the form."""
        there = await self.forms.profile(request)
        kept = there.steps.identity
        typed = typed_of(IDENTITY, kept) if kept is not None else {}
        return await self._page(request, there, typed)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The button."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=RECORD.path)
        said = body_of(RECORD, form).model_dump(exclude_unset=True, warnings=False)
        body = RecordRequest.model_construct(**{"certified": False, **said})
        asked = await self.api.ask(request, language_of(request), ASK_FOR_RECORD, body=body)
        if not isinstance(asked, Problem):
            return see_other(f"{RECORD.path}?{ASKED}=1")
        if not asked.fields:
            return self.rendering.problem(request, asked, again=RECORD.path)
        there = await self.forms.profile(request)
        return await self._page(request, there, form, status=asked.status, errors=errors_of(asked))

    async def _page(
        self,
        request: web.Request,
        there: ProfileView,
        typed: Mapping[str, str],
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        language = language_of(request)
        asked = await self.api.ask(request, language, ME)
        me = accepted(asked)
        errors = errors or {}
        fields = await self.forms.fields(request, RECORD, typed, errors)
        certified = fields[-1]
        name = " ".join(filter(None, (me.given_name, me.family_name)))
        key = "profile.certify_ent" if there.registrar.known else "profile.certify"
        certified["label"] = f"{self.rendering.text(language, key, person=name)} *"
        return self.rendering.page(
            request,
            "registrar.html",
            status=status,
            action=RECORD.path,
            again=RECORD.path,
            back=PATH,
            internal=INTERNAL,
            key=secrets.token_urlsafe(16),
            asked=there.registrar.asked,
            registrar=there.registrar,
            fields=fields[-1:] if there.registrar.known else fields,
            errors=self.forms.summary(request, RECORD, errors),
        )

    def _studies(self, request: web.Request, row: InternalStudiesView) -> dict[str, Any]:
        """One year or diploma: its title and what else is known of it."""
        language = language_of(request)
        told = [(self.rendering.text(language, f"profile.internal.{name}"), getattr(row, name)) for name in TOLD]
        return {
            "year": f"{row.year}-{row.year + 1}",
            "label": row.label,
            "told": [(label, value) for label, value in told if value],
        }
