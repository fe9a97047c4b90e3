"""Which codes of rights are of nothing in the catalogue: a slip of the pen opens nothing, and nobody would see it."""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import catalogue_parts as endpoints
from services.contracts.api.endpoints import offers
from services.contracts.api.offers import Filter
from services.contracts.api.problem import Problem
from services.contracts.api.staff import StaffView
from services.contracts.refusals import NOT_FOUND
from services.portal.api import Api
from services.portal.rendering import language_of

MOST: Final = 40
"""Codes of one person that are looked up."""


async def unknown_codes(api: Api, request: web.Request, view: StaffView) -> list[str]:
    """The codes of centres and boards that nobody keeps, and no programme names, of the first `MOST` of a person.

    None of them where the catalogue cannot be asked.
    """
    centres = sorted(set(chain.from_iterable(grant.centres or () for grant in view.grants)))
    boards = sorted(set(chain.from_iterable(grant.commissions or () for grant in view.grants)))
    if not centres and not boards:
        return []
    facets = await api.ask(
        request, language_of(request), offers.FACETS, query=Filter.model_construct(_fields_set=set())
    )
    if isinstance(facets, Problem):
        return []
    named = {centre.code for centre in facets.centres}
    asked: list[tuple[str, Endpoint[None, Any]]] = [(code, endpoints.CENTRE) for code in centres if code not in named]
    asked += [(code, endpoints.COMMISSION) for code in boards]

    async def is_unknown(code: str, endpoint: Endpoint[None, Any]) -> bool:
        found = await api.ask(request, language_of(request), endpoint, parameters={"code": code})
        return isinstance(found, Problem) and found.slug == NOT_FOUND.name

    answers = await asyncio.gather(*(is_unknown(*each) for each in asked[:MOST]))
    return [code for (code, _), gone in zip(asked, answers, strict=False) if gone]
