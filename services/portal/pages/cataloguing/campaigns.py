"""The campaigns: planned, begun, ended; what that means for people stands above the button that does it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from services.chassis.texts import formats
from services.contracts.api.campaigns import StaffCampaign
from services.contracts.api.counts import CountsPage
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.campaigns import CLOSE_CAMPAIGN
from services.contracts.api.endpoints.counts import STATISTICS
from services.contracts.api.endpoints.offers import ACTIVATE_CAMPAIGN, PARAMETERS, PLAN_CAMPAIGN
from services.contracts.api.offers import Campaigns as AllCampaigns
from services.contracts.api.offers import PlanCampaign
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.portal.api import Api, accepted
from services.portal.forms import command_key, errors_of
from services.portal.pages.cataloguing.campaign_list import Campaigns, campaigns_of
from services.portal.pages.cataloguing.programme import SAVED
from services.portal.paths import CAMPAIGN, CAMPAIGNS, NEW_CAMPAIGN
from services.portal.rendering import Rendering, come_back, language_of, see_other

STATES: Final[Mapping[str, str]] = {"active": "govuk-tag--green", "planned": "", "closed": "govuk-tag--grey"}
"""The class of a state's tag."""
ACTS: Final[Mapping[str, tuple[Endpoint[None, AllCampaigns], str, str]]] = {
    "activation": (ACTIVATE_CAMPAIGN, "planned", "active"),
    "fermeture": (CLOSE_CAMPAIGN, "active", "closed"),
}
"""What can be done with a campaign: the call, and its state before and after."""
FIELDS: Final = ("label", "label_en", "starts_on", "ends_on")
_PAGES: Final = 10
"""Pages of counts that are added up, of 50 programmes each."""


@dataclass(frozen=True, slots=True)
class Open:
    """Files of a campaign in the hands of candidates, and of staff; `more`: these at least."""

    drafts: int = 0
    undecided: int = 0
    more: bool = False


