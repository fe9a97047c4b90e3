"""HTTP of campaigns: planned, begun, ended, and what one leaves to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from services.chassis.events.aggregates import Outcome
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import campaigns as api
from services.contracts.api import offers
from services.contracts.api.endpoints import campaigns as endpoints
from services.contracts.api.endpoints.offers import ACTIVATE_CAMPAIGN, PLAN_CAMPAIGN
from services.contracts.premises import confirmed
from services.offers.domain.campaigns import Campaign, Campaigns
from services.offers.domain.rollover import Shift
from services.offers.domain.text import Text
from services.offers.routes.parameters import require_all_centres
from services.offers.usecases import campaigns, rollovers
from services.offers.usecases.app import App
from services.offers.views import serializers
from services.offers.views.rollovers import shown


def routes(app: App) -> Sequence[Route]:
    """The routes."""
    return [
        Route(endpoints.STAFF_CAMPAIGNS, partial(_kept, app)),
        Route(PLAN_CAMPAIGN, partial(_plan, app)),
        Route(ACTIVATE_CAMPAIGN, partial(_activate, app)),
        Route(endpoints.CLOSE_CAMPAIGN, partial(_close, app)),
        Route(endpoints.ROLL_OVER, partial(_roll_over, app)),
    ]


async def _kept(app: App, request: Request) -> Response[api.StaffCampaigns]:
    require_all_centres(request)
    campaigns = (await app.campaigns.load()).all
    return Response(
        api.StaffCampaigns(items=[serializers.staff_campaign(each, request.language) for each in reversed(campaigns)])
    )


async def _plan(app: App, request: Posted[offers.PlanCampaign]) -> Response[offers.Campaigns]:
    require_all_centres(request)
    wanted = request.body
    label = Text(wanted.label, wanted.label_en)
    campaign = Campaign(wanted.code, label, wanted.starts_on, wanted.ends_on)
    return _all(await campaigns.plan_campaign(app, campaign, request.command), request)


async def _activate(app: App, request: Request) -> Response[offers.Campaigns]:
    require_all_centres(request)
    return _all(await campaigns.activate_campaign(app, request.path["campaign"], request.command), request)


async def _close(app: App, request: Request) -> Response[offers.Campaigns]:
    require_all_centres(request)
    return _all(await campaigns.close_campaign(app, request.path["campaign"], request.command), request)


def _all(changed: Outcome[Campaigns], request: Request) -> Response[offers.Campaigns]:
    return Response(serializers.campaigns(changed.saved.state, request.language), events=changed.events)


async def _roll_over(app: App, request: Posted[api.RolloverBody]) -> Response[api.RolloverView]:
    require_all_centres(request)
    target, body, shift = request.path["campaign"], request.body, Shift(request.body.shift)
    digest = confirmed(dry_run=body.dry_run, digest=body.digest)
    with app.imports.take():
        if digest is None:
            found = await rollovers.foresee(app, target, body.source, shift)
        else:
            found = await rollovers.carry_over(app, target, body.source, shift, request.command, digest=digest)
        # Of thousands that are refused it is a second's work, as of an import.
        view = await asyncio.to_thread(shown, found, request.language, confirmed=digest)
    return Response(view)
