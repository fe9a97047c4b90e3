"""Adds these pages to the site."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.ports import Clock
from services.portal.api import Api
from services.portal.pages.supporting import acting, doubts, people
from services.portal.rendering import Rendering


def add_pages(site: web.Application, rendering: Rendering, api: Api, zone: ZoneInfo, clock: Clock) -> None:
    """Add every page of support; instants are told by the clock of `zone`."""
    pages = people.PeoplePages(rendering, api, zone, clock)
    site.add_routes(people.routes(pages))
    site.add_routes(acting.routes(pages))
    site.add_routes(doubts.routes(pages))
