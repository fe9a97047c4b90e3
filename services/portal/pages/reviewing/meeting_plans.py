"""When and where a board meets, and on which programmes, as it is planned on pages."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from services.contracts.api import meetings as contract
from services.contracts.api.endpoints import meetings as endpoints
from services.contracts.api.problem import Problem
from services.contracts.limits import MOST_MEMBERS
from services.portal.api import accepted
from services.portal.forms import FIELDS, command_key, errors_of
from services.portal.pages.profile_fields import DATE_PARTS
from services.portal.pages.reviewing.deciding import typed_date
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.meetings import Meetings, meeting_address
from services.portal.paths import MEETINGS
from services.portal.rendering import come_back, language_of, see_other


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Plans(Meetings(pages)), pages.rendering.guarded
    new, change = MEETINGS + "/nouvelle", MEETINGS + "/{meeting}/modification"
    return [
        web.get(new, guarded(own.ask_plan, signed_in=True)),
        web.post(new, guarded(own.plan, signed_in=True)),
        web.get(change, guarded(own.ask_change, signed_in=True)),
        web.post(change, guarded(own.change, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Plans:
    meetings: Meetings

    async def ask_plan(self, request: web.Request) -> web.StreamResponse:
        """For which board, then when, where, and on which programmes."""
        return await self._planning(request, request.query, request.query.get("commission", ""))

    async def plan(self, request: web.Request) -> web.StreamResponse:
        """Plan it; pressed twice, once."""
        form = await self.meetings.pages.rendering.form(request)
        if form is None:
            return self.meetings.pages.rendering.foreign(request, again=request.path)
        commission = form.get("commission", "")
        given = {**self._planned(request, form), "commission": commission}
        done = await self.meetings.pages.api.ask(
            request,
            language_of(request),
            endpoints.PLAN,
            body=contract.NewMeeting.model_construct(_fields_set=set(given), **given),
            key=command_key(form, str(given)),
        )
        if not isinstance(done, Problem):
            return see_other(meeting_address(done.id))
        told: dict[str, Any] = {"status": done.status, "errors": self._of_fields(request, done)}
        return come_back(await self._planning(request, form, commission, **told), done)

    async def ask_change(self, request: web.Request) -> web.StreamResponse:
        """How it is planned."""
        view = await self.meetings.view(request)
        year, month, day = view.day.split("-")
        typed = {"title": view.title, "time": view.time, "place": view.place, "version": str(view.version)}
        typed |= {"voting": view.voting or "none", "quorum": "" if view.quorum is None else str(view.quorum)}
        typed |= {f"day-{part}": value for part, value in zip(DATE_PARTS, (day, month, year), strict=True)}
        chosen = [each.code for each in view.programmes]
        return await self._planning(request, typed, view.commission, view=view, chosen=chosen)

    async def change(self, request: web.Request) -> web.StreamResponse:
        """Plan it otherwise."""
        form = await self.meetings.pages.rendering.form(request)
        if form is None:
            return self.meetings.pages.rendering.foreign(request, again=request.path)
        given = self._planned(request, form)
        done = await self.meetings.pages.api.ask(
            request,
            language_of(request),
            endpoints.CHANGE,
            body=contract.MeetingPlan.model_construct(_fields_set=set(given), **given),
            parameters={"meeting": request.match_info["meeting"]},
            if_match=form.get("version") or None,
        )
        if not isinstance(done, Problem):
            return see_other(meeting_address(done.id))
        view = await self.meetings.view(request)
        told: dict[str, Any] = {"status": done.status, "errors": self._of_fields(request, done)}
        return come_back(await self._planning(request, form, view.commission, view=view, **told), done)

    async def _planning(
        self, request: web.Request, typed: Mapping[str, str], commission: str, **values: Any
    ) -> web.Response:
        asked = self.meetings.pages.api.ask(request, language_of(request), endpoints.BOARDS)
        boards, view = accepted(await asked), values.pop("view", None)
        board = next((each for each in boards.items if each.code == commission), None)
        chosen = values.pop("chosen", None)
        if chosen is None:
            chosen = [value for name, value in request.get(FIELDS, ()) if name == "programmes"]
        action = MEETINGS + "/nouvelle" if view is None else meeting_address(view.id, "modification")
        again = action if board is None or view is not None else f"{action}?{urlencode({'commission': board.code})}"
        more = {"key": secrets.token_urlsafe(16), "errors": {}, "again": again, **values}
        return self.meetings.pages.rendering.page(
            request,
            "meeting_plan.html",
            boards=boards.items,
            board=board,
            view=view,
            typed=typed,
            chosen=chosen,
            parts=[(part, typed.get(f"day-{part}", "")) for part in DATE_PARTS],
            action=action,
            back=MEETINGS if view is None else meeting_address(view.id),
            **more,
        )

    @staticmethod
    def _planned(request: web.Request, form: Mapping[str, str]) -> dict[str, Any]:
        """What was typed; an hour as people write it is one."""
        return {
            "title": form.get("title", ""),
            "day": typed_date(form, "day") or None,
            "time": form.get("time", "").strip().lower().replace("h", ":").rjust(5, "0"),
            "place": form.get("place", ""),
            "programmes": [value for name, value in request[FIELDS] if name == "programmes"],
            **_voting(form),
        }

    def _of_fields(self, request: web.Request, problem: Problem) -> dict[str, str]:
        """By field, in words of the page; what is wrong with one of the programmes is so with all of them."""
        errors = {field.partition(".")[0]: message for field, message in errors_of(problem).items()}
        rendering, language = self.meetings.pages.rendering, language_of(request)
        if "time" in errors:
            errors["time"] = rendering.text(language, "meetings.time_wrong")
        if "quorum" in errors:
            errors["quorum"] = rendering.text(language, "meetings.quorum_wrong", max=MOST_MEMBERS)
        if "programmes" in errors and not any(name == "programmes" for name, _ in request[FIELDS]):
            errors["programmes"] = rendering.text(language, "meetings.no_programme")
        return errors


def _voting(form: Mapping[str, str]) -> dict[str, Any]:
    """How it votes, where the page asks for that; without a vote there is no quorum, and one that is emptied is of one."""
    voting, quorum = form.get("voting"), form.get("quorum", "").strip()
    if voting is None:
        return {}
    if voting == "none":
        return {"voting": voting}
    is_number = quorum.isascii() and quorum.isdigit() and len(quorum) <= len("1000")
    return {"voting": voting, "quorum": int(quorum) if is_number else quorum or 1}
