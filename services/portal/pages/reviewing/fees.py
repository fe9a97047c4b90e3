"""What somebody of staff says of fees; no page of a file's candidate shows any of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.chassis.refusals import RIGHT_MISSING
from services.contracts.actors import Role
from services.contracts.api.endpoints import fees as endpoints
from services.contracts.api.fees import FeeItemView, FeeListsView, FeesBody, FeesView
from services.contracts.api.problem import Problem
from services.contracts.api.review import ReviewView
from services.contracts.refusals import STALE_VERSION
from services.portal.api import Refused, accepted, problem_for
from services.portal.forms import errors_of
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import REVIEW
from services.portal.rendering import Rendering, come_back, language_of, see_other

LISTS: Final = ("regime", "exemption")
FIELDS: Final = (*LISTS, "amount")

NONE: Final = "*"
"""What is sent where nothing shall be chosen; no code is so."""
_DIGITS: Final = 15
_AMOUNT: Final = re.compile(r"([0-9]+)(?:[.,]([0-9]{1,2}))?")
_THOUSANDS: Final = re.compile(r"^([0-9]{1,3})([.,])([0-9]{3})(?!\2)([.,][0-9]{1,2})$")
"""Told from decimals where there are both."""


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded, path = _Fees(pages), pages.rendering.guarded, REVIEW + "/{id}/frais"
    return [web.get(path, guarded(own.ask, signed_in=True)), web.post(path, guarded(own.set, signed_in=True))]


def given_of(form: Mapping[str, str]) -> dict[str, str | None]:
    """What was typed, as the API takes it."""
    given = {**{name: form.get(name, "").strip() for name in LISTS}, "amount": _euros(form.get("amount", ""))}
    return {name: value or None for name, value in given.items()}


def _euros(typed: str) -> str:
    """An amount with two decimals, typed with fewer, a comma, thousands apart or the sign; or else as it is."""
    bare = "".join(typed.split()).replace("€", "")
    bare = _THOUSANDS.sub(r"\1\3\4", bare)
    if (parts := _AMOUNT.fullmatch(bare)) is None:
        return bare
    return f"{parts[1]}.{(parts[2] or '').ljust(2, '0')}"


def choices_of(lists: FeeListsView, none: str, there: FeesView | None = None) -> Mapping[str, Any]:
    """What can be chosen, behind the choice of nothing; with what is chosen, also where it is offered no more."""
    kept = {name: None if there is None else getattr(there, name) for name in LISTS}
    return {
        name: [("", none), *_offered(items, kept[name])]
        for name, items in zip(LISTS, (lists.regimes, lists.exemptions), strict=True)
    }


def changes_of(form: Mapping[str, str]) -> dict[str, str | None]:
    """What was typed of many files: what says nothing leaves each as it is."""
    return {name: None if value == NONE else value for name, value in given_of(form).items() if value is not None}


def changes_offered(lists: FeeListsView, rendering: Rendering, language: str) -> Mapping[str, Any]:
    """What can be chosen for many files: to leave each as it is, nothing, and what is in the lists."""
    found = choices_of(lists, rendering.text(language, "review.bulk.fee_item_kept"))
    none = NONE, rendering.text(language, "review.no_fee_item")
    return {name: [options[0], none, *options[1:]] for name, options in found.items()}


def _offered(items: Sequence[FeeItemView], there: FeeItemView | None) -> list[tuple[str, str]]:
    found = {each.code: each.label for each in items}
    return [*(found if there is None else found | {there.code: there.label}).items()]


@dataclass(frozen=True, slots=True)
class _Fees:
    pages: ReviewPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What is said of the fees."""
        if Role.MANAGER.value not in self.pages.roles(request):
            raise Refused(problem_for(RIGHT_MISSING(), language_of(request)))
        view = await self.pages.view(request)
        return await self._form(request, view, self._typed(request, view.fees))

    async def set(self, request: web.Request) -> web.StreamResponse:
        """Say what was typed, over the fees that were looked at; where another has changed them, show both."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        given: dict[str, Any] = dict(given_of(form))
        seen = form.get("fees_version", "")
        if seen.isascii() and seen.isdigit() and len(seen) <= _DIGITS:
            given["fees_version"] = int(seen)
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.SET_FEES,
            body=FeesBody.model_construct(_fields_set=set(given), **given),
            parameters={"id": request.match_info["id"]},
        )
        if not isinstance(done, Problem):
            return see_other(f"{address_of(done.id)}#sheet")
        view, errors = await self.pages.view(request), errors_of(done)
        if done.slug == STALE_VERSION.name:
            return await self._form(request, view, form, status=412, changed=True)
        if not errors.keys() <= {*FIELDS}:
            raise Refused(done)
        return come_back(await self._form(request, view, form, status=done.status, errors=errors), done)

    def _typed(self, request: web.Request, fees: FeesView) -> Mapping[str, str]:
        found = {name: "" if (item := getattr(fees, name)) is None else item.code for name in LISTS}
        return found | {"amount": self.pages.showing(request).amount(fees.amount or "")}

    async def _form(
        self, request: web.Request, view: ReviewView, typed: Mapping[str, str], **values: Any
    ) -> web.Response:
        lists = await self.pages.api.ask(request, language_of(request), endpoints.FEE_LISTS)
        none = self.pages.rendering.text(language_of(request), "review.no_fee_item")
        action = address_of(view.id, "frais")
        return self.pages.page(
            request,
            view,
            "review_frais.html",
            typed=typed,
            looked_at=view.fees_version,
            choices=choices_of(accepted(lists), none, view.fees),
            action=action,
            again=action,
            **values,
        )
