"""The portal with one page more, which takes a form of somebody who is logged in."""

from __future__ import annotations

from aiohttp import web

from services.chassis.host.host import Host
from services.contracts.api.accounts import Address
from services.contracts.api.endpoints import accounts as endpoints
from services.portal.api import accepted
from services.portal.forms import MAX_LONG_FORM_BYTES
from services.portal.rendering import language_of, see_other
from services.portal.wiring import kit, pages
from tests.service.portal.browser import Browser, Form

Taken = list[dict[str, str]]

ADDRESS = {"lines": ["4 rue du Puits"], "postcode": "66000", "city": "Perpignan", "country": "FR"}


def with_a_form(taken: Taken, site: web.Application, host: Host) -> None:
    """The portal and a page more, as anybody would write one: it shows who asks, takes a form, and gives an address."""
    pages(site, host)
    rendering, api, _ = kit(site, host)

    async def show(request: web.Request) -> web.StreamResponse:
        asked = await api.ask(request, language_of(request), endpoints.ME)
        me = accepted(asked)
        page = await rendering.login(request, login=me.file_number)
        page.headers["Mine"] = me.file_number
        return page

    async def take(request: web.Request) -> web.StreamResponse:
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request)
        body = Address.model_validate(ADDRESS)
        given = await api.ask(request, language_of(request), endpoints.GIVE_ADDRESS, body=body)
        accepted(given)
        taken.append(dict(form))
        return see_other("/mine")

    async def missing(request: web.Request) -> web.StreamResponse:
        address = await api.ask(request, language_of(request), endpoints.ADDRESS)
        accepted(address)
        raise AssertionError("nobody has given one")

    site.add_routes(
        [
            web.get("/mine", rendering.guarded(show)),
            web.post("/mine", rendering.guarded(take)),
            web.post("/mine/alone", rendering.guarded(take, signed_in=True)),
            web.post("/mine/long", rendering.guarded(take, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
            web.get("/missing", rendering.guarded(missing)),
        ]
    )


async def mine(browser: Browser, path: str = "/mine") -> Form:
    """The form of the page of these tests, which goes to `path`."""
    form = (await browser.open("/mine")).forms[0]
    form.action = path
    return form


async def log_out(browser: Browser) -> None:
    """In another tab."""
    await browser.send((await browser.open("/compte")).forms[-1])
