"""Pairs of accounts that may be one person's: a list of them, and each side by side with what support finds out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from services.contracts.api.doubts import DoubtRow, DoubtsPage, DoubtVerdict, DoubtView
from services.contracts.api.endpoints import doubts as endpoints
from services.contracts.api.problem import Problem
from services.portal.api import accepted
from services.portal.forms import errors_of
from services.portal.pages.supporting.people import PeoplePages
from services.portal.paths import DOUBTS
from services.portal.rendering import language_of, see_other

TWO: Final = "two"
"""What the form says of two persons; otherwise which of both accounts stays."""
DONE: Final = "fait"


def address_of(pair: DoubtRow) -> str:
    """The page of a pair."""
    return f"{DOUBTS}/{pair.first.account}/{pair.second.account}"


def routes(pages: PeoplePages) -> list[web.RouteDef]:
    """The routes."""
    guarded, rendering, api = pages.rendering.guarded, pages.rendering, pages.api

    async def show_list(request: web.Request) -> web.StreamResponse:
        """One page of those of whom nothing was found out."""
        after = request.query.get("after")
        asked: dict[str, Any] = {"after": after} if after else {}
        query = DoubtsPage.model_construct(_fields_set=set(asked), **asked)
        answer = await api.ask(request, language_of(request), endpoints.DOUBTS, query=query)
        found = accepted(answer)
        return rendering.page(
            request,
            "doubts.html",
            pairs=[_shown(pages, request, row) for row in found.items],
            first=DOUBTS if after else None,
            next=f"{DOUBTS}?{urlencode({'after': found.next})}" if found.next else None,
        )

    async def show(request: web.Request) -> web.StreamResponse:
        """One pair."""
        return await _page(pages, request, {})

    async def decide(request: web.Request) -> web.StreamResponse:
        """The button: what was found out."""
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request, again=request.path)
        given: dict[str, Any] = {}
        if verdict := form.get("verdict", ""):
            given |= {"verdict": "two-persons"} if verdict == TWO else {"verdict": "one-person", "keep": verdict}
        if reason := form.get("reason", "").strip():
            given["reason"] = reason
        done = await api.ask(
            request,
            language_of(request),
            endpoints.DECIDE,
            parameters=dict(request.match_info),
            body=DoubtVerdict.model_construct(_fields_set=set(given), **given),
            if_match=form.get("version") or None,
        )
        if not isinstance(done, Problem):
            return see_other(f"{request.path}?{DONE}=1")
        if done.fields:
            return await _page(pages, request, form, errors=errors_of(done), status=done.status)
        return rendering.problem(request, done, again=request.path)

    return [
        web.get(DOUBTS, guarded(show_list, signed_in=True)),
        web.get(DOUBTS + "/{first}/{second}", guarded(show, signed_in=True)),
        web.post(DOUBTS + "/{first}/{second}", guarded(decide, signed_in=True)),
    ]


async def _page(
    pages: PeoplePages,
    request: web.Request,
    typed: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    """A pair with the form, and what was said before."""
    parameters = dict(request.match_info)
    found = await pages.api.ask(request, language_of(request), endpoints.DOUBT, parameters=parameters)
    view: DoubtView = accepted(found)
    faults = dict(errors or {})
    if (keep := faults.pop("keep", "")) and "verdict" not in faults:
        faults["verdict"] = keep
    return pages.rendering.page(
        request,
        "doubt.html",
        status=status,
        again=request.path,
        action=address_of(view),
        key="",
        pair=_shown(pages, request, view),
        view=view,
        zone=pages.zone,
        typed=typed,
        errors=faults,
        done=DONE in request.query and view.verdict is not None,
    )


def _shown(pages: PeoplePages, request: web.Request, row: DoubtRow) -> Mapping[str, Any]:
    """A pair as both pages have it."""
    return {
        "address": address_of(row),
        "number": row.student_number,
        "people": [pages.shown(request, row.first), pages.shown(request, row.second)],
        "same": [pages.rendering.text(language_of(request), f"doubts.same.{name}") for name in row.same],
    }
