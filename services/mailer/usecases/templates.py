"""All kinds of mails, each a folder: `mail.toml` declares it, and a text for each language writes it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, StrictUndefined, TemplateError
from jinja2 import Template as Text
from jinja2.meta import find_undeclared_variables
from pydantic import ValidationError

from services.chassis.settings import UnusableSetting
from services.chassis.texts.typography import typeset
from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Event
from services.contracts.languages import LANGUAGES, Language
from services.contracts.parameters import InstitutionParameters
from services.mailer.domain.delivery import Letter
from services.mailer.domain.mail_texts import MailTexts
from services.mailer.domain.priority import Priority
from services.mailer.usecases.declarations import Declaration
from services.mailer.usecases.html import html_of
from services.mailer.usecases.wording import Wording

FOLDER: Final = Path(__file__).parents[1] / "templates"
HEADS: Final = ("Subject", "Button")
SETTING: Final = "PARVIS_MAILER_TEMPLATES"


class Absent(StrictUndefined):
    """An optional variable that is not there: false in a condition, an error anywhere else, so that no text has a hole."""

    def __bool__(self) -> bool:  # type: ignore[override]
        return False


@dataclass(frozen=True, slots=True)
class Written:
    """The texts of one mail in one language, and the variables that they name."""

    subject: Text
    button: str
    body: Text
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of mail."""

    kind: str
    declaration: Declaration
    texts: Mapping[Language, Written]

    @property
    def priority(self) -> Priority:
        """Who waits for whom."""
        return self.declaration.priority

    def answers(self, event: Event) -> bool:
        """Whether this event asks for it."""
        when, unless = self.declaration.when.items(), self.declaration.unless
        if self.declaration.event != event.TYPE or (unless and getattr(event, unless)):
            return False
        return all(getattr(event, name) == value for name, value in when)


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, TemplateError) as error:
        raise UnusableSetting(SETTING, _line(error)) from None


