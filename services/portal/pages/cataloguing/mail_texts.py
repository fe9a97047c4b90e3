"""The pages on which the words of mails are written, and looked at before they count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import BaseModel

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.api.endpoints import mail_texts as endpoints
from services.contracts.api.mail_texts import MailPreviewBody, MailTextsBody, MailTextsView
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.portal.api import Api, accepted
from services.portal.forms import FIELDS, command_key
from services.portal.pages.cataloguing.word_pages import WordPages
from services.portal.paths import MAIL_TEXTS, PARAMETERS
from services.portal.rendering import Rendering, come_back, language_of

OF_FILE: Final = ("file_number", "programme")
"""Fields that say of which file a mail is looked at."""


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The routes; instants are told by the clock of `zone`."""
    return _Mails(rendering, api, zone).routes()


class _Mails(WordPages):
    address = MAIL_TEXTS
    fields = ("subject", "body")
    template = "mail_text.html"
    body = MailTextsBody
    setting = endpoints.SET_MAIL_TEXTS
    resetting = endpoints.RESET_MAIL_TEXTS

    def __init__(self, rendering: Rendering, api: Api, zone: ZoneInfo) -> None:
        super().__init__(rendering, api)
        self._zone = zone

    async def every(self, request: web.Request) -> web.StreamResponse:
        found = await self.api.ask(request, language_of(request), endpoints.MAIL_TEXTS_LIST)
        items = accepted(found).items
        return self.rendering.page(request, "mail_texts.html", items=items, address=MAIL_TEXTS, back=PARAMETERS)

    async def view(self, request: web.Request) -> MailTextsView:
        found = await self.api.ask(request, language_of(request), endpoints.MAIL_TEXTS, parameters=request.match_info)
        return accepted(found)

    async def preview(
        self, request: web.Request, form: Mapping[str, str], typed: Mapping[str, str], body: BaseModel
    ) -> web.StreamResponse:
        tests = form.get("do") == "test"
        given = {**typed, **{name: value for name in OF_FILE if (value := form.get(name, "").strip())}}
        asked = MailPreviewBody.model_construct(set(given), **given)
        if tests:
            sent = await self.api.ask(
                request,
                language_of(request),
                endpoints.MAIL_TEST,
                body=asked,
                parameters=request.match_info,
                key=command_key(form, "test", *given.values()),
            )
            if isinstance(sent, Problem):
                return await self.unsent(request, form, typed, sent)
            view = await self.view(request)
            return self.form(request, view, typed, version=form.get("version", ""), sent=sent)
        found = await self.api.ask(
            request, language_of(request), endpoints.MAIL_PREVIEW, body=asked, parameters=request.match_info
        )
        if isinstance(found, Problem):
            return await self.refused(request, form, typed, found)
        view = await self.view(request)
        return self.form(request, view, typed, version=form.get("version", ""), preview=found)

    async def unsent(
        self, request: web.Request, form: Mapping[str, str], typed: Mapping[str, str], problem: Problem
    ) -> web.StreamResponse:
        """The form again with all that was typed, and why no test was sent."""
        if problem.fields:
            return await self.refused(request, form, typed, problem)
        view = await self.view(request)
        return come_back(
            self.form(
                request, view, typed, version=form.get("version", ""), status=problem.status, unsent=problem.detail
            ),
            problem,
        )

    def extras(self, request: web.Request, view: MailTextsView) -> Mapping[str, Any]:
        language = language_of(request)
        pattern = catalogues().text(MOMENT, language)
        earlier = [
            {
                "at": formats.moment(instant(each.at), language, self._zone, pattern),
                "subject": each.subject,
                "body": each.body,
            }
            for each in view.earlier
        ]
        typed = dict(request.get(FIELDS, ()))
        of_file = {name: typed.get(name, "") for name in OF_FILE}
        return {"preview": None, "sent": None, "unsent": "", "earlier": earlier, "of_file": of_file}
