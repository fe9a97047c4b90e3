"""The pages by which rights are given: one more to somebody, the first to who is new, a seat to who is from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.actors import Role
from services.contracts.api.endpoints import offers
from services.contracts.api.endpoints import staff as endpoints
from services.contracts.api.offers import Filter
from services.contracts.api.problem import Problem
from services.contracts.api.staff import StaffInvitation, StaffView
from services.contracts.refusals import NOT_FOUND, STALE_VERSION
from services.portal.api import accepted
from services.portal.forms import command_key
from services.portal.pages.staffing.forms import (
    DAYS,
    errors_at_fields,
    parts,
    rights,
    standing,
    typed_codes,
    typed_day,
    typed_grant,
)
from services.portal.pages.staffing.members import StaffPages
from services.portal.pages.staffing.showing import address_of
from services.portal.paths import STAFF
from services.portal.rendering import come_back, language_of, see_other

NEW, INVITATION = f"{STAFF}/nouvelle", f"{STAFF}/invitation"
_ADDRESS: Final = re.compile(r"[^\x00-\x20/@\x7f-\x9f]{1,64}@[^\x00-\x20/@\x7f-\x9f]{1,189}")
_NOBODY: Final = "nobody@parvis.invalid"
"""In the path of what is asked for who has no address: the API says what is wrong with that of the body."""


def routes(pages: StaffPages) -> list[web.RouteDef]:
    """The routes."""
    giving, inviting, guarded = _Giving(pages), _Inviting(pages), pages.rendering.guarded
    more = STAFF + "/{login}/roles"
    return [
        web.get(NEW, guarded(giving.ask, signed_in=True)),
        web.post(NEW, guarded(giving.give, signed_in=True)),
        web.get(INVITATION, guarded(inviting.ask, signed_in=True)),
        web.post(INVITATION, guarded(inviting.invite, signed_in=True)),
        web.get(more, guarded(giving.ask, signed_in=True)),
        web.post(more, guarded(giving.give, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Giving:
    """One right more for somebody, who may be new."""

    pages: StaffPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Which right."""
        if "login" in request.match_info:
            return await self._form(request, await self.pages.here(request), {})
        self.pages.require_administrator(request)
        return await self._form(request, None, {})

    async def give(self, request: web.Request) -> web.StreamResponse:
        """Give it beside those that the person had when the page was made."""
        rendering = self.pages.rendering
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request, again=request.path)
        view = await self._whom(request, form)
        if view is not None and form.get("version", str(view.version)) != str(view.version):
            return await self._form(request, view, form, status=412, changed=True)
        done = await self._give(request, view, form)
        if not isinstance(done, Problem):
            return see_other(address_of(done.login))
        if done.slug == STALE_VERSION.name and view is not None:
            here = await self.pages.here(request) if "login" in request.match_info else None
            return await self._form(request, here, form, status=412, changed=True)
        if not done.fields:
            return rendering.problem(request, done, again=request.path)
        shown = view if "login" in request.match_info else None
        page = await self._form(request, shown, form, status=done.status, errors=errors_at_fields(done, whole="role"))
        return come_back(page, done)

    async def _whom(self, request: web.Request, form: Mapping[str, str]) -> StaffView | None:
        """Who has rights already, by the address of the page or by that which was typed; raises Refused."""
        if "login" in request.match_info:
            return await self.pages.here(request)
        found = await self.pages.member(request, _login(form.get("email", "").strip()))
        return None if isinstance(found, Problem) and found.slug == NOT_FOUND.name else accepted(found)

    async def _give(self, request: web.Request, view: StaffView | None, form: Mapping[str, str]) -> StaffView | Problem:
        given = typed_grant(form)
        email = form.get("email", "").strip() if view is None else view.email
        there = [] if view is None else standing(view)
        if given in there and view is not None:
            return view  # pressed twice
        return await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.SET_RIGHTS,
            body=rights(email, [*there, given]),
            parameters={"login": _login(email) if view is None else view.login},
            key=command_key(form, email, *map(str, given.values())),
            if_match=None if view is None else str(view.version),
        )

    async def _form(
        self, request: web.Request, view: StaffView | None, typed: Mapping[str, str], **values: Any
    ) -> web.Response:
        text, language = self.pages.rendering.text, language_of(request)
        roles = [
            {
                "value": role.value,
                "text": text(language, f"staffing.role.{role}"),
                "hint": {"text": text(language, f"staffing.role.{role}_hint")},
                "checked": typed.get("role") == role.value,
            }
            for role in Role
        ]
        days = {name: parts(name, typed) for name in DAYS}
        known = await _centres(self.pages, request)
        return self.pages.page(
            request,
            "staff_role.html",
            again=request.path,
            view=view,
            typed=typed,
            roles=roles,
            days=days,
            known=known,
            **values,
        )


@dataclass(frozen=True, slots=True)
class _Inviting:
    """Somebody from elsewhere for commissions."""

    pages: StaffPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Whom, for which commissions, until when."""
        self.pages.require_administrator(request)
        return self._form(request, {})

    async def invite(self, request: web.Request) -> web.StreamResponse:
        """Have them invited by mail."""
        rendering = self.pages.rendering
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request, again=INVITATION)
        given: dict[str, Any] = {
            name: value
            for name, value in (
                ("email", form.get("email", "").strip()),
                ("commissions", typed_codes("commissions", form)),
                ("valid_until", typed_day("valid_until", form)),
            )
            if value
        }
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.INVITE,
            body=StaffInvitation.model_construct(_fields_set=set(given), **given),
            key=command_key(form, *map(str, given.values())),
        )
        if not isinstance(done, Problem):
            return see_other(address_of(done.login))
        if not done.fields:
            return rendering.problem(request, done, again=INVITATION)
        errors = errors_at_fields(done, whole="commissions")
        return come_back(self._form(request, form, status=done.status, errors=errors), done)

    def _form(self, request: web.Request, typed: Mapping[str, str], **values: Any) -> web.Response:
        until = parts("valid_until", typed)
        return self.pages.page(request, "staff_invitation.html", again=INVITATION, typed=typed, until=until, **values)


def _login(email: str) -> str:
    return email if _ADDRESS.fullmatch(email) else _NOBODY


async def _centres(pages: StaffPages, request: web.Request) -> list[tuple[str, str]]:
    """Codes and names of the centres of the catalogue, to choose from; none where nobody can say."""
    asked = Filter.model_construct(_fields_set=set())
    found = await pages.api.ask(request, language_of(request), offers.FACETS, query=asked)
    return [] if isinstance(found, Problem) else [(centre.code, centre.label) for centre in found.centres]
