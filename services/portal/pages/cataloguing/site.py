"""Adds these pages to the site."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.http.middleware import UPLOADS
from services.portal.api import Api
from services.portal.pages.cataloguing import (
    campaigns,
    deadlines,
    importing,
    letter_texts,
    listing,
    mail_texts,
    models,
    parameters,
    parts,
    programme,
    publication,
    rollover,
    signatures,
)
from services.portal.rendering import Rendering


def add_pages(site: web.Application, rendering: Rendering, api: Api, zone: ZoneInfo) -> None:
    """Add every page of staff who keep the catalogue and the parameters; `zone` is the institution's."""
    for family in (listing, programme, publication, parts, models, signatures, importing, rollover, campaigns):
        site.add_routes(family.routes(rendering, api))
    site[UPLOADS].update(site.add_routes(models.upload_routes(rendering, api)))
    site[UPLOADS].update(site.add_routes(importing.upload_routes(rendering, api)))
    site[UPLOADS].update(site.add_routes(signatures.upload_routes(rendering, api)))
    site.add_routes(deadlines.routes(rendering, api, zone))
    site.add_routes(parameters.routes(rendering, api, zone))
    site.add_routes(letter_texts.routes(rendering, api))
    site.add_routes(mail_texts.routes(rendering, api, zone))
