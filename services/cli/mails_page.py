"""The generated pages of mails: each with its examples, and which transition of an application sends which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args
from zoneinfo import ZoneInfo

from services.cli.docs_generation import NOTICE
from services.cli.states_page import states_page
from services.contracts.languages import LANGUAGES
from services.contracts.parameters import InstitutionParameters
from services.mailer.subscriptions import LISTENS
from services.mailer.usecases.checking import check, examples
from services.mailer.usecases.declarations import ALERTS, PERSON, PORTAL, PROGRAMME, Declaration, Example, Form
from services.mailer.usecases.templates import FOLDER, Template, Templates, declarations

INSTITUTION = InstitutionParameters(contact="candidatures@univ.example")

INTRODUCTION = f"""\
One mail per event, in the person's language, as text and HTML, signed by the institution (the
[parameters](operations/parameters.md) `institution.name` and `institution.sign_off`). Answers go to the programme's contact,
else to `institution.contact`.

## A new mail

A mail is a folder `services/mailer/templates/<kind>/`, and needs no Python:

- `mail.toml` says the `event` that it answers to, perhaps only `when` fields of it have certain values; the `recipient`
  (`candidate`: whose account the event names; `address-in-event`: whoever it brings an address of, `proved` or not; `board`:
  which the one mail that `alerts` boards goes to); the
  `priority`; and its variables. A mail that `gathers` others tells of several at once.
- A text for each language, `fr.txt` and `en.txt`: `Subject:`, where there is a link `Button:`, an empty line, the mail. A
  third language is one more file in each folder, and one beside them (`fr.toml`) with what all mails have in common; the
  languages of the suite are those that have a catalogue in `services/locale`.

A variable comes `from` somewhere:

- `event.` and a field of the event;
- `person.` and one of {", ".join(sorted(PERSON))};
- `programme.` and one of {", ".join(sorted(PROGRAMME))};
- `portal.` and one of {", ".join(sorted(PORTAL))}: a page;
- in an alert `alert.` and one of {", ".join(sorted(ALERTS))}: programmes with how many; or `board`, `code`.

It is written `as` one of {", ".join(get_args(Form))}, and has an example. An `optional` one may
stand in a condition only. One with `since` in place of `from` says whether that event has happened while the mail waited.
`application-submitted` is a good one to begin from.

At every start, and here, each mail is written with its examples, with and without what is optional: what is not declared,
has no such event, or leaves a hole in a sentence is refused. An institution with texts of its own copies the folder and
names it in `PARVIS_MAILER_TEMPLATES`; its mails answer to the same events.

Without any file, who administers everything writes another subject and text for a mail in one language
(`/gestion/mails`, `PUT /api/mailer/templates/<kind>/<language>`): text with the variables below in braces, in force for
the next mail. The shipped words go out where they alone can say what has happened `since`, where several mails are
gathered in one, and where the own ones fit no more.
"""


def mails() -> str:
    """Every kind of mail: what it answers to, to whom it goes, what it may say, and how it reads."""
    templates = Templates(ZoneInfo("Europe/Paris"))
    check(templates, LISTENS)
    lines = [NOTICE, "# Mails", "", INTRODUCTION, "| mail | answers to | recipient | priority |", "|---|---|---|---|"]
    for kind, template in templates.kinds.items():
        declared = template.declaration
        lines += [f"| [{kind}](#{kind}) | {_about(declared)} | {_recipient(declared)} | `{template.priority.value}` |"]
    lines += [""]
    for template in templates.kinds.values():
        lines += _one(templates, template)
    return "\n".join(lines).rstrip() + "\n"


def states() -> str:
    """The states of an application, with the mails that each transition sends."""
    sent: dict[str, list[tuple[str, Mapping[str, object]]]] = {}
    for kind, declared in declarations(FOLDER).items():
        if declared.when.get("because") != "programme":  # what becomes of a programme is no transition of a file
            sent.setdefault(declared.event, []).append((kind, declared.when))
    return states_page(sent)


def _one(templates: Templates, template: Template) -> Iterator[str]:
    declared = template.declaration
    about = f"Answers to {_about(declared)}" if declared.event else _about(declared)
    about = f"{about[0].upper()}{about[1:]}"
    yield from (f"## {template.kind}", "", f"{about}; to {_recipient(declared)}; priority `{declared.priority.value}`.")
    yield from ("", "| variable | from | as | example |", "|---|---|---|---|")
    for name, variable in declared.variables.items():
        source = f"`{variable.source}`" if variable.source else f"whether `{variable.since}` has happened since"
        optional = ", optional" if variable.optional else ""
        yield f"| `{name}`{optional} | {source} | {variable.form} | {_example(variable.example)} |"
    for kind, group in declared.gathers.items():
        yield f"| `{group}` | all that [{kind}](#{kind}) says, for each | | |"
    yield ""
    for language in LANGUAGES:
        values = examples(templates, template, language)
        reply_to = str(values.get("contact", INSTITUTION.contact))
        letter = templates.write(template.kind, language, values, INSTITUTION, reply_to=reply_to)
        yield from (f"**{letter.subject}**", "", "```text", letter.text.rstrip("\n"), "```", "")


def _about(declared: Declaration) -> str:
    if declared.gathers:
        return f"gathers {' and '.join(f'`{kind}`' for kind in declared.gathers)} of one person by `{declared.by}`"
    if declared.alerts:
        told = (f"`{told.event}`{_where(told.when)}" for tellers in declared.alerts.values() for told in tellers)
        return f"tells, in one for all, of {', '.join(told)}"
    unless = f" unless it is `{declared.unless}`" if declared.unless else ""
    return f"`{declared.event}`{_where(declared.when)}{unless}"


def _where(when: Mapping[str, str]) -> str:
    return f" where {' and '.join(f'`{name}` is `{value}`' for name, value in when.items())}" if when else ""


def _recipient(declared: Declaration) -> str:
    if declared.recipient == "candidate":
        return "the candidate"
    if declared.recipient == "board":
        return "the board that decides, where it wants to be told"
    return "the address in the event" + ("" if declared.proved else ", not proved to be theirs")


def _example(example: Example) -> str:
    if isinstance(example, dict):
        return "; ".join(f"{language}: {_example(value)}" for language, value in example.items())
    return (
        ", ".join(example)
        if isinstance(example, list)
        else f"`{str(example).lower()}`"
        if example is False
        else str(example)
    )
