"""What the pages have in common on which the words of letters and of mails are written, and looked at before they count."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from aiohttp import web
from pydantic import BaseModel

from services.contracts.api.endpoint import Endpoint
from services.contracts.api.problem import Problem
from services.contracts.refusals import STALE_VERSION
from services.portal.api import Api
from services.portal.forms import MAX_LONG_FORM_BYTES, command_key, errors_of
from services.portal.pages.cataloguing.programme import SAVED
from services.portal.rendering import Rendering, come_back, language_of, see_other


class WordPages(ABC):
    """The page of one kind of text in one language; the words have `fields`, and stand in the list at `address`."""

    address: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]
    template: ClassVar[str]
    body: ClassVar[type[BaseModel]]
    setting: ClassVar[Endpoint[Any, Any]]
    resetting: ClassVar[Endpoint[None, Any]]

    def __init__(self, rendering: Rendering, api: Api) -> None:
        self.rendering = rendering
        self.api = api

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        guarded, one = self.rendering.guarded, self.address + "/{kind}/{language}"
        return [
            web.get(self.address, guarded(self.every, signed_in=True)),
            web.get(one, guarded(self.show, signed_in=True)),
            web.post(one, guarded(self.save, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
        ]

    @abstractmethod
    async def every(self, request: web.Request) -> web.StreamResponse:
        """Every text in every language."""

    @abstractmethod
    async def view(self, request: web.Request) -> Any:
        """The words that are in force, as the API shows them."""

    @abstractmethod
    async def preview(
        self, request: web.Request, form: Mapping[str, str], typed: Mapping[str, str], body: BaseModel
    ) -> web.StreamResponse:
        """What these words would make."""

    def back(self, request: web.Request) -> str:
        """Where the list of them is."""
        return self.address

    def query(self, request: web.Request) -> BaseModel | None:
        """Whose words they are, as the API is asked."""
        return None

    def extras(self, request: web.Request, view: Any) -> Mapping[str, Any]:
        """What else the page shows."""
        return {}

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The words that are in force."""
        view = await self.view(request)
        typed = {name: getattr(view, name) for name in self.fields}
        return self.form(request, view, typed, version=str(view.version))

    async def save(self, request: web.Request) -> web.StreamResponse:
        """Write what was typed over the version that was looked at; or show what it would make; or go back."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=request.path)
        typed = {name: form.get(name, "").replace("\r\n", "\n") for name in self.fields}
        body = self.body.model_construct(set(self.fields), **typed)
        if form.get("do") in ("preview", "test"):
            return await self.preview(request, form, typed, body)
        resets = form.get("do") == "reset"
        found = await self.api.ask(
            request,
            language_of(request),
            self.resetting if resets else self.setting,
            **({} if resets else {"body": body}),
            parameters=named(request),
            query=self.query(request),
            key=command_key(form, "reset") if resets else command_key(form, *typed.values()),
            if_match=form.get("version", ""),
        )
        if not isinstance(found, Problem):
            return see_other(f"{request.path}?{SAVED}=1")
        return await self.refused(request, form, typed, found)

    async def refused(
        self, request: web.Request, form: Mapping[str, str], typed: Mapping[str, str], problem: Problem
    ) -> web.StreamResponse:
        """The form again, with all that was typed and what is wrong with it."""
        view = await self.view(request)
        stale = problem.slug == STALE_VERSION.name
        errors = {} if stale else errors_of(problem)
        version = str(view.version) if stale else form.get("version", "")
        shown = self.form(request, view, typed, version=version, errors=errors, status=problem.status, stale=stale)
        return come_back(shown, problem)

    def form(
        self,
        request: web.Request,
        view: Any,
        typed: Mapping[str, str],
        *,
        version: str,
        errors: Mapping[str, str] | None = None,
        **values: Any,
    ) -> web.Response:
        """The form with these words."""
        values = {"status": 200, "stale": False, **self.extras(request, view), **values}
        return self.rendering.page(
            request,
            self.template,
            again=request.path,
            action=request.path,
            back=self.back(request),
            view=view,
            typed=typed,
            looked_at=version,
            saved=SAVED in request.query,
            key=secrets.token_urlsafe(16),
            errors=errors or {},
            **values,
        )


def named(request: web.Request) -> Mapping[str, str]:
    """Which text in which language, as the address says."""
    return {name: request.match_info[name] for name in ("kind", "language")}