def address_of(code: str, *parts: str) -> str:
    """The address of a page of a campaign."""
    return "/".join((CAMPAIGN.replace("{campaign}", quote(code, safe="")), *parts))


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    pages, guarded = _Pages(rendering, api), rendering.guarded
    act = CAMPAIGN + "/{act:activation|fermeture}"
    return [
        web.get(CAMPAIGNS, guarded(pages.list, signed_in=True)),
        web.get(NEW_CAMPAIGN, guarded(pages.new, signed_in=True)),
        web.post(NEW_CAMPAIGN, guarded(pages.add, signed_in=True)),
        web.get(CAMPAIGN, guarded(pages.edit, signed_in=True)),
        web.post(CAMPAIGN, guarded(pages.save, signed_in=True)),
        web.get(act, guarded(pages.ask, signed_in=True)),
        web.post(act, guarded(pages.do, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    rendering: Rendering
    api: Api

    async def list(self, request: web.Request) -> web.StreamResponse:
        """All campaigns, and what can be done with each."""
        campaigns = await campaigns_of(self.api, request)
        return self.rendering.page(
            request,
            "campaigns.html",
            rows=[self._row(each, language_of(request)) for each in campaigns.all],
            saved=SAVED in request.query,
        )

    async def new(self, request: web.Request) -> web.StreamResponse:
        """An empty form."""
        await campaigns_of(self.api, request)
        return self._form(request, None, {})

    async def add(self, request: web.Request) -> web.StreamResponse:
        """Plan a campaign; one of that code is not written over."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=NEW_CAMPAIGN)
        code = form.get("code", "").strip()
        there = (await campaigns_of(self.api, request)).get(code)
        if there is not None and not _is_same(there, form):
            errors = {"code": self.rendering.text(language_of(request), "campaigns.code_taken")}
            return self._form(request, None, form, status=409, errors=errors)
        return await self._put(request, None, code, form)

    async def edit(self, request: web.Request) -> web.StreamResponse:
        """Its names and days."""
        kept = await self._one(request)
        return self._form(request, kept, _typed(kept))

    async def save(self, request: web.Request) -> web.StreamResponse:
        """Write its names and days."""
        kept, form = await self._one(request), await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=address_of(kept.code))
        return await self._put(request, kept, kept.code, form)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What would come of it."""
        campaigns = await campaigns_of(self.api, request)
        kept = campaigns.one(request.match_info["campaign"])
        if kept.state != ACTS[request.match_info["act"]][1]:
            return see_other(CAMPAIGNS)
        return await self._asked(request, campaigns, kept)

    async def do(self, request: web.Request) -> web.StreamResponse:
        """Do it, where what ends by it is what was shown; pressed twice it is done once."""
        campaigns = await campaigns_of(self.api, request)
        kept, act = campaigns.one(request.match_info["campaign"]), request.match_info["act"]
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=address_of(kept.code, act))
        endpoint, before, after = ACTS[act]
        if kept.state == after:
            return see_other(f"{CAMPAIGNS}?{SAVED}=1")  # pressed twice
        if kept.state != before or form.get("ends", "") != _code(campaigns.active):
            return await self._asked(request, campaigns, kept, status=409, changed=True)
        done = await self.api.ask(
            request,
            language_of(request),
            endpoint,
            parameters={"campaign": kept.code},
            key=command_key(form, kept.code, act),
        )
        if isinstance(done, Problem):
            return self.rendering.problem(request, done, again=CAMPAIGNS)
        return see_other(f"{CAMPAIGNS}?{SAVED}=1")

    async def _one(self, request: web.Request) -> StaffCampaign:
        return (await campaigns_of(self.api, request)).one(request.match_info["campaign"])

    async def _put(
        self, request: web.Request, kept: StaffCampaign | None, code: str, form: Mapping[str, str]
    ) -> web.StreamResponse:
        said = {"code": code} | {name: form.get(name, "").strip() for name in FIELDS}
        given: dict[str, Any] = {name: value for name, value in said.items() if value}
        done = await self.api.ask(
            request,
            language_of(request),
            PLAN_CAMPAIGN,
            body=PlanCampaign.model_construct(_fields_set=set(given), **given),
            key=command_key(form, *(f"{name}={value}" for name, value in given.items())),
        )
        if not isinstance(done, Problem):
            return see_other(f"{CAMPAIGNS}?{SAVED}=1")
        errors = {_FIELD_OF.get(field, field): message for field, message in errors_of(done).items()}
        if code and any(each.field == "code" and each.slug != "too-many" for each in done.fields or ()):
            errors["code"] = self.rendering.text(language_of(request), "campaigns.code_hint")
        return come_back(self._form(request, kept, form, status=done.status, errors=errors), done)

    async def _asked(
        self,
        request: web.Request,
        campaigns: Campaigns,
        kept: StaffCampaign,
        *,
        status: int = 200,
        changed: bool = False,
    ) -> web.Response:
        language, act, ending = language_of(request), request.match_info["act"], campaigns.active
        parameters = await self.api.ask(request, language, PARAMETERS)
        retention = accepted(parameters).retention
        return self.rendering.page(
            request,
            "campaign_act.html",
            status=status,
            again=address_of(kept.code, act),
            action=address_of(kept.code, act),
            act=act,
            kept=kept,
            ending=ending,
            open=Open() if ending is None else await self._open(request, ending.code),
            is_held=ending is not None and ending.code in retention.held,
            kept_days=retention.kept_days,
            warning_days=retention.warning_days,
            key=secrets.token_urlsafe(16),
            errors={},
            changed=changed,
            back=CAMPAIGNS,
        )

    async def _open(self, request: web.Request, campaign: str) -> Open:
        """How many files are under way, of the first programmes where there are too many to look at."""
        after, drafts, undecided = None, 0, 0
        for _ in range(_PAGES):
            asked: dict[str, Any] = {"campaign": campaign, "limit": 50} | ({"after": after} if after else {})
            query = CountsPage.model_construct(_fields_set=set(asked), **asked)
            found = await self.api.ask(request, language_of(request), STATISTICS, query=query)
            page = accepted(found)
            for each in page.items:
                decided = each.favourable + each.unfavourable
                drafts += max(0, each.opened - each.cancelled - each.submitted)
                undecided += max(0, each.submitted - decided)
            if (after := page.next) is None:
                return Open(drafts, undecided)
        return Open(drafts, undecided, more=True)

    def _form(
        self,
        request: web.Request,
        kept: StaffCampaign | None,
        typed: Mapping[str, str],
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        action = NEW_CAMPAIGN if kept is None else address_of(kept.code)
        return self.rendering.page(
            request,
            "campaign.html",
            status=status,
            again=action,
            action=action,
            kept=kept,
            typed=typed,
            key=secrets.token_urlsafe(16),
            errors=errors or {},
            back=CAMPAIGNS,
        )

    def _row(self, campaign: StaffCampaign, language: Language) -> Mapping[str, Any]:
        acts = [act for act, (_, before, _) in ACTS.items() if campaign.state == before]
        if campaign.state != "closed":
            acts.append("reconduction")
        return {
            "address": address_of(campaign.code),
            "label": campaign.label,
            "code": campaign.code,
            "state": self.rendering.text(language, f"campaigns.state.{campaign.state}"),
            "colour": STATES[campaign.state],
            "starts_on": formats.day(campaign.starts_on, language),
            "ends_on": formats.day(campaign.ends_on, language),
            "acts": [(address_of(campaign.code, act), self._said(language, act)) for act in acts],
        }

    def _said(self, language: Language, act: str) -> str:
        return self.rendering.text(language, f"campaigns.act.{act}")


_FIELD_OF: Final[Mapping[str, str]] = {"label.fr": "label", "label.en": "label_en"}


def _code(campaign: StaffCampaign | None) -> str:
    return "" if campaign is None else campaign.code


def _typed(kept: StaffCampaign) -> dict[str, str]:
    return {
        "label": kept.label_fr,
        "label_en": kept.label_en or "",
        "starts_on": kept.starts_on.isoformat(),
        "ends_on": kept.ends_on.isoformat(),
    }


def _is_same(kept: StaffCampaign, form: Mapping[str, str]) -> bool:
    """Whether the form says what is kept: it was pressed twice."""
    return all(form.get(name, "").strip() == said for name, said in _typed(kept).items())
