"""How the steps of the profile are shown: their fields with labels, help, choices and errors, and two versions of one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoints.profile import DRAFT, PROFILE, REFERENCE
from services.contracts.api.problem import Problem
from services.contracts.api.profile import ProfileView
from services.contracts.api.reference import ListName, ReferenceItem, ReferenceQuery
from services.contracts.languages import Language
from services.portal.api import Api, accepted
from services.portal.pages.profile_fields import DATE_PARTS, Field, Step
from services.portal.rendering import POLICY, Rendering, language_of

FIRST: Final = "FR"
"""The country that stands before the others: most people here look for it."""
_YEAR: Final = re.compile(r"(19|20)[0-9]{2}")

SCRIPTED: Final = f"{POLICY}; script-src 'self'; connect-src 'self'"
"""Of pages whose script keeps drafts."""


def draft_path(step: Step) -> str:
    """Where a draft of the step is sent."""
    return f"/profil/brouillon/{step.draft}"


@dataclass(frozen=True, slots=True)
class ProfileForms:
    """Makes forms of steps; lists are asked for once in each language, since a release ships them."""

    rendering: Rendering
    api: Api
    _kept: dict[tuple[ListName, Language], list[ReferenceItem]] = field(default_factory=dict)

    async def profile(self, request: web.Request) -> ProfileView:
        """The profile of who asks."""
        asked = await self.api.ask(request, language_of(request), PROFILE)
        return accepted(asked)

    async def choices(
        self, request: web.Request, name: ListName, *, postcode: str | None = None, year: int | None = None
    ) -> list[ReferenceItem]:
        """A reference list; communes are those of a postcode, series those of a year."""
        language = language_of(request)
        if year is None and (kept := self._kept.get((name, language))) is not None:
            return kept
        narrowed = {each for each, value in (("postcode", postcode), ("year", year)) if value is not None}
        query = ReferenceQuery.model_construct(_fields_set=narrowed, postcode=postcode, year=year) if narrowed else None
        asked = await self.api.ask(request, language, REFERENCE, parameters={"list": name}, query=query)
        items = accepted(asked).items
        if name != "communes" and year is None:
            self._kept[name, language] = items
        return items

    async def resumed(
        self, request: web.Request, step: Step, typed: Mapping[str, str], tag: str
    ) -> tuple[Mapping[str, str], str, bool]:
        """What a form begins with and the version that it is for: a draft if there is one that says anything else."""
        asked = await self.api.ask(request, language_of(request), DRAFT, parameters={"step": step.draft})
        if isinstance(asked, Problem):
            return typed, tag, False
        answers = {name: value for name, value in asked.values.items() if value and name != "tag"}
        if answers == {name: value for name, value in typed.items() if value}:
            return typed, tag, False
        return answers, asked.values.get("tag", tag), True

    async def fields(
        self,
        request: web.Request,
        step: Step,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        needed: AbstractSet[str] = frozenset(),
    ) -> list[dict[str, Any]]:
        """The questions of a step as templates show them; a star stands beside those that are `needed` as well."""
        fields = [replace(each, asked=True) if each.name in needed else each for each in step.fields]
        return [await self._field(request, each, typed, errors.get(each.name)) for each in fields]

    async def conflict(
        self,
        request: web.Request,
        step: Step,
        *,
        action: str,
        typed: Sequence[tuple[str, str]],
        saved: Mapping[str, str],
        tag: str,
    ) -> web.Response:
        """What was typed beside what is kept, where they differ, and a button for each (acceptance 35)."""
        mine, rows = dict(typed), []
        for each in step.fields:
            shown = [await self.answer(request, each, values) for values in (mine, saved)]
            if shown[0] != shown[1]:
                rows.append((self.label(request, each), *shown))
        return self.rendering.page(
            request,
            "profile_conflict.html",
            status=412,
            again=action,
            action=action,
            rows=rows,
            typed=typed,
            tag=tag,
            key=secrets.token_urlsafe(16),
        )

    async def answers(
        self, request: web.Request, fields: Sequence[Field], typed: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        """What questions are called, with answers as people read them; those without are left out."""
        shown = [(self.label(request, each), await self.answer(request, each, typed)) for each in fields]
        return [(label, value) for label, value in shown if value]

    def summary(self, request: web.Request, step: Step, errors: Mapping[str, str]) -> dict[str, str]:
        """What is wrong, in the form's order, each with what its field is called, so that no two lines are alike."""
        called = {each.name: self.label(request, each) for each in step.fields}
        language = language_of(request)
        places = list(called)
        return {
            name: self.rendering.text(language, "profile.error", field=called[name], message=message)
            if name in called
            else message
            for name, message in sorted(
                errors.items(), key=lambda each: places.index(each[0]) if each[0] in called else -1
            )
        }

    def label(self, request: web.Request, asked: Field) -> str:
        """What a question is called."""
        return self.rendering.text(language_of(request), f"profile.{asked.label}")

    async def answer(self, request: web.Request, asked: Field, values: Mapping[str, str]) -> str:
        """An answer as people read it."""
        if asked.kind == "date":
            return "/".join(filter(None, (values.get(f"{asked.name}-{part}", "") for part in DATE_PARTS)))
        value = values.get(asked.name, "")
        if not value:
            return ""
        if asked.list is not None:
            return next((item.label for item in await self.choices(request, asked.list) if item.code == value), value)
        if asked.kind == "checkbox":
            return self.rendering.text(language_of(request), "profile.yes")
        if value in asked.choices:
            return self.rendering.text(language_of(request), f"profile.{asked.label}.{value}")
        return value

    async def _field(
        self, request: web.Request, asked: Field, typed: Mapping[str, str], error: str | None
    ) -> dict[str, Any]:
        language, value = language_of(request), typed.get(asked.name, "")
        text = self.rendering.text
        other, among = asked.asked_where
        star = " *" if asked.asked or typed.get(other) in among else ""
        return {
            "name": asked.name,
            "kind": asked.kind,
            "label": f"{self.label(request, asked)}{star}",
            "hint": text(language, f"profile.{asked.label}_hint") if asked.hinted else None,
            "value": value,
            "parts": [(part, typed.get(f"{asked.name}-{part}", "")) for part in DATE_PARTS],
            "options": await self._options(request, asked, value, typed),
            "autocomplete": asked.autocomplete,
            "width": asked.width,
            "error": {"text": error, "visuallyHiddenText": text(language, "link.error")} if error else None,
        }

    async def _options(
        self, request: web.Request, asked: Field, value: str, typed: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        if asked.choices:
            language = language_of(request)
            options = [(each, self.rendering.text(language, f"profile.{asked.label}.{each}")) for each in asked.choices]
            return [{"value": code, "text": label, "checked": code == value} for code, label in options]
        if asked.list is None:
            return []
        items = [
            (item.code, item.label) for item in await self.choices(request, asked.list, year=_year_of(asked, typed))
        ]
        first = [item for item in items if item[0] == FIRST]
        options = [("", ""), *first, *(item for item in items if item not in first)]
        if value and value not in dict(options):
            options.append((value, value))  # as another client has written it
        return [{"value": code, "text": label, "selected": code == value} for code, label in options]


def _year_of(asked: Field, typed: Mapping[str, str]) -> int | None:
    """The year whose series are offered: that of a French baccalaureate, once it is typed."""
    year = typed.get("year", "").strip()
    if asked.list != "baccalaureate-series" or typed.get("country", FIRST) not in ("", FIRST):
        return None
    return int(year) if _YEAR.fullmatch(year) else None
