"""Meetings of boards: planned, with their files, who is there and who has no part in which, until they are closed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web
from pydantic import BaseModel

from services.chassis.texts import formats
from services.contracts.api import filters
from services.contracts.api import meetings as contract
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import meetings as endpoints
from services.contracts.api.endpoints import review
from services.contracts.api.endpoints.minutes import MINUTES_PDF
from services.contracts.api.meetings import MeetingFile, MeetingRow, MeetingView
from services.contracts.api.problem import Problem
from services.contracts.refusals import STALE_VERSION
from services.portal.api import accepted
from services.portal.downloads import handed_on
from services.portal.forms import FIELDS, errors_of
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import MEETINGS
from services.portal.rendering import come_back, language_of, see_other

COLOURS: Final = {"open": "govuk-tag--blue", "held": "govuk-tag--yellow", "closed": "govuk-tag--grey"}
CHOSEN: Final = 100
"""Files from which one chooses at once."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, one = Meetings(pages), MEETINGS + "/{meeting}"
    shown = {
        MEETINGS: own.list,
        one: own.show,
        one + "/dossiers": own.ask_files,
        one + "/presence": own.ask_presence,
        one + "/cloture": own.ask_close,
        one + "/deport/{file}": own.ask_recusal,
        one + "/proces-verbal": own.minutes,
    }
    taken = {
        one + "/dossiers": own.add,
        one + "/retrait": own.remove,
        one + "/presence": own.hold,
        one + "/cloture": own.close,
        one + "/deport/{file}": own.recuse,
        one + "/deport/{file}/levee": own.take_back,
    }
    guarded = pages.rendering.guarded
    return [
        *(web.get(path, guarded(page, signed_in=True)) for path, page in shown.items()),
        *(web.post(path, guarded(page, signed_in=True)) for path, page in taken.items()),
    ]


def meeting_address(id: str, *parts: str) -> str:
    """The address of a page of a meeting."""
    return "/".join((MEETINGS, *(quote(part, safe="") for part in (id, *parts))))


