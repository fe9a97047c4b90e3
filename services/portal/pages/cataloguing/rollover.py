"""The programmes of a campaign in the next one: which year and how days move, what would come of it, what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from aiohttp import web

from services.chassis.texts import formats
from services.contracts.api.campaigns import RolledProgramme, RolloverBody, RolloverView
from services.contracts.api.endpoints.campaigns import ROLL_OVER
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.contracts.refusals.offers import PREMISES_CHANGED
from services.portal.api import Api, Refused, content_of
from services.portal.forms import errors_of
from services.portal.pages.applying.uploading import parsed
from services.portal.pages.cataloguing.campaign_list import Campaigns, campaigns_of
from services.portal.pages.cataloguing.campaigns import address_of as campaign_address
from services.portal.pages.cataloguing.listing import address_of
from services.portal.paths import CATALOGUE, ROLLOVER
from services.portal.rendering import Rendering, come_back, language_of, see_other

SHOWN: Final = 200
"""Programmes of each kind that a page shows; of further ones it says how many there are."""
RESULTS: Final = ("refused", "carried", "present")
SHIFTS: Final[tuple[str, ...]] = get_args(RolloverBody.model_fields["shift"].annotation)


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Rollover(rendering, api), rendering.guarded
    preview, done = f"{ROLLOVER}/apercu", f"{ROLLOVER}/confirmation"
    return [
        web.get(ROLLOVER, guarded(own.ask, signed_in=True)),
        web.get(preview, guarded(own.back, signed_in=True)),
        web.get(done, guarded(own.back, signed_in=True)),
        web.post(preview, guarded(own.foresee, signed_in=True)),
        web.post(done, guarded(own.confirm, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Rollover:
    rendering: Rendering
    api: Api

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Of which campaign, and how their days move."""
        return await self._page(request, {})

    async def back(self, request: web.Request) -> web.StreamResponse:
        """These pages stand behind a form, and nowhere else."""
        return see_other(_address(request))

    async def foresee(self, request: web.Request) -> web.StreamResponse:
        """Tell what would come of each programme."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=_address(request))
        return await self._foreseen(request, form)

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        """Do it as it was foreseen; where something has changed since, tell anew what would come of it."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=_address(request))
        done = await self._sent(request, {**_asked(form), "digest": form.get("digest", "")})
        if not isinstance(done, Problem):
            return self._told(request, "campaign_rollover_done.html", done)
        if done.slug == PREMISES_CHANGED.name:
            return await self._foreseen(request, form, status=409, changed=True)
        raise Refused(done)

    async def _foreseen(
        self, request: web.Request, form: Mapping[str, str], *, status: int = 200, changed: bool = False
    ) -> web.Response:
        found = await self._sent(request, {**_asked(form), "dry_run": True})
        if isinstance(found, Problem):
            if not found.fields:
                raise Refused(found)
            return come_back(await self._page(request, form, status=found.status, errors=errors_of(found)), found)
        return self._told(
            request,
            "campaign_rollover_preview.html",
            found,
            status=status,
            changed=changed,
            asked=_asked(form),
            may_be_done=found.target.state == "active",
            action=f"{_address(request)}/confirmation",
        )

    async def _sent(self, request: web.Request, given: Mapping[str, Any]) -> RolloverView | Problem:
        asking = self.api.transfer(
            request,
            language_of(request),
            ROLL_OVER,
            RolloverBody.model_construct(_fields_set=set(given), **given),
            parameters={"campaign": request.match_info["campaign"]},
        )
        async with asking as response:
            if isinstance(response, Problem):
                return response
            return await asyncio.to_thread(parsed, RolloverView, await content_of(response))

    async def _page(
        self,
        request: web.Request,
        form: Mapping[str, str],
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        campaigns: Campaigns = await campaigns_of(self.api, request)
        target = campaigns.one(request.match_info["campaign"])
        others = [each for each in campaigns.all if each.code != target.code]
        chosen = form.get("source") or next((each.code for each in others if each.state != "planned"), "")
        shift = form.get("shift") or SHIFTS[0]
        text, language = self.rendering.text, language_of(request)
        return self.rendering.page(
            request,
            "campaign_rollover.html",
            status=status,
            again=_address(request),
            action=f"{_address(request)}/apercu",
            target=target,
            sources=[{"value": each.code, "text": each.label, "selected": each.code == chosen} for each in others],
            shifts=[
                {
                    "value": each,
                    "text": text(language, f"rollover.shift.{each}"),
                    "hint": {"text": text(language, f"rollover.shift.{each}_hint")},
                    "checked": each == shift,
                }
                for each in SHIFTS
            ],
            errors=errors or {},
        )

    def _told(
        self, request: web.Request, template: str, view: RolloverView, *, status: int = 200, **values: Any
    ) -> web.Response:
        language = language_of(request)
        counts = {"carried": view.carried, "present": view.present, "refused": view.refused}
        found = {result: [each for each in view.items if each.result == result] for result in RESULTS}
        return self.rendering.page(
            request,
            template,
            status=status,
            again=_address(request),
            back=_address(request),
            view=view,
            groups=[
                (result, [self._row(each, language) for each in found[result][:SHOWN]], counts[result])
                for result in RESULTS
                if counts[result]
            ],
            **values,
        )

    def _row(self, item: RolledProgramme, language: Language) -> Mapping[str, Any]:
        return {
            "title": item.title,
            "code": item.code,
            "address": address_of(item.code),
            "public": f"{CATALOGUE}/{item.code}",
            "faults": [self._fault(fault.field, fault.message, language) for fault in item.faults],
            "days": [
                {
                    "name": self.rendering.text(language, f"catalogue.field.dates_{day.name}"),
                    "before": formats.day(day.before, language),
                    "after": formats.day(day.after, language),
                    "weekday": self.rendering.text(language, f"rollover.weekday.{day.after.weekday()}")
                    if day.weekend
                    else "",
                }
                for day in item.days
            ],
        }

    def _fault(self, field: str, message: str, language: Language) -> str:
        if field not in DAYS:
            return message
        name = self.rendering.text(language, f"catalogue.field.dates_{field}")
        return self.rendering.text(language, "deliberation.fault", column=name, detail=message)


DAYS: Final = (
    *("opens_on", "closes_on", "submission_deadline", "review_on", "jury_on", "publication_on"),
    *("answer_deadline", "waitlist_answer_deadline"),
)
"""The fields that are days."""


def _address(request: web.Request) -> str:
    return campaign_address(request.match_info["campaign"], "reconduction")


def _asked(form: Mapping[str, str]) -> dict[str, str]:
    return {name: form.get(name, "") for name in ("source", "shift")}
