"""Adds these pages to the site."""

from __future__ import annotations

from aiohttp import web

from services.portal.api import Api
from services.portal.pages.cataloguing import listing, programme, publication
from services.portal.rendering import Rendering


def add_pages(site: web.Application, rendering: Rendering, api: Api) -> None:
    """Add every page of staff who keep the catalogue."""
    for family in (listing, programme, publication):
        site.add_routes(family.routes(rendering, api))
