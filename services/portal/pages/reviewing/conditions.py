"""Staff give conditions with a decision, and follow each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.actors import Role
from services.contracts.api.condition_views import ListedConditionView, StaffConditionView
from services.contracts.api.conditions import ConditionMark
from services.contracts.api.decisions import EnteredDecisionView
from services.contracts.api.endpoints.conditions import MARK_CONDITION
from services.contracts.api.problem import Problem
from services.contracts.api.review import ReviewView
from services.contracts.conditions import MOST_CONDITIONS
from services.contracts.refusals import STALE_VERSION
from services.contracts.refusals.applications import DECISION_CHANGED
from services.portal.forms import command_key, errors_of
from services.portal.pages.profile_fields import DATE_PARTS
from services.portal.pages.reviewing.deciding import typed_date
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import REVIEW
from services.portal.rendering import come_back, language_of, see_other

_EMPTY_ROWS: Final = 2
"""To fill in, below those that are filled in; who has more to say comes back."""
_OF_ROW: Final = re.compile(r"conditions\.(\d+)(?:\.(code|text|until))?")
STATES: Final = ("met", "not_met", "open")


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, one = _Conditions(pages), REVIEW + "/{id}/conditions/{number}"
    guarded = pages.rendering.guarded
    return [web.get(one, guarded(own.ask, signed_in=True)), web.post(one, guarded(own.mark, signed_in=True))]


def given_conditions(form: Mapping[str, str]) -> list[dict[str, str]]:
    """The conditions that were typed, as the API takes them."""
    given = []
    for number in range(1, MOST_CONDITIONS + 1):
        row = {name: form.get(f"condition-{number}-{name}", "").strip() for name in ("code", "text")}
        row["until"] = typed_date(form, f"condition-{number}-until")
        if any(row.values()):
            given.append({name: value for name, value in row.items() if value})
    return given


def typed_conditions(decision: EnteredDecisionView) -> Iterator[tuple[str, str]]:
    """The fields of a form as the conditions that are entered would have been typed."""
    for each in decision.conditions:
        name = f"condition-{each.number}"
        yield f"{name}-code", each.code or ""
        yield f"{name}-text", "" if each.code else each.label
        yield from _typed_day(f"{name}-until", each.until)


def condition_rows(typed: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    """The rows of a form: those that are filled in, from the first, and some empty ones."""
    names = [f"condition-{number}" for number in range(1, MOST_CONDITIONS + 1)]
    fields = ("code", "text", *(f"until-{part}" for part in DATE_PARTS))
    filled = [
        row
        for name in names
        if any((row := {each: typed.get(f"{name}-{each}", "").strip() for each in fields}).values())
    ]
    empty = [dict.fromkeys(fields, "")] * _EMPTY_ROWS
    return [
        {
            "number": number,
            "name": f"condition-{number}",
            "code": row["code"],
            "text": row["text"],
            "parts": [(part, row[f"until-{part}"]) for part in DATE_PARTS],
        }
        for number, row in enumerate([*filled, *empty][:MOST_CONDITIONS], 1)
    ]


def offered_conditions(
    listed: Sequence[ListedConditionView], typed: Mapping[str, str], there: EnteredDecisionView | None = None
) -> Sequence[ListedConditionView]:
    """What can be chosen: the institution's list, what is `there` as it was entered, and whatever else was chosen before.

    What is on offer no more stays chosen until somebody takes it out: else it would be lost without a word.
    """
    entered = {each.code: each.label for each in (() if there is None else there.conditions) if each.code}
    offered = {each.code: each.label for each in listed} | entered
    for number in range(1, MOST_CONDITIONS + 1):
        if code := typed.get(f"condition-{number}-code", "").strip():
            offered.setdefault(code, code)
    return [ListedConditionView(code=code, label=label) for code, label in offered.items()]


def field_of(name: str) -> str | None:
    """The field of the form that a field of the API is; None: none of a condition."""
    if name == "conditions":
        return "condition-1-text"
    if (found := _OF_ROW.fullmatch(name)) is None:
        return None
    return f"condition-{int(found[1]) + 1}-{found[2] or 'text'}"


@dataclass(frozen=True, slots=True)
class _Conditions:
    pages: ReviewPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What is found of a condition; back to the file where nothing depends on it, or not for this member of staff."""
        view = await self.pages.view(request)
        condition = _condition(view, request)
        if condition is None or Role.MANAGER.value not in self.pages.roles(request):
            return see_other(f"{address_of(view.id)}#decision")
        return self._form(request, view, condition, dict(_typed(condition)))

    async def mark(self, request: web.Request) -> web.StreamResponse:
        """Say so, unless somebody else has changed the file since the page was made."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        id, number = request.match_info["id"], request.match_info["number"]
        given: dict[str, Any] = {
            name: text for name in ("decision", "state", "reason") if (text := form.get(name, "").strip())
        }
        if day := typed_date(form, "on"):
            given["on"] = day
        given["seen"] = form.get("seen", "")  # the file changes by itself too, when mails of it leave
        done = await self.pages.api.ask(
            request,
            language_of(request),
            MARK_CONDITION,
            body=ConditionMark.model_construct(_fields_set=set(given), **given),
            parameters={"id": id, "number": number},
            key=command_key(form, id, number, *map(str, given.values())),
        )
        if not isinstance(done, Problem):
            return see_other(f"{address_of(id)}#decision")
        view = await self.pages.view(request)
        condition = _condition(view, request)
        if condition is None:
            return self.pages.rendering.problem(request, done, again=address_of(id))
        if done.slug in (STALE_VERSION.name, DECISION_CHANGED.name):
            return self._form(request, view, condition, form, status=done.status, changed=True)
        return come_back(self._form(request, view, condition, form, status=done.status, errors=errors_of(done)), done)

    def _form(
        self,
        request: web.Request,
        view: ReviewView,
        condition: StaffConditionView,
        typed: Mapping[str, str],
        **values: Any,
    ) -> web.Response:
        action = address_of(view.id, "conditions", str(condition.number))
        return self.pages.page(
            request,
            view,
            "review_condition.html",
            condition=self.pages.showing(request).condition(condition),
            states=STATES,
            typed=typed,
            parts=[(part, typed.get(f"on-{part}", "")) for part in DATE_PARTS],
            action=action,
            again=action,
            **values,
        )


def _typed(condition: StaffConditionView) -> Iterator[tuple[str, str]]:
    """The form as what was found last would have been typed."""
    yield "state", "" if condition.state == "open" else condition.state
    yield "reason", condition.reason or ""
    yield from _typed_day("on", condition.on)


def _typed_day(name: str, day: str | None) -> Iterator[tuple[str, str]]:
    if day is not None:
        yield from ((f"{name}-{part}", text) for part, text in zip(DATE_PARTS, reversed(day.split("-")), strict=True))


def _condition(view: ReviewView, request: web.Request) -> StaffConditionView | None:
    """The condition that the address names, of a place that is theirs or may be."""
    if view.decision is None or view.conditions is None:
        return None
    return next((each for each in view.decision.conditions if str(each.number) == request.match_info["number"]), None)
