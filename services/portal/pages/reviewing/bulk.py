"""One thing done to many files of a list: what it takes, what would come of it, and, once that is confirmed, its run.

Nothing is kept between these pages: each holds the ids of its files, and sending the last one again leads to the same run.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.chassis.refusals import RIGHT_MISSING
from services.contracts.actors import Role
from services.contracts.api.bulk import Bulk, BulkArgs, BulkFiles, BulkPieces, BulkView
from services.contracts.api.bulk_runs import NewRun
from services.contracts.api.endpoints import bulk as bulk_endpoints
from services.contracts.api.endpoints import bulk_runs as run_endpoints
from services.contracts.api.endpoints import fees as fee_endpoints
from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.problem import Problem
from services.contracts.refusals.applications import PREMISES_CHANGED
from services.portal.api import Refused, accepted, problem_for
from services.portal.forms import FIELDS, MAX_LONG_FORM_BYTES, command_key, errors_of
from services.portal.pages.profile_fields import DATE_PARTS
from services.portal.pages.reviewing import fees
from services.portal.pages.reviewing.bulk_runs import address_of_run
from services.portal.pages.reviewing.bulk_shown import grouped
from services.portal.pages.reviewing.conditions import condition_rows, offered_conditions
from services.portal.pages.reviewing.decisions import given_of, typed_errors
from services.portal.pages.reviewing.listing import ReviewPages, list_of
from services.portal.pages.reviewing.showing import typed_day
from services.portal.paths import REVIEW
from services.portal.rendering import come_back, language_of, see_other

BULK: Final = REVIEW + "/lot"
ACTIONS: Final = (
    *("mark_complete", "mark_incomplete", "mark_submitted", "reopen", "extend"),
    *("enter_decision", "validate_decision", "set_fees", "judge", "remind", "assign"),
)
_ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "mark_incomplete": ("submission_deadline",),
    "reopen": ("reason", "submission_deadline"),
    "extend": ("submission_deadline",),
    "enter_decision": ("decision",),
    "validate_decision": ("answer_deadline",),
    "set_fees": ("fees",),
    "judge": ("verdict",),
    "remind": ("about",),
    "assign": ("assignee",),
}
"""Actions before which something is asked; the others are foreseen at once."""
DEADLINE: Final = "submission_deadline"
_DAYS: Final = (DEADLINE, "answer_deadline")
VERDICT: Final = ("piece", "verdict", "comment")
_DECISION: Final = ("type", "reason", "group", "rank", "comment", "place", "day", "time")


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    bulk = _Bulk(pages)

    def posted(path: str, page: Any) -> web.RouteDef:
        return web.post(path, pages.rendering.guarded(page, signed_in=True, longest=MAX_LONG_FORM_BYTES))

    async def back(request: web.Request) -> web.StreamResponse:
        """These pages stand behind a list, and nowhere else."""
        return see_other(list_of(request))

    return [
        web.get(BULK, pages.rendering.guarded(back, signed_in=True)),
        posted(BULK, bulk.choose),
        posted(BULK + "/apercu", bulk.foresee),
        posted(BULK + "/confirmation", bulk.confirm),
    ]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What was chosen, and typed, so far."""

    action: str
    ids: Sequence[str]
    typed: Mapping[str, str]

    @property
    def args(self) -> dict[str, Any]:
        """What the action is given, as the API takes it."""
        given: dict[str, Any] = {}
        for name in _ASKED.get(self.action, ()):
            parts = [self.typed.get(f"{name}-{part}", "").strip() for part in DATE_PARTS]
            if name == "decision":
                given[name] = given_of(self.typed)
            elif name == "fees":
                given[name] = fees.changes_of(self.typed)
            elif name == "verdict":
                given[name] = {field: value for field in VERDICT if (value := self.typed.get(field, "").strip())}
            elif name in _DAYS and any(parts):
                given[name] = typed_day(*parts)
            elif name not in _DAYS and (value := self.typed.get(name, "").strip()):
                given[name] = value
        return given


