"""The profile: what is given and what is missing, and a page for each required step (acceptance 23 to 25, 31, 35)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.endpoints.profile import CARRY_OVER_OFFER
from services.contracts.api.problem import Problem
from services.contracts.api.profile import ProfileView
from services.contracts.refusals import STALE_VERSION
from services.portal.api import Api
from services.portal.csrf import FIELD
from services.portal.forms import FIELDS, KEY, errors_of
from services.portal.pages.profile_fields import ADDRESS, RECORD, REQUIRED, WITH_ROWS, Step, body_of, parted, typed_of
from services.portal.pages.profile_forms import SCRIPTED, ProfileForms, draft_path
from services.portal.rendering import Rendering, language_of, see_other

PATH: Final = "/profil"
INTERNAL: Final = f"{PATH}/cursus-interne"
CALLS: Final[Mapping[str, Any]] = {
    "identity": endpoints.GIVE_IDENTITY,
    "address": endpoints.GIVE_ADDRESS,
    "baccalaureate": endpoints.GIVE_BACCALAUREATE,
}
_POSTCODE: Final = re.compile(r"[0-9]{5}")
_NEEDED: Final = ("required", "student-number-required")
"""Rules that say that a field must be filled in."""
OWN: Final = frozenset({FIELD, KEY, "tag"})
"""Fields of a form that are not answers."""


def routes(rendering: Rendering, api: Api, forms: ProfileForms) -> list[web.RouteDef]:
    """The routes of the profile and its required steps."""
    pages = _Profile(rendering, api, forms)
    found = [
        web.get(PATH, rendering.guarded(pages.overview, signed_in=True)),
    ]
    for step in REQUIRED:
        found += [
            web.get(step.path, rendering.guarded(partial(pages.show, step=step), signed_in=True)),
            web.post(step.path, rendering.guarded(partial(pages.save, step=step), signed_in=True)),
        ]
    return found


@dataclass(frozen=True, slots=True)
class _Profile:
    """The pages."""

    rendering: Rendering
    api: Api
    forms: ProfileForms

    async def overview(self, request: web.Request) -> web.StreamResponse:
        """The seven steps in order, and which is missing."""
        there = await self.forms.profile(request)
        next_step = next((step for step in REQUIRED if step.name in there.missing), None)
        return self.rendering.page(
            request,
            "profile.html",
            required=[(step.name, step.path, _state(step, there)) for step in REQUIRED],
            internal=INTERNAL,
            optional=[(step.name, step.path, len(getattr(there.steps, step.name))) for step in WITH_ROWS],
            next_step=next_step,
            registrar=there.registrar,
            record=RECORD.path,
            last_year=await self._last_year(request),
            taken="repris" in request.query,
            saved=_saved(request),
        )

    async def _last_year(self, request: web.Request) -> bool:
        """Whether something of the campaign before may be taken over."""
        offer = await self.api.ask(request, language_of(request), CARRY_OVER_OFFER)
        return not isinstance(offer, Problem) and any(each.state == "offered" for each in offer.parts)

    async def show(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """The step as it is kept; what the registrar manages of it is shown, and not asked (acceptance 26)."""
        there = await self.forms.profile(request)
        asked, _ = parted(step, there.locked)
        kept = getattr(there.steps, step.name)
        typed: Mapping[str, str] = typed_of(asked, kept) if kept is not None else {}
        if step is ADDRESS and kept is None:
            typed = {"country": "FR"}
        if not asked.fields:
            return await self._managed(request, step, there)
        missing = {remark.field: remark.slug for remark in there.remarks if remark.step == step.name}
        typed, tag, resumed = await self.forms.resumed(request, step, typed, getattr(there.tags, step.name))
        return await self._form(request, step, typed, tag=tag, there=there, remarks=missing, resumed=resumed)

    async def save(self, request: web.Request, *, step: Step) -> web.StreamResponse:
        """The button; the next missing step follows, in order."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=step.path)
        form = _with_commune(form) if step is ADDRESS else form
        language, tag = language_of(request), form.get("tag", "")
        given = await self.api.ask(request, language, CALLS[step.name], body=body_of(step, form), if_match=tag or None)
        if isinstance(given, Problem):
            if given.slug == STALE_VERSION.name:
                return await self._conflict(request, step, form)
            if given.fields:
                there = await self.forms.profile(request)
                errors = errors_of(given)
                needed = frozenset(each.field for each in given.fields if each.slug in _NEEDED)
                return await self._form(
                    request, step, form, tag=tag, there=there, status=given.status, errors=errors, needed=needed
                )
            return self.rendering.problem(request, given, again=step.path)
        there = await self.forms.profile(request)
        onward = next((each for each in REQUIRED if each.name in there.missing and each is not step), None)
        if onward is None:
            return see_other(f"{PATH}?enregistre={step.name}")
        is_due = any(remark.step == onward.name for remark in there.remarks)  # by what was just given
        return see_other(f"{onward.path}?enregistre={step.name}" if is_due else onward.path)

    async def _conflict(self, request: web.Request, step: Step, form: Mapping[str, str]) -> web.Response:
        """Both versions, of which one is chosen: nothing is lost, and nothing overwritten unseen (acceptance 35)."""
        there = await self.forms.profile(request)
        kept = getattr(there.steps, step.name)
        step, _ = parted(step, there.locked)
        saved = typed_of(step, kept) if kept is not None else {}
        typed = [(name, value) for name, value in request[FIELDS] if name not in OWN and name != "commune"]
        if step is ADDRESS:
            typed = [(name, form["city"] if name == "city" else value) for name, value in typed]
        return await self.forms.conflict(
            request, step, action=step.path, typed=typed, saved=saved, tag=getattr(there.tags, step.name)
        )

    async def _form(
        self,
        request: web.Request,
        step: Step,
        typed: Mapping[str, str],
        *,
        tag: str,
        there: ProfileView,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
        remarks: Mapping[str, str] | None = None,
        needed: AbstractSet[str] = frozenset(),
        resumed: bool = False,
    ) -> web.Response:
        language = language_of(request)
        asked, _ = parted(step, there.locked)
        errors = dict(errors or {})
        for field in remarks or {}:
            errors.setdefault(field, self.rendering.text(language, f"profile.remark.{field}"))
        return self.rendering.page(
            request,
            "profile_step.html",
            status=status,
            policy=SCRIPTED,
            draft=draft_path(step),
            resumed=resumed,
            again=step.path,
            action=step.path,
            step=step.name,
            saved=_saved(request) if request.method == "GET" else None,
            key=secrets.token_urlsafe(16),
            tag=tag,
            back=PATH,
            managed=await self._answers(request, step, there),
            contact=there.registrar.contact,
            fields=await self.forms.fields(request, asked, typed, errors, {*needed, *(remarks or ())}),
            communes=await self._communes(request, step, typed, errors),
            errors=self.forms.summary(request, asked, errors),
        )

    async def _managed(self, request: web.Request, step: Step, there: ProfileView) -> web.Response:
        """A step of which nothing is asked."""
        return self.rendering.page(
            request,
            "profile_managed.html",
            step=step.name,
            back=PATH,
            managed=await self._answers(request, step, there),
            contact=there.registrar.contact,
        )

    async def _answers(self, request: web.Request, step: Step, there: ProfileView) -> list[tuple[str, str]]:
        """What the registrar manages of a step, as people read it."""
        _, managed = parted(step, there.locked)
        kept = getattr(there.steps, step.name)
        return await self.forms.answers(request, managed, typed_of(step, kept)) if managed and kept is not None else []

    async def _communes(
        self, request: web.Request, step: Step, typed: Mapping[str, str], errors: Mapping[str, str]
    ) -> list[tuple[str, bool]]:
        """Those of the postcode, where the town is missing or is none of them (acceptance 31)."""
        postcode = "".join(typed.get("postcode", "").split())
        if step is not ADDRESS or "city" not in errors or not _POSTCODE.fullmatch(postcode):
            return []
        there = await self.forms.choices(request, "communes", postcode=postcode)
        return [(item.label, False) for item in there]


def _state(step: Step, there: ProfileView) -> str:
    if step.name not in there.missing:
        return "managed" if parted(step, there.locked)[1] else "given"
    return "lacking" if getattr(there.steps, step.name) is not None else "missing"


def _saved(request: web.Request) -> str | None:
    """The step that was just saved, from whose page one comes."""
    return next((step.name for step in REQUIRED if step.name == request.query.get("enregistre")), None)


def _with_commune(form: Mapping[str, str]) -> Mapping[str, str]:
    """The address with the commune that was chosen among those of its postcode, if one was."""
    chosen = form.get("commune", "")
    return {**form, "city": chosen} if chosen else form
