"""The development ENT's pages, for this machine alone."""

from __future__ import annotations

from aiohttp import web

from services.chassis.ports import Clock
from services.portal.development_ent import cas, oidc
from services.portal.pages.mailbox import for_this_machine
from services.portal.rendering import Rendering


def routes(rendering: Rendering, public: str, clock: Clock) -> list[web.RouteDef]:
    """The routes of both protocols; whoever comes from elsewhere finds nothing, for anybody is let in as anybody."""
    found = [*cas.routes(rendering, public), *oidc.routes(rendering, public, clock)]
    return [web.RouteDef(each.method, each.path, for_this_machine(each.handler), each.kwargs) for each in found]
