"""Whether all mails can be written: at every start, and by `make check` where their page is made."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any, Final, get_args

from jinja2 import TemplateError

from services.chassis.settings import UnusableSetting
from services.contracts.events.accounts import LinkIssued
from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Event
from services.contracts.languages import LANGUAGES, Language
from services.contracts.parameters import Parameters
from services.mailer.usecases.templates import SETTING, Template, Templates, mailed
from services.mailer.usecases.variables import example_values

BASE_URL: Final = "https://candidatures.univ.example"
HOLE: Final = re.compile(r"«\s*»|“\s*”|\(\s*\)|[ \u00a0][.,]|:\s*[.,]|\bNone\b")
"""Where something is missing from a sentence."""


def check(templates: Templates, heard: Collection[type[Event]]) -> None:
    """Raise UnusableSetting unless every mail can be written, and answers to an event that the mailer hears."""
    wrong = list(_faults(templates))
    unheard = mailed([each.declaration for each in templates.kinds.values()])
    wrong += (f"the mailer does not listen to {event.TYPE}" for event in unheard if event not in heard)
    if wrong:
        raise UnusableSetting(SETTING, "\n  ".join(wrong))


@lru_cache(maxsize=8)
def _faults(templates: Templates) -> tuple[str, ...]:
    """The same of mails that have been read once, and so are tried once."""
    return tuple(faults(templates))


def faults(templates: Templates) -> Iterator[str]:
    """What is wrong with the mails of a folder, a line for each."""
    for template in templates.kinds.values():
        declaration = template.declaration
        found = [*declaration.faults(), *_faults_of_gathering(templates, template), *_faults_of_names(template)]
        yield from (f"{template.kind}: {fault}" for fault in found)
        if not found:
            yield from (f"{template.kind}: {fault}" for fault in _faults_of_texts(templates, template))
    answered = {each.declaration.when.get("kind") for each in templates.kinds.values() if _is_of_links(each)}
    missing = set(get_args(LinkIssued.model_fields["kind"].annotation)) - answered
    yield from (f"no mail answers to {LinkIssued.TYPE} of kind {kind}" for kind in sorted(missing))


def examples(templates: Templates, template: Template, language: Language) -> dict[str, Any]:
    """Every variable of a mail in its example, also those of the mails that it gathers."""
    values: dict[str, Any] = {**example_values(template.declaration, templates.wordings[language], BASE_URL)}
    for kind, group in template.declaration.gathers.items():
        values[group] = [examples(templates, templates.kinds[kind], language)]
    return values


def _is_of_links(template: Template) -> bool:
    return template.declaration.event == LinkIssued.TYPE


def _faults_of_gathering(templates: Templates, template: Template) -> Iterator[str]:
    for kind in template.declaration.gathers:
        if (gathered := templates.kinds.get(kind)) is None:
            yield f"gathers {kind}, which is no mail"
            continue
        types = {gathered.declaration.event, *(each.since for each in gathered.declaration.variables.values())} - {""}
        by = template.declaration.by
        yield from (f"{type} has no {by}" for type in sorted(types) if by not in CATALOGUE[type].model_fields)
        lacking = template.declaration.variables.keys() - gathered.declaration.variables.keys()
        yield from (f"says {name}, which {kind} does not" for name in sorted(lacking))


def _faults_of_names(template: Template) -> Iterator[str]:
    declaration = template.declaration
    declared = {*declaration.variables, *declaration.gathers.values()}
    for language, written in template.texts.items():
        yield from (f"{language}.txt: {name} is not declared" for name in sorted(written.named - declared))
        yield from (f"{language}.txt: {name} is not said" for name in sorted(declared - written.named))
        links = any(variable.form in ("page", "one-time-link") for variable in declaration.variables.values())
        if links != bool(written.button):
            yield f"{language}.txt: {'lacks Button:' if links else 'has a Button: and no link'}"


def _faults_of_texts(templates: Templates, template: Template) -> Iterator[str]:
    """Write it by the examples: with all variables, and without the optional ones, together and one by one."""
    gathers = template.declaration.gathers
    declared = [template.declaration, *(templates.kinds[kind].declaration for kind in gathers)]
    optional = sorted({name for each in declared for name, variable in each.variables.items() if variable.optional})
    since = {name for each in declared for name, variable in each.variables.items() if variable.since}
    for language in LANGUAGES:
        given = examples(templates, template, language)
        for without in ([], optional, *([name] for name in optional)):
            for true in (set[str](), since) if since else (set[str](),):
                values = _varied(given, frozenset(without), true)
                yield from _faults_of_text(templates, template.kind, language, values, without)
        for group in gathers.values():
            yield from _faults_of_text(templates, template.kind, language, given | {group: []}, [group])


def _varied(values: dict[str, Any], without: AbstractSet[str], true: AbstractSet[str]) -> dict[str, Any]:
    """The values with some left out and some true, also in those of gathered mails."""
    return {
        name: True
        if name in true
        else [_varied(each, without, true) if isinstance(each, dict) else each for each in value]
        if isinstance(value, list)
        else value
        for name, value in values.items()
        if name not in without
    }


def _faults_of_text(
    templates: Templates, kind: str, language: Language, values: dict[str, Any], without: list[str]
) -> Iterator[str]:
    where = f"{language}.txt" + (f" without {', '.join(without)}" if without else "")
    try:
        letter = templates.write(kind, language, values, Parameters().institution)
    except (TemplateError, TypeError, KeyError) as error:
        yield f"{where}: {error}"
        return
    if hole := HOLE.search(f"{letter.subject}\n{letter.text}"):
        yield f"{where}: has a hole, {hole[0]!r}"
