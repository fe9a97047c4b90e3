"""Looking for people, and the page of one of them: how it stands with the account, and what support can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.ports import Clock
from services.chassis.refusals import RIGHT_MISSING
from services.contracts.actors import IN_PLACE as IN_PLACE_ROLES
from services.contracts.api.accounts import HelpName
from services.contracts.api.endpoints import support as endpoints
from services.contracts.api.endpoints.in_place import FILES
from services.contracts.api.in_place import Whose
from services.contracts.api.problem import Problem
from services.contracts.api.support import People, PeopleQuery, PersonRow, PersonView
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.portal.api import Api, Refused, accepted, problem_for
from services.portal.forms import errors_of
from services.portal.paths import DELIVERIES, IN_PLACE, PEOPLE, REVIEW, STAFF
from services.portal.rendering import Rendering, language_of

ACTS: Final[Mapping[HelpName, str]] = {
    "validation-mail": "validation",
    "password-reset": "mot-de-passe",
    "email-change": "adresse",
    "sessions-ended": "connexions",
}
"""What can be done for a person, and the last part of the address of its page."""
DONE: Final = "fait"
JUST_NOW: Final = timedelta(minutes=1)


def address_of(account: str) -> str:
    """The page of a person."""
    return f"{PEOPLE}/{account}"


def acts_for(view: PersonView) -> list[HelpName]:
    """What there is to be done for a person as they are."""
    if view.campaign_over or view.closed_at:
        return []
    if view.state == "pending":
        return ["validation-mail"]
    if view.staff:
        return ["password-reset", "sessions-ended"]
    return ["password-reset", "email-change", "sessions-ended"]


@dataclass(frozen=True, slots=True)
class PeoplePages:
    """What these pages have in common; `zone` is the institution's."""

    rendering: Rendering
    api: Api
    zone: ZoneInfo
    clock: Clock

    async def here(self, request: web.Request) -> PersonView:
        """The person whom the address names; raises Refused."""
        parameters = {"id": request.match_info["id"]}
        found = await self.api.ask(request, language_of(request), endpoints.PERSON, parameters=parameters)
        return accepted(found)

    def shown(self, request: web.Request, view: PersonRow) -> Mapping[str, Any]:
        """A person as lists and pages have them."""
        language = language_of(request)
        name = " ".join(filter(None, (view.given_name, view.family_name)))
        return {
            "view": view,
            "address": address_of(view.account),
            "name": name or self.said(language, "nameless"),
            "birth_date": "/".join(reversed((view.birth_date or "").split("-"))),
            "state": self.said(language, view.state),
            "colour": "govuk-tag--yellow" if view.state == "pending" else "govuk-tag--green",
        }

    def said(self, language: Language, name: str, **figures: Any) -> str:
        """A text of these pages."""
        return self.rendering.text(language, f"people.{name}", **figures)


