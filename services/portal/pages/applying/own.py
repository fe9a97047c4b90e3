"""A person's applications: the list, one of them, and opening one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from services.contracts.api.applications import MOST_BEFORE, ApplicationPage, ApplicationView, OpenApplication
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.endpoints import documents, mailer
from services.contracts.api.mailer import MessageQuery
from services.contracts.api.problem import Problem
from services.contracts.refusals import applications as refusals
from services.portal.api import Api, ApiUnavailable, accepted
from services.portal.downloads import handed_on
from services.portal.forms import command_key
from services.portal.pages.applying.acts import shown as act_shown
from services.portal.pages.applying.showing import Showing, address_of
from services.portal.paths import APPLICATIONS, CATALOGUE, ONE, PROFILE
from services.portal.rendering import POLICY, Rendering, language_of, see_other

PATIENCE_SECONDS: Final = 1.0
"""For so long the list waits to be told whether mails come back; without that it is shown all the same."""
POLICY_WITH_SCRIPT: Final = f"{POLICY}; script-src 'self'; connect-src 'self'"


@dataclass(frozen=True, slots=True)
class ApplicationPages:
    """What the pages of applications have in common; `zone` is the institution's."""

    rendering: Rendering
    api: Api
    zone: ZoneInfo

    def showing(self, request: web.Request) -> Showing:
        """Makes what is shown, for this reader."""
        return Showing(self.rendering.text, self.zone, language_of(request))

    async def view(self, request: web.Request) -> ApplicationView:
        """The application that the address names; raises Refused, of a foreign one as of none (acceptance 62)."""
        parameters = {"id": request.match_info["id"]}
        view = await self.api.ask(request, language_of(request), endpoints.ONE, parameters=parameters)
        return accepted(view)

    def page(
        self,
        request: web.Request,
        view: ApplicationView,
        template: str = "application.html",
        *,
        status: int = 200,
        again: str | None = None,
        **values: Any,
    ) -> web.Response:
        """A page about one application; `errors` by the id of the field that has them."""
        showing = self.showing(request)
        return self.rendering.page(
            request,
            template,
            status=status,
            policy=POLICY_WITH_SCRIPT,
            again=again or address_of(view.id),
            shown=showing.whole(view),
            acts=[act_shown(act, showing.moment) for act in view.acts],
            seen_version=view.version,
            zone=self.zone,
            most_before=MOST_BEFORE,
            **{"errors": {}, "noticed": {}, "key": secrets.token_urlsafe(16), **values},
        )


async def paper(pages: ApplicationPages, request: web.Request, endpoint: Endpoint[None, None]) -> web.StreamResponse:
    """A PDF that documents makes of the application, passed on and never kept; else why there is none, and when to ask."""
    return await handed_on(pages.rendering, pages.api, request, endpoint, {"application": request.match_info["id"]})


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The routes of the list, of opening, and of one application."""
    own = _Own(pages)
    guarded = pages.rendering.guarded
    return [
        web.get(APPLICATIONS, guarded(own.list, signed_in=True)),
        web.post(APPLICATIONS, guarded(own.open, signed_in=True)),
        web.get(ONE + "/dossier", guarded(own.dossier, signed_in=True)),
        web.get(ONE + "/lettre", guarded(own.letter, signed_in=True)),
        web.get(ONE, guarded(own.show, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Own:
    pages: ApplicationPages

    async def list(self, request: web.Request) -> web.StreamResponse:
        """The cards, the application opened last first."""
        pages = self.pages
        after = request.query.get("after")
        query = None if after is None else ApplicationPage.model_construct(after=after)
        asked = pages.api.ask(request, language_of(request), endpoints.OWN, query=query)
        answer, unreached = await asyncio.gather(asked, self._is_unreached(request, first=after is None))
        found = accepted(answer)
        cards = [pages.showing(request).card(view) for view in found.items]
        return pages.rendering.page(request, "applications.html", cards=cards, next=found.next, unreached=unreached)

    async def _is_unreached(self, request: web.Request, *, first: bool) -> bool:
        """Whether mails to one's address come back; while nobody says so, the page is shown without that.

        It is asked beside the list, and for its first page alone.
        """
        if not first:
            return False
        query = MessageQuery.model_construct(_fields_set={"limit"}, limit=1)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self.pages.api.ask(request, language_of(request), mailer.OWN_MESSAGES, query=query)
        except (ApiUnavailable, TimeoutError):
            return False
        return not isinstance(found, Problem) and found.unreached

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One application."""
        noticed = self.pages.showing(request).noticed(request.query)
        return self.pages.page(request, await self.pages.view(request), noticed=noticed)

    async def dossier(self, request: web.Request) -> web.StreamResponse:
        """The whole application as one PDF (acceptance 61)."""
        return await paper(self.pages, request, documents.DOSSIER_PDF)

    async def letter(self, request: web.Request) -> web.StreamResponse:
        """The letter that there is (acceptance 86)."""
        return await paper(self.pages, request, documents.LETTER_PDF)

    async def open(self, request: web.Request) -> web.StreamResponse:
        """Open an application to the programme of the catalogue's button; pressed twice, it is one."""
        pages = self.pages
        form = await pages.rendering.form(request)
        if form is None:
            return pages.rendering.foreign(request, again=CATALOGUE)
        body = OpenApplication.model_construct(programme=form.get("programme", ""))
        key = command_key(form, body.programme)
        opened = await pages.api.ask(request, language_of(request), endpoints.OPEN, body=body, key=key)
        if not isinstance(opened, Problem):
            return see_other(address_of(opened.id))
        return pages.rendering.page(
            request,
            "opening.html",
            status=opened.status,
            again=APPLICATIONS,
            title=opened.title,
            body=opened.detail,
            links=[link async for link in self._ways_on(request, opened, body.programme)],
        )

    async def _ways_on(self, request: web.Request, problem: Problem, programme: str) -> AsyncIterator[tuple[str, str]]:
        """Where to go from a refusal: the steps of the profile that are missing, the application that is there."""
        language, rendering = language_of(request), self.pages.rendering
        steps = {
            "identity": (f"{PROFILE}/identite", rendering.text(language, "opening.identity")),
            "address": (f"{PROFILE}/adresse", rendering.text(language, "opening.address")),
            "baccalaureate": (f"{PROFILE}/baccalaureat", rendering.text(language, "opening.baccalaureate")),
        }
        match problem.slug:
            case refusals.PROFILE_INCOMPLETE.name:
                for step in (problem.model_extra or {}).get("missing", ()):
                    if step in steps:
                        yield steps[step]
            case refusals.ALREADY_APPLIED.name:
                if (there := await self._there(request, programme)) is not None:
                    yield address_of(there.id), rendering.text(language, "opening.existing")
            case refusals.TOO_MANY_APPLICATIONS.name | refusals.TOO_MANY_OPENINGS.name:
                pass
            case _:
                yield CATALOGUE, rendering.text(language, "opening.catalogue")
        yield APPLICATIONS, rendering.text(language, "opening.own")

    async def _there(self, request: web.Request, programme: str) -> ApplicationView | None:
        """The person's own application to that programme which is not cancelled."""
        query: ApplicationPage | None = ApplicationPage.model_construct(limit=200)
        while query is not None:
            answer = await self.pages.api.ask(request, language_of(request), endpoints.OWN, query=query)
            found = accepted(answer)
            for view in found.items:
                if view.programme.code == programme and view.state != "cancelled":
                    return view
            query = None if found.next is None else ApplicationPage.model_construct(limit=200, after=found.next)
        return None
