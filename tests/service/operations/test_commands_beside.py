"""Every command of operations, and how it ends beside a live suite; `tests/faults/test_ledger.py` types them there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import click

from services.cli.commands import main
from tests.faults.crowd import TIMEOUT

DONE, FAILED, REFUSED = 0, 1, 78

COMMANDS: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    "account erase": (FAILED, ("nobody@example.org", "--yes")),
    "account doubtful": (DONE, ()),
    "campaign activate": (FAILED, ("nowhere",)),
    "campaign close": (FAILED, ("nowhere",)),
    "campaign move-deadline": (FAILED, ("2020-01-01", "--reason", "An incident")),
    "campaign plan": (
        DONE,
        ("2040-2041", "--label", "Candidatures 2040", "--starts", "2040-01-01", "--ends", "2040-12-31"),
    ),
    "audit verify": (DONE, ()),
    "backup": (DONE, ("{tmp}/backup",)),
    "drill": (DONE, ("{tmp}/backup",)),
    "demo": (DONE, ("--url", "{url}")),
    "docs": (DONE, ("--check",)),  # without the option it would write into the source tree
    "events check": (DONE, ()),
    "events release": (DONE, ("--help",)),  # as above
    "gateway": (DONE, ()),
    "import catalogue": (FAILED, ("{tmp}/mentions.csv", "--dry-run")),
    "import template": (DONE, ()),
    "import mon-master": (DONE, ("{tmp}/mentions.csv",)),
    "incidents explain": (FAILED, ("declared-1-2",)),
    "incidents extend": (FAILED, ("declared-1-2", "--hours", "2", "--digest", "0", "--reason", "An incident")),
    "incidents list": (DONE, ()),
    "inbox list": (DONE, ()),
    "inbox retry": (FAILED, ("e1", "--service", "mailer")),
    "inbox show": (FAILED, ("e1", "--service", "mailer")),
    "inbox skip": (FAILED, ("e1", "--service", "mailer")),
    "journal list": (DONE, ()),
    "journal show": (DONE, ("1", "--service", "accounts")),
    "mail flush": (DONE, ()),
    "mail list": (DONE, ("--state", "sent")),
    "mail retry": (FAILED, ("e1",)),
    "mail show": (FAILED, ("e1",)),
    "heard list": (DONE, ()),
    "lists rebuild": (DONE, ()),
    "heard trust": (FAILED, ("accounts.journal", "--service", "mailer")),
    "parameters history": (DONE, ()),
    "parameters set": (DONE, ("institution.sign_off=La scolarité", "--dry-run")),
    "parameters show": (DONE, ()),
    "parked list": (DONE, ()),
    "parked retry": (FAILED, ("e1", "--service", "mailer")),
    "parked skip": (FAILED, ("e1", "--service", "mailer")),
    "reconcile": (DONE, ()),  # nobody of the crowd has accepted a place
    "rehearse": (DONE, ("--help",)),  # it starts a suite of its own, for minutes
    "replay": (DONE, ("applications", "--from", "1")),
    "restore": (FAILED, ("{tmp}/backup",)),
    "retention counts": (FAILED, ("nowhere",)),
    "retention show": (DONE, ()),
    "serve": (REFUSED, ("accounts",)),
    "staff add": (DONE, ("kim@universite.example", "--role", "manager")),
    "staff list": (DONE, ()),
    "staff remove": (FAILED, ("nobody@universite.example",)),
    "staff reset-second-factor": (FAILED, ("nobody@universite.example",)),
    "subscriber add": (REFUSED, ("campus", "--types", "applications.application.submitted.v1")),
    "subscriber list": (REFUSED, ()),
    "subscriber remove": (REFUSED, ("campus",)),
    "suite begin": (REFUSED, ()),
    "topology apply": (REFUSED, ()),
    "topology check": (REFUSED, ()),
    "topology empty": (REFUSED, ()),
    "timers explain": (DONE, ("accounts.clean-up",)),
    "timers list": (DONE, ()),
    "timers run": (DONE, ("applications.reminders",)),
    "up": (REFUSED, ()),
    "verify": (DONE, ("all", "--timeout", str(TIMEOUT))),
    "verify-receipt": (FAILED, ("{tmp}/mentions.csv", "--jwks", "{tmp}/mentions.csv")),
}
"""Every command: how it ends beside a suite, and its arguments."""


def leaves(command: click.Command, *names: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from leaves(one, *names, name)
    else:
        yield " ".join(names)


def test_every_command_of_the_command_line_is_tried_beside_a_suite() -> None:
    assert sorted(leaves(main)) == sorted(COMMANDS)