def routes(pages: PeoplePages) -> list[web.RouteDef]:
    """The routes."""
    guarded = pages.rendering.guarded

    async def search(request: web.Request) -> web.StreamResponse:
        """One page of those who were found; nobody before something was looked for."""
        session = pages.rendering.visits.of(request).session
        if session is not None and session.fills_in:
            return await _by_number(pages, request)
        if session is None or not session.supports:
            raise Refused(problem_for(RIGHT_MISSING(), language_of(request)))
        typed, after = request.query.get("q", "").strip(), request.query.get("after")
        asked: dict[str, Any] = {"q": typed} | ({"after": after} if after else {})
        errors: dict[str, str] = {}
        found: People | Problem | None = None
        if typed or "q" in request.query:
            query = PeopleQuery.model_construct(_fields_set=set(asked), **asked)
            found = await pages.api.ask(request, language_of(request), endpoints.PEOPLE, query=query)
        if isinstance(found, Problem):
            if not found.fields:
                return pages.rendering.problem(request, found, again=PEOPLE)
            errors, found = errors_of(found), None
        return pages.rendering.page(
            request,
            "people.html",
            status=422 if errors else 200,
            action=PEOPLE,
            q=typed,
            errors={"q": " ".join(errors.values())} if errors else {},
            people=None if found is None else [pages.shown(request, row) for row in found.items],
            first=f"{PEOPLE}?{urlencode({'q': typed})}" if after else None,
            next=f"{PEOPLE}?{urlencode({'q': typed, 'after': found.next})}" if found and found.next else None,
        )

    async def show(request: web.Request) -> web.StreamResponse:
        """One person."""
        view, language = await pages.here(request), language_of(request)
        session = pages.rendering.visits.of(request).session
        reviews = session is not None and session.reviews and not view.staff
        return pages.rendering.page(
            request,
            "person.html",
            shown=pages.shown(request, view),
            zone=pages.zone,
            enters=pages.said(language, _enters(view)),
            missing=", ".join(pages.rendering.text(language, f"profile.step.{step}") for step in view.missing),
            mails=f"{DELIVERIES}?{urlencode({'compte': view.account, 'etat': 'tous'})}",
            files=f"{REVIEW}?{urlencode({'personne': view.account})}" if reviews else None,
            fill_in=[] if view.closed_at else await _fill_in(pages, request, view.account),
            rights=f"{STAFF}/{view.file_number}" if view.staff else None,
            acts=[
                {"address": f"{address_of(view.account)}/{ACTS[act]}", "text": pages.said(language, f"act.{act}")}
                for act in acts_for(view)
            ],
            done=_done(pages, request, view, language),
        )

    return [
        web.get(PEOPLE, guarded(search, signed_in=True)),
        web.get(PEOPLE + "/{id}", guarded(show, signed_in=True)),
    ]


async def _by_number(pages: PeoplePages, request: web.Request) -> web.Response:
    """For support of one centre: the files of its reach that a person, by the number, has in hand."""
    typed = request.query.get("q", "").strip()
    found = await _files(pages, request, Whose.model_construct(file_number=typed)) if typed else None
    problem = found if isinstance(found, Problem) else None
    if problem is not None and not problem.fields:
        return pages.rendering.problem(request, problem, again=PEOPLE)
    return pages.rendering.page(
        request,
        "fill_in.html",
        status=200 if problem is None else 422,
        action=PEOPLE,
        q=typed,
        errors={} if problem is None else {"q": " ".join(errors_of(problem).values())},
        files=None if isinstance(found, Problem) else found,
    )


async def _files(pages: PeoplePages, request: web.Request, whose: Whose) -> list[Mapping[str, str]] | Problem:
    found = await pages.api.ask(request, language_of(request), FILES, query=whose)
    if isinstance(found, Problem):
        return found
    return [{"address": IN_PLACE.format(id=each.id), "title": each.title} for each in found.items]


async def _fill_in(pages: PeoplePages, request: web.Request, account: str) -> list[Mapping[str, str]]:
    """Files of theirs that who asks may fill in; the page is of the account, and there without them too."""
    session = pages.rendering.visits.of(request).session
    if session is None or not session.roles & {*IN_PLACE_ROLES}:
        return []
    found = await _files(pages, request, Whose.model_construct(account=account))
    return [] if isinstance(found, Problem) else found


def _enters(view: PersonView) -> str:
    if view.state == "pending":
        return "enters_not"
    if view.by_ent and view.by_password:
        return "enters_both"
    return "enters_ent" if view.by_ent else "enters_password"


def _done(pages: PeoplePages, request: web.Request, view: PersonView, language: Language) -> str:
    """What was done just now, as the address says and the account shows: a page that is opened again has nothing done."""
    act = next((act for act, part in ACTS.items() if part == request.query.get(DONE)), None)
    newest = view.helps[0] if view.helps else None
    if newest is None or newest.what != act or abs(pages.clock.now() - instant(newest.at)) >= JUST_NOW:
        return ""
    return pages.said(language, f"help.{act}")
