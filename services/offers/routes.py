"""The public face of offers; everything here may be read by anyone and kept for some seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from services.chassis.ports import Clock
from services.chassis.routing import Request, Response, Route
from services.contracts.api import offers as api
from services.contracts.api.endpoints import offers as endpoints
from services.offers.domain.programmes import PDF
from services.offers.views.catalogue import Catalogue
from services.offers.views.models import ModelDocuments


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
    public = partial(Route, depends=app.state)
    return [
        public(endpoints.CAMPAIGNS, partial(_campaigns, app)),
        public(endpoints.CURRENT_CAMPAIGN, partial(_current_campaign, app)),
        public(endpoints.PROGRAMMES, partial(_programmes, app)),
        public(endpoints.PROGRAMME, partial(_programme, app)),
        public(endpoints.TREE, partial(_tree, app)),
        public(endpoints.FACETS, partial(_facets, app)),
        Route(endpoints.MODEL, partial(_model, app)),
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
