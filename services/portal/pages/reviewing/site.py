"""Adds these pages to the site."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.http.middleware import UPLOADS
from services.chassis.ports import Clock
from services.portal.api import Api
from services.portal.pages.reviewing import (
    arranging,
    behalf,
    bulk,
    bulk_runs,
    bundles,
    changes,
    codes,
    conditions,
    deciding,
    decisions,
    deliberation,
    exporting,
    exports,
    fees,
    foreseeing,
    hand_overs,
    in_place,
    listing,
    meeting_outcomes,
    meeting_plans,
    meetings,
    onward,
    past,
    places,
    pre_enrolments,
    reading,
    several,
    sheets,
    statistics,
    votes,
)
from services.portal.rendering import Rendering


def add_pages(site: web.Application, rendering: Rendering, api: Api, zone: ZoneInfo, clock: Clock) -> None:
    """Add every page of staff who examine files; days end on the clock of `zone`."""
    pages = listing.ReviewPages(rendering, api, zone, clock)
    for family in (
        arranging,
        behalf,
        bulk,
        bulk_runs,
        codes,
        conditions,
        bundles,
        changes,
        exporting,
        exports,
        in_place,
        fees,
        listing,
        meetings,
        meeting_outcomes,
        meeting_plans,
        reading,
        deciding,
        decisions,
        deliberation,
        onward,
        past,
        places,
        foreseeing,
        hand_overs,
        pre_enrolments,
        several,
        sheets,
        statistics,
        votes,
    ):
        site.add_routes(family.routes(pages))
    for bringing in (deliberation, in_place):
        site[UPLOADS].update(site.add_routes(bringing.upload_routes(pages)))
