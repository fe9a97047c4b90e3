"""The public face of offers; everything here may be read by anyone and kept for some seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from services.chassis.ports import Clock
from services.chassis.routing import Auth, Request, Response, Route
from services.contracts.api import offers as api
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.offers import NO_ACTIVE_CAMPAIGN
from services.offers.domain.programmes import PDF
from services.offers.views.catalogue import Catalogue
from services.offers.views.models import ModelDocuments

SHORT: Final = "public, max-age=5"
"""A deadline that is extended is in force within five seconds."""
LONG: Final = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class Public:
    """What the routes ask."""

    catalogue: Catalogue
    models: ModelDocuments
    zone: ZoneInfo
    clock: Clock

    def today(self, request: Request) -> date:
        """The institution's calendar day at the request's arrival."""
        return request.command.now.astimezone(self.zone).date()

    def state(self) -> tuple[int, date]:
        """What the answers depend on: the catalogue's state and the institution's calendar day."""
        return self.catalogue.state, self.clock.now().astimezone(self.zone).date()


def routes(app: Public) -> list[Route]:
    """All routes of offers."""
    public = partial(Route, "GET", auth=Auth.PUBLIC, cache=SHORT, depends=app.state)
    return [
        public("/campaigns", partial(_campaigns, app), "All campaigns, the newest first.", answer=api.Campaigns),
        public(
            "/campaigns/current",
            partial(_current_campaign, app),
            "The active campaign.",
            answer=api.Campaign,
            refusals=(NO_ACTIVE_CAMPAIGN,),
        ),
        public(
            "/programmes",
            partial(_programmes, app),
            "Search the catalogue.",
            query=api.ProgrammesQuery,
            answer=api.Programmes,
        ),
        public(
            "/programmes/{code}",
            partial(_programme, app),
            "A programme with its dates and requirements.",
            path_params=api.ProgrammePath,
            answer=api.ProgrammeDetail,
            refusals=(NOT_FOUND,),
        ),
        public(
            "/tree",
            partial(_tree, app),
            "Centres, their diplomas, their programmes.",
            query=api.TreeQuery,
            answer=api.Tree,
        ),
        public(
            "/facets", partial(_facets, app), "What a search could be narrowed to.", query=api.Filter, answer=api.Facets
        ),
        public(
            "/models/{name}",
            partial(_model, app),
            "A file to fill in and deposit.",
            path_params=api.ModelPath,
            refusals=(NOT_FOUND,),
            cache=LONG,
            depends=None,
            download=(PDF,),
        ),
    ]


async def _campaigns(app: Public, request: Request) -> Response:
    return Response(app.catalogue.campaign_list(request.language))


async def _current_campaign(app: Public, request: Request) -> Response:
    return Response(app.catalogue.current_campaign(request.language))


async def _programmes(app: Public, request: Request) -> Response:
    return Response(
        content=app.catalogue.programmes(request.query(api.ProgrammesQuery), request.language, app.today(request))
    )


async def _programme(app: Public, request: Request) -> Response:
    return Response(content=app.catalogue.programme(request.path["code"], request.language, app.today(request)))


async def _tree(app: Public, request: Request) -> Response:
    return Response(content=app.catalogue.tree(request.query(api.TreeQuery), request.language, app.today(request)))


async def _facets(app: Public, request: Request) -> Response:
    return Response(app.catalogue.facets(request.query(api.Filter), request.language, app.today(request)))


async def _model(app: Public, request: Request) -> Response:
    name = request.path["name"]
    content = app.models.get(name)
    headers = {"Content-Type": PDF, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content=content, headers=headers)
