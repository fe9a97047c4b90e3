"""The pages by which staff fill in a file in its candidate's place, for who came with paper: each act says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.actors import Role
from services.contracts.api.applications import PieceView, QuestionView
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import in_place as endpoints
from services.contracts.api.in_place import (
    LONGEST_REASON,
    AnswerInPlace,
    DeclareInPlace,
    DepositInPlace,
    FileInPlace,
    InPlace,
)
from services.contracts.api.problem import Problem
from services.portal.api import accepted
from services.portal.forms import KEY, MAX_LONG_FORM_BYTES, command_key, errors_of
from services.portal.pages.applying.file_form import FileForm, Misnamed, TooLargeTogether, Unreadable, file_form
from services.portal.pages.applying.own import ApplicationPages
from services.portal.pages.applying.showing import Showing
from services.portal.pages.applying.uploading import TooLargeFile, TooManyFiles, Uploading
from services.portal.pages.reviewing.kept_reasons import keep, kept
from services.portal.pages.reviewing.listing import UNPROCESSABLE, ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import IN_PLACE, PEOPLE, PIECE_IN_PLACE
from services.portal.rendering import come_back, language_of, see_other

REASON: Final = "reason"
"""The field that says why."""
EXAMINERS: Final = frozenset({Role.MANAGER.value, Role.COMMISSION.value})
PIECE_ACTS: Final = {"retrait": "remove", "non-concerne": "declare_not_applicable", "concerne": "declare_applicable"}


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _InPlace(pages), pages.rendering.guarded
    return [
        web.get(IN_PLACE, guarded(own.show, signed_in=True)),
        web.get(PIECE_IN_PLACE, guarded(own.ask_deposit, signed_in=True)),
        *(
            route
            for path, act in PIECE_ACTS.items()
            for route in (
                web.get(f"{PIECE_IN_PLACE}/{path}", guarded(own.asking(act), signed_in=True)),
                web.post(f"{PIECE_IN_PLACE}/{path}", guarded(own.doing(act), signed_in=True)),
            )
        ),
        web.get(IN_PLACE + "/questions/{question}", guarded(own.ask_answer, signed_in=True)),
        web.post(
            IN_PLACE + "/questions/{question}",
            guarded(own.answer, signed_in=True, longest=MAX_LONG_FORM_BYTES),
        ),
        web.get(IN_PLACE + "/transmission", guarded(own.asking("submit"), signed_in=True)),
        web.post(IN_PLACE + "/transmission", guarded(own.doing("submit"), signed_in=True)),
    ]


def upload_routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The route that reads its body itself."""
    return [web.post(PIECE_IN_PLACE, pages.rendering.guarded(_InPlace(pages).deposit, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _InPlace:
    """One page that shows what can be done, and one for each act, where its reason is given."""

    pages: ReviewPages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The file as its candidate has it, with what can be done in their place."""
        seen = await self._seen(request)
        return self._page(request, seen, "review_in_place.html")

    async def ask_deposit(self, request: web.Request) -> web.StreamResponse:
        """Which file to put into a piece; back where nothing can be put."""
        seen = await self._seen(request)
        piece = _piece(seen, request)
        if piece.state != "awaiting" or not self._showing(request).editable(seen.application):
            return see_other(address_of(seen.application.id, "au-nom"))
        return self._deposit_form(request, seen, piece, {})

    async def deposit(self, request: web.Request) -> web.StreamResponse:
        """Take the file in, bounded while it comes, and put it into its piece."""
        seen = await self._seen(request)
        piece, text, language = _piece(seen, request), self.pages.rendering.text, language_of(request)
        uploading = Uploading(self._own, request, piece, seen.application.id)
        form: FileForm | None = None
        try:
            form = await file_form(request, self.pages.rendering.csrf)
            if form is None:
                return self.pages.rendering.foreign(request, again=request.path)
            errors = self._unsaid(request, form.fields)
            if form.is_empty:
                errors["file"] = text(language, "piece.missing")
            if errors:
                return self._deposit_form(request, seen, piece, form.fields, status=UNPROCESSABLE, errors=errors)
            uploaded = await uploading.take(form)
        except (TooManyFiles, TooLargeFile, TooLargeTogether) as error:
            said, status = uploading.why_not(error)
        except Misnamed:
            said, status = text(language, "piece.misnamed"), UNPROCESSABLE
        except Unreadable:
            said, status = text(language, "piece.cut"), 400
        else:
            if isinstance(uploaded, Problem):
                return self._wrong(request, await self._seen(request), form.fields, uploaded)
            given = {"receipt": uploaded.receipt, REASON: form.fields[REASON].strip()}
            return await self._done(request, "deposit", form.fields, given)
        typed = {} if form is None else form.fields
        return self._deposit_form(request, seen, piece, typed, status=status, errors={"file": said})

    def asking(self, act: str) -> Any:
        """A handler that asks why a small act is done; back where it cannot be."""

        async def ask(request: web.Request) -> web.StreamResponse:
            seen = await self._seen(request)
            if not self._is_open(request, seen, act):
                return see_other(address_of(seen.application.id, "au-nom"))
            return self._act_form(request, seen, act, {})

        return ask

    def doing(self, act: str) -> Any:
        """A handler that does a small act."""

        async def do(request: web.Request) -> web.StreamResponse:
            form = await self.pages.rendering.form(request)
            if form is None:
                return self.pages.rendering.foreign(request, again=request.path)
            if errors := self._unsaid(request, form):
                seen = await self._seen(request)
                return self._act_form(request, seen, act, form, status=UNPROCESSABLE, errors=errors)
            return await self._done(request, act, form, {REASON: form[REASON].strip()})

        return do

    async def ask_answer(self, request: web.Request) -> web.StreamResponse:
        """What is answered to a question; back where nothing can be answered any more."""
        seen = await self._seen(request)
        question = _question(seen, request)
        if not self._showing(request).editable(seen.application):
            return see_other(address_of(seen.application.id, "au-nom"))
        return self._answer_form(request, seen, question, {"answer": question.answer or ""})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Keep an answer; an empty one leaves the question unanswered."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        if errors := self._unsaid(request, form):
            seen = await self._seen(request)
            question = _question(seen, request)
            return self._answer_form(request, seen, question, form, status=UNPROCESSABLE, errors=errors)
        given = {"answer": form.get("answer", "").strip() or None, REASON: form[REASON].strip()}
        return await self._done(request, "answer", form, given)

    # --- what they have in common ---------------------------------------------------------------------------------

    @property
    def _own(self) -> ApplicationPages:
        return ApplicationPages(self.pages.rendering, self.pages.api, self.pages.zone)

    def _showing(self, request: web.Request) -> Showing:
        return self._own.showing(request)

    async def _seen(self, request: web.Request) -> FileInPlace:
        """The file as its candidate sees it, and whose it is; raises Refused."""
        parameters = {"id": request.match_info["id"]}
        seen = await self.pages.api.ask(request, language_of(request), endpoints.SEE, parameters=parameters)
        return accepted(seen)

    def _unsaid(self, request: web.Request, form: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with the reason, before a file is moved for it."""
        said, language = form.get(REASON, "").strip(), language_of(request)
        if not said:
            return {REASON: self.pages.rendering.text(language, "in_place.unsaid")}
        if len(said) > LONGEST_REASON:
            return {REASON: self.pages.rendering.text(language, "in_place.too_long", max=LONGEST_REASON)}
        return {}

    def _reads(self, request: web.Request) -> bool:
        return bool(self.pages.roles(request) & EXAMINERS)

    def _is_open(self, request: web.Request, seen: FileInPlace, act: str) -> bool:
        if act == "submit":
            return seen.application.can_submit
        shown = self._showing(request)
        piece = shown.piece(seen.application.id, _piece(seen, request), editable=shown.editable(seen.application))
        able = {"remove": "removable", "declare_not_applicable": "declarable", "declare_applicable": "undeclarable"}
        return bool(piece[able[act]])

    async def _done(
        self, request: web.Request, act: str, form: Mapping[str, str], given: Mapping[str, Any]
    ) -> web.StreamResponse:
        """Do it; then back to the page of all, where the next form begins with the same reason."""
        endpoint, model, more = _CALLS[act]
        given = {**given, **more}
        names = {name: value for name, value in request.match_info.items() if name in ("id", "code", "question")}
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoint,
            body=model.model_construct(_fields_set=set(given), **given),
            parameters=names,
            if_match=form.get("version") or None,
            key=command_key(
                form,
                act,
                *names.values(),
                *(f"{given[each]}" for each in ("receipt", "answer", REASON) if each in given),
            ),
        )
        if isinstance(done, Problem):
            return self._wrong(request, await self._seen(request), form, done, act)
        # Who examines nothing sees a file while it can be filled in.
        is_over = act == "submit" and not self._reads(request)
        response = see_other(PEOPLE if is_over else address_of(names["id"], "au-nom"))
        keep(self.pages.rendering, request, response, given[REASON], address_of(names["id"], "au-nom"))
        return response

    def _wrong(
        self,
        request: web.Request,
        seen: FileInPlace,
        form: Mapping[str, str],
        problem: Problem,
        act: str = "deposit",
    ) -> web.StreamResponse:
        """The form again, with why it was refused."""
        errors = errors_of(problem) if problem.fields else {}
        values = {"status": problem.status, "errors": errors or {"": problem.detail or problem.title}}
        match act:
            case "deposit":
                values["errors"] = errors or {"file": problem.detail or problem.title}
                page = self._deposit_form(request, seen, _piece(seen, request), form, **values)
            case "answer":
                page = self._answer_form(request, seen, _question(seen, request), form, **values)
            case _:
                page = self._act_form(request, seen, act, form, **values)
        return come_back(page, problem)

    def _deposit_form(
        self, request: web.Request, seen: FileInPlace, piece: PieceView, typed: Mapping[str, str], **values: Any
    ) -> web.Response:
        shown = self._showing(request).piece(seen.application.id, piece, editable=True)
        accept = ",".join(piece.media_types)
        return self._page(
            request,
            seen,
            "review_in_place_deposit.html",
            typed=typed,
            piece={**shown, "accept": accept},
            action=address_of(seen.application.id, "au-nom", "pieces", piece.code),
            **values,
        )

    def _act_form(
        self, request: web.Request, seen: FileInPlace, act: str, typed: Mapping[str, str], **values: Any
    ) -> web.Response:
        piece = None if act == "submit" else _piece(seen, request)
        return self._page(
            request,
            seen,
            "review_in_place_act.html",
            typed=typed,
            act=act,
            piece=piece,
            action=request.path,
            **values,
        )

    def _answer_form(
        self,
        request: web.Request,
        seen: FileInPlace,
        question: QuestionView,
        typed: Mapping[str, str],
        **values: Any,
    ) -> web.Response:
        action = address_of(seen.application.id, "au-nom", "questions", question.code)
        return self._page(
            request, seen, "review_in_place_answer.html", typed=typed, question=question, action=action, **values
        )

    def _page(self, request: web.Request, seen: FileInPlace, template: str, **values: Any) -> web.Response:
        typed = dict(values.pop("typed", {}))
        typed.setdefault(REASON, kept(self.pages.rendering, request)[:LONGEST_REASON])
        view = seen.application
        here = address_of(view.id, "au-nom")
        key = {KEY: typed[KEY]} if typed.get(KEY) else {}
        return self._own.page(
            request,
            view,
            template,
            again=values.get("action", here),
            here=here,
            asked=view,
            name=" ".join(each for each in (seen.family_name, seen.given_name) if each) or seen.file_number,
            number=seen.file_number,
            file=address_of(view.id),
            person=None if self._reads(request) else f"{PEOPLE}/{seen.account}",
            typed=typed,
            most=LONGEST_REASON,
            **key,
            **values,
        )


_CALLS: Final[Mapping[str, tuple[Endpoint[Any, Any], type[InPlace | DepositInPlace], Mapping[str, Any]]]] = {
    "deposit": (endpoints.DEPOSIT, DepositInPlace, {}),
    "remove": (endpoints.REMOVE, InPlace, {}),
    "declare_not_applicable": (endpoints.DECLARE, DeclareInPlace, {"not_applicable": True}),
    "declare_applicable": (endpoints.DECLARE, DeclareInPlace, {"not_applicable": False}),
    "answer": (endpoints.ANSWER, AnswerInPlace, {}),
    "submit": (endpoints.SUBMIT, InPlace, {}),
}


def _piece(seen: FileInPlace, request: web.Request) -> PieceView:
    for piece in seen.application.pieces:
        if piece.code == request.match_info["code"]:
            return piece
    raise web.HTTPNotFound


def _question(seen: FileInPlace, request: web.Request) -> QuestionView:
    for question in seen.application.questions:
        if question.code == request.match_info["question"]:
            return question
    raise web.HTTPNotFound
