"""The page of what is made in the background for somebody: how far each is, to be fetched there and let go of."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from aiohttp import web

from services.contracts.api.endpoint import Endpoint
from services.contracts.instants import instant
from services.portal.api import accepted
from services.portal.downloads import handed_on
from services.portal.pages.reviewing.listing import ReviewPages, list_of
from services.portal.rendering import language_of, see_other


@dataclass(frozen=True, slots=True)
class WorkPages:
    """One kind of work, of which `home` is the page.

    The API is asked for all of one's `own`, for the `file` of one, and to let it be `gone`.
    """

    pages: ReviewPages

    home: ClassVar[str]
    template: ClassVar[str]
    own: ClassVar[Endpoint[None, Any]]
    file: ClassVar[Endpoint[None, None]]
    gone: ClassVar[Endpoint[None, None]]

    def routes(self) -> list[web.RouteDef]:
        """What every kind has, with how one is let go of."""
        guarded, one = self.pages.rendering.guarded, self.home + "/{id}"
        return [
            web.get(self.home, guarded(self.show, signed_in=True)),
            web.get(one + "/fichier", guarded(self.fetch, signed_in=True)),
            web.get(one + "/suppression", guarded(self.back, signed_in=True)),
            web.post(one + "/suppression", guarded(self.delete, signed_in=True)),
        ]

    @abstractmethod
    def item(self, request: web.Request, view: Any) -> Mapping[str, Any]:
        """What its kind alone shows of one."""

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One's own, and how far each is."""
        found = await self.pages.api.ask(request, language_of(request), self.own)
        items = [self._shown(request, each) for each in accepted(found).items]
        is_going_on = any(each["going_on"] for each in items)
        return self.pages.rendering.page(
            request, self.template, items=items, is_going_on=is_going_on, back=list_of(request)
        )

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        """The file."""
        parameters = {"id": request.match_info["id"]}
        return await handed_on(self.pages.rendering, self.pages.api, request, self.file, parameters)

    async def back(self, request: web.Request) -> web.StreamResponse:
        """Where one comes by who logs in anew after the button was pressed."""
        return see_other(self.home)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Let go of one."""
        if await self.pages.rendering.form(request) is None:
            return self.pages.rendering.foreign(request, again=self.home)
        done = await self.pages.api.ask(
            request, language_of(request), self.gone, parameters={"id": request.match_info["id"]}
        )
        accepted(done)
        return see_other(self.home)

    def _shown(self, request: web.Request, view: Any) -> Mapping[str, Any]:
        showing = self.pages.showing(request)
        return {
            "id": view.id,
            "state": view.state,
            "state_label": view.state_label,
            "done": view.done,
            "total": view.total,
            "going_on": view.state in ("waiting", "running"),
            "asked_at": showing.moment(instant(view.asked_at)),
            "expires_at": showing.moment(instant(view.expires_at)),
            "reason": view.reason_text,
            **self.item(request, view),
        }
