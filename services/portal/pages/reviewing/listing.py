"""The files that wait for staff, in one state at a time, and what all these pages have in common."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.ports import Clock
from services.contracts.actors import Role
from services.contracts.api.endpoints import review as endpoints
from services.contracts.api.endpoints import shelves
from services.contracts.api.filters import ReviewFilter
from services.contracts.api.narrowing import StateCount
from services.contracts.api.problem import Problem
from services.contracts.api.review import ReviewList, ReviewView
from services.contracts.api.shelves import ReviewColumns, ReviewViews
from services.portal.api import Api, accepted
from services.portal.forms import own_path
from services.portal.pages.reviewing.arranged import Arranged
from services.portal.pages.reviewing.narrowing import (
    ANSWERS,
    ASSIGNEES,
    CAMPAIGN,
    CONDITIONS,
    DECISIONS,
    EVERY,
    LOST,
    MAIL,
    label_of,
    narrowed,
)
from services.portal.pages.reviewing.noticing import address_of as noticed_at
from services.portal.pages.reviewing.showing import Showing, address_of
from services.portal.paths import REVIEW
from services.portal.rendering import POLICY, Rendering, language_of

LIST: Final = "list"
"""The cookie that says which page of which list leads back from a file."""
_PASSED: Final = "files"
"""The cookie that says which files that page has had, in its order: behind one that has left it there is a next one too."""
_MOST_PASSED: Final = 60
_END: Final = 6
"""Characters of a file's id that are kept of it: all cookies together have little room."""
LAST_OF_LIST: Final = "fin"
"""In the address of a list: its last file has been left."""
LISTED: Final = ("submitted", "incomplete", "complete", "draft", "cancelled")
"""The states of files, what waits for staff first."""
SEEN_BY_COMMISSIONS: Final = ("complete", "submitted", "incomplete")

BUNDLING: Final = frozenset((Role.MANAGER.value, Role.COMMISSION.value))
"""Roles whose holders may take files away."""

_BY_KEYS: Final = frozenset(("review_file.html", "review_piece.html", "review_etat.html"))
"""Pages that a script lets be worked by single keys."""

UNPROCESSABLE: Final = HTTPStatus.UNPROCESSABLE_ENTITY.value


@dataclass(frozen=True, slots=True)
class ReviewPages:
    """What these pages have in common; `zone` is the institution's."""

    rendering: Rendering
    api: Api
    zone: ZoneInfo
    clock: Clock

    def showing(self, request: web.Request) -> Showing:
        """Makes what is shown, for this reader."""
        session = self.rendering.visits.of(request).session
        return Showing(self.rendering.text, self.zone, language_of(request), "" if session is None else session.account)

    async def view(self, request: web.Request) -> ReviewView:
        """The file that the address names; raises Refused, of one beyond the reach as of none (acceptance 62)."""
        parameters = {"id": request.match_info["id"]}
        view = await self.api.ask(request, language_of(request), endpoints.FILE, parameters=parameters)
        return accepted(view)

    def roles(self, request: web.Request) -> frozenset[str]:
        """Those of who is logged in."""
        session = self.rendering.visits.of(request).session
        return frozenset() if session is None else session.roles

    def page(
        self,
        request: web.Request,
        view: ReviewView,
        template: str,
        *,
        status: int = 200,
        again: str | None = None,
        **values: Any,
    ) -> web.Response:
        """A page about one file; `errors` by the id of the field that has them."""
        return self.rendering.page(
            request,
            template,
            status=status,
            policy=f"{POLICY}; script-src 'self'" if template in _BY_KEYS else POLICY,
            again=again or address_of(view.id),
            back=list_of(request),
            shown=self.showing(request).file(view),
            manages=Role.MANAGER.value in self.roles(request),
            **{"key": secrets.token_urlsafe(16), "errors": {}, **values},
        )


def list_of(request: web.Request) -> str:
    """The list that was looked at last."""
    there = own_path(request.cookies.get(LIST, "")) or ""
    return there if there.partition("?")[0] == REVIEW else REVIEW


def short(id: str) -> str:
    """How a browser keeps which file it is."""
    return id[-_END:]


def passed(request: web.Request) -> list[str]:
    """The files that the list has had which was looked at last, by their `short` ids."""
    return [each for each in request.cookies.get(_PASSED, "").split(".") if each]


def keep_list(response: web.StreamResponse, address: str, files: Sequence[str]) -> None:
    """Have the browser know a list as the one that was looked at last, and of its files the newest sixty, by `short` ids."""
    for name, value in ((LIST, address), (_PASSED, ".".join(files[-_MOST_PASSED:]))):
        response.set_cookie(name, value, path=REVIEW, httponly=True, samesite="Lax")


