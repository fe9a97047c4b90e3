"""The questions of an application's programme: a page for each, and its answer taken back by a button."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api.applications import AnswerQuestion, ApplicationView, QuestionView
from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.problem import Problem
from services.contracts.refusals import STALE_VERSION
from services.portal.forms import MAX_LONG_FORM_BYTES, errors_of
from services.portal.pages.applying.own import ApplicationPages
from services.portal.pages.applying.showing import address_of, question_anchor
from services.portal.paths import ONE
from services.portal.rendering import come_back, language_of, see_other

QUESTION: Final = ONE + "/questions/{question}"
BEFORE: Final = "before"
"""The field that says which answer stood there when the form was made."""
TRIES: Final = 3
"""Another piece of the application may be given in the very moment."""


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The routes."""
    own = _Questions(pages)
    guarded = pages.rendering.guarded
    return [
        web.get(QUESTION, guarded(own.ask, signed_in=True)),
        web.post(QUESTION, guarded(own.answer, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
        web.post(QUESTION + "/retrait", guarded(own.take_back, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Questions:
    pages: ApplicationPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The question with what is answered to it; back to the application where nothing can be answered any more."""
        view = await self.pages.view(request)
        question = _question(view, request)
        if not self.pages.showing(request).editable(view):
            return _to_question(request)
        return self._form(request, view, question, question.answer or "")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Keep the answer; what is refused stays typed, with the reason, and nothing is written over unseen (two tabs)."""
        rendering = self.pages.rendering
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request, again=request.path)
        typed = form.get("answer", "")
        body, left = AnswerQuestion.model_construct(answer=typed), TRIES
        while True:
            view = await self.pages.view(request)
            question = _question(view, request)
            if not _has_seen(form, question, typed):
                changed = {"answer": rendering.text(language_of(request), "question.changed")}
                return self._form(
                    request, view, question, typed, status=412, errors=changed, kept=question.answer or ""
                )
            tag = str(view.version)
            done = await self.pages.api.ask(
                request, language_of(request), endpoints.ANSWER, body=body, parameters=_names(request), if_match=tag
            )
            if not isinstance(done, Problem):
                return _to_question(request)
            left -= 1
            if done.slug != STALE_VERSION.name or not left:
                break
        shown = self._form(request, view, question, typed, status=done.status, errors=errors_of(done))
        return come_back(shown, done)

    async def take_back(self, request: web.Request) -> web.StreamResponse:
        """Leave the question unanswered again."""
        rendering = self.pages.rendering
        if await rendering.form(request) is None:
            return rendering.foreign(request, again=address_of(request.match_info["id"]))
        done = await self.pages.api.ask(request, language_of(request), endpoints.TAKE_BACK, parameters=_names(request))
        return rendering.problem(request, done) if isinstance(done, Problem) else _to_question(request)

    def _form(
        self, request: web.Request, view: ApplicationView, question: QuestionView, typed: str, **values: Any
    ) -> web.Response:
        address = address_of(view.id, "questions", question.code)
        return self.pages.page(
            request,
            view,
            "question.html",
            again=address,
            action=address,
            question=question,
            typed=typed,
            before=_digest(question.answer),
            **values,
        )


def _names(request: web.Request) -> dict[str, str]:
    return {"id": request.match_info["id"], "question": request.match_info["question"]}


def _digest(answer: str | None) -> str:
    """What stands for an answer in a form; empty for none."""
    return "" if answer is None else hashlib.sha256(answer.encode()).hexdigest()[:32]


def _has_seen(form: Mapping[str, str], question: QuestionView, typed: str) -> bool:
    """Whether who answers knows the answer that is there, or gives the same one."""
    same = typed.replace("\r\n", "\n").strip() == (question.answer or "")
    return same or form.get(BEFORE, "") == _digest(question.answer)


def _question(view: ApplicationView, request: web.Request) -> QuestionView:
    for question in view.questions:
        if question.code == request.match_info["question"]:
            return question
    raise web.HTTPNotFound


def _to_question(request: web.Request) -> web.Response:
    """Back to the question on its application's page."""
    names = request.match_info
    return see_other(f"{address_of(names['id'])}#{question_anchor(names['question'])}")
