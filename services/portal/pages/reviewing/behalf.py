"""The pages by which a manager opens an application for somebody, or offers a place: who it is first, then what."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web

from services.contracts.actors import Role
from services.contracts.api.behalf import OpenFor, Person, Whom
from services.contracts.api.endpoints import behalf as endpoints
from services.contracts.api.endpoints.review import CHOICES
from services.contracts.api.narrowing import Choice
from services.contracts.api.problem import Problem
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND
from services.contracts.text_folding import fold, folded_words
from services.portal.api import accepted
from services.portal.forms import KEY, command_key, errors_of
from services.portal.pages.profile_fields import DATE_PARTS
from services.portal.pages.reviewing.deciding import DEADLINE, typed_date
from services.portal.pages.reviewing.listing import UNPROCESSABLE, ReviewPages, list_of
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import REVIEW
from services.portal.rendering import come_back, language_of, see_other

OPENING: Final = f"{REVIEW}/ouverture"
FOR: Final = OPENING + "/{number}"
WORDS: Final = "formation"
"""In the address, what was typed to find a programme."""
MOST: Final = 30
"""Programmes to choose from: of more one says more words."""
KINDS: Final = ("draft", "offer")


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    opening, guarded = _Opening(pages), pages.rendering.guarded
    return [
        web.get(OPENING, guarded(opening.ask_whom, signed_in=True)),
        web.post(OPENING, guarded(opening.find, signed_in=True)),
        web.get(FOR, guarded(opening.ask_what, signed_in=True)),
        web.post(FOR, guarded(opening.open, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Opening:
    """One page for the person and the programme, and one that shows both before anything is opened."""

    pages: ReviewPages

    async def ask_whom(self, request: web.Request) -> web.StreamResponse:
        """For whom, and to which programme."""
        if Role.MANAGER.value not in self.pages.roles(request):
            return see_other(REVIEW)
        return self._whom(request, {"file_number": request.query.get("numero", "")})

    async def find(self, request: web.Request) -> web.StreamResponse:
        """Go on with who was found, and with the words of programmes of which there are some."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=OPENING)
        number, words = form.get("file_number", "").strip(), form.get("words", "").strip()
        person = await self._person(request, number)
        errors = {}
        if isinstance(person, Problem):
            if person.slug not in (NOT_FOUND.name, INVALID_FIELDS.name):
                return self.pages.rendering.problem(request, person, again=OPENING)
            errors["file_number"] = self._text(request, "unknown")
        elif person.missing:
            steps = [self.pages.rendering.text(language_of(request), f"profile.step.{each}") for each in person.missing]
            errors["file_number"] = self._text(request, "missing", steps=", ".join(steps))
        found = await self._programmes(request, words)
        if not found or len(found) > MOST:
            errors["words"] = self._text(request, "too_many" if found else "no_programme")
        if errors or isinstance(person, Problem):
            return self._whom(request, form, status=UNPROCESSABLE, errors=errors)
        return see_other(f"{OPENING}/{quote(person.file_number)}?{urlencode({WORDS: words})}")

    async def ask_what(self, request: web.Request) -> web.StreamResponse:
        """What shall be opened; back to the first page where nobody, or no programme, is meant."""
        if Role.MANAGER.value not in self.pages.roles(request):
            return see_other(REVIEW)
        return await self._what(request, {})

    async def open(self, request: web.Request) -> web.StreamResponse:
        """Open it, and go to the file."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path_qs)
        kind = form.get("kind", "")
        given: dict[str, Any] = {"file_number": request.match_info["number"]}
        if programme := form.get("programme", ""):
            given["programme"] = programme
        if kind == "offer":
            given["offer"] = True
            if group := form.get("group", "").strip():
                given["group"] = group
        elif day := typed_date(form, DEADLINE):
            given[DEADLINE] = day
        if kind not in KINDS or not programme:
            errors = {} if programme else {"programme": self._text(request, "choose_programme")}
            errors |= {} if kind in KINDS else {"kind": self._text(request, "choose")}
            return await self._what(request, form, status=UNPROCESSABLE, errors=errors)
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.OPEN_FOR,
            body=OpenFor.model_construct(_fields_set=set(given), **given),
            key=command_key(form, *map(str, given.values())),
        )
        if not isinstance(done, Problem):
            return see_other(address_of(done.id))
        errors = errors_of(done) if done.fields else {"": f"{done.title}. {done.detail}"}
        page = await self._what(request, form, status=done.status, errors=errors)
        return come_back(page, done) if isinstance(page, web.Response) else page

    async def _person(self, request: web.Request, number: str) -> Person | Problem:
        whom = Whom.model_construct(_fields_set={"file_number"}, file_number=number)
        return await self.pages.api.ask(request, language_of(request), endpoints.PERSON, query=whom)

    async def _programmes(self, request: web.Request, words: str) -> list[Choice]:
        """Those within one's reach of whose title or code some words begin so; where it is a code, that one alone."""
        asked = await self.pages.api.ask(request, language_of(request), CHOICES)
        choices = accepted(asked)
        wanted = fold(words).split()
        found = [
            each
            for each in choices.programmes
            if all(any(there.startswith(word) for there in folded_words(each.label, each.code)) for word in wanted)
        ]
        exact = [each for each in found if each.code.casefold() == words.casefold()]
        if not exact and choices.more and words and " " not in words:
            exact = [Choice(code=words, label=words)]  # there are more than can be looked through here
        return exact or found

    def _whom(self, request: web.Request, typed: Mapping[str, str], **values: Any) -> web.Response:
        return self._page(request, "review_whom.html", action=OPENING, again=OPENING, typed=typed, **values)

    async def _what(self, request: web.Request, typed: Mapping[str, str], **values: Any) -> web.StreamResponse:
        words = request.query.get(WORDS, "")
        person = await self._person(request, request.match_info["number"])
        found = await self._programmes(request, words)
        if isinstance(person, Problem) or not found or len(found) > MOST:
            return see_other(OPENING)
        chosen = typed.get("programme") or (found[0].code if len(found) == 1 else "")
        return self._page(
            request,
            "review_opening.html",
            action=f"{OPENING}/{quote(person.file_number)}?{urlencode({WORDS: words})}",
            again=request.path_qs,
            earlier=f"{OPENING}?{urlencode({'numero': person.file_number})}",
            typed=typed,
            name=" ".join(each for each in (person.given_name, person.family_name) if each),
            number=person.file_number,
            programmes=[
                {
                    "value": each.code,
                    "text": each.label,
                    "hint": {"text": each.code},
                    "checked": each.code == chosen,
                }
                for each in found
            ],
            kinds=[
                {
                    "value": kind,
                    "text": self._text(request, kind),
                    "hint": {"text": self._text(request, f"{kind}_hint")},
                    "checked": typed.get("kind") == kind,
                }
                for kind in KINDS
            ],
            parts=[(part, typed.get(f"{DEADLINE}-{part}", "")) for part in DATE_PARTS],
            **values,
        )

    def _page(self, request: web.Request, template: str, **values: Any) -> web.Response:
        key = values["typed"].get(KEY) or secrets.token_urlsafe(16)
        shown = {"key": key, "errors": {}, **values}
        return self.pages.rendering.page(request, template, back=list_of(request), **shown)

    def _text(self, request: web.Request, name: str, **values: Any) -> str:
        return self.pages.rendering.text(language_of(request), f"review.opening.{name}", **values)
