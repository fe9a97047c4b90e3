"""Votes of a board's meeting, file by file, by members in the room: one page for a file, and one for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from services.contracts.api import votes as contract
from services.contracts.api.endpoints import votes as endpoints
from services.contracts.api.meetings import MeetingFile, MeetingView
from services.contracts.api.problem import Problem
from services.contracts.api.votes import FileVotes, MeetingVotes
from services.portal.api import Api, accepted
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.meetings import Meetings, meeting_address, name_of
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import MEETINGS
from services.portal.rendering import language_of, see_other

CHOICES: Final = ("favourable", "waitlist", "unfavourable", "abstention")
NOTED: Final = "note"
"""Which file one has just voted on, in the address of the next one."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Votes(Meetings(pages)), pages.rendering.guarded
    all, one = MEETINGS + "/{meeting}/votes", MEETINGS + "/{meeting}/votes/{file}"
    return [
        web.get(all, guarded(own.all, signed_in=True)),
        web.get(one, guarded(own.show, signed_in=True)),
        web.post(one, guarded(own.cast, signed_in=True)),
        web.get(one + "/cloture", guarded(own.ask_close, signed_in=True)),
        web.post(one + "/cloture", guarded(own.close, signed_in=True)),
    ]


async def votes_of(api: Api, request: web.Request, meeting: str) -> MeetingVotes:
    """The votes of a meeting; raises Refused."""
    asked = api.ask(request, language_of(request), endpoints.VOTES, parameters={"meeting": meeting})
    return accepted(await asked)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A meeting with its votes, whose files are those on which one may look."""

    view: MeetingView
    votes: MeetingVotes

    @property
    def files(self) -> Mapping[str, MeetingFile]:
        return {each.id: each for each in self.view.items}


@dataclass(frozen=True, slots=True)
class _Votes:
    meetings: Meetings

    async def all(self, request: web.Request) -> web.StreamResponse:
        """All files with what one voted, or what it came to."""
        shown = await self._shown(request)
        files, first = shown.files, next_open(shown.votes, None)
        return self.meetings.page(
            request,
            shown.view,
            "meeting_votes.html",
            votes=shown.votes,
            rows=[
                (meeting_address(shown.view.id, "votes", each.file), name_of(files[each.file]), files[each.file], each)
                for each in shown.votes.items
                if each.file in files
            ],
            first=first and meeting_address(shown.view.id, "votes", first),
            noted=self._noted(request, shown),
        )

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One file, to vote on it, or with what votes came to."""
        shown = await self._shown(request)
        votes, file = self._one(request, shown)
        order, view = [each.file for each in shown.votes.items], shown.view
        at = order.index(votes.file)
        return self.meetings.page(
            request,
            view,
            "meeting_vote.html",
            votes=shown.votes,
            vote=votes,
            file=file,
            name=name_of(file),
            about=address_of(file.id),
            number=at + 1,
            action=meeting_address(view.id, "votes", file.id),
            choices=CHOICES,
            following=meeting_address(view.id, "votes", order[at + 1]) if at + 1 < len(order) else None,
            before=meeting_address(view.id, "votes", order[at - 1]) if at else None,
            enter=self._entering(view, file),
            noted=self._noted(request, shown),
        )

    async def cast(self, request: web.Request) -> web.StreamResponse:
        """Vote; then comes the next file on which one has not voted."""
        form = await self.meetings.pages.rendering.form(request)
        if form is None:
            return self.meetings.pages.rendering.foreign(request, again=request.path)
        given: dict[str, Any] = {"vote": form.get("vote", "")}
        done = await self.meetings.pages.api.ask(
            request,
            language_of(request),
            endpoints.VOTE,
            body=contract.VoteBody.model_construct(_fields_set={*given}, **given),
            parameters=_parameters(request),
        )
        if isinstance(done, Problem):
            return self.meetings.pages.rendering.problem(request, done, again=request.path)
        file = request.match_info["file"]
        following = next_open(done, file)
        parts = ("votes",) if following is None else ("votes", following)
        return see_other(f"{meeting_address(done.meeting, *parts)}?{urlencode({NOTED: file})}")

    async def ask_close(self, request: web.Request) -> web.StreamResponse:
        """What comes of closing it."""
        shown = await self._shown(request)
        votes, file = self._one(request, shown)
        here = meeting_address(shown.view.id, "votes", file.id)
        return self.meetings.page(
            request,
            shown.view,
            "meeting_vote_close.html",
            votes=shown.votes,
            vote=votes,
            name=name_of(file),
            here=here,
            action=f"{here}/cloture",
        )

    async def close(self, request: web.Request) -> web.StreamResponse:
        """Close it; pressed twice, once."""
        meeting, file = request.match_info["meeting"], request.match_info["file"]
        if await self.meetings.pages.rendering.form(request) is None:
            return self.meetings.pages.rendering.foreign(request, again=request.path)
        asked = self.meetings.pages.api.ask(
            request, language_of(request), endpoints.CLOSE_VOTE, parameters=_parameters(request)
        )
        done, here = await asked, meeting_address(meeting, "votes", file)
        if isinstance(done, Problem):
            return self.meetings.pages.rendering.problem(request, done, again=here)
        return see_other(here)

    async def _shown(self, request: web.Request) -> _Shown:
        view = await self.meetings.view(request)
        return _Shown(view, await votes_of(self.meetings.pages.api, request, view.id))

    @staticmethod
    def _one(request: web.Request, shown: _Shown) -> tuple[FileVotes, MeetingFile]:
        id = request.match_info["file"]
        votes, file = next((each for each in shown.votes.items if each.file == id), None), shown.files.get(id)
        if votes is None or file is None:
            raise web.HTTPNotFound
        return votes, file

    @staticmethod
    def _entering(view: MeetingView, file: MeetingFile) -> str | None:
        """Where what it came to is entered."""
        if view.state != "held" or file.programme is None:
            return None
        return f"{meeting_address(view.id, 'resultat', file.programme)}?{urlencode({'dossier': file.id})}"

    @staticmethod
    def _noted(request: web.Request, shown: _Shown) -> tuple[str, str, str] | None:
        """On whom one has just voted, what, and where that can be changed."""
        id = request.query.get(NOTED)
        votes = next((each for each in shown.votes.items if each.file == id), None)
        if votes is None or votes.mine is None or (file := shown.files.get(votes.file)) is None:
            return None
        return name_of(file), votes.mine, meeting_address(shown.view.id, "votes", votes.file)


def next_open(votes: MeetingVotes, behind: str | None) -> str | None:
    """The next file on which one may vote and has not, from the one `behind` on and round."""
    if not votes.votes or votes.state != "held":
        return None
    order: Sequence[FileVotes] = votes.items
    at = next((place for place, each in enumerate(order) if each.file == behind), -1)
    round = (*order[at + 1 :], *order[: max(at, 0)])
    return next((each.file for each in round if not each.closed and each.mine is None), None)


def proposals(votes: MeetingVotes, waits: str) -> dict[str, Any]:
    """By file, the decision that its votes propose; who is to wait does so on the list that is called `waits`."""
    return {
        each.file: waits if each.proposed == "waitlist" else each.proposed
        for each in votes.items
        if each.proposed is not None
    }


def _parameters(request: web.Request) -> dict[str, str]:
    return {"meeting": request.match_info["meeting"], "file": request.match_info["file"]}