def states_of(roles: frozenset[str]) -> tuple[str, ...]:
    """The states that somebody with these roles may look at; which of its own a commission sees is a parameter."""
    return LISTED if roles - {Role.COMMISSION.value} else SEEN_BY_COMMISSIONS


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""

    async def mails_lost(request: web.Request) -> Sequence[StateCount]:
        """How many files there are of whose decision the mail did not arrive; none while nobody can say."""
        query = ReviewFilter(mail=LOST)
        found = await pages.api.ask(request, language_of(request), endpoints.COUNTS, query=query)
        return () if isinstance(found, Problem) else found.items

    async def list_files(request: web.Request) -> web.StreamResponse:
        """One page of the files in one state, or in all, narrowed and searched."""
        states = states_of(pages.roles(request))
        asked, language = narrowed(request.query, states), language_of(request)
        columns = await pages.api.ask(request, language, shelves.COLUMNS)
        views = await pages.api.ask(request, language, shelves.VIEWS)
        # Without them a list is as it is by itself, and worked with all the same.
        arranged = Arranged(
            ReviewColumns(items=[], chosen=[], version=0) if isinstance(columns, Problem) else columns,
            ReviewViews(items=[], more=False) if isinstance(views, Problem) else views,
        )
        query = arranged.shown(asked).page
        found = await pages.api.ask(request, language, endpoints.FILES, query=query)
        counted = await pages.api.ask(request, language, endpoints.COUNTS, query=asked.filter)
        offered = await pages.api.ask(request, language, endpoints.CHOICES)
        choices = accepted(offered)
        lost = [] if asked.filters or asked.place else await mails_lost(request)
        wrong = found if isinstance(found, Problem) and found.status == UNPROCESSABLE else None
        shown = ReviewList(items=[]) if wrong else accepted(found)
        numbers: dict[str, StateCount] = (
            {} if isinstance(counted, Problem) else {each.state: each for each in counted.items}
        )
        showing = pages.showing(request)
        decisions = [(each, showing.decided(each)) for each in DECISIONS]
        answers = [(each, showing.answered(each)) for each in ANSWERS]
        conditions = [(each, showing.conditions(each)) for each in CONDITIONS]
        said = {("conditions", each): label for each, label in conditions}
        said |= {("decision", each): label for each, label in decisions}
        said |= {("reponse", each): label for each, label in answers}
        said |= {("suivi", each): pages.rendering.text(language, f"review.suivi_{each}") for each in ASSIGNEES}
        said[CAMPAIGN, EVERY] = pages.rendering.text(language, "review.campaign_every")
        said[MAIL, LOST] = pages.rendering.text(language, "review.mail_lost")
        others = [(each.code, each.label) for each in choices.assignees if each.code != showing.reader]
        tagged = ({CAMPAIGN: shown.campaign} if shown.campaign else {}) | dict(asked.filters)
        response = pages.rendering.page(
            request,
            "review_files.html",
            status=UNPROCESSABLE if wrong else 200,
            policy=f"{POLICY}; script-src 'self'; connect-src 'self'",
            changes=None if wrong else noticed_at(arranged.shown(asked), shown.items),
            here=asked.address(place=asked.place),
            wrong=(wrong and [each.message for each in wrong.fields or ()]) or (wrong and [wrong.detail]),
            asked=asked,
            was_last=LAST_OF_LIST in request.query,
            states=[
                (showing.state(each), numbers.get(each), asked.address(state=each), each)
                for each in states
                if each in numbers or not numbers
            ],
            state_label="" if asked.state == EVERY else showing.state(asked.state),
            tags=[
                (
                    name,
                    said.get((name, value)) or label_of(name, value, choices),
                    asked.of_campaign("" if value == EVERY else EVERY)
                    if name == CAMPAIGN
                    else asked.address(without=name),
                )
                for name, value in tagged.items()
            ],
            several_campaigns=shown.campaign is None and len(choices.campaigns) > 1,
            lost=(sum(each.files for each in lost), any(each.more for each in lost)),
            lost_at=replace(asked, filters={MAIL: LOST}, place={}).address(state=EVERY),
            choices=choices,
            decisions=decisions,
            answers=answers,
            conditions=conditions,
            assignees=[*((each, said["suivi", each]) for each in ASSIGNEES), *others],
            files=[showing.row(row) for row in shown.items],
            next=shown.next and asked.address(place={"after": shown.next}),
            previous=shown.previous and asked.address(place={"before": shown.previous}),
            manages=Role.MANAGER.value in pages.roles(request),
            bundles=bool(pages.roles(request) & BUNDLING),
            exported=asked.address().partition("?")[2],
            export_key=secrets.token_urlsafe(16),
            **arranged.values(asked, choices),
        )
        here = request.rel_url.without_query_params(LAST_OF_LIST).raw_path_qs
        keep_list(response, here, [short(row.id) for row in shown.items])
        return response

    async def show(request: web.Request) -> web.StreamResponse:
        """One file: whose it is, what it holds, and what can be done with it."""
        return pages.page(request, await pages.view(request), "review_file.html")

    guarded = pages.rendering.guarded
    return [
        web.get(REVIEW, guarded(list_files, signed_in=True)),
        web.get(REVIEW + "/{id}", guarded(show, signed_in=True)),
    ]
