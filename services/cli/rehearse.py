"""`parvis rehearse`: a whole campaign on a suite of its own, by a clock that it moves, and whether all came as it must."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click
import structlog

from services.chassis.http.problems import Texts
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.imports import explain
from services.cli.rehearsing import report
from services.cli.rehearsing.catalogue import made_up
from services.cli.rehearsing.line import Refused
from services.cli.rehearsing.many import ManySuite, nginx_program
from services.cli.rehearsing.rest import NoRest
from services.cli.rehearsing.servers import NotOurs, Servers, servers_of
from services.cli.rehearsing.suite import OF_SERVICES, DidNotStart, OwnSuite
from services.cli.rehearsing.whole import Nothing, Rehearsed
from services.contracts.refusals import RefusedError
from services.offers.domain.own_catalogue import Plan
from services.offers.usecases.own_catalogue import described

ERROR: Final = 40
"""From this level on lines of a log are told here; the suite has a log of its own."""
DIFFERS: Final = 3
"""Exit code where the ledger and the suite do not say the same."""


async def rehearse(
    *,
    catalogue: Path | None,
    people: int,
    programmes: int,
    seed: int,
    report_file: Path | None,
    keep: Path | None,
    servers: Path | None,
) -> int:
    """Play, and print what was played and every broken promise; `DIFFERS` if there is one, 1 if it cannot be played.

    With `servers`, a file of settings, in the production size: all that it names must be a rehearsal's own.
    """
    settings = Settings()
    configure_logging(settings)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(ERROR))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the suite ends with who plays on it
    _writable(report_file, keep)
    content = await asyncio.to_thread(catalogue.read_bytes) if catalogue else made_up(programmes).encode()
    planned = _described(content)
    production = await _production(servers) if servers else None
    place = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="parvis-rehearsal-"))
    suite: OwnSuite | ManySuite = OwnSuite(place, settings.timezone)
    if production is not None:
        suite = ManySuite(place, settings.timezone, production[0], nginx=production[1])
    zone = ZoneInfo(settings.timezone)
    played = Rehearsed(
        suite, planned, people=people, seed=seed, zone=zone, tell=lambda line: click.echo(line, err=True)
    )
    try:
        file = place / "catalogue"
        await asyncio.to_thread(file.write_bytes, content)
        await played.play(file)
    except DidNotStart as error:
        raise click.ClickException(f"the suite did not start:\n{error}") from None
    except NoRest as error:
        raise click.ClickException(f"the suite did not come to rest: {error}") from None
    except TimeoutError:
        raise click.ClickException("the suite did not answer; --keep FOLDER keeps its log") from None
    except (Nothing, Refused) as error:
        raise click.ClickException(str(error)) from None
    finally:
        await suite.close()
        if keep is None:
            await asyncio.to_thread(shutil.rmtree, place)
        else:
            await asyncio.to_thread(shutil.move, place, keep)
    text = report.text(played.ledger, people=people, seed=seed, moments=played.moments)
    click.echo(text)
    if report_file is not None:
        await asyncio.to_thread(report_file.write_text, text + "\n", encoding="utf-8")
    return DIFFERS if played.ledger.broken else 0


def _writable(report_file: Path | None, keep: Path | None) -> None:
    """Say at once, and not after minutes, what cannot be written."""
    if keep is not None and keep.exists():
        raise click.BadParameter(f"{keep} is there already", param_hint="--keep")
    for file, option in ((report_file, "--report"), (keep, "--keep")):
        if file is not None and not file.absolute().parent.is_dir():
            raise click.BadParameter(f"there is no folder {file.absolute().parent}", param_hint=option)


async def _production(file: Path) -> tuple[Servers, str]:
    """The servers and the gateway's program; this process forgets its shell's settings too: they are another suite's."""
    try:
        found, program = servers_of(file), nginx_program()
        await found.check()
    except (ValueError, LookupError, NotOurs) as error:
        raise click.ClickException(f"Nothing was played:\n  {error}") from None
    for name in [name for name in os.environ if name.startswith("PARVIS_")]:
        del os.environ[name]
    os.environ.update({f"PARVIS_{name.upper()}": str(value) for name, value in OF_SERVICES.items()})
    return found, program


def _described(content: bytes) -> Plan:
    try:
        planned = described(content, "")
    except RefusedError as refusal:
        raise click.ClickException(f"Nothing was played: {explain(refusal, Texts('offers'))}") from None
    if not planned.programmes:
        raise click.ClickException("Nothing was played: the catalogue has no programme that can be loaded")
    return planned
