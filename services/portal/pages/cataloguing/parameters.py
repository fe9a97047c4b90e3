"""The page on which the institution's parameters are set, its message and its windows of maintenance too."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.actors import ActorKind
from services.contracts.api.endpoints import offers as endpoints
from services.contracts.api.parameters import ParameterRevision, ParameterRevisions, ParametersGiven, ParametersView
from services.contracts.api.problem import Problem
from services.contracts.decision_rules import Conditions, DecisionReasons, DecisionTypes, PieceComments
from services.contracts.fee_rules import FeeItems
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.contracts.parameter_rules import Codes, EmailPerCentre, OneOf, Rule, SomeOf, Spans, Whole
from services.contracts.parameters import RULES
from services.contracts.refusals import STALE_VERSION
from services.portal.api import Api, accepted
from services.portal.forms import FIELDS as POSTED
from services.portal.forms import MAX_LONG_FORM_BYTES, command_key
from services.portal.pages.cataloguing.programme import SAVED
from services.portal.pages.cataloguing.programme_fields import Typed
from services.portal.pages.formations import MEDIA_TYPES
from services.portal.paths import PARAMETERS, STAFF_CATALOGUE
from services.portal.rendering import Rendering, come_back, language_of, see_other

SECTIONS: Final = tuple(dict.fromkeys(key.partition(".")[0] for key in RULES))
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    key: rule.words
    for key, rule in RULES.items()
    if isinstance(rule, OneOf | SomeOf) and not set(rule.words) & MEDIA_TYPES.keys()
}
"""The words of parameters that have some."""
_DIGITS: Final = 12
_LISTS: Final = (Codes, Conditions, DecisionReasons, DecisionTypes, EmailPerCentre, FeeItems, PieceComments, Spans)
_HINTS: Final[Mapping[type[Rule], str]] = {
    EmailPerCentre: "per_centre",
    Codes: "codes",
    Spans: "spans",
    DecisionTypes: "types",
    DecisionReasons: "reasons",
    FeeItems: "fee_items",
    Conditions: "conditions",
    PieceComments: "piece_comments",
}
"""The texts of rules that must be explained to who types."""


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The routes; instants are shown on the clock of `zone`."""
    pages = _Parameters(rendering, api, zone)
    return [
        web.get(PARAMETERS, rendering.guarded(pages.show, signed_in=True)),
        web.post(PARAMETERS, rendering.guarded(pages.save, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
    ]


@dataclass(frozen=True, slots=True)
class _Parameters:
    rendering: Rendering
    api: Api
    zone: ZoneInfo

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What is in force."""
        revisions, there = await self._there(request)
        return self._page(request, revisions, _typed_of(there))

    async def save(self, request: web.Request) -> web.StreamResponse:
        """Set what was typed, over the version that was looked at."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=PARAMETERS)
        typed: dict[str, list[str]] = {}
        for name, value in request[POSTED]:
            typed.setdefault(name, []).append(value)
        given = _given(typed)
        done = await self.api.ask(
            request,
            language_of(request),
            endpoints.SET_PARAMETERS,
            body=ParametersGiven.model_construct(_fields_set=set(given), **given),
            key=command_key(form, *(f"{name}={value}" for name, value in request[POSTED])),
            if_match=form.get("version", ""),
        )
        if not isinstance(done, Problem):
            return see_other(f"{PARAMETERS}?{SAVED}=1")
        revisions, there = await self._there(request)
        if done.slug == STALE_VERSION.name:
            changed = self._changed(language_of(request), typed, _typed_of(there))
            return self._page(request, revisions, typed, status=412, changed=changed)
        if not done.fields:
            return self.rendering.problem(request, done, again=PARAMETERS)
        told = {each.field: each.message for each in done.fields}
        errors = {key: message for key in RULES for field, message in told.items() if _is_of(field, key)}
        looked_at = form.get("version", "")
        shown = self._page(request, revisions, typed, status=done.status, errors=errors, looked_at=looked_at)
        return come_back(shown, done)

    async def _there(self, request: web.Request) -> tuple[ParameterRevisions, ParametersView]:
        """The version first: what is set between the two is then newer than what is shown, and is not overwritten."""
        language = language_of(request)
        revisions = await self.api.ask(request, language, endpoints.PARAMETER_REVISIONS)
        told = accepted(revisions)
        there = await self.api.ask(request, language, endpoints.PARAMETERS)
        return told, accepted(there)

    def _page(
        self,
        request: web.Request,
        revisions: ParameterRevisions,
        typed: Typed,
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
        changed: Sequence[tuple[str, str, str]] | None = None,
        looked_at: str | None = None,
    ) -> web.Response:
        language = language_of(request)
        return self.rendering.page(
            request,
            "parameters.html",
            status=status,
            again=PARAMETERS,
            action=PARAMETERS,
            back=STAFF_CATALOGUE,
            looked_at=looked_at or revisions.version,
            last=self._last(request, revisions.items[0]) if revisions.items else None,
            saved=SAVED in request.query,
            groups=[
                (section, [self._field(language, key, typed, errors or {}) for key in _of(section)])
                for section in SECTIONS
            ],
            labels={key: self._label(language, key) for key in RULES},
            key=secrets.token_urlsafe(16),
            errors=errors or {},
            changed=changed,
        )

    def _last(self, request: web.Request, revision: ParameterRevision) -> str:
        """Who has set something last, and when."""
        language, session = language_of(request), self.rendering.visits.of(request).session
        at = formats.moment(instant(revision.changed_at), language, self.zone, catalogues().text(MOMENT, language))
        own = session is not None and revision.changed_by == f"{ActorKind.STAFF}:{session.account}"
        staff = revision.changed_by.startswith(f"{ActorKind.STAFF}:")
        who = "by_you" if own else "by_staff" if staff else "by_operator"
        return self.rendering.text(language, f"parameters.{who}", at=at)

    def _changed(self, language: Language, typed: Typed, theirs: Typed) -> list[tuple[str, str, str]]:
        shown = [(key, _text(typed, key), _text(theirs, key)) for key in RULES]
        return [(self._label(language, key), mine, other) for key, mine, other in shown if mine != other]

    def _label(self, language: Language, key: str) -> str:
        return self.rendering.text(language, f"parameters.{key}")

    def _field(self, language: Language, key: str, typed: Typed, errors: Mapping[str, str]) -> dict[str, Any]:
        text, rule, error = self.rendering.text, RULES[key], errors.get(key)
        words = [(word, text(language, f"parameters.{key}.{word}")) for word in CHOICES.get(key, ())]
        if isinstance(rule, SomeOf) and key not in CHOICES:
            words = [(word, MEDIA_TYPES.get(word, word)) for word in rule.words]
        return {
            "name": key,
            "kind": _kind(rule),
            "label": self._label(language, key),
            "hint": self._hint(language, rule),
            "value": _text(typed, key),
            "options": [{"value": word, "text": label, "checked": word in typed.get(key, ())} for word, label in words],
            "error": {"text": error, "visuallyHiddenText": text(language, "link.error")} if error else None,
        }

    def _hint(self, language: Language, rule: Rule) -> str | None:
        if isinstance(rule, Whole):
            return self.rendering.text(language, "parameters.bounds", min=rule.least, max=rule.most)
        hint = _HINTS.get(type(rule))
        return None if hint is None else self.rendering.text(language, f"parameters.{hint}")


def _of(section: str) -> list[str]:
    return [key for key in RULES if key.startswith(f"{section}.")]


def _kind(rule: Rule) -> str:
    match rule:
        case Whole():
            return "number"
        case OneOf():
            return "radios"
        case SomeOf():
            return "checks"
        case Conditions() | DecisionTypes() | DecisionReasons() | FeeItems() | PieceComments():
            return "area"
        case Codes() | EmailPerCentre() | Spans():
            return "lines"
        case _:
            return "line"


def _is_of(field: str, key: str) -> bool:
    return field == key or field.startswith(f"{key}.")


def _text(typed: Typed, key: str) -> str:
    return "\n".join(typed.get(key, ())).replace("\r\n", "\n").strip()


def _typed_of(there: ParametersView) -> dict[str, list[str]]:
    """What is in force, as a form has it."""
    typed = {}
    for section in SECTIONS:
        for name, value in asdict(getattr(there, section)).items():
            typed[f"{section}.{name}"] = [str(each) for each in value] if isinstance(value, tuple) else [str(value)]
    return typed


def _given(typed: Typed) -> dict[str, dict[str, Any]]:
    """What was filled in as the body of the API, unchecked; all of it, so that what was emptied is empty."""
    given: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for key, rule in RULES.items():
        section, _, name = key.partition(".")
        text = _text(typed, key)
        value: Any = text
        if isinstance(rule, SomeOf):
            value = list(typed.get(key, ()))
        elif isinstance(rule, _LISTS):
            value = [line.strip() for line in text.split("\n") if line.strip()]
        elif isinstance(rule, Whole) and text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _DIGITS:
            value = int(text)
        given[section][name] = value
    return given
