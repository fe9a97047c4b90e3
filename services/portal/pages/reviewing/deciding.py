"""What staff do with a file: judge its pieces one after the other, say how it stands, give it back, give it more time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from aiohttp import web

from services.chassis.texts import formats
from services.contracts.actors import Role
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.endpoints.piece_comments import COMMENTS
from services.contracts.api.piece_comments import ListedComments
from services.contracts.api.problem import Problem
from services.contracts.api.review import Deadlines, FileMark, Reopening, ReviewPiece, ReviewView, Verdict
from services.contracts.refusals import STALE_VERSION
from services.portal.api import accepted
from services.portal.forms import command_key, errors_of
from services.portal.pages.profile_fields import DATE_PARTS
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.onward import after_verdict, needed
from services.portal.pages.reviewing.showing import (
    EXAMINED,
    EXTENDED,
    REOPENED,
    address_of,
    next_piece,
    standing,
    typed_day,
)
from services.portal.paths import REVIEW
from services.portal.previews import Previews
from services.portal.rendering import come_back, language_of, see_other

DEADLINE: Final = "submission_deadline"
ON: Final = "on"
TRIES: Final = 3
"""How often a verdict is given anew because something else of the file has changed meanwhile."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    judging, one = _Judging(pages), REVIEW + "/{id}"
    guarded = pages.rendering.guarded
    deciding = (_Deciding(pages, *each) for each in _DECISIONS)
    return [
        web.get(one + "/pieces/{code}", guarded(judging.ask, signed_in=True)),
        web.post(one + "/pieces/{code}", guarded(judging.judge, signed_in=True)),
        *(
            route
            for decision in deciding
            for route in (
                web.get(f"{one}/{decision.path}", guarded(decision.ask, signed_in=True)),
                web.post(f"{one}/{decision.path}", guarded(decision.decide, signed_in=True)),
            )
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Judging:
    """A page for each piece; after it comes the next one that nobody has judged."""

    pages: ReviewPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What is thought of a piece."""
        view = await self.pages.view(request)
        piece = _piece(view, request)
        if not self.pages.showing(request).is_judged(view, piece):
            return see_other(address_of(view.id))
        verdict = piece.state if piece.state in ("validated", "refused") else ""
        comments = await self._comments(request, view, piece)
        return await self._form(request, view, piece, {"verdict": verdict, **_parted(piece, comments)}, comments)

    async def judge(self, request: web.Request) -> web.StreamResponse:
        """Keep the verdict, unless somebody else has said something of this piece since the page was made."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        return await self._judged(request, form, TRIES)

    async def _judged(self, request: web.Request, form: Mapping[str, str], tries: int) -> web.StreamResponse:
        view = await self.pages.view(request)
        piece = _piece(view, request)
        comments = await self._comments(request, view, piece)
        if form.get("standing") != standing(piece) and not _says(piece, form, comments):
            return await self._form(request, view, piece, form, comments, status=412, changed=True)
        if form.get("comment_code") and form.get("listed") != _listed(comments):  # who chooses sees what will be read
            said = self.pages.rendering.text(language_of(request), "review.listed_changed")
            return await self._form(request, view, piece, form, comments, status=412, errors={"comment_code": said})
        done = await self._judge(request, view, piece, form)
        if not isinstance(done, Problem):
            manages = Role.MANAGER.value in self.pages.roles(request)
            return see_other(after_verdict(done, piece.code, manages=manages))
        if done.slug == STALE_VERSION.name and tries > 1:
            return await self._judged(request, form, tries - 1)
        shown = await self._form(request, view, piece, form, comments, status=done.status, errors=errors_of(done))
        return come_back(shown, done)

    async def _judge(
        self, request: web.Request, view: ReviewView, piece: ReviewPiece, form: Mapping[str, str]
    ) -> ReviewView | Problem:
        given: dict[str, Any] = {"verdict": form.get("verdict", "")}
        for name in ("comment", "comment_code"):
            if said := form.get(name, "").strip():
                given[name] = said
        if piece.document is not None:
            given["document"] = piece.document.id
        body = Verdict.model_construct(_fields_set=set(given), **given)
        return await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.JUDGE,
            body=body,
            parameters={"id": view.id, "code": piece.code},
            key=command_key(form, piece.code, *map(str, given.values())),
            if_match=str(view.version),
        )

    async def _comments(self, request: web.Request, view: ReviewView, piece: ReviewPiece) -> ListedComments:
        """The institution's that serve for it; one that has gone meanwhile is refused by the API."""
        parameters = {"id": view.id, "code": piece.code}
        asked = await self.pages.api.ask(request, language_of(request), COMMENTS, parameters=parameters)
        return accepted(asked)

    async def _form(
        self,
        request: web.Request,
        view: ReviewView,
        piece: ReviewPiece,
        typed: Mapping[str, str],
        comments: ListedComments,
        **values: Any,
    ) -> web.Response:
        shown = self.pages.showing(request).piece(view, piece)
        action = address_of(view.id, "pieces", piece.code)
        if piece.document is not None:
            previews = Previews(self.pages.rendering, self.pages.api)
            values["pictures"], values["said"] = await previews.shown(request, piece.document.id, action)
        values["next_piece"] = next_piece(view, piece.code)
        return self.pages.page(
            request,
            view,
            "review_piece.html",
            piece=shown,
            typed=typed,
            comments=comments,
            listed_as=_listed(comments),
            action=action,
            again=action,
            **values,
        )


_DECISIONS: Final[
    tuple[tuple[str, Endpoint[Any, ReviewView], type[FileMark | Reopening | Deadlines], tuple[str, ...]], ...]
] = (
    ("etat", endpoints.MARK, FileMark, EXAMINED),
    ("reouverture", endpoints.REOPEN, Reopening, REOPENED),
    ("delai", endpoints.EXTEND, Deadlines, EXTENDED),
)


@dataclass(frozen=True, slots=True)
class _Deciding:
    """A page for something that is done to the file as a whole."""

    pages: ReviewPages
    path: str
    endpoint: Endpoint[Any, ReviewView]
    body: type[FileMark | Reopening | Deadlines]
    states: tuple[str, ...]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What shall be done; back to the file where that cannot be, or not by this member of staff."""
        view = await self.pages.view(request)
        if view.state not in self.states or Role.MANAGER.value not in self.pages.roles(request):
            return see_other(address_of(view.id))
        typed = {}
        if self.body is FileMark and (state := needed(view)):
            typed = {"state": state}
        if self.body is Deadlines:
            year, month, day = view.submission_deadline.split("-")
            typed = dict(zip(_parts(DEADLINE), (day.lstrip("0"), month.lstrip("0"), year), strict=True))
        return self._form(request, view, typed)

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Do it to the file as it was when the page was made: who decides on another one is shown it first."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        id, given = request.match_info["id"], self._given(form)
        done = await self.pages.api.ask(
            request,
            language_of(request),
            self.endpoint,
            body=self.body.model_construct(_fields_set=set(given), **given),
            parameters={"id": id},
            key=command_key(form, *map(str, given.values())) if self.endpoint.takes_key else None,
            if_match=form.get("version", ""),
        )
        if not isinstance(done, Problem):
            if self.body is Deadlines and given.get(DEADLINE, done.submission_deadline) < done.submission_deadline:
                return self._not_later(request, done, form)
            return see_other(address_of(id))
        view = await self.pages.view(request)
        if done.slug == STALE_VERSION.name:
            if self.body is Deadlines and given.get(DEADLINE) == view.submission_deadline:
                return see_other(address_of(id))  # pressed twice
            return self._form(request, view, form, status=412, changed=True)
        return come_back(self._form(request, view, form, status=done.status, errors=errors_of(done)), done)

    def _not_later(self, request: web.Request, view: ReviewView, form: Mapping[str, str]) -> web.Response:
        """An earlier last day has no effect (acceptance 73), and who wanted one is told so."""
        language = language_of(request)
        day = formats.day(date.fromisoformat(view.submission_deadline), language)
        said = self.pages.rendering.text(language, "review.not_later", deadline=day)
        return self._form(request, view, form, status=422, errors={DEADLINE: said})

    def _given(self, form: Mapping[str, str]) -> dict[str, Any]:
        given: dict[str, Any] = {
            name: value
            for name in ("state", "reason")
            if name in self.body.model_fields and (value := form.get(name, "").strip())
        }
        for name in (ON, DEADLINE):
            if name in self.body.model_fields and (day := typed_date(form, name)):
                given[name] = day
        return given

    def _form(self, request: web.Request, view: ReviewView, typed: Mapping[str, str], **values: Any) -> web.Response:
        action = address_of(view.id, self.path)
        parts, since = ([(part, typed.get(f"{name}-{part}", "")) for part in DATE_PARTS] for name in (DEADLINE, ON))
        return self.pages.page(
            request,
            view,
            f"review_{self.path}.html",
            typed=typed,
            parts=parts,
            since=since,
            action=action,
            again=action,
            **values,
        )


def _parts(name: str) -> tuple[str, ...]:
    return tuple(f"{name}-{part}" for part in DATE_PARTS)


def typed_date(form: Mapping[str, str], name: str) -> str:
    """The day that was typed, as `typed_day` reads it; empty for nothing."""
    day, month, year = (form.get(part, "").strip() for part in _parts(name))
    return typed_day(day, month, year) if day or month or year else ""


def _piece(view: ReviewView, request: web.Request) -> ReviewPiece:
    for piece in view.pieces:
        if piece.code == request.match_info["code"]:
            return piece
    raise web.HTTPNotFound


def _says(piece: ReviewPiece, form: Mapping[str, str], comments: ListedComments) -> bool:
    """Whether the piece stands already as the form wants it: the button was pressed twice."""
    state = {"none": "deposited"}.get(form.get("verdict", ""), form.get("verdict", ""))
    comment, code = form.get("comment", "").replace("\r\n", "\n").strip(), form.get("comment_code", "")
    return (piece.state, _parted(piece, comments)) == (state, {"comment_code": code, "comment": comment})


def _listed(comments: ListedComments) -> str:
    """What tells the comments that a page offers from others, or from the same in another language."""
    return hashlib.sha256(comments.model_dump_json().encode()).hexdigest()[:16]


def _parted(piece: ReviewPiece, comments: ListedComments) -> dict[str, str]:
    """What stands on a piece: the institution's comment, as long as it is so and can be chosen, and the words beside it."""
    said = piece.comment or ""
    for each in comments.items:
        if each.code == piece.comment_code and (said == each.text or said.startswith(f"{each.text}\n")):
            return {"comment_code": each.code, "comment": said.removeprefix(each.text).removeprefix("\n")}
    return {"comment_code": "", "comment": said}
