"""What may stand in the institution's own words of a mail, and the shipped ones in that form, to begin with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from services.contracts.braces import names_in, paragraphs_of
from services.contracts.languages import Language
from services.mailer.domain.mail_texts import Allowed, MailTexts
from services.mailer.usecases.templates import Template, Templates

LINKS: Final = ("page", "one-time-link")
_LISTED: Final = re.compile(r":\n\n(?=- \{)")


def allowed_in(template: Template) -> Allowed:
    """The variables of a mail by where they may stand; what says only whether something has happened since may nowhere."""
    said = {name: each for name, each in template.declaration.variables.items() if not each.since}
    links = [name for name, each in said.items() if each.form in LINKS]
    lists = [name for name, each in said.items() if isinstance(each.in_example("fr"), list)]
    sometimes = [name for name, each in said.items() if each.optional]
    return Allowed(
        everywhere=[name for name in said if name not in (*links, *lists, *sometimes)],
        body=list(said),
        sometimes=sometimes,
        links=links,
        needed=[name for name, each in said.items() if each.form == "one-time-link"],
    )


def draft(templates: Templates, template: Template, language: Language) -> MailTexts:
    """The shipped words with all that they may say, variables in braces, a list in one paragraph with what leads to it."""
    values: dict[str, Any] = {}
    for name, variable in template.declaration.variables.items():
        listed = isinstance(variable.in_example(language), list)
        values[name] = False if variable.since else [f"{{{name}}}"] if listed else f"{{{name}}}"
    said = templates.said(template.kind, language, values)
    sometimes = allowed_in(template).sometimes
    whole = paragraphs_of(_LISTED.sub(":\n", said.body))
    return MailTexts(
        " ".join(said.subject.split()), "\n\n".join(part for each in whole for part in _parts(each, sometimes))
    )


def _parts(paragraph: str, sometimes: Sequence[str]) -> Iterator[str]:
    """The paragraph, with lines that not every mail has apart from those that all have."""
    lines = paragraph.split("\n")
    if lines[-1].startswith("- "):
        yield paragraph  # a list goes with what leads to it
        return
    for _, run in groupby(lines, key=lambda line: set(names_in(line)).isdisjoint(sometimes)):
        yield "\n".join(run)
