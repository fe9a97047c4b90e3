"""Joins the portal's rooms and adds its pages to the site."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

from aiohttp import web

from services.chassis.host.host import Host
from services.chassis.http.middleware import LONG_FORMS, MISSING_PAGE
from services.chassis.http.places import Places
from services.chassis.mail.maildir import Mailbox
from services.chassis.security.sealing import SESSIONS, Sealer
from services.chassis.urls import maildir_folder
from services.portal.api import Api
from services.portal.csrf import Csrf
from services.portal.development_ent import wiring as development_ent
from services.portal.ent_offer import way_by_ent
from services.portal.maintenance import Closures
from services.portal.pages import (
    account,
    door,
    email_change,
    ent,
    erasures,
    files,
    formations,
    home,
    last_year,
    letter_checks,
    links,
    mailbox,
    personal_data,
    problems,
    profile,
    profile_drafts,
    profile_rows,
    receipts,
    registrar,
    second_factor,
    second_step,
)
from services.portal.pages.applying import site as applying
from services.portal.pages.cataloguing import site as cataloguing
from services.portal.pages.mailing import site as mailing
from services.portal.pages.profile_forms import ProfileForms
from services.portal.pages.reviewing import site as reviewing
from services.portal.pages.staffing import site as staffing
from services.portal.pages.supporting import site as supporting
from services.portal.paths import LARGEST_LOGIN
from services.portal.prolonged import Prolonged
from services.portal.rendering import Rendering
from services.portal.visits import Visits

STATIC: Final = Path(__file__).with_name("static")


def kit(site: web.Application, host: Host, transfers: Places | None = None) -> tuple[Rendering, Api, Closures]:
    """What pages are written with: it renders them, it asks the API for the browser at hand, it knows when all is closed."""
    settings = host.settings
    sealer = Sealer(settings.session_secret, settings.data, SESSIONS)
    visits = Visits(sealer, host.clock, settings.base_url)
    api = Api(settings.api_address, visits, transfers)

    async def connected(app: web.Application) -> AsyncIterator[None]:
        async with sealer.running(), api:
            yield

    site.cleanup_ctx.append(connected)
    site.on_response_prepare.append(visits.give)
    closures = Closures(api, host.clock, settings.zone)
    rendering = Rendering(Csrf(settings.base_url, visits), visits, partial(way_by_ent, api), closures)
    return rendering, api, closures


def pages(site: web.Application, host: Host, transfers: Places | None = None) -> None:
    """Add every page of the portal; in development the mailbox, where mails are kept in a Maildir, and its own ENT.

    `transfers` are the places of files on their way (`Api`).
    """
    settings = host.settings
    rendering, api, closures = kit(site, host, transfers)
    folder = maildir_folder(settings.mail, settings.data) if settings.env == "development" else None
    titles = {name: running.service.api.title for name, running in host.running.items()}

    prolonged = Prolonged(api, host.clock, settings.zone)
    pages = home.routes(rendering, api, closures, titles, prolonged, clock=host.clock, mailbox=folder is not None)
    site.add_routes(pages)
    for entered in (door, second_step):
        site.add_routes(entered.routes(rendering, api))
        site[LONG_FORMS] |= dict.fromkeys(site.add_routes(entered.long_routes(rendering, api)), LARGEST_LOGIN)
    site.add_routes(second_factor.routes(rendering, api, settings.zone))
    site.add_routes(ent.routes(rendering, api, settings.base_url))
    if settings.has_own_ent:
        site.add_routes(development_ent.routes(rendering, settings.base_url, host.clock))
    site.add_routes(account.routes(rendering, api, settings.zone))
    site.add_routes(email_change.routes(rendering, api))
    site.add_routes(personal_data.routes(rendering, api, settings.zone))
    site.add_routes(links.routes(rendering, api))
    forms = ProfileForms(rendering, api)
    site.add_routes(profile.routes(rendering, api, forms))
    site.add_routes(profile_rows.routes(rendering, api, forms))
    site.add_routes(registrar.routes(rendering, api, forms))
    site.add_routes(last_year.routes(rendering, api, forms))
    site.add_routes(profile_drafts.routes(rendering, api))
    site.add_routes(formations.routes(rendering, api, settings.zone))
    site.add_routes(receipts.routes(rendering, api, settings.zone))
    site.add_routes(letter_checks.routes(rendering, api))
    site.add_routes(erasures.routes(rendering, api, settings.zone))
    applying.add_pages(site, rendering, api, settings.zone)
    cataloguing.add_pages(site, rendering, api, settings.zone)
    reviewing.add_pages(site, rendering, api, settings.zone, host.clock)
    staffing.add_pages(site, rendering, api, settings.zone)
    mailing.add_pages(site, rendering, api, settings.zone)
    supporting.add_pages(site, rendering, api, settings.zone, host.clock)
    if folder is not None:
        site.add_routes(mailbox.routes(rendering, Mailbox(folder), settings.zone))
    site.add_routes(problems.routes(rendering))
    site.add_routes(files.routes(STATIC))

    def missing(request: web.Request) -> web.Response:
        return rendering.message(request, "missing", status=404)

    site[MISSING_PAGE] = missing
