"""Adds these pages to the site."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.http.following import OPEN
from services.chassis.http.middleware import UPLOADS
from services.portal.api import Api
from services.portal.pages.applying import (
    answering,
    following,
    forms,
    messages,
    own,
    pieces,
    questions,
    resuming,
    seeing,
    submission,
    waiting,
)
from services.portal.rendering import Rendering


def add_pages(site: web.Application, rendering: Rendering, api: Api, zone: ZoneInfo) -> None:
    """Add every page of applications; days end on the clock of `zone`."""
    pages = own.ApplicationPages(rendering, api, zone)
    for family in (own, pieces, resuming, seeing, forms, questions, submission, answering, waiting, messages):
        site.add_routes(family.routes(pages))
    site.add_routes(following.routes(pages, site[OPEN].most))
    for family in (pieces, resuming):
        site[UPLOADS].update(site.add_routes(family.upload_routes(pages)))
