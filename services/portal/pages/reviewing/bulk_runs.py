"""Acts for many files that are under way or over: what came of each, and how they are undone (ADR 112).

The page of one that goes on tells how far it is, with a script by itself and without one by a link.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from services.contracts.api.bulk import BulkView
from services.contracts.api.bulk_runs import RunInBrief, RunView, UndoBody
from services.contracts.api.endpoints import bulk_runs as endpoints
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.contracts.refusals.applications import PREMISES_CHANGED
from services.portal.api import Refused, accepted
from services.portal.forms import command_key
from services.portal.pages.reviewing.bulk_shown import grouped
from services.portal.pages.reviewing.listing import ReviewPages, list_of
from services.portal.paths import REVIEW
from services.portal.rendering import POLICY, language_of, see_other
from services.portal.visits import LoginNeeded

RUNS: Final = REVIEW + "/lots"
ONE: Final = RUNS + "/{run:[0-9a-z]{26}[u-z]?}"
_OVER: Final = ("ready", "failed")


def address_of_run(id: str, *parts: str) -> str:
    """The address of a page of a run."""
    return "/".join((RUNS, id, *parts))


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    runs, guarded = _Runs(pages), pages.rendering.guarded
    return [
        web.get(RUNS, guarded(runs.own, signed_in=True)),
        web.get(ONE, guarded(runs.show, signed_in=True)),
        web.get(ONE + "/avancement", guarded(runs.progress)),
        web.get(ONE + "/annulation", guarded(runs.foresee, signed_in=True)),
        web.post(ONE + "/annulation", guarded(runs.undo, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Runs:
    pages: ReviewPages

    async def own(self, request: web.Request) -> web.StreamResponse:
        """One's own."""
        found = await self.pages.api.ask(request, language_of(request), endpoints.OWN)
        items = [self._brief(request, each) for each in accepted(found).items]
        return self.pages.rendering.page(request, "review_bulk_runs.html", items=items, back=list_of(request))

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One, with what came of it for each file."""
        view = await self._view(request)
        run, undone = self._brief(request, view), view.undone
        asked = {"fait": view.done} | ({} if run["by"] is None else {"collegue": "oui"})
        return self.pages.rendering.page(
            request,
            "review_bulk_done.html",
            policy=POLICY if run["over"] else f"{POLICY}; script-src 'self'; connect-src 'self'",
            back=list_of(request),
            run=run,
            groups=grouped(self.pages, request, view.items),
            undo=address_of_run(view.id, "annulation") if undone.possible else None,
            undone=undone.run and address_of_run(undone.run),
            lasts=undone.why_not,
            progress=f"{address_of_run(view.id, 'avancement')}?{urlencode(asked)}",
        )

    async def progress(self, request: web.Request) -> web.StreamResponse:
        """How far it is, where that is further than was seen: nothing (204) otherwise, 401 for who is logged in no more."""
        headers = {"Cache-Control": "no-store"}
        try:
            view = await self._in_brief(request)
        except LoginNeeded:
            return web.Response(status=401, headers=headers)
        if isinstance(view, Problem):
            return web.Response(status=view.status, headers=headers)
        run = self._brief(request, view)
        if not run["over"] and request.query.get("fait") == str(view.done):
            return web.Response(status=204, headers=headers)
        told = {name: run[name] for name in ("done", "words", "over")}
        return web.json_response(told, headers=headers)

    async def foresee(self, request: web.Request) -> web.StreamResponse:
        """What would be put back."""
        view = await self._view(request)
        return await self._foreseen(request, view)

    async def undo(self, request: web.Request) -> web.StreamResponse:
        """Put it back as was foreseen; where a file has changed since, tell anew what would be."""
        id = request.match_info["run"]
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=address_of_run(id, "annulation"))
        digest = form.get("digest", "")
        body = UndoBody.model_construct(_fields_set={"digest"}, digest=digest)
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.UNDO,
            parameters={"run": id},
            body=body,
            key=command_key(form, id, digest),
        )
        if isinstance(done, Problem):
            if done.slug == PREMISES_CHANGED.name:
                return await self._foreseen(request, await self._view(request), status=409, changed=True)
            raise Refused(done)
        return see_other(address_of_run(done.run.id if done.run else id))

    async def _foreseen(
        self, request: web.Request, view: RunView, *, status: int = 200, changed: bool = False
    ) -> web.Response:
        told = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.UNDO,
            parameters={"run": view.id},
            body=UndoBody.model_construct(_fields_set={"dry_run"}, dry_run=True),
        )
        found: BulkView | None = accepted(told).preview
        if found is None:
            return see_other(address_of_run(view.id))
        return self.pages.rendering.page(
            request,
            "review_bulk_undo.html",
            status=status,
            again=address_of_run(view.id, "annulation"),
            action=address_of_run(view.id, "annulation"),
            back=address_of_run(view.id),
            run=self._brief(request, view),
            view=found,
            mailed=any(item.mails for item in (*view.items, *found.items)),
            groups=grouped(self.pages, request, found.items),
            changed=changed,
            key=secrets.token_urlsafe(16),
        )

    async def _in_brief(self, request: web.Request) -> RunInBrief | Problem:
        """A run without its files where it is one's own: whoever waits asks again and again."""
        language, id = language_of(request), request.match_info["run"]
        if "collegue" in request.query:
            return await self.pages.api.ask(request, language, endpoints.ONE, parameters={"run": id})
        own = await self.pages.api.ask(request, language, endpoints.OWN)
        if isinstance(own, Problem):
            return own
        for each in own.items:
            if each.id == id:
                return each
        return await self.pages.api.ask(request, language, endpoints.ONE, parameters={"run": id})

    async def _view(self, request: web.Request) -> RunView:
        found = await self.pages.api.ask(
            request, language_of(request), endpoints.ONE, parameters={"run": request.match_info["run"]}
        )
        return accepted(found)

    def _brief(self, request: web.Request, view: RunInBrief) -> Mapping[str, Any]:
        showing, language, rendering = self.pages.showing(request), language_of(request), self.pages.rendering
        what = rendering.text(language, f"review.bulk.{view.action}")
        return {
            "address": address_of_run(view.id),
            "what": what if view.undoes is None else rendering.text(language, "bulk.undoing", what=what),
            "undoes": view.undoes and address_of_run(view.undoes),
            "over": view.state in _OVER,
            "state": view.state,
            "state_label": view.state_label,
            "reason": view.reason_text,
            "done": view.done,
            "total": view.total,
            "words": rendering.text(language, "bulk.progress", done=view.done, total=view.total),
            "changed": view.changed,
            "unchanged": view.unchanged,
            "refused": view.refused,
            "by": None if view.account == showing.reader else view.known_as or "",
            "asked_at": showing.moment(instant(view.asked_at)),
            "expires_at": showing.moment(instant(view.expires_at)),
        }
