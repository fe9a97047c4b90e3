"""Acceptance 101: any command of operations beside a live suite, then SIGKILL; all that was acknowledged is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import click
import pytest

from services.cli.commands import main
from tests.descriptors import held
from tests.faults.crowd import PATIENCE, Crowd
from tests.processes import SuiteProcess
from tests.service.offers.conftest import table

DONE, FAILED, REFUSED = 0, 1, 78

COMMANDS: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    "account erase": (FAILED, ("nobody@example.org", "--yes")),
    "account doubtful": (DONE, ()),
    "backup": (DONE, ("{tmp}/backup",)),
    "drill": (DONE, ("{tmp}/backup",)),
    "demo": (DONE, ("--url", "{url}")),
    "docs": (DONE, ("--check",)),  # without the option it would write into the source tree
    "events check": (DONE, ()),
    "events release": (DONE, ("--help",)),  # as above
    "gateway": (DONE, ()),
    "import mon-master": (DONE, ("{tmp}/mentions.csv",)),
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
    "parked list": (DONE, ()),
    "parked retry": (FAILED, ("e1", "--service", "mailer")),
    "parked skip": (FAILED, ("e1", "--service", "mailer")),
    "replay": (DONE, ("applications", "--from", "1")),
    "restore": (FAILED, ("{tmp}/backup",)),
    "serve": (REFUSED, ("accounts",)),
    "subscriber add": (REFUSED, ("campus", "--types", "applications.application.submitted.v1")),
    "subscriber list": (REFUSED, ()),
    "subscriber remove": (REFUSED, ("campus",)),
    "suite begin": (REFUSED, ()),
    "topology apply": (REFUSED, ()),
    "topology check": (REFUSED, ()),
    "topology empty": (REFUSED, ()),
    "up": (REFUSED, ()),
    "verify": (DONE, ("all", "--patience", str(PATIENCE))),
    "verify-receipt": (FAILED, ("{tmp}/mentions.csv", "--jwks", "{tmp}/mentions.csv")),
}
"""Every command: how it ends beside a suite, and its arguments."""


def leaves(command: click.Command, *names: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from leaves(one, *names, name)
    else:
        yield " ".join(names)


def unlinked(suite: SuiteProcess) -> list[str]:
    """Files of databases that the suite holds open and that nobody will ever find again."""
    return [name for name in held(suite.pid) if ".sqlite" in name and name.endswith(" (deleted)")]


def test_every_command_of_the_command_line_is_tried_beside_a_suite() -> None:
    assert sorted(leaves(main)) == sorted(COMMANDS)


@pytest.mark.timeout(600)
async def test_any_command_beside_a_suite_under_load_and_then_a_kill_loses_nothing(tmp_path: Path) -> None:
    suite = SuiteProcess(tmp_path / "var")
    (tmp_path / "mentions.csv").write_bytes(table([{"mention": "1111111A", "title": "Informatique"}]))
    places = {"tmp": tmp_path, "url": suite.base}
    await suite.start()
    async with Crowd(suite, at_once=1, writers=1) as crowd:
        await crowd.go_through(1)
        for command, (expected, arguments) in COMMANDS.items():
            done = await suite.parvis(*command.split(), *(argument.format(**places) for argument in arguments))
            assert done.returncode == expected, (command, done.stdout, done.stderr)
            assert unlinked(suite) == [], command
            await crowd.write(1)
        await crowd.go_through(1)
        await suite.kill()
        await suite.start()
    await crowd.find_what_was_told()
    verified = await suite.parvis("verify", "all", "--patience", str(PATIENCE))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert await suite.stop() == 0