@dataclass(frozen=True, slots=True)
class _Bulk:
    pages: ReviewPages

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """Files and an action have been chosen on a list: ask what the action takes, or tell what would come of it."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=list_of(request))
        session = self.pages.rendering.visits.of(request).session
        if session is None or Role.MANAGER.value not in session.roles:
            raise Refused(problem_for(RIGHT_MISSING(), language_of(request)))
        ids = [value for name, value in request[FIELDS] if name == "id"]
        if form.get("whole"):
            ids = form.get("listed", "").split()
        chosen = _Chosen(form.get("action", ""), list(dict.fromkeys(ids)), {})
        wrong = "choose_files" if not ids else "choose_action" if chosen.action not in ACTIONS else ""
        if wrong:
            return self._lacking(request, wrong)
        if chosen.action in _ASKED:
            return await self._form(request, chosen)
        return await self._foreseen(request, chosen)

    async def foresee(self, request: web.Request) -> web.StreamResponse:
        """Tell what would come of it, with what was typed."""
        chosen = await self._sent(request)
        return chosen if isinstance(chosen, web.Response) else await self._foreseen(request, chosen)

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        """Do it as it was foreseen; where a file has changed since, tell anew what would come of it."""
        chosen = await self._sent(request)
        if isinstance(chosen, web.Response):
            return chosen
        digest, args = chosen.typed.get("digest", ""), chosen.args
        given: dict[str, Any] = {"action": chosen.action, "ids": list(chosen.ids), "digest": digest}
        given["args"] = BulkArgs.model_construct(_fields_set=set(args), **args)
        done = await self.pages.api.ask(
            request,
            language_of(request),
            run_endpoints.START,
            body=NewRun.model_construct(_fields_set=set(given), **given),
            key=command_key(chosen.typed, chosen.action, *chosen.ids, *map(str, args.values()), digest),
        )
        if isinstance(done, Problem):
            if done.slug == PREMISES_CHANGED.name:
                return await self._foreseen(request, chosen, status=409, changed=True)
            raise Refused(done)
        return see_other(address_of_run(done.id))

    async def _sent(self, request: web.Request) -> _Chosen | web.Response:
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=list_of(request))
        if form.get("action") not in ACTIONS or not form.get("ids", "").split():
            return self._lacking(request, "choose_files")
        return _Chosen(form["action"], form["ids"].split(), form)

    async def _ask(self, request: web.Request, chosen: _Chosen) -> BulkView | Problem:
        args = chosen.args
        given: dict[str, Any] = {"action": chosen.action, "ids": list(chosen.ids), "dry_run": True}
        given["args"] = BulkArgs.model_construct(_fields_set=set(args), **args)
        body = Bulk.model_construct(_fields_set=set(given), **given)
        return await self.pages.api.ask(request, language_of(request), endpoints.BULK, body=body)

    async def _foreseen(
        self, request: web.Request, chosen: _Chosen, *, status: int = 200, changed: bool = False
    ) -> web.Response:
        found = await self._ask(request, chosen)
        if isinstance(found, Problem):
            errors = {name.removeprefix("args."): text for name, text in errors_of(found).items()}
            asked = {*_ASKED.get(chosen.action, ())}
            if "decision" in asked:
                errors = typed_errors(_of_decision(errors))
                asked = {*_DECISION, *(name for name in errors if name.startswith("condition-"))}
            if "fees" in asked:
                errors = {name.removeprefix("fees."): text for name, text in errors.items()}
                errors = {"regime" if name == "fees" else name: text for name, text in errors.items()}
                asked = {*fees.FIELDS}
            if "verdict" in asked:
                errors = {name.removeprefix("verdict."): text for name, text in errors.items()}
                asked = {*VERDICT}
            if not errors or not errors.keys() <= asked:
                raise Refused(found)
            return come_back(await self._form(request, chosen, status=found.status, errors=errors), found)
        said = await self._said(request, chosen) if chosen.action == "enter_decision" else None
        return self._told(
            request,
            "review_bulk_preview.html",
            chosen,
            found,
            status=status,
            changed=changed,
            action=BULK + "/confirmation",
            digest=found.digest,
            said=said,
            tells="verdict" in chosen.args and any(item.mails for item in found.items),
        )

    async def _said(self, request: web.Request, chosen: _Chosen) -> Mapping[str, Any]:
        """The decision as it was typed, which is what will be entered; ranks stand with their files."""
        offered = await self.pages.api.ask(request, language_of(request), endpoints.DECISION_TYPES)
        given, told = chosen.args["decision"], accepted(offered)
        labels = {each.code: each.label for each in told.items}
        reasons = {each.code: each.label for each in told.reasons or ()}
        shown = {"label": labels.get(given["type"], given["type"]), "reason": given.get("reason")}
        shown["reason"] = reasons.get(shown["reason"], shown["reason"])
        if code := given.get("group"):
            groups = {each.code: each.label for each in (await self._about(request, chosen)).groups}
            shown["group"] = groups.get(code, code)
        listed = {each.code: each.label for each in told.conditions}
        conditions = [
            (each.get("text") or listed.get(each.get("code", ""), ""), each.get("until"))
            for each in given.get("conditions", ())
        ]
        return self.pages.showing(request).said({**given, **shown, "conditions": conditions})

    async def _about(self, request: web.Request, chosen: _Chosen) -> BulkPieces:
        """What the chosen files are asked for, and the groups that their programmes have."""
        query = BulkFiles.model_construct(_fields_set={"ids"}, ids=",".join(chosen.ids))
        found = await self.pages.api.ask(request, language_of(request), bulk_endpoints.PIECES, query=query)
        return accepted(found)

    async def _form(self, request: web.Request, chosen: _Chosen, *, status: int = 200, **values: Any) -> web.Response:
        """What the action takes."""
        if chosen.action == "enter_decision":
            offered = await self.pages.api.ask(request, language_of(request), endpoints.DECISION_TYPES)
            told = accepted(offered)
            values |= {"types": told.items, "reasons": told.reasons, "conditions": condition_rows(chosen.typed)}
            values |= {"listed": offered_conditions(told.conditions, chosen.typed)}
            values["list_groups"] = (await self._about(request, chosen)).groups
        if chosen.action == "set_fees":
            lists = await self.pages.api.ask(request, language_of(request), fee_endpoints.FEE_LISTS)
            values["choices"] = fees.changes_offered(accepted(lists), self.pages.rendering, language_of(request))
        if chosen.action == "assign":
            colleagues = await self.pages.api.ask(request, language_of(request), endpoints.CHOICES)
            own, text = self.pages.showing(request).reader, self.pages.rendering.text
            others = [(each.code, each.label) for each in accepted(colleagues).assignees if each.code != own]
            chances = [(own, text(language_of(request), "review.suivi_me")), *others]
            values["assignees"] = [*chances, ("nobody", text(language_of(request), "review.suivi_nobody"))]
        if chosen.action == "judge":
            values["pieces"] = (await self._about(request, chosen)).items
        return self._page(
            request,
            "review_bulk.html",
            chosen,
            status=status,
            asked=_ASKED[chosen.action],
            parts=_parts(chosen, DEADLINE),
            answer_parts=_parts(chosen, "answer_deadline"),
            day_parts=_parts(chosen, "day"),
            action=BULK + "/apercu",
            **values,
        )

    def _told(
        self, request: web.Request, template: str, chosen: _Chosen, view: BulkView, **values: Any
    ) -> web.Response:
        return self._page(
            request, template, chosen, view=view, groups=grouped(self.pages, request, view.items), **values
        )

    def _page(
        self, request: web.Request, template: str, chosen: _Chosen, *, status: int = 200, **values: Any
    ) -> web.Response:
        return self.pages.rendering.page(
            request,
            template,
            status=status,
            again=list_of(request),
            back=list_of(request),
            chosen=chosen.action,
            ids=" ".join(chosen.ids),
            count=len(chosen.ids),
            typed=chosen.typed,
            kept=[(name, value) for name, value in chosen.typed.items() if name.partition("-")[0] in _KEPT],
            **{"key": chosen.typed.get("key") or secrets.token_urlsafe(16), "errors": {}, **values},
        )

    def _lacking(self, request: web.Request, wrong: str) -> web.Response:
        """Back on the list something is still to be chosen."""
        return self.pages.rendering.message(
            request,
            "review-bulk",
            status=422,
            detail=self.pages.rendering.text(language_of(request), f"review.bulk.{wrong}"),
            again=list_of(request),
            further=(list_of(request), self.pages.rendering.text(language_of(request), "review.bulk.back")),
        )


_KEPT: Final = (*_DAYS, *_DECISION, "condition", *fees.FIELDS, *VERDICT, "about", "assignee")
"""Fields that go along from one page to the next."""


def _parts(chosen: _Chosen, name: str) -> list[tuple[str, str]]:
    return [(part, chosen.typed.get(f"{name}-{part}", "")) for part in DATE_PARTS]


def _of_decision(errors: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("decision."): text for name, text in errors.items()}
