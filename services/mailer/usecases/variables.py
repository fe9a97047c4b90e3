"""What the texts of a mail may say, from the event, the person and the programme, written in the person's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from services.contracts.instants import instant
from services.contracts.languages import Language
from services.mailer.domain.delivery import BLANK
from services.mailer.usecases.declarations import PORTAL, Declaration, Plain, Variable
from services.mailer.usecases.wording import Wording


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a mail may draw on: the event's data, whom it goes to, the copy of the programme (empty: none).

    `base_url` is the portal's address, `contact` the institution's.
    """

    event: Mapping[str, Any]
    person: Mapping[str, Any]
    programme: Mapping[str, Any]
    base_url: str
    contact: str


def values_of(declaration: Declaration, facts: Facts, wording: Wording) -> dict[str, Plain]:
    """Every variable that has a value; raises ValueError where one that is not optional has none."""
    values: dict[str, Plain] = {}
    for name, variable in declaration.variables.items():
        if variable.since:
            values[name] = False
            continue
        raw = _raw(variable, facts, wording.language)
        if raw not in (None, "", []):
            values[name] = _written(variable, raw, facts, wording)
        elif not variable.optional:
            raise ValueError(f"{name} has no value")
    return values


def example_values(declaration: Declaration, wording: Wording, base_url: str) -> dict[str, Plain]:
    """Every variable in its example."""
    facts = Facts({}, {}, {}, base_url, "")
    return {
        name: _written(variable, variable.in_example(wording.language), facts, wording)
        for name, variable in declaration.variables.items()
    }


def known_values(declaration: Declaration, facts: Facts, wording: Wording) -> dict[str, Plain | None]:
    """Every variable that is known of these facts, None where it has no value there; those of an event that is not there,
    or of a programme, are left out, and so is the secret of a link.
    """
    known: dict[str, Plain | None] = {}
    for name, variable in declaration.variables.items():
        room = variable.source.partition(".")[0]
        if variable.since or variable.form == "one-time-link" or room == "alert":
            continue
        if (room == "event" and not facts.event) or (room == "programme" and not facts.programme):
            continue
        if variable.form in ("pieces", "conditions") and not facts.programme:
            continue
        raw = _raw(variable, facts, wording.language)
        if room == "portal" and raw is None:
            continue
        known[name] = None if raw in (None, "", []) else _written(variable, raw, facts, wording)
    return known


def contact_of(facts: Facts) -> str:
    """Where answers to a mail go: to whom the programme names, else to the institution."""
    return str(facts.programme.get("contact") or facts.contact)


def _raw(variable: Variable, facts: Facts, language: Language) -> Any:
    room, _, field = variable.source.partition(".")
    match room:
        case "event" | "alert":
            told = facts.event.get(field)
            return _in(told, language) if isinstance(told, Mapping) else told
        case "person":
            return _person(field, facts.person)
        case "portal":
            return _page(field, facts.event)
        case _:
            return contact_of(facts) if field == "contact" else _programme(field, facts.programme, language)


def _page(field: str, event: Mapping[str, Any]) -> str | None:
    """The path of a page; of no application's while no event says which."""
    if field != "application":
        return PORTAL[field]
    return PORTAL[field].format(application=event["application"]) if "application" in event else None


def _person(field: str, person: Mapping[str, Any]) -> Any:
    """Who has one name alone is greeted by it."""
    return person.get(field) or (person.get("family_name") if field == "given_name" else None)


def _programme(field: str, programme: Mapping[str, Any], language: Language) -> Any:
    match field:
        case "name":
            return programme_name(programme, language)
        case "code":
            return programme["_id"]
        case "title" | "diploma" | "centre":
            return _in(programme.get(field), language)
        case "pieces" | "conditional_pieces":
            conditional = set(programme.get("conditional", ()))
            wanted = field == "conditional_pieces"
            labels = programme["requirements"].items()
            return [_in(label, language) for code, label in labels if (code in conditional) is wanted]
        case _:
            return programme.get(field)


def programme_name(programme: Mapping[str, Any], language: Language) -> str:
    """The title with the diploma, or where that is not known the code: two years of one subject have one title."""
    title, diploma = _in(programme["title"], language), _in(programme.get("diploma"), language)
    if not diploma:
        return f"{title} ({programme['_id']})"
    return title if diploma.casefold() in title.casefold() else f"{title} – {diploma}"


def _written(variable: Variable, raw: Any, facts: Facts, wording: Wording) -> Plain:
    written: Plain = raw if isinstance(raw, bool | list) else str(raw)
    match variable.form:
        case "day":
            written = wording.day(date.fromisoformat(raw))
        case "weekday":
            written = wording.weekday(date.fromisoformat(raw))
        case "hour":
            written = wording.hour(time.fromisoformat(raw))
        case "deadline":
            written = wording.deadline(date.fromisoformat(raw))
        case "instant":
            written = wording.instant(instant(raw))
        case "page":
            written = f"{facts.base_url}{raw}"
        case "one-time-link":
            written = f"{facts.base_url}{raw}?token={BLANK}"
        case "pieces":
            asked = "forms" if variable.source.endswith("_forms") else "requirements"
            written = [_asked(each, facts.programme.get(asked, {}), wording.language) for each in raw]
        case "conditions":
            written = [_condition(each, wording) for each in raw]
    return written


def _condition(condition: Any, wording: Wording) -> str:
    """A condition with the last day for it, if there is one; an example says the whole of it."""
    if isinstance(condition, str):
        return condition
    text, until = _in(condition["label"], wording.language), condition.get("until")
    return text if until is None else wording.words.until.format(text=text, day=wording.day(date.fromisoformat(until)))


def _asked(asked: Any, labels: Mapping[str, Any], language: Language) -> str:
    """What a piece or a form is called, of which an event says the code; an example says the name itself."""
    code = asked if isinstance(asked, str) else asked["piece"]
    return _in(labels.get(code), language) or str(code)


def _in(text: Any, language: Language) -> str:
    """A text in a language, or in French, in which everything is written; 0.1.0 kept the centre in French alone."""
    if not isinstance(text, Mapping):
        return text or ""
    return str(text.get(language) or text.get("fr") or "")
