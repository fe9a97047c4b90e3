"""`parvis suite begin`: gives the stores of a suite on a server one name, by which each is known from then on."""

from __future__ import annotations

import click

from services import SERVICES
from services.chassis import urls
from services.chassis.ids import RandomIds
from services.chassis.service.identity import Identity, identity_of, mark
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.offline import beginning, opened


async def begin() -> int:
    """Have every store say that it is of one suite, and print its name; again it prints the same.

    Answers 1, and names them, if stores say that they are of different suites or of other services.
    """
    settings = Settings()
    configure_logging(settings)
    if new := beginning(urls.sqlite_folder(settings.store, settings.data), SERVICES):
        click.echo(new, err=True)
    async with opened(settings) as services:
        stores = {name: service.ports.store for name, service in services.items()}
        said = {name: await identity_of(store) for name, store in stores.items()}
        named = {identity.suite for identity in said.values() if identity is not None} - {""}
        wrong = [
            f"the store of {name} says that it is that of {identity.service}, of the suite {identity.suite or '(no name)'}"
            for name, identity in said.items()
            if identity is not None and (identity.service != name or len(named) > 1)
        ]
        for line in wrong:
            click.echo(line, err=True)
        if wrong:
            return 1
        suite = next(iter(named), None) or RandomIds().new()
        for name, store in stores.items():
            await mark(store, Identity(suite, name))
    click.echo(f"PARVIS_SUITE={suite}")
    return 0
