"""The campaigns as pages of administrators need them, and for nobody else."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from services.contracts.api.campaigns import StaffCampaign
from services.contracts.api.endpoints.campaigns import STAFF_CAMPAIGNS
from services.contracts.languages import Language
from services.contracts.refusals import NOT_FOUND
from services.portal.api import Api, Refused, accepted, problem_for
from services.portal.rendering import language_of


@dataclass(frozen=True, slots=True)
class Campaigns:
    """All campaigns, the newest first."""

    all: tuple[StaffCampaign, ...]
    language: Language

    @property
    def active(self) -> StaffCampaign | None:
        """The one to which people apply."""
        return next((each for each in self.all if each.state == "active"), None)

    def get(self, code: str) -> StaffCampaign | None:
        """The one of that code."""
        return next((each for each in self.all if each.code == code), None)

    def one(self, code: str) -> StaffCampaign:
        """The same; raises Refused where there is none."""
        if (found := self.get(code)) is None:
            raise Refused(problem_for(NOT_FOUND(), self.language))
        return found


async def campaigns_of(api: Api, request: web.Request) -> Campaigns:
    """The campaigns; raises Refused for who has not the right to all of them."""
    language = language_of(request)
    found = await api.ask(request, language, STAFF_CAMPAIGNS)
    return Campaigns(tuple(accepted(found).items), language)
