"""Adds these pages to the site."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from services.portal.api import Api
from services.portal.pages.staffing import connectors, giving, identifying, incidents, members, resetting
from services.portal.rendering import Rendering


def add_pages(site: web.Application, rendering: Rendering, api: Api, zone: ZoneInfo) -> None:
    """Add every page of rights; days end on the clock of `zone`."""
    pages = members.StaffPages(rendering, api, zone)
    for family in (connectors, giving, identifying, incidents, resetting, members):
        site.add_routes(family.routes(pages))
