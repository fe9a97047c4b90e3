"""Adds these pages to the site."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from services.portal.api import Api
from services.portal.pages.mailing import deliveries
from services.portal.rendering import Rendering


def add_pages(site: web.Application, rendering: Rendering, api: Api, zone: ZoneInfo) -> None:
    """Add every page of mails; instants are told by the clock of `zone`."""
    site.add_routes(deliveries.routes(rendering, api, zone))
