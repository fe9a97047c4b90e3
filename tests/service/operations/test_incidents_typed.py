"""`parvis incidents` beside a running suite: what is explained is what is done."""

from __future__ import annotations

from datetime import timedelta

from services.applications.domain.incidents import declared
from services.applications.usecases import incidents
from services.applications.wiring import use_cases
from services.chassis.context import CommandContext, acting_service
from services.chassis.settings import Settings
from services.chassis.store.ownership import owned
from services.chassis.testing import run_suite
from services.cli.control import ControlSocket
from tests.service.operations.conftest import Parvis
from tests.service.operations.test_control import services_of, typed


async def test_last_days_are_moved_by_the_digest_of_what_was_explained(settings: Settings, parvis: Parvis) -> None:
    async with (
        owned(settings.data),
        run_suite(settings.data, services=("applications",)) as suite,
        ControlSocket(settings.data, services_of(suite)).opened(),
    ):
        app = use_cases(suite.service("applications").service.ports)
        now = app.clock.now()
        command = CommandContext(now, "test", acting_service("applications"))
        span = now - timedelta(hours=30), now - timedelta(hours=3)
        there = declared(*span, "Panne", timedelta(hours=24), now=now, by=command.acting)
        id = (await incidents.declare(app, there, command)).id
        explained = await typed(parvis, "incidents", "explain", id)
        assert explained.returncode == 0, explained.stderr
        *days, counted, last = explained.stdout.splitlines()
        assert days and all(" becomes " in each for each in days)
        assert counted == "0 programmes, 0 people, 0 mails"
        hours, _, digest = last.removeprefix("hours ").partition(", digest ")
        assert hours == "27"
        extended = await typed(
            parvis, "incidents", "extend", id, "--hours", hours, "--digest", digest, "--reason", "Panne"
        )
        assert (extended.returncode, extended.stdout.splitlines()) == (0, [*days, counted]), extended.stderr
        kept = await incidents.load(app, id)
        assert (kept.state.state.value, kept.state.hours) == ("extended", 27)