@dataclass(frozen=True, slots=True)
class Meetings:
    """The pages of meetings."""

    pages: ReviewPages

    async def list(self, request: web.Request) -> web.StreamResponse:
        """The meetings within reach, the latest first."""
        after = request.query.get("apres")
        query = contract.MeetingPage.model_construct(_fields_set={"after"} if after else set(), after=after)
        asked = self.pages.api.ask(request, language_of(request), endpoints.MEETINGS, query=query)
        found = accepted(await asked)
        return self.pages.rendering.page(
            request,
            "meetings.html",
            rows=[(meeting_address(row.id), self.row(request, row)) for row in found.items],
            manages=self._manages(request),
            first=MEETINGS if after else None,
            next=found.next and f"{MEETINGS}?{urlencode({'apres': found.next})}",
        )

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One meeting."""
        return self.page(request, await self.view(request), "meeting.html")

    async def ask_files(self, request: web.Request) -> web.StreamResponse:
        """The files of a programme that are ready for a decision."""
        return await self._choosing(request, await self.view(request))

    async def add(self, request: web.Request) -> web.StreamResponse:
        """Put those on it that were chosen."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        chosen = [value for name, value in request[FIELDS] if name == "files"]
        body = contract.MeetingFiles.model_construct(_fields_set={"files"}, files=chosen)
        done = await self._ask(request, endpoints.ADD_FILES, body)
        if not isinstance(done, Problem):
            return see_other(meeting_address(done.id))
        told: dict[str, Any] = {"status": done.status, "errors": errors_of(done), "chosen": chosen}
        return come_back(await self._choosing(request, await self.view(request), **told), done)

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Take one off it."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=self._back(request))
        parameters = _parameters(request) | {"file": form.get("file", "")}
        asked = self.pages.api.ask(request, language_of(request), endpoints.REMOVE_FILE, parameters=parameters)
        return self._done(request, await asked)

    async def ask_presence(self, request: web.Request) -> web.StreamResponse:
        """Who is there."""
        return self._presence(request, await self.view(request))

    async def hold(self, request: web.Request) -> web.StreamResponse:
        """Say that it takes place, and who is there."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        present = [value for name, value in request[FIELDS] if name == "present"]
        body = contract.MeetingMark.model_construct(_fields_set={"state", "present"}, state="held", present=present)
        done = await self._ask(request, endpoints.MARK, body, if_match=form.get("version") or None)
        if not isinstance(done, Problem) or done.slug != STALE_VERSION.name:
            return self._done(request, done)
        # Somebody else has said who is there, or what is on it: it is shown as it is now.
        told: dict[str, Any] = {"status": done.status, "errors": {"": done.detail or done.title}}
        return self._presence(request, await self.view(request), **told)

    def _presence(self, request: web.Request, view: MeetingView, **values: Any) -> web.Response:
        action = meeting_address(view.id, "presence")
        return self.page(request, view, "meeting_presence.html", action=action, **values)

    async def ask_close(self, request: web.Request) -> web.StreamResponse:
        """What comes of closing it."""
        view = await self.view(request)
        undecided = sum(file.decision is None and not file.recused for file in view.items)
        action = meeting_address(view.id, "cloture")
        return self.page(request, view, "meeting_close.html", action=action, undecided=undecided)

    async def close(self, request: web.Request) -> web.StreamResponse:
        """Close it; pressed twice, once."""
        if await self.pages.rendering.form(request) is None:
            return self.pages.rendering.foreign(request, again=request.path)
        body = contract.MeetingMark.model_construct(_fields_set={"state"}, state="closed", present=[])
        return self._done(request, await self._ask(request, endpoints.MARK, body))

    async def minutes(self, request: web.Request) -> web.StreamResponse:
        """Its minutes, once it is closed."""
        return await handed_on(self.pages.rendering, self.pages.api, request, MINUTES_PDF, _parameters(request))

    async def ask_recusal(self, request: web.Request) -> web.StreamResponse:
        """Who has no part in a file."""
        return self._recusal(request, await self.view(request))

    async def recuse(self, request: web.Request) -> web.StreamResponse:
        """Have somebody take no part in it: whom a manager chose, or oneself."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        given: dict[str, Any] = {"file": request.match_info["file"], "member": form.get("member") or None}
        done = await self._ask(
            request, endpoints.RECUSE, contract.RecusalBody.model_construct(_fields_set=set(given), **given)
        )
        return self._done(request, done)

    async def take_back(self, request: web.Request) -> web.StreamResponse:
        """Let somebody take part again."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=self._back(request))
        parameters = _parameters(request) | {"file": request.match_info["file"], "member": form.get("member", "")}
        asked = self.pages.api.ask(request, language_of(request), endpoints.TAKE_BACK_RECUSAL, parameters=parameters)
        return self._done(request, await asked)

    async def view(self, request: web.Request) -> MeetingView:
        """The meeting that the address names; raises Refused."""
        asked = self.pages.api.ask(request, language_of(request), endpoints.MEETING, parameters=_parameters(request))
        return accepted(await asked)

    def page(self, request: web.Request, view: MeetingView, template: str, **values: Any) -> web.Response:
        """A page about one meeting."""
        address = meeting_address(view.id)
        more = {"key": secrets.token_urlsafe(16), "errors": {}, "again": values.get("action", address), **values}
        shown = {
            "address": address,
            "view": view,
            "row": self.row(request, view),
            "files": [(each, address_of(each.id), name_of(each)) for each in view.items],
            "titles": {each.code: each.title for each in view.programmes},
        }
        return self.pages.rendering.page(request, template, shown=shown, **more)

    def row(self, request: web.Request, row: MeetingRow) -> Mapping[str, Any]:
        """A meeting in words."""
        day = formats.day(date.fromisoformat(row.day), language_of(request))
        return {
            "title": row.title or row.commission,
            "commission": row.commission,
            "when": self.pages.rendering.text(language_of(request), "meetings.when", day=day, time=row.time),
            "place": row.place,
            "state": row.state_label,
            "colour": COLOURS[row.state],
            "files": row.files,
        }

    async def _choosing(self, request: web.Request, view: MeetingView, **values: Any) -> web.Response:
        codes = [each.code for each in view.programmes]
        wanted = request.query.get("formation", "")
        programme, after = wanted if wanted in codes else codes[0], request.query.get("apres")
        given: dict[str, Any] = {"state": "complete", "programme": programme, "limit": CHOSEN}
        given |= {"after": after} if after else {}
        query = filters.ReviewPage.model_construct(_fields_set=set(given), **given)
        asked = self.pages.api.ask(request, language_of(request), review.FILES, query=query)
        found, there = accepted(await asked), {each.id for each in view.items}
        address = meeting_address(view.id, "dossiers")
        showing = self.pages.showing(request)
        return self.page(
            request,
            view,
            "meeting_files.html",
            action=f"{address}?{urlencode({'formation': programme})}",
            programme=programme,
            programmes=[(each, f"{address}?{urlencode({'formation': each.code})}") for each in view.programmes],
            ready=[(row, showing.name(row)) for row in found.items if row.id not in there],
            next=found.next and f"{address}?{urlencode({'formation': programme, 'apres': found.next})}",
            **{"chosen": [], **values},
        )

    def _recusal(self, request: web.Request, view: MeetingView) -> web.Response:
        file = next((each for each in view.items if each.id == request.match_info["file"]), None)
        if file is None or file.file_number is None:
            raise web.HTTPNotFound
        there = {each.member for each in file.recusals}
        action = meeting_address(view.id, "deport", file.id)
        members = [each for each in view.members if each.account not in there]
        return self.page(
            request, view, "meeting_recusal.html", file=file, name=name_of(file), action=action, members=members
        )

    async def _ask(
        self,
        request: web.Request,
        endpoint: Endpoint[Any, MeetingView],
        body: BaseModel,
        *,
        if_match: str | None = None,
    ) -> MeetingView | Problem:
        parameters = _parameters(request)
        return await self.pages.api.ask(
            request, language_of(request), endpoint, body=body, parameters=parameters, if_match=if_match
        )

    def _done(self, request: web.Request, done: MeetingView | Problem) -> web.StreamResponse:
        if isinstance(done, Problem):
            return self.pages.rendering.problem(request, done, again=self._back(request))
        return see_other(meeting_address(done.id))

    @staticmethod
    def _back(request: web.Request) -> str:
        return meeting_address(request.match_info["meeting"])

    def _manages(self, request: web.Request) -> bool:
        return "manager" in self.pages.roles(request)


def name_of(file: MeetingFile) -> str:
    """How the person of a file is called."""
    return " ".join(part for part in (file.given_name, file.family_name) if part) or file.file_number or ""


def _parameters(request: web.Request) -> dict[str, str]:
    return {"meeting": request.match_info["meeting"]}
