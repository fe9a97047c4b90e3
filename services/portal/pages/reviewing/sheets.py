"""What staff keep beside a file for themselves, and what was done to it; no page of its candidate shows any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.review import ReviewView
from services.contracts.api.sheets import Assignment, AuditPage, NewNote, TagSet
from services.portal.api import accepted
from services.portal.forms import MAX_LONG_FORM_BYTES, command_key, errors_of
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.pages.reviewing.trail import TrailShowing
from services.portal.paths import REVIEW
from services.portal.rendering import come_back, language_of, see_other

NOBODY: Final = "nobody"
"""Who looks after a file that nobody does, in forms."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded, one = _Sheets(pages), pages.rendering.guarded, REVIEW + "/{id}"
    return [
        web.get(one + "/notes", guarded(own.ask_note, signed_in=True)),
        web.post(one + "/notes", guarded(own.add_note, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
        web.get(one + "/etiquettes", guarded(own.ask_tags, signed_in=True)),
        web.post(one + "/etiquettes", guarded(own.set_tags, signed_in=True)),
        web.get(one + "/suivi", guarded(own.ask_assignee, signed_in=True)),
        web.post(one + "/suivi", guarded(own.assign, signed_in=True)),
        web.get(one + "/historique", guarded(own.history, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Sheets:
    pages: ReviewPages

    async def ask_note(self, request: web.Request) -> web.StreamResponse:
        """What is to be written down."""
        return self._form(request, await self.pages.view(request), "notes", {})

    async def add_note(self, request: web.Request) -> web.StreamResponse:
        """Write it down."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        text = form.get("text", "")
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.ADD_NOTE,
            body=NewNote.model_construct(text=text),
            parameters={"id": request.match_info["id"]},
            key=command_key(form, text),
        )
        return await self._done(request, done, "notes", form)

    async def ask_tags(self, request: web.Request) -> web.StreamResponse:
        """Which tags the file has."""
        view = await self.pages.view(request)
        return self._form(request, view, "etiquettes", {"tags": ", ".join(view.tags)})

    async def set_tags(self, request: web.Request) -> web.StreamResponse:
        """Put what was typed, parted by commas, in their place."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        tags = [tag for each in form.get("tags", "").split(",") if (tag := each.strip())]
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.SET_TAGS,
            body=TagSet.model_construct(tags=tags),
            parameters={"id": request.match_info["id"]},
        )
        return await self._done(request, done, "etiquettes", form)

    async def ask_assignee(self, request: web.Request) -> web.StreamResponse:
        """Who is to look after the file."""
        view = await self.pages.view(request)
        return await self._colleagues(request, view, view.assignee or NOBODY)

    async def assign(self, request: web.Request) -> web.StreamResponse:
        """Have oneself, a colleague or nobody look after the file."""
        form = await self.pages.rendering.form(request)
        id, reader = request.match_info["id"], self.pages.showing(request).reader
        if form is None:
            return self.pages.rendering.foreign(request, again=address_of(id))
        chosen = form.get("assignee", "")
        assignee = {"me": reader, NOBODY: None, "none": None}.get(chosen, chosen)
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.ASSIGN,
            body=Assignment.model_construct(assignee=assignee),
            parameters={"id": id},
        )
        if not isinstance(done, Problem):
            return see_other(f"{address_of(id)}#sheet")
        errors, view = errors_of(done), await self.pages.view(request)
        return come_back(await self._colleagues(request, view, chosen, status=done.status, errors=errors), done)

    async def _colleagues(self, request: web.Request, view: ReviewView, chosen: str, **values: Any) -> web.Response:
        language, reader = language_of(request), self.pages.showing(request).reader
        asked = await self.pages.api.ask(request, language, endpoints.CHOICES)
        text = self.pages.rendering.text
        offered = [(reader, text(language, "review.suivi_me")), (NOBODY, text(language, "review.suivi_nobody"))]
        offered += [(each.code, each.label) for each in accepted(asked).assignees if each.code != reader]
        return self._form(request, view, "suivi", {"assignee": chosen}, offered=offered, **values)

    async def history(self, request: web.Request) -> web.StreamResponse:
        """A page of all that was done to the file."""
        view, after = await self.pages.view(request), request.query.get("after")
        query = AuditPage.model_construct(_fields_set=set() if after is None else {"after"}, after=after)
        answer = await self.pages.api.ask(
            request, language_of(request), endpoints.AUDIT, query=query, parameters={"id": view.id}
        )
        found, shows = accepted(answer), TrailShowing(self.pages.showing(request), view)
        return self.pages.page(
            request,
            view,
            "review_historique.html",
            entries=[shows.entry(each) for each in found.items],
            first=after is None,
            next=found.next,
            again=address_of(view.id, "historique"),
        )

    async def _done(
        self, request: web.Request, done: ReviewView | Problem, path: str, form: Mapping[str, str]
    ) -> web.StreamResponse:
        if not isinstance(done, Problem):
            return see_other(f"{address_of(done.id)}#sheet")
        errors = {name.partition(".")[0]: text for name, text in errors_of(done).items()}
        view = await self.pages.view(request)
        return come_back(self._form(request, view, path, form, status=done.status, errors=errors), done)

    def _form(
        self, request: web.Request, view: ReviewView, path: str, typed: Mapping[str, str], **values: Any
    ) -> web.Response:
        action = address_of(view.id, path)
        return self.pages.page(request, view, f"review_{path}.html", typed=typed, action=action, again=action, **values)
