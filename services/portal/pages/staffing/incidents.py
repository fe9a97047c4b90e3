"""Incidents as administrators judge them: what was measured or declared, what it touched, and the days that are moved."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.api.endpoints.incidents import DECLARE, DISMISS, EXTEND
from services.contracts.api.endpoints.incidents import INCIDENTS as LISTED
from services.contracts.api.incidents import (
    DeclaredIncident,
    DismissalBody,
    ExtensionBody,
    ExtensionView,
    IncidentView,
    MovedDay,
)
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.applications import INCIDENT_CHANGED
from services.portal.api import Refused, accepted, content_of, problem_for
from services.portal.forms import command_key, errors_of
from services.portal.pages.applying.uploading import parsed
from services.portal.pages.staffing.members import StaffPages
from services.portal.paths import INCIDENTS
from services.portal.rendering import come_back, language_of, see_other

SHOWN: Final = 200
"""Programmes that a preview names; of further ones it says how many there are."""
DONE: Final = "fait"
COLOURS: Final = {"open": "govuk-tag--yellow", "extended": "govuk-tag--green", "dismissed": "govuk-tag--grey"}


def routes(pages: StaffPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Incidents(pages), pages.rendering.guarded
    one = INCIDENTS + "/{incident}"
    return [
        web.get(INCIDENTS, guarded(own.listed, signed_in=True)),
        web.post(INCIDENTS, guarded(own.declare, signed_in=True)),
        web.get(one, guarded(own.show, signed_in=True)),
        web.post(f"{one}/apercu", guarded(own.foresee, signed_in=True)),
        web.post(f"{one}/confirmation", guarded(own.confirm, signed_in=True)),
        web.post(f"{one}/classement", guarded(own.dismiss, signed_in=True)),
        *(
            web.get(f"{one}/{act}", guarded(own.back, signed_in=True))
            for act in ("apercu", "confirmation", "classement")
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Incidents:
    pages: StaffPages

    async def listed(self, request: web.Request) -> web.StreamResponse:
        """All of them, and a form for one that nothing has measured."""
        return await self._list(request, {})

    async def declare(self, request: web.Request) -> web.StreamResponse:
        """Declare one; pressed twice it is declared once."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=INCIDENTS)
        given: dict[str, Any] = {"begins": self._at(form.get("begins", "")), "ends": self._at(form.get("ends", ""))}
        given["reason"] = form.get("reason", "")
        done = await self.pages.api.ask(
            request,
            language_of(request),
            DECLARE,
            body=DeclaredIncident.model_construct(_fields_set=set(given), **given),
            key=command_key(form, *given.values()),
        )
        if isinstance(done, Problem):
            page = await self._list(request, form, status=done.status, errors=errors_of(done))
            return come_back(page, done)
        return see_other(f"{INCIDENTS}/{done.id}")

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One incident, with a form for what nobody has judged yet."""
        return await self._one(request, {})

    async def back(self, request: web.Request) -> web.StreamResponse:
        """These pages stand behind a form, and nowhere else."""
        return see_other(_address(request))

    async def foresee(self, request: web.Request) -> web.StreamResponse:
        """Tell what would come of moving what was touched."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=_address(request))
        return await self._foreseen(request, form)

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        """Do it as it was foreseen; where something has changed since, tell anew what would come of it."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=_address(request))
        done = await self._sent(request, {**_asked(form), "digest": form.get("digest", "")})
        if not isinstance(done, Problem):
            return see_other(f"{_address(request)}?{DONE}=1")
        if done.slug == INCIDENT_CHANGED.name:
            return await self._foreseen(request, form, status=409, changed=True)
        return come_back(await self._one(request, form, status=done.status, errors=errors_of(done)), done)

    async def dismiss(self, request: web.Request) -> web.StreamResponse:
        """Say that it has kept nobody from anything."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=_address(request))
        body = DismissalBody.model_construct(_fields_set={"reason"}, reason=form.get("reason", ""))
        done = await self.pages.api.ask(request, language_of(request), DISMISS, body=body, parameters=_named(request))
        if isinstance(done, Problem):
            return come_back(await self._one(request, form, status=done.status, errors=errors_of(done)), done)
        return see_other(f"{_address(request)}?{DONE}=1")

    async def _foreseen(
        self, request: web.Request, form: Mapping[str, str], *, status: int = 200, changed: bool = False
    ) -> web.Response:
        asked, language = _asked(form), language_of(request)
        found = await self._sent(request, {**asked, "dry_run": True})
        errors = errors_of(found) if isinstance(found, Problem) else {}
        if not isinstance(found, Problem) and not asked["reason"].strip():
            errors, status = {"reason": self.pages.rendering.text(language, "incidents.missing_reason")}, 422
        if isinstance(found, Problem) or errors:
            status = found.status if isinstance(found, Problem) else status
            return await self._one(request, form, status=status, errors=errors)
        return self.pages.rendering.page(
            request,
            "incident_preview.html",
            status=status,
            again=_address(request),
            back=_address(request),
            action=f"{_address(request)}/confirmation",
            asked=asked,
            changed=changed,
            view=found,
            days=_days(found.days, language),
            programmes=found.programmes[:SHOWN],
            further=found.touched - min(SHOWN, len(found.programmes)),
        )

    async def _sent(self, request: web.Request, given: Mapping[str, Any]) -> ExtensionView | Problem:
        body = ExtensionBody.model_construct(_fields_set=set(given), **given)
        asking = self.pages.api.transfer(request, language_of(request), EXTEND, body, parameters=_named(request))
        async with asking as response:
            if isinstance(response, Problem):
                return response
            return await asyncio.to_thread(parsed, ExtensionView, await content_of(response))

    async def _list(
        self,
        request: web.Request,
        typed: Mapping[str, str],
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        answer = await self.pages.api.ask(request, language_of(request), LISTED)
        found = accepted(answer)
        return self.pages.page(
            request,
            "incidents.html",
            again=INCIDENTS,
            status=status,
            typed=typed,
            errors=errors or {},
            rows=[self._row(each, language_of(request)) for each in found.items],
            more=found.more,
        )

    async def _one(
        self,
        request: web.Request,
        typed: Mapping[str, str],
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        language = language_of(request)
        answer = await self.pages.api.ask(request, language, LISTED)
        found = accepted(answer)
        wanted = request.match_info["incident"]
        view = next((each for each in found.items if each.id == wanted), None)
        if view is None:
            raise Refused(problem_for(NOT_FOUND(), language))
        return self.pages.page(
            request,
            "incident.html",
            again=_address(request),
            status=status,
            typed={"hours": str(view.least_hours), "reason": view.reason or "", **typed},
            errors=errors or {},
            row=self._row(view, language),
            done=DONE in request.query,
        )

    def _row(self, view: IncidentView, language: Language) -> Mapping[str, Any]:
        return {
            "address": f"{INCIDENTS}/{view.id}",
            "begins": self._moment(view.begins, language),
            "ends": self._moment(view.ends, language),
            "source": view.source,
            "service": view.service or "",
            "state": view.state,
            "colour": COLOURS[view.state],
            "reason": view.reason or "",
            "least_hours": view.least_hours,
            "days": _days(view.days, language),
        }

    def _moment(self, at: str, language: Language) -> str:
        return formats.moment(instant(at), language, self.pages.zone, catalogues().text(MOMENT, language))

    def _at(self, typed: str) -> str:
        """What was typed on the institution's clock as an instant; what is none is left to the API to refuse."""
        try:
            at = datetime.fromisoformat(typed.strip())
        except ValueError:
            return typed
        return (at if at.tzinfo is not None else at.replace(tzinfo=self.pages.zone)).isoformat()


def _days(days: list[MovedDay], language: Language) -> list[Mapping[str, str]]:
    return [{"before": formats.day(each.before, language), "after": formats.day(each.after, language)} for each in days]


def _address(request: web.Request) -> str:
    return f"{INCIDENTS}/{request.match_info['incident']}"


def _named(request: web.Request) -> Mapping[str, str]:
    return {"incident": request.match_info["incident"]}


def _asked(form: Mapping[str, str]) -> dict[str, Any]:
    hours = form.get("hours", "").strip()
    whole: int | str = int(hours) if hours.isascii() and hours.isdigit() and len(hours) <= 4 else hours
    return {"hours": whole, "reason": form.get("reason", "")}
