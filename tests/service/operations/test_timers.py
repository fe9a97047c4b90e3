"""`parvis timers`: what every service does by the clock, beside a running suite and without (acceptance 98)."""

from __future__ import annotations

import asyncio

from services import SERVICES
from services.accounts.repository.drafts import DraftRepository
from services.chassis.events.heard import HEARD
from services.chassis.service.beats import BEATS
from services.chassis.service.service import Running
from services.chassis.settings import Settings
from services.chassis.store.ownership import owned
from services.chassis.testing import run_suite
from services.cli.control import ControlSocket
from services.cli.offline import opened, opened_to_read
from services.cli.timers import paragraph
from tests.service.operations.conftest import Parvis
from tests.service.operations.test_control import services_of, typed
from tests.service.operations.test_inspect import lines


async def test_every_timer_says_when_it_has_run_and_what_is_due(settings: Settings, parvis: Parvis) -> None:
    """A suite that has stopped has left when its timers last ran; to ask what is due changes nothing."""
    listed = parvis("timers", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    rows = {row["timer"]: row for row in lines(listed.stdout)}
    assert {name.partition(".")[0] for name in rows} == set(SERVICES)
    assert all(row["last_ran"] for row in rows.values()), "each runs at once when its service starts"
    assert rows["accounts.clean-up"]["every"] == 30
    assert rows["accounts.requests"]["did"] >= 1, "of somebody who asked for an account"
    assert rows["accounts.requests"]["due"] == 0
    assert "due" not in rows["offers.follow-catalogue"], "it takes no items"
    assert parvis("timers", "list", "--json").stdout == listed.stdout
    table = parvis("timers", "list", "--service", "mailer").stdout.splitlines()
    assert table[0].split() == ["timer", "every", "calendar", "last_ran", "last_busy", "did", "due"]
    assert [line.split()[0] for line in table[1:]] == [name for name in rows if name.startswith("mailer.")]


async def test_to_ask_what_is_due_after_a_stop_that_nobody_has_measured_only_reads(
    settings: Settings, parvis: Parvis
) -> None:
    """Files and places are due only as long as offers are known to have told all: of that moment is the clock here."""
    async with opened_to_read(settings, ["applications"]) as suite:
        store = suite["applications"].ports.store
        heard = max(row["until"] for row in await store.find(HEARD.name, {}))
        beat = await store.get(BEATS.name, "beat")
    (clock := settings.data / "clock").write_text(heard)
    listed = parvis("timers", "list", "--service", "applications", "--json", PARVIS_CLOCK=f"file:{clock}")
    assert listed.returncode == 0, listed.stderr
    due = {row["timer"]: row.get("due") for row in lines(listed.stdout)}
    assert (due["applications.answers"], due["applications.lapse"]) == (0, 0)
    async with opened_to_read(settings, ["applications"]) as suite:
        assert await suite["applications"].ports.store.get(BEATS.name, "beat") == beat


async def test_a_timer_that_is_ordered_does_what_is_due_once(settings: Settings, parvis: Parvis) -> None:
    """Acceptance 98: by the command where no suite runs; here, what a killed process left of somebody who is gone."""
    async with opened(settings, ["accounts"]) as suite:
        drafts = DraftRepository(suite["accounts"].ports.store)
        await drafts.keep("gone", "identity", {"family_name": "Müller"}, suite["accounts"].ports.clock.now())
    for done in (1, 0):
        ran = parvis("timers", "run", "accounts.strays")
        assert (ran.returncode, ran.stdout) == (0, f"accounts.strays: {done} done\n"), ran.stderr
    async with opened(settings, ["accounts"]) as suite:
        assert not await DraftRepository(suite["accounts"].ports.store).holders("")
    row = next(row for row in lines(parvis("timers", "list", "--json").stdout) if row["timer"] == "accounts.strays")
    assert (row["did"], row["last_busy"] < row["last_ran"]) == (1, True)


async def test_a_running_suite_takes_the_order_to_run_a_timer(settings: Settings, parvis: Parvis) -> None:
    async with (
        owned(settings.data),
        run_suite(settings.data, services=("accounts", "offers")) as suite,
        ControlSocket(settings.data, services_of(suite)).opened(),
    ):
        ran = await typed(parvis, "timers", "run", "accounts.clean-up")
        assert (ran.returncode, ran.stdout) == (0, "accounts.clean-up: 0 done\n"), ran.stderr
        unknown = await typed(parvis, "timers", "run", "accounts.promotion")
        assert unknown.returncode == 1
        assert unknown.stderr.startswith("accounts has no timer promotion; it has clean-up, ")


def test_a_timer_is_explained_by_who_wrote_it(settings: Settings, parvis: Parvis) -> None:
    explained = parvis("timers", "explain", "accounts.clean-up")
    assert explained.returncode == 0, explained.stderr
    first, does, takes, rule, where = explained.stdout.splitlines()
    assert first == "accounts.clean-up: every 30 s"
    assert does.startswith("End an account that was never validated")
    assert takes == "Takes: Accounts never validated whose time is over, and what is left of them."
    assert (rule, where) == ("Rule: acceptance 9, ADR 12", "Written in: services.accounts.usecases.cleaning")
    assert parvis("timers", "explain", "clean-up").returncode == 2
    assert parvis("timers", "explain", "accounts.nothing").returncode == 1


def test_every_timer_can_be_explained(settings: Settings, parvis: Parvis) -> None:
    async def explained() -> None:
        async with opened_to_read(settings) as suite:
            for service in suite.values():
                for timer in Running(service).timers:
                    assert paragraph(timer), f"{service.name}.{timer.name} has no docstring"

    asyncio.run(explained())
