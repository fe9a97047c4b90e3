"""The calls by which support tells apart who bears one student number."""

from __future__ import annotations

from collections.abc import Sequence

from services.accounts.domain.doubts import same
from services.accounts.usecases import doubts
from services.accounts.usecases.app import App
from services.accounts.usecases.doubts import Pair
from services.accounts.views import Views, person_row
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import doubts as api
from services.contracts.api.endpoints import doubts as endpoints
from services.contracts.instants import instant_text


class _Doubts:
    """One method per route."""

    def __init__(self, app: App, shown: Views) -> None:
        self._app = app
        self._views = shown

    async def page(self, request: Request) -> Response[api.Doubts]:
        asked = request.query(api.DoubtsPage)
        place = self._views.pair_behind(asked.after)
        found, behind = await doubts.page(self._app, request.actor, place, asked.limit, request.command)
        next = None if behind is None else self._views.behind_pair(behind)
        return Response(api.Doubts(items=[_row(pair) for pair in found], next=next))

    async def pair(self, request: Request) -> Response[api.DoubtView]:
        found = await doubts.pair(self._app, request.actor, _ids(request), request.command)
        return Response(await self._view(found), etag=found.version)

    async def decide(self, request: Posted[api.DoubtVerdict]) -> Response[api.DoubtView]:
        done = doubts.decide(self._app, request.actor, _ids(request), request.body, request.command)
        found, events = await done
        return Response(await self._view(found), etag=found.version, events=events)

    async def _view(self, pair: Pair) -> api.DoubtView:
        verdict = pair.verdict
        if verdict is None:
            return api.DoubtView(**dict(_row(pair)))
        return api.DoubtView(
            **dict(_row(pair)),
            verdict=verdict.kind,
            closed=verdict.closed or None,
            at=instant_text(verdict.at),
            actor=verdict.by,
            email=await self._views.email_of(verdict.by),
            reason=verdict.reason,
            version=pair.version,
        )


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes of pairs that may be one person."""
    handlers = _Doubts(app, views)
    return [
        Route(endpoints.DOUBTS, handlers.page),
        Route(endpoints.DOUBT, handlers.pair),
        Route(endpoints.DECIDE, handlers.decide),
    ]


def _ids(request: Request) -> tuple[str, str]:
    return request.path["first"], request.path["second"]


def _row(pair: Pair) -> api.DoubtRow:
    first, second = pair.first.state, pair.second.state
    identity = first.profile.identity
    return api.DoubtRow(
        first=person_row(pair.first),
        second=person_row(pair.second),
        student_number="" if identity is None else identity.national_student_number or "",
        same=same(first, second),  # type: ignore[arg-type]  # of the names that are told
    )
