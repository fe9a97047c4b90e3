"""The list of the people with rights, the page of one of them, and the pages by which rights are taken away."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.refusals import RIGHT_MISSING
from services.contracts.api.endpoints import staff as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.staff import StaffPage, StaffView
from services.contracts.refusals import NOT_FOUND, STALE_VERSION
from services.portal.api import Api, Refused, accepted, problem_for
from services.portal.ent_offer import way_by_ent
from services.portal.forms import command_key
from services.portal.pages.staffing.forms import rights, standing
from services.portal.pages.staffing.showing import Showing, address_of
from services.portal.pages.staffing.unknown import unknown_codes
from services.portal.paths import STAFF
from services.portal.rendering import Rendering, language_of, see_other


@dataclass(frozen=True, slots=True)
class StaffPages:
    """What these pages have in common; `zone` is the institution's."""

    rendering: Rendering
    api: Api
    zone: ZoneInfo

    def showing(self, request: web.Request) -> Showing:
        """Makes what is shown, for this reader."""
        session = self.rendering.visits.of(request).session
        return Showing(self.rendering.text, self.zone, language_of(request), "" if session is None else session.account)

    def require_administrator(self, request: web.Request) -> None:
        """Refuse, as the API does, to show a form to whoever gives no rights; raises Refused."""
        session = self.rendering.visits.of(request).session
        if session is None or not session.administers:
            raise Refused(problem_for(RIGHT_MISSING(), language_of(request)))

    async def member(self, request: web.Request, login: str) -> StaffView | Problem:
        """The member of staff of a login or an address, or why there is none to see."""
        return await self.api.ask(request, language_of(request), endpoints.MEMBER, parameters={"login": login})

    async def here(self, request: web.Request) -> StaffView:
        """The one whom the address names; raises Refused."""
        return accepted(await self.member(request, request.match_info["login"]))

    def page(
        self, request: web.Request, template: str, *, again: str, view: StaffView | None = None, **values: Any
    ) -> web.Response:
        """A page with one form; about a member of staff, or somebody new."""
        shown = None if view is None else self.showing(request).member(view)
        values = {"key": secrets.token_urlsafe(16), "errors": {}, "typed": {}, **values}
        return self.rendering.page(request, template, again=again, action=again, shown=shown, **values)


def routes(pages: StaffPages) -> list[web.RouteDef]:
    """The routes."""
    taking, guarded = _Taking(pages), pages.rendering.guarded

    async def list_members(request: web.Request) -> web.StreamResponse:
        """One page of the members of staff."""
        after = request.query.get("after")
        asked: dict[str, Any] = {} if after is None else {"after": after}
        query = StaffPage.model_construct(_fields_set=set(asked), **asked)
        answer = await pages.api.ask(request, language_of(request), endpoints.MEMBERS, query=query)
        found = accepted(answer)
        showing = pages.showing(request)
        members = [showing.member(view) for view in found.items]
        return pages.rendering.page(request, "staff_list.html", members=members, first=after is None, next=found.next)

    async def show(request: web.Request) -> web.StreamResponse:
        """One person: what they may do, and who gave it."""
        view = await pages.here(request)
        offered = bool(await way_by_ent(pages.api, request, ""))
        return pages.page(
            request,
            "staff_member.html",
            again=address_of(view.login),
            view=view,
            ent_offered=offered or view.by_ent,
            unknown=", ".join(await unknown_codes(pages.api, request, view)),
        )

    one = STAFF + "/{login}"
    return [
        web.get(STAFF, guarded(list_members, signed_in=True)),
        web.get(one, guarded(show, signed_in=True)),
        *(
            route
            for path in (one + "/roles/{number:[1-9][0-9]{0,2}}", one + "/retrait")
            for route in (
                web.get(path, guarded(taking.ask, signed_in=True)),
                web.post(path, guarded(taking.take, signed_in=True)),
            )
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Taking:
    """One right, or all of them, are taken away once that is confirmed; the last right is all of them."""

    pages: StaffPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What will be taken from whom."""
        view, number = await self.pages.here(request), _number(request)
        if number >= len(view.grants):
            return see_other(address_of(view.login))
        return self._form(request, view, number)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take it away from the person as they were when the page was made."""
        rendering = self.pages.rendering
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request, again=request.path)
        found = await self.pages.member(request, request.match_info["login"])
        if isinstance(found, Problem) and found.slug == NOT_FOUND.name:
            return see_other(STAFF)  # pressed twice
        view = accepted(found)
        number = _number_of(request, view, form)
        if number is None or form.get("version") != str(view.version):
            return self._again(request, view, number)
        done = await self._take(request, view, number, command_key(form, str(number)))
        if not isinstance(done, Problem):
            return see_other(STAFF if _is_all(view, number) else address_of(view.login))
        if done.slug == STALE_VERSION.name:
            now = await self.pages.here(request)
            return self._again(request, now, _number_of(request, now, form))
        return rendering.problem(request, done, again=address_of(view.login))

    def _again(self, request: web.Request, view: StaffView, number: int | None) -> web.StreamResponse:
        """The person is another than on the page: ask anew, but for a right that is not there any more."""
        if number is None:
            return see_other(address_of(view.login))
        return self._form(request, view, number, status=412, changed=True)

    async def _take(self, request: web.Request, view: StaffView, number: int, key: str) -> StaffView | Problem | None:
        api, language, login = self.pages.api, language_of(request), {"login": view.login}
        tag = str(view.version)
        if _is_all(view, number):
            return await api.ask(request, language, endpoints.DISMISS, parameters=login, if_match=tag)
        left = [grant for index, grant in enumerate(standing(view)) if index != number]
        body = rights(view.email, left)
        return await api.ask(
            request, language, endpoints.SET_RIGHTS, body=body, parameters=login, key=key, if_match=tag
        )

    def _form(self, request: web.Request, view: StaffView, number: int, **values: Any) -> web.Response:
        taken = None if _is_all(view, number) else self.pages.showing(request).grant(view, number)
        grant = "" if number < 0 else _digest(standing(view)[number])
        return self.pages.page(
            request, "staff_take.html", again=request.path, view=view, taken=taken, grant=grant, **values
        )


def _digest(grant: Mapping[str, Any]) -> str:
    """What tells one right of a person from the others, whatever their order."""
    return hashlib.sha256(json.dumps(grant, sort_keys=True).encode()).hexdigest()[:32]


def _number_of(request: web.Request, view: StaffView, form: Mapping[str, str]) -> int | None:
    """Which right now is the one that the form was made for; -1 for all, None if it is gone."""
    if _number(request) < 0:
        return -1
    digests = [_digest(grant) for grant in standing(view)]
    return digests.index(form["grant"]) if form.get("grant") in digests else None


def _number(request: web.Request) -> int:
    """Which right in the order of the page, from nought; -1 for all."""
    return int(request.match_info.get("number", "0")) - 1


def _is_all(view: StaffView, number: int) -> bool:
    return number < 0 or len(view.grants) == 1
