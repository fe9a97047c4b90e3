"""What became of mails, those first that wait for a person; and the button by which one is tried again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.api.endpoints import mailer as endpoints
from services.contracts.api.mailer import (
    UNDELIVERED,
    DeliveryPage,
    DeliveryQuery,
    DeliveryReturn,
    DeliveryState,
    DeliveryView,
)
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.portal.api import Api
from services.portal.forms import command_key, errors_of
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import DELIVERIES
from services.portal.rendering import Rendering, language_of, see_other

EVERY: Final = "tous"
STATES: Final[tuple[str, ...]] = (UNDELIVERED, *get_args(DeliveryState), EVERY)
"""What one may look at, what waits for a person first."""
RETRIED: Final = ("failed", "bounced", "unknown")
COLOURS: Final[Mapping[str, str]] = {
    "sent": "govuk-tag--green",
    "failed": "govuk-tag--red",
    "bounced": "govuk-tag--red",
    "unknown": "govuk-tag--yellow",
    "replaced": "govuk-tag--grey",
    "erased": "govuk-tag--grey",
}
"""The class of a state's tag; blue where none is named."""
REASONS: Final = ("refused", "not-composed", "gave-up", "account-closed", "bounced")
"""Those that say more than the state."""
FILTERS: Final[Mapping[str, str]] = {
    "numero": "file_number",
    "commission": "commission",
    "compte": "account",
    "sujet": "kind",
    "etat": "state",
    "after": "after",
}
"""What stands behind the `?` of the page, and what the API calls it."""
DONE: Final = "renvoye"


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The routes."""
    pages, guarded = _Deliveries(rendering, api, zone), rendering.guarded
    return [
        web.get(DELIVERIES, guarded(pages.show, signed_in=True)),
        web.post(DELIVERIES + "/{id}", guarded(pages.retry, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Deliveries:
    rendering: Rendering
    api: Api
    zone: ZoneInfo

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One page of the mails that are asked for; without anything asked, of those that wait for a person."""
        language, asked = language_of(request), _asked(request)
        wanted = {name: value for name, value in asked.items() if (name, value) != ("state", EVERY)}
        query = DeliveryQuery.model_construct(_fields_set=set(wanted), **wanted)
        found = await self.api.ask(request, language, endpoints.STAFF_DELIVERIES, query=query)
        session = self.rendering.visits.of(request).session
        errors: dict[str, str] = {}
        if isinstance(found, Problem):
            if not found.fields:
                return self.rendering.problem(request, found)
            errors, found = errors_of(found), DeliveryPage(items=[])
        return self.rendering.page(
            request,
            "deliveries.html",
            status=422 if errors else 200,
            action=DELIVERIES,
            asked=asked,
            errors={FIELD_IDS.get(name, ""): message for name, message in errors.items()},
            states=[
                {"value": each, "text": self._words(language, each), "selected": asked["state"] == each}
                for each in STATES
            ],
            rows=[
                self._row(view, asked, language, retries=session is not None and session.supports)
                for view in found.items
            ],
            retried=DONE in request.query,
            key=secrets.token_urlsafe(16),
            first=_link(asked | {"after": ""}) if asked.get("after") else None,
            next=_link(asked | {"after": found.next}) if found.next else None,
            everybody=_link({"state": asked["state"]}) if asked.get("account") else None,
        )

    async def retry(self, request: web.Request) -> web.StreamResponse:
        """Have one mail tried again, and go back to the list that it was seen in."""
        back = _asked(request)
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=_link(back))
        done = await self.api.ask(
            request,
            language_of(request),
            endpoints.RETRY_DELIVERY,
            parameters={"id": request.match_info["id"]},
            key=command_key(form, request.match_info["id"]),
        )
        if isinstance(done, Problem):
            return self.rendering.problem(request, done, again=_link(back))
        return see_other(_link(back, **{DONE: "1"}))

    def _row(
        self, view: DeliveryView, asked: Mapping[str, Any], language: Language, *, retries: bool
    ) -> Mapping[str, Any]:
        return {
            "subject": view.subject or self._words(language, "no_subject"),
            "language": view.language if view.subject else language,
            "kind": view.kind,
            "address": view.address or "",
            "file_number": view.file_number or self._words(language, "no_number"),
            "person": _link({"account": view.account, "state": EVERY}),
            "state": self._words(language, view.state),
            "colour": COLOURS.get(view.state, ""),
            "reason": self._words(language, f"reason.{view.reason}") if view.reason in REASONS else "",
            "returns": [self._return(each, language) for each in view.returns],
            "retried": view.retried_by is not None,
            "attempts": view.attempts,
            "created_at": self._moment(view.created_at, language),
            "due_at": self._moment(view.due_at, language) if view.due_at and view.attempts else "",
            "retry": _link(asked, to=f"{DELIVERIES}/{view.id}") if retries and view.state in RETRIED else None,
            "files": [(address_of(each.application), each.programme) for each in view.files],
        }

    def _return(self, said: DeliveryReturn, language: Language) -> str:
        status = f" ({said.status})" if said.status else ""
        at = self._moment(said.at, language)
        return self.rendering.text(language, f"deliveries.return.{said.result}", at=at, status=status)

    def _words(self, language: Language, name: str) -> str:
        return self.rendering.text(language, f"deliveries.{name}")

    def _moment(self, at: str, language: Language) -> str:
        return formats.moment(instant(at), language, self.zone, catalogues().text(MOMENT, language))


_TYPED: Final = ("numero", "commission", "etat")
FIELD_IDS: Final[Mapping[str, str]] = {name: there for there, name in FILTERS.items() if there in _TYPED}
"""The fields of the page, by what the API calls them."""


def _asked(request: web.Request) -> dict[str, Any]:
    """What the address asks for; what is left empty is not asked for."""
    given = {name: request.query.get(there, "").strip() for there, name in FILTERS.items()}
    return {"state": UNDELIVERED} | {name: value for name, value in given.items() if value}


def _link(asked: Mapping[str, Any], *, to: str = DELIVERIES, **more: str) -> str:
    query = {there: asked[name] for there, name in FILTERS.items() if asked.get(name)}
    return f"{to}?{urlencode(query | more)}"
