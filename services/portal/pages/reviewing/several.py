"""One verdict for several pieces of a file, in one step (acceptance 124)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.review import PieceVerdict, ReviewView, Verdicts
from services.contracts.refusals import STALE_VERSION
from services.portal.forms import FIELDS, command_key, errors_of
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import REVIEW
from services.portal.rendering import come_back, language_of, see_other


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    several, guarded = _Several(pages), pages.rendering.guarded
    path = REVIEW + "/{id}/avis"
    return [
        web.get(path, guarded(several.ask, signed_in=True)),
        web.post(path, guarded(several.judge, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Several:
    pages: ReviewPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Which pieces, those that nobody has judged being ticked, and what is thought of them."""
        view = await self.pages.view(request)
        ticked = _untouched(view)
        if not any(self.pages.showing(request).is_judged(view, piece) for piece in view.pieces):
            return see_other(address_of(view.id))
        return self._form(request, view, ticked, {})

    async def judge(self, request: web.Request) -> web.StreamResponse:
        """Keep the verdict for all of them, or for none."""
        rendering = self.pages.rendering
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request, again=request.path)
        view = await self.pages.view(request)
        ticked = [value for name, value in request[FIELDS] if name == "piece"]
        if not ticked:
            error = rendering.text(language_of(request), "review.choose_pieces")
            return self._form(request, view, ticked, form, status=422, errors={"piece": error})
        body = Verdicts.model_construct(verdicts=[_verdict(view, code, form) for code in ticked])
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.JUDGE_SEVERAL,
            body=body,
            parameters={"id": view.id},
            key=command_key(form, *ticked, form.get("verdict", ""), form.get("comment", "")),
            if_match=form.get("version", ""),
        )
        if not isinstance(done, Problem):
            return see_other(address_of(view.id))
        if done.slug == STALE_VERSION.name:
            left = [code for code in ticked if code in _untouched(view)]
            return self._form(request, view, left, form, status=412, changed=True)
        errors = {name.rpartition(".")[2]: text for name, text in errors_of(done).items()}
        return come_back(self._form(request, view, ticked, form, status=done.status, errors=errors), done)

    def _form(
        self, request: web.Request, view: ReviewView, ticked: list[str], typed: Any, **values: Any
    ) -> web.Response:
        showing, action = self.pages.showing(request), address_of(view.id, "avis")
        options = [
            {
                "value": piece.code,
                "text": piece.label,
                "hint": {"text": showing.piece(view, piece)["hint"]},
                "checked": piece.code in ticked,
            }
            for piece in view.pieces
            if showing.is_judged(view, piece)
        ]
        return self.pages.page(
            request, view, "review_avis.html", options=options, typed=typed, action=action, again=action, **values
        )


def _untouched(view: ReviewView) -> list[str]:
    """Pieces of which nobody has said anything."""
    return [piece.code for piece in view.pieces if piece.state == "deposited" and not piece.comment]


def _verdict(view: ReviewView, code: str, form: Any) -> PieceVerdict:
    """Where no comment is typed the one that stands there stays."""
    given: dict[str, Any] = {"code": code, "verdict": form.get("verdict", "")}
    comment = form.get("comment", "").strip()
    for piece in view.pieces:
        if piece.code == code:
            comment = comment or piece.comment or ""
            if piece.document is not None:
                given["document"] = piece.document.id
    if comment:
        given["comment"] = comment
    return PieceVerdict.model_construct(_fields_set=set(given), **given)
