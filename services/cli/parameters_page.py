"""The generated page of the institution's parameters."""

from __future__ import annotations

from dataclasses import fields

from services.chassis.settings import PARAMETERS
from services.cli.docs_generation import NOTICE, attribute_docs
from services.contracts.parameter_rules import Value
from services.contracts.parameters import RULES, Parameters, value_of

INTRODUCTION = """\
What the institution sets while the suite runs; environment variables are for machines ([settings.md](settings.md)).

```sh
parvis parameters show
parvis parameters set institution.contact=candidatures@univ.example --dry-run
parvis parameters set --from parameters.toml --expect 3
parvis parameters history
```

The file has a table for each section (`[institution]`, then `contact = "..."`). With `--expect`, nothing is changed unless
that is still the version. A change that names a value which cannot be had changes nothing, and one that is given twice
changes once. Every version says who changed what, from what, to what and when; the last 500 are kept.

Over HTTP administrators of all centres read and set them (`GET` and `PUT /api/offers/parameters`, [API](../api/README.md)).

`offers` keeps them and tells every service, which works by a new value within seconds: for what is done from then on. What
was fixed before, such as the end of a link that was mailed, stays as it was.

At the first start the file that `PARVIS_FIRST_PARAMETERS` names (of the same form) and the variables below, in the
environment of `offers`, are the first version; from then on they are passed over. Production does not start without a name
and a contact of its own. A service that has heard nothing yet works by its own environment, and in production writes no
mail. A variable of the name that a parameter without one would have (`PARVIS_ACCOUNTS_LINK_HOURS`) is refused at start.

During a window of `maintenance.windows` candidates find one page, status 503 with Retry-After, which keeps what they typed,
to be sent afterwards; what they send over HTTP is refused (`closed-for-maintenance`), what they read is answered. Staff log
in and go on, and so do call-backs, mails and timers. The home page announces a window seven days before. Leave a window set
until the days of grace after it are over: whether a last day is honoured is looked up anew each time. What closes the suite
to everybody is in [gateway.md](gateway.md).

The year from which on student numbers are asked counts for each person when a step of the profile is given; what is copied
of profiles that were complete by another year is told anew by `parvis replay accounts`.
"""


def parameters() -> str:
    """Every parameter with its bounds and its default."""
    variables = {key: f"PARVIS_{name}".upper() for name, key in PARAMETERS.items()}
    lines = [NOTICE, "# The institution's parameters", "", INTRODUCTION]
    default = Parameters()
    for section in fields(Parameters):
        described = attribute_docs(type(getattr(default, section.name)))
        lines += [
            f"## {section.name}",
            "",
            "| parameter | takes | default | meaning | variable |",
            "|---|---|---|---|---|",
        ]
        for key, rule in RULES.items():
            of, _, name = key.partition(".")
            if of == section.name:
                value = value_of(default, key)
                shown = _shown(value)
                variable = f"`{variables[key]}`" if key in variables else ""
                lines.append(f"| `{key}` | {rule} | `{shown}` | {described[name]} | {variable} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _shown(value: Value) -> str:
    """A default in a cell of a table, where a bar parts cells."""
    lines = isinstance(value, tuple) and any("|" in each for each in value)
    text = (";<br>" if lines else ",").join(value) if isinstance(value, tuple) else str(value)
    return text.replace("|", "\\|")
