"""Under which code somebody is handed over to the student records, as staff say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.chassis.refusals import RIGHT_MISSING
from services.contracts.actors import Role
from services.contracts.api.endpoints import fees as endpoints
from services.contracts.api.enrolments import EnrolmentCodeBody
from services.contracts.api.problem import Problem
from services.contracts.api.review import ReviewView
from services.contracts.refusals import STALE_VERSION
from services.contracts.refusals.applications import CODE_HANDED_OVER, CODE_TAKEN, NOT_TOLD_YET
from services.portal.api import Refused, problem_for
from services.portal.forms import errors_of
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import REVIEW
from services.portal.rendering import come_back, language_of, see_other

_OF_CODE: Final = frozenset(each.name for each in (CODE_HANDED_OVER, CODE_TAKEN, NOT_TOLD_YET))


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded, path = _Codes(pages), pages.rendering.guarded, REVIEW + "/{id}/code"
    return [web.get(path, guarded(own.ask, signed_in=True)), web.post(path, guarded(own.set, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Codes:
    pages: ReviewPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Which code they have."""
        if Role.MANAGER.value not in self.pages.roles(request):
            raise Refused(problem_for(RIGHT_MISSING(), language_of(request)))
        view = await self.pages.view(request)
        there = view.enrolment_code
        return self._form(request, view, {"code": there.code if there is not None and there.own else ""})

    async def set(self, request: web.Request) -> web.StreamResponse:
        """Give them what was typed, in capitals and without blanks."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        code = "".join(form.get("code", "").split()).upper() or None
        given: dict[str, Any] = {
            "code": code,
            "tell": form.get("tell") == "1",
            "instead_of": form.get("instead_of", ""),
        }
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.SET_ENROLMENT_CODE,
            body=EnrolmentCodeBody.model_construct(_fields_set=set(given), **given),
            parameters={"id": request.match_info["id"]},
        )
        if not isinstance(done, Problem):
            return see_other(f"{address_of(done.id)}#sheet")
        errors = {"code": done.detail} if done.slug in _OF_CODE else dict(errors_of(done))
        if done.slug == STALE_VERSION.name:
            errors = {"code": self.pages.rendering.text(language_of(request), "review.code_changed")}
        if not errors.keys() <= {"code"}:
            raise Refused(done)
        view = await self.pages.view(request)
        return come_back(self._form(request, view, form, status=done.status, errors=errors), done)

    def _form(self, request: web.Request, view: ReviewView, typed: Mapping[str, str], **values: Any) -> web.Response:
        action, there = address_of(view.id, "code"), view.enrolment_code
        values |= {"action": action, "again": action, "looked_at": "" if there is None else there.code}
        return self.pages.page(request, view, "review_code.html", typed=typed, **values)
