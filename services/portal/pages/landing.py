"""Where one is after logging in, who wanted to go nowhere else."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.problem import Problem
from services.portal.api import Api, ApiUnavailable, Refused
from services.portal.paths import APPLICATIONS, DELIVERIES, PEOPLE, REVIEW, SECOND_FACTOR, STAFF_CATALOGUE, STATISTICS
from services.portal.rendering import Rendering, language_of
from services.portal.visits import LoginNeeded, Session

HOME: Final = "/"
_NEXT: Final = "/profil"


async def landing(rendering: Rendering, api: Api, request: web.Request) -> str:
    """Staff are at their work, candidates at their applications, or at what comes before the first one.

    Home where that cannot be said.
    """
    session = rendering.visits.of(request).session
    if session is None:
        return HOME
    if session.is_staff:
        return _work(session)
    try:
        own = await api.ask(request, language_of(request), endpoints.OWN)
    except (LoginNeeded, Refused, ApiUnavailable):
        return HOME
    if isinstance(own, Problem):
        return HOME
    return APPLICATIONS if own.items else _NEXT


def _work(session: Session) -> str:
    """What staff do first: whoever has no right before they have a second factor sets that up."""
    if session.enrols:
        return SECOND_FACTOR
    work = (
        (session.reviews, REVIEW),
        (session.edits, STAFF_CATALOGUE),
        (session.supports, DELIVERIES),
        (session.fills_in, PEOPLE),
        (session.counts, STATISTICS),
    )
    return next((page for has, page in work if has), HOME)