class Templates:
    """The mails of one folder, in all languages; a new mail is a new folder in it and needs no Python."""

    def __init__(self, zone: ZoneInfo, folder: Path = FOLDER) -> None:
        """They are read at the first use, so that commands which write no mail need none."""
        self._environment = Environment(
            undefined=StrictUndefined,
            trim_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - plain text; the HTML is escaped block by block
        )
        self._folder, self._zone = folder, zone

    @cached_property
    def wordings(self) -> Mapping[Language, Wording]:
        """What each language calls days, instants and the like; raises UnusableSetting."""
        with _usable():
            return {language: Wording(self._folder, language, self._zone) for language in LANGUAGES}

    @cached_property
    def kinds(self) -> Mapping[str, Template]:
        """All mails by kind, read at the first use; raises UnusableSetting with a line for each that cannot be used."""
        declared = declarations(self._folder)
        with _usable():
            return {kind: self._read(self._folder / kind, each) for kind, each in declared.items()}

    def answering(self, event: Event) -> list[Template]:
        """The kinds of mail that an event asks for."""
        return [template for template in self.kinds.values() if template.answers(event)]

    def gathering(self, kind: str) -> Template | None:
        """The kind of mail that tells of several of this kind at once, if there is one."""
        return next((template for template in self.kinds.values() if kind in template.declaration.gathers), None)

    def alerting(self, event: Event) -> str:
        """What this event is for a board that is told of it; empty: nothing."""
        alerts = {} if self.of_boards is None else self.of_boards.declaration.alerts
        for name, tellers in alerts.items():
            for told in tellers:
                if told.event == event.TYPE and all(getattr(event, each) == is_ for each, is_ in told.when.items()):
                    return name
        return ""

    @property
    def of_boards(self) -> Template | None:
        """The mail by which boards are told of their files; an institution's own folder may have none."""
        return next((template for template in self.kinds.values() if template.declaration.alerts), None)

    def is_renewed(self, kind: str) -> bool:
        """Whether another mail of this kind, with a fresh link, can be had in place of one that is late."""
        return kind in self.kinds and self.kinds[kind].declaration.renewed

    def waiting_for(self, type: str) -> Mapping[str, str]:
        """Kinds of mail that say whether an event of this type has happened since, each with the variable that says it."""
        return {
            template.kind: name
            for template in self.kinds.values()
            for name, variable in template.declaration.variables.items()
            if variable.since == type
        }

    def write(
        self,
        kind: str,
        language: Language,
        values: Mapping[str, Any],
        institution: InstitutionParameters,
        *,
        own: MailTexts | None = None,
        reply_to: str = "",
        secret: str = "",
    ) -> Letter:
        """Write one letter for an institution, with its `own` words, filled in, in the place of the shipped ones.

        Raises jinja2.UndefinedError if a text says what is not there.
        """
        template, words = self.kinds[kind], self.wordings[language].words
        said = own or self.said(kind, language, values)
        subject = typeset(" ".join(said.subject.split()), language)
        signed = f"{institution.sign_off or words.sign_off}\n{institution.name}"
        text = typeset(f"{said.body}\n\n{signed}", language)
        foot = typeset(words.answered.format(address=reply_to) if reply_to else words.alone, language)
        head, button = institution.name, typeset(template.texts[language].button, language)
        html = html_of(text, language=language, title=subject, head=head, foot=foot, button=button)
        return Letter(subject, f"{text}\n\n{foot}\n", html, secret)

    def said(self, kind: str, language: Language, values: Mapping[str, Any]) -> MailTexts:
        """What the shipped words say; raises jinja2.UndefinedError."""
        template = self.kinds[kind]
        written, given = template.texts[language], self._whole(template, values)
        return MailTexts(
            written.subject.render(given), re.sub(r"\n{3,}", "\n\n", written.body.render(given)).strip("\n")
        )

    def _whole(self, template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with a mark for each optional one that is not there, also in those of gathered mails."""
        declared = template.declaration.variables
        absent = {name: Absent(name=name) for name, each in declared.items() if each.optional and name not in values}
        whole = {**values, **absent}
        for kind, group in template.declaration.gathers.items():
            whole[group] = [self._whole(self.kinds[kind], each) for each in values[group]]
        return whole

    def _read(self, folder: Path, declaration: Declaration) -> Template:
        texts = {each: self._text(folder / f"{each}.txt") for each in LANGUAGES}
        return Template(folder.name, declaration, texts)

    def _text(self, file: Path) -> Written:
        """A text: `Subject:` and where it has a link `Button:`, a line each, an empty line, what the mail says."""
        where = f"{file.parent.name}/{file.name}"
        source = file.read_text(encoding="utf-8")
        head, _, body = source.partition("\n\n")
        lines = dict(line.partition(": ")[::2] for line in head.split("\n"))
        if "Subject" not in lines or not lines.keys() <= set(HEADS) or not body.strip():
            raise ValueError(f"{where}: begins with Subject: and perhaps Button:, then an empty line and the text")
        try:
            named = find_undeclared_variables(self._environment.parse(source))
        except TemplateError as error:
            raise ValueError(f"{where}: {error}") from None
        subject, text = self._environment.from_string(lines["Subject"]), self._environment.from_string(body)
        return Written(subject, lines.get("Button", ""), text, frozenset(named))


@cache
def shipped(zone: ZoneInfo) -> Templates:
    """The mails that come with Parvis: read by a process once, however many mailers it makes."""
    return Templates(zone)


def declarations(folder: Path) -> dict[str, Declaration]:
    """What each mail of a folder says of itself, by its kind; raises UnusableSetting with a line for each that is none."""
    found, wrong = {}, []
    for path in sorted(folder.glob("*/mail.toml")):
        try:
            found[path.parent.name] = Declaration.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            wrong.append(f"{path.parent.name}/mail.toml: {_line(error)}")
    if wrong or not found:
        raise UnusableSetting(SETTING, "\n  ".join(wrong) or "no mails are there")
    return found


def mailed(declared: Collection[Declaration]) -> list[type[Event]]:
    """The types of events that mails answer to, wait for, or tell a board of."""
    types = {told.event for each in declared for tellers in each.alerts.values() for told in tellers}
    return [CATALOGUE[type] for type in sorted(types & CATALOGUE.keys() | set(answered(declared)))]


def answered(declared: Collection[Declaration]) -> list[str]:
    """The names of the types of events that mails to a person answer to, or wait for."""
    types = {each.event for each in declared}
    types |= {variable.since for each in declared for variable in each.variables.values()}
    return sorted(types & CATALOGUE.keys())


def _line(error: Exception) -> str:
    """What is wrong with a file, in one line."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return " ".join(str(error).split())
