"""What a meeting has come to for a programme: an order of files, entered on each as any decision is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from services.contracts.api import meetings as contract
from services.contracts.api.endpoints import meetings as endpoints
from services.contracts.api.endpoints import review
from services.contracts.api.meetings import MeetingView
from services.contracts.api.problem import Problem
from services.contracts.api.votes import MeetingVotes
from services.contracts.limits import HIGHEST_RANK
from services.portal.api import accepted
from services.portal.forms import MAX_LONG_FORM_BYTES, command_key, errors_of
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.meetings import Meetings, meeting_address, name_of
from services.portal.pages.reviewing.votes import proposals, votes_of
from services.portal.paths import MEETINGS
from services.portal.rendering import come_back, language_of

KINDS: Final = ("favourable", "ranked_waitlist", "waitlist", "unfavourable")
WAITING: Final = ("ranked_waitlist", "waitlist")
PAGE: Final = 50
"""Files of one page: with five fields of each, a form has no more than it may."""
FIELDS: Final = {"reason": "reason", "rank": "order", "group": "group"}
"""Where a member of an item stands on the page; all others stand with the kind."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, path, guarded = (
        _Outcomes(Meetings(pages)),
        MEETINGS + "/{meeting}/resultat/{programme}",
        pages.rendering.guarded,
    )
    return [
        web.get(path, guarded(own.ask, signed_in=True)),
        web.post(path, guarded(own.enter, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
    ]


@dataclass(frozen=True, slots=True)
class _Outcomes:
    meetings: Meetings

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What is entered by now."""
        view = await self.meetings.view(request)
        voted = None if view.voting is None else await votes_of(self.meetings.pages.api, request, view.id)
        return await self._form(request, view, dict(_entered(view)), voted=voted)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Enter what was chosen, in the order that was typed; what a file refuses stands with it, and nothing is lost."""
        pages = self.meetings.pages
        form = await pages.rendering.form(request)
        if form is None:
            return pages.rendering.foreign(request, again=request.path)
        view = await self.meetings.view(request)
        if wrong := wrong_ranks(form):
            language = language_of(request)
            said = {
                "missing": pages.rendering.text(language, "meetings.rank_missing", max=HIGHEST_RANK),
                "repeated": pages.rendering.text(language, "meetings.rank_repeated"),
            }
            errors = {name: said[what] for name, what in wrong.items()}
            return await self._form(request, view, form, status=422, errors=errors)
        given: dict[str, Any] = {"programme": request.match_info["programme"], "items": list(wanted(form))}
        done = await pages.api.ask(
            request,
            language_of(request),
            endpoints.OUTCOME,
            body=contract.Outcome.model_construct(_fields_set=set(given), **given),
            parameters={"meeting": view.id},
            key=command_key(form, str(sorted(form.items()))),
        )
        if isinstance(done, Problem):
            errors = {"": " ".join(errors_of(done).values())}
            return come_back(await self._form(request, view, form, status=done.status, errors=errors), done)
        refused = {
            f"{FIELDS.get(each.field or '', 'kind')}.{each.file}": each.refusal.detail
            for each in done.items
            if each.refusal is not None
        }
        fresh = await self.meetings.view(request)
        unheard = {id.partition(".")[2] for id in refused}
        # What was typed stays; what is there by now is shown beside it, and is what would be written over.
        typed = dict(_entered(fresh)) | {
            name: value
            for name, value in form.items()
            if name.partition(".")[2] in unheard and not name.startswith("seen.")
        }
        changed = sum(each.result == "changed" for each in done.items)
        return await self._form(
            request, fresh, typed, status=422 if refused else 200, errors=refused, changed=changed, done=True
        )

    async def _form(
        self,
        request: web.Request,
        view: MeetingView,
        typed: Mapping[str, str],
        *,
        voted: MeetingVotes | None = None,
        **values: Any,
    ) -> web.Response:
        code = request.match_info["programme"]
        if code not in {each.code for each in view.programmes}:
            raise web.HTTPNotFound
        asked = self.meetings.pages.api.ask(request, language_of(request), review.DECISION_TYPES)
        types = accepted(await asked)
        kinds = [(kind, label) for kind in KINDS if (label := _called(types.items, kind))]
        typed = dict(typed)
        if voted is not None:
            waits = next((kind for kind, _ in kinds if kind in WAITING), "")
            for id, kind in proposals(voted, waits).items():
                typed.setdefault(f"kind.{id}", kind)
        only = request.query.get("dossier")
        files = [each for each in view.items if each.programme == code and only in (None, each.id)]
        part = request.query.get("page", "1")
        number = max(1, int(part)) if part.isascii() and part.isdigit() and len(part) < len("1000") else 1
        last = max(1, -(-len(files) // PAGE))
        number = min(number, last)
        address = meeting_address(view.id, "resultat", code)
        return self.meetings.page(
            request,
            view,
            "meeting_outcome.html",
            action=f"{address}?{urlencode({'page': number} if only is None else {'dossier': only})}",
            programme=code,
            rows=[(each, name_of(each)) for each in files[(number - 1) * PAGE : number * PAGE]],
            kinds=kinds,
            prefilled=voted is not None,
            vote=meeting_address(view.id, "votes") if only is not None and view.voting is not None else None,
            reasons=types.reasons,
            list_groups=next(each.groups for each in view.programmes if each.code == code),
            typed=typed,
            parts=[(each, f"{address}?page={each}") for each in range(1, last + 1)] if last > 1 else [],
            number=number,
            **values,
        )


def _called(types: Any, kind: str) -> str:
    return next((each.label for each in types if each.kind == kind), "")


def _entered(view: MeetingView) -> Iterator[tuple[str, str]]:
    """What is decided by now, as it would be typed."""
    for file in view.items:
        if (decision := file.decision) is not None and not file.recused:
            yield f"kind.{file.id}", decision.kind if decision.kind in KINDS else ""
            yield f"group.{file.id}", "" if decision.group is None else decision.group.code
            yield f"order.{file.id}", "" if decision.rank is None else str(decision.rank)
            yield f"reason.{file.id}", decision.reason_code or decision.reason or ""
            yield f"seen.{file.id}", "" if decision.validated else decision.id


def wrong_ranks(form: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the ranks of those who are to wait by one: by field, what; groups have ranks of their own."""
    ranks = {
        f"order.{id}": None if (rank := _rank(form, id)) is None else (form.get(f"group.{id}", ""), rank)
        for id, kind in _chosen(form)
        if kind == "ranked_waitlist"
    }
    times = Counter(ranks.values())
    return {
        name: "missing" if rank is None else "repeated"
        for name, rank in ranks.items()
        if rank is None or times[rank] > 1
    }


def wanted(form: Mapping[str, str]) -> Iterator[contract.OutcomeItem]:
    """The files for which something was chosen, who waits by rank with the one that was typed."""
    for id, kind in _chosen(form):
        given: dict[str, Any] = {"file": id, "kind": kind, "instead_of": form.get(f"seen.{id}", "")}
        if kind in ("favourable", "ranked_waitlist") and (group := form.get(f"group.{id}", "")):
            given["group"] = group
        if kind == "ranked_waitlist":
            given["rank"] = _rank(form, id)
        elif kind == "unfavourable" and (reason := form.get(f"reason.{id}", "").strip()):
            given["reason"] = reason
        yield contract.OutcomeItem.model_construct(_fields_set=set(given), **given)


def _chosen(form: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, kind in form.items():
        field, _, id = name.partition(".")
        if field == "kind" and kind:
            yield id, kind


def _rank(form: Mapping[str, str], id: str) -> int | None:
    typed = form.get(f"order.{id}", "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(HIGHEST_RANK))):
        return None
    return int(typed) if 1 <= int(typed) <= HIGHEST_RANK else None
