"""What a candidate answers to the place that is offered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.contracts.api.applications import ApplicationView
from services.contracts.api.decisions import PlaceAnswer
from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.problem import Problem
from services.portal.forms import command_key, errors_of
from services.portal.pages.applying.own import ApplicationPages
from services.portal.pages.applying.showing import address_of
from services.portal.paths import ONE
from services.portal.rendering import come_back, language_of, see_other


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The routes."""
    own = _Answering(pages)
    guarded = pages.rendering.guarded
    return [
        web.get(ONE + "/reponse", guarded(own.ask, signed_in=True)),
        web.post(ONE + "/reponse", guarded(own.answer, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Answering:
    pages: ApplicationPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What can be answered, and what comes of it; back to the application where nothing can."""
        view = await self.pages.view(request)
        if not view.possible_answers:
            return see_other(address_of(view.id))
        return self._form(request, view, {})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer; to withdraw, which is for ever, one is asked once more."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        id, given = request.match_info["id"], form.get("answer", "")
        if given == "withdraw" and "sure" not in form:
            view = await self.pages.view(request)
            if view.answer == given or given in view.possible_answers:
                return self._form(request, view, form, template="withdrawal.html")
        said: dict[str, Any] = {"answer": given} if given else {}
        body = PlaceAnswer.model_construct(_fields_set=set(said), **said)
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.ANSWER_PLACE,
            body=body,
            parameters={"id": id},
            key=command_key(form, id, given),
        )
        if not isinstance(done, Problem):
            return see_other(address_of(id))
        view = await self.pages.view(request)
        if not view.possible_answers:
            return come_back(self.pages.page(request, view, status=done.status, errors={"": done.detail}), done)
        return come_back(self._form(request, view, form, status=done.status, errors=errors_of(done)), done)

    def _form(
        self,
        request: web.Request,
        view: ApplicationView,
        typed: Mapping[str, str],
        *,
        template: str = "answer.html",
        **values: Any,
    ) -> web.Response:
        action = address_of(view.id, "reponse")
        return self.pages.page(request, view, template, again=action, action=action, typed=typed, **values)
