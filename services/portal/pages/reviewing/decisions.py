"""Staff enter a decision on a file, look at it again, and let it count."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.actors import Role
from services.contracts.api.decisions import DecisionBody, DecisionQuery, DecisionValidation
from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.review import ReviewView
from services.contracts.refusals import STALE_VERSION
from services.contracts.refusals.applications import DECISION_CHANGED, NO_DECISION, NOTHING_REFUSED, SECOND_PERSON
from services.portal.api import accepted
from services.portal.forms import command_key, errors_of
from services.portal.pages.profile_fields import DATE_PARTS
from services.portal.pages.reviewing.conditions import (
    condition_rows,
    field_of,
    given_conditions,
    offered_conditions,
    typed_conditions,
)
from services.portal.pages.reviewing.deciding import typed_date
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import REVIEW
from services.portal.rendering import come_back, language_of, see_other

_LINES: Final = ("type", "reason", "comment", "group")
FIELDS: Final = {
    "kind": "type",
    "appointment": "place",
    "appointment.place": "place",
    "appointment.day": "day",
    "appointment.time": "time",
}
"""Fields of the API to those of the form."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, one = _Decisions(pages), REVIEW + "/{id}/decision"
    guarded = pages.rendering.guarded
    return [
        web.get(one, guarded(own.ask, signed_in=True)),
        web.post(one, guarded(own.enter, signed_in=True)),
        web.get(one + "/validation", guarded(own.ask_to_validate, signed_in=True)),
        web.post(one + "/validation", guarded(own.validate, signed_in=True)),
        web.post(one + "/suppression", guarded(own.delete, signed_in=True)),
        web.post(REVIEW + "/{id}/pre-inscription", guarded(own.retry_pre_enrolment, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Decisions:
    pages: ReviewPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What is decided; the form begins with what is entered already. Back to a file that was given up."""
        view = await self.pages.view(request)
        if view.state == "cancelled":
            return see_other(address_of(view.id))
        return await self._form(request, view, _typed(view))

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Keep it, unless somebody else has entered another one since the page was made."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        id, given = request.match_info["id"], given_of(form) | {"instead_of": form.get("there", "")}
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.ENTER_DECISION,
            body=DecisionBody.model_construct(_fields_set=set(given), **given),
            parameters={"id": id},
            key=command_key(form, id, *map(str, given.values())),
        )
        if not isinstance(done, Problem):
            return see_other(f"{address_of(id)}#decision")
        view = await self.pages.view(request)
        if done.slug == DECISION_CHANGED.name:
            return await self._form(request, view, form, status=409, changed=True)
        errors = typed_errors(errors_of(done))
        return come_back(await self._form(request, view, form, status=done.status, errors=errors), done)

    async def ask_to_validate(self, request: web.Request) -> web.StreamResponse:
        """The decision once more before it counts; back to the file where there is none, or not for this member of staff."""
        view = await self.pages.view(request)
        if view.entered_decision is None or Role.MANAGER.value not in self.pages.roles(request):
            return see_other(address_of(view.id))
        if self.pages.showing(request).needs_another(view):
            return see_other(f"{address_of(view.id)}#decision")
        return self._validation(request, view, {})

    async def validate(self, request: web.Request) -> web.StreamResponse:
        """Let it count, if it is the one that was read."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        id, decision = request.match_info["id"], form.get("decision", "")
        given: dict[str, Any] = {"decision": decision}
        if day := typed_date(form, "answer_deadline"):
            given["answer_deadline"] = day
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.VALIDATE_DECISION,
            body=DecisionValidation.model_construct(_fields_set=set(given), **given),
            parameters={"id": id},
            key=command_key(form, id, *given.values()),
        )
        if not isinstance(done, Problem):
            return see_other(f"{address_of(id)}#decision")
        view = await self.pages.view(request)
        if view.decision is not None and view.decision.id == decision:
            return see_other(f"{address_of(id)}#decision")  # pressed twice, or by two people: it counts
        if view.entered_decision is None or done.slug == SECOND_PERSON.name:
            return self.pages.rendering.problem(request, done, again=address_of(id))
        if done.slug in (DECISION_CHANGED.name, STALE_VERSION.name, NO_DECISION.name):
            return self._validation(request, view, form, status=409, changed=True)
        return come_back(self._validation(request, view, form, status=done.status, errors=errors_of(done)), done)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Take away what is entered; that it is gone already is no matter."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=address_of(request.match_info["id"]))
        id, decision = request.match_info["id"], form.get("decision") or None
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.DELETE_DECISION,
            query=DecisionQuery.model_construct(decision=decision),
            parameters={"id": id},
        )
        if isinstance(done, Problem) and done.slug != NO_DECISION.name:
            if done.slug == DECISION_CHANGED.name:
                view = await self.pages.view(request)
                return await self._form(request, view, _typed(view), status=409, changed=True)
            return self.pages.rendering.problem(request, done, again=address_of(id))
        return see_other(f"{address_of(id)}#decision")

    async def retry_pre_enrolment(self, request: web.Request) -> web.StreamResponse:
        """Have the student records asked anew; that they were asked already is no matter."""
        form, id = await self.pages.rendering.form(request), request.match_info["id"]
        if form is None:
            return self.pages.rendering.foreign(request, again=address_of(id))
        done = await self.pages.api.ask(
            request, language_of(request), endpoints.RETRY_PRE_ENROLMENT, parameters={"id": id}
        )
        if isinstance(done, Problem) and done.slug != NOTHING_REFUSED.name:
            return self.pages.rendering.problem(request, done, again=address_of(id))
        return see_other(f"{address_of(id)}#pre-enrolment")

    async def _form(
        self, request: web.Request, view: ReviewView, typed: Mapping[str, str], **values: Any
    ) -> web.Response:
        action = address_of(view.id, "decision")
        offered = await self.pages.api.ask(request, language_of(request), endpoints.DECISION_TYPES)
        types = accepted(offered)
        return self.pages.page(
            request,
            view,
            "review_decision.html",
            typed=typed,
            parts=[(part, typed.get(f"day-{part}", "")) for part in DATE_PARTS],
            types=types.items,
            reasons=types.reasons,
            listed=offered_conditions(types.conditions, typed, view.entered_decision),
            conditions=condition_rows(typed),
            action=action,
            again=action,
            **values,
        )

    def _validation(
        self, request: web.Request, view: ReviewView, typed: Mapping[str, str], **values: Any
    ) -> web.Response:
        action = address_of(view.id, "decision", "validation")
        parts = [(part, typed.get(f"answer_deadline-{part}", "")) for part in DATE_PARTS]
        offers = view.entered_decision is not None and view.entered_decision.kind == "favourable"
        return self.pages.page(
            request,
            view,
            "review_validation.html",
            typed=typed,
            parts=parts,
            offers=offers,
            action=action,
            again=action,
            **values,
        )


def _typed(view: ReviewView) -> dict[str, str]:
    """The form as what is entered would have been typed."""
    if (there := view.entered_decision) is None:
        return {}
    rank = "" if there.rank is None else str(there.rank)
    typed = {
        "type": there.type or "",
        "reason": there.reason_code or there.reason or "",
        "rank": rank,
        "comment": there.comment or "",
        "group": "" if there.group is None else there.group.code,
    }
    if (meeting := there.appointment) is not None:
        year, month, day = meeting.day.split("-")
        typed |= {"place": meeting.place, "time": meeting.time, "day-day": day.lstrip("0")}
        typed |= {"day-month": month.lstrip("0"), "day-year": year}
    return typed | dict(typed_conditions(there))


def typed_errors(errors: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by the fields of the form."""
    return {field_of(name) or FIELDS.get(name, name): message for name, message in errors.items()}


def given_of(form: Mapping[str, str]) -> dict[str, Any]:
    """What was typed of a decision, as the API takes it."""
    given: dict[str, Any] = {name: text for name in _LINES if (text := form.get(name, "").strip())}
    if rank := form.get("rank", "").strip():
        given["rank"] = rank
        with suppress(ValueError):
            given["rank"] = int(rank)
    if conditions := given_conditions(form):
        given["conditions"] = conditions
    where = {"place": form.get("place", "").strip(), "time": form.get("time", "").strip().replace("h", ":")}
    where["day"] = typed_date(form, "day")
    if any(where.values()):
        given["appointment"] = {name: text for name, text in where.items() if text}
    return given
