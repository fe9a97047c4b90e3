"""Forgetting a person: after it nothing in the suite's own files tells of them."""

from __future__ import annotations

import re
from pathlib import Path

from services import SERVICES
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.settings import Settings
from services.chassis.testing import Suite, run_suite
from tests.candidate import ADDRESS, IDENTITY
from tests.service.operations.conftest import Parvis

TRACES = [
    re.escape(word.encode())
    for word in (
        IDENTITY["family_name"],
        IDENTITY["given_name"],
        IDENTITY["birth_place"],
        *ADDRESS["lines"],
        "CV d'été",
    )
] + [rb"zoe\.[0-9a-f]{12}@example\.org"]
"""Names, addresses and what they have typed, of both who have gone through this suite."""


def traces(data: Path) -> dict[str, list[bytes]]:
    """What the files of the suite tell of people, pages of databases that are free again included.

    Mails that were handed over are their receivers', as with any mail server; here they lie in a folder.
    """
    found = {}
    for file in data.rglob("*"):
        name = file.relative_to(data)
        if file.is_file() and name.parts[0] not in {"mail", "elsewhere"}:
            content = file.read_bytes()
            if hits := sorted({hit for trace in TRACES for hit in re.findall(trace, content)}):
                found[str(name)] = hits
    return found


async def clean_up(suite: Suite) -> None:
    """What the timer of accounts does."""
    service = suite.service("accounts").service
    (timer,) = [timer for timer in service.timers if timer.name == "clean-up"]
    while await timer.run(CommandContext(suite.clock.now(), correlation="test", actor=OPERATOR)):
        await suite.settle()


async def test_nothing_of_an_erased_person_is_left_in_any_file(parvis: Parvis, settings: Settings) -> None:
    """Acceptance 21: stores, journals, inboxes, objects and the space that was given back."""
    assert {"accounts.sqlite", "applications.sqlite", "documents.sqlite", "mailer.sqlite"} <= {*traces(settings.data)}
    people = {*re.findall(TRACES[-1], (settings.data / "accounts.sqlite").read_bytes())}
    assert len(people) == 2
    for address in sorted(people):
        erased = parvis("account", "erase", address.decode(), "--yes")
        assert erased.returncode == 0, erased.stderr
    gone = parvis("account", "erase", sorted(people)[0].decode(), "--yes")
    assert gone.returncode == 1 and gone.stderr.endswith("there is no account of that login\n")

    async with run_suite(settings.data, services=SERVICES) as suite:
        await suite.settle()
        await clean_up(suite)
        for name in ("accounts", "applications"):
            assert not await suite.service(name).service.ports.store.count(name, {})
    assert traces(settings.data) == {}
    (left,) = [file for file in (settings.data / "objects").rglob("*") if file.is_file()]
    assert left.name == "identity+objects", "the store's own name"
    verified = parvis("verify", "all")
    assert verified.returncode == 0, verified.stdout
