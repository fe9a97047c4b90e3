"""Whether one may come in by the ENT, and where its button leads."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from yarl import URL

from services.contracts.api.endpoints.accounts import ENT_OFFER
from services.contracts.api.problem import Problem
from services.portal.api import Api, ApiUnavailable
from services.portal.rendering import language_of

GO: Final = "/connexion/ent"


async def way_by_ent(api: Api, request: web.Request, onward: str) -> str:
    """Where the button leads that goes `onward` afterwards; empty where no ENT is offered, or nobody can say."""
    try:
        offer = await api.ask(request, language_of(request), ENT_OFFER)
    except ApiUnavailable:
        return ""
    if isinstance(offer, Problem) or not offer.offered:
        return ""
    return str(URL(GO).with_query(next=onward)) if onward else GO
