"""`parvis topology`: brings RabbitMQ to the table of `services.chassis.broker.admin.topology`, or compares them."""

from __future__ import annotations

import importlib
import json
import os
import secrets as randomness
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

import click
from pydantic_settings import SettingsConfigDict

from services import SERVICES
from services.chassis.broker.admin.management import Management, differences, reconcile
from services.chassis.broker.admin.topology import UNROUTED, DesiredState, suite_table, user_of
from services.chassis.broker.topics import queue_of
from services.chassis.settings import DOT_ENV, EnvironmentSettings
from services.cli.run import ConfigurationError
from services.contracts.events.all import CATALOGUE

PASSWORD_BYTES: Final = 32


class _Administrator(EnvironmentSettings):
    """The one setting of these commands: files of secrets that others name may not be written yet, here they are."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_", env_file=DOT_ENV, extra="ignore", frozen=True)

    broker_admin: str = ""


async def apply(*, secrets: Path, amqp: str | None) -> int:
    """Make and change what can be; exit code 1 if something of the suite's is left that only a person can set right."""
    async with management() as broker:
        if await broker.ask("GET", "vhosts", broker.vhost) is None:
            await broker.ask("PUT", "vhosts", broker.vhost)
            all_rights = {"configure": ".*", "write": ".*", "read": ".*"}
            await broker.ask("PUT", "permissions", broker.vhost, broker.user, body=all_rights)
            click.echo(f"virtual host {broker.vhost}: made")
        left = []
        for difference in differences(desired_state(broker.vhost), await broker.things()):
            if difference.can_be_mended:
                await reconcile(broker, difference)
                click.echo(f"{difference}; set right")
            else:
                left.append(difference)
        for service in SERVICES:
            await _give_password(broker, service, secrets, address(broker, amqp))
    for difference in left:
        click.echo(f"{difference}; left to you")
    return 1 if any(not difference.is_of_a_stranger for difference in left) else 0


async def check(*, secrets: Path) -> int:
    """A line for each difference, and for messages gone astray; exit code 1 if there is one."""
    async with management() as broker:
        lines = [str(difference) for difference in differences(desired_state(broker.vhost), await broker.things())]
        for service in SERVICES:
            file, user = _file(secrets, service), user_of(service, broker.vhost)
            password = _password_in(file)
            if password is None:
                click.echo(f"no {file}: the password of {user} is not compared", err=True)
            elif not await broker.has_password(user, password):
                lines.append(f"user {user}: its password is not that of {file}")
        unrouted = await broker.ask("GET", "queues", broker.vhost, UNROUTED) or {}
        if count := unrouted.get("messages", 0):
            lines.append(
                f"queue {UNROUTED}: {count} messages that no queue wanted; they are told again to who asks for them"
            )
    for line in lines:
        click.echo(line)
    return 1 if lines else 0


async def empty() -> int:
    """Throw away what waits in the services' queues; what a service has missed by it, it asks for again by itself."""
    async with management() as broker:
        for name in sorted(queue_of(service) for service in SERVICES):
            if await broker.ask("GET", "queues", broker.vhost, name) is not None:
                await broker.ask("DELETE", "queues", broker.vhost, name, "contents")
                click.echo(f"{name}: emptied")
    return 0


def desired_state(vhost: str = "/") -> DesiredState:
    """What the suite needs, without subscribers."""
    listens = {name: importlib.import_module(f"services.{name}.wiring").LISTENS for name in SERVICES}
    publishes = {name: [event for type, event in CATALOGUE.items() if type.startswith(f"{name}.")] for name in SERVICES}
    return suite_table(listens, publishes, vhost)


def definitions() -> str:
    """The text of `deploy/rabbitmq/definitions.json`."""
    return json.dumps(desired_state().definitions(), indent=2) + "\n"


def management() -> Management:
    """The broker of PARVIS_BROKER_ADMIN; raises ConfigurationError."""
    try:
        return Management(_Administrator().broker_admin)
    except ValueError as error:
        raise ConfigurationError(f"PARVIS_BROKER_ADMIN: {error}") from None


def address(broker: Management, amqp: str | None) -> str:
    """Where the broker speaks AMQP, as `amqp://{user}HOST:PORT/VHOST`; raises UsageError."""
    parts = urlsplit(amqp or f"amqp://{broker.host}")
    if parts.scheme not in ("amqp", "amqps") or not parts.hostname or parts.username or parts.path.strip("/"):
        raise click.UsageError("--amqp takes amqp(s)://HOST:PORT")
    return f"{parts.scheme}://{{user}}{parts.netloc}/{quote(broker.vhost, safe='')}"


def fresh_password() -> str:
    """A fresh password that a URL takes as it is."""
    return randomness.token_urlsafe(PASSWORD_BYTES)


async def _give_password(broker: Management, service: str, folder: Path, where: str) -> None:
    file, user = _file(folder, service), user_of(service, broker.vhost)
    password = _password_in(file)
    if password is None:
        password = fresh_password()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(where.format(user=f"{user}:{password}@") + "\n")
        click.echo(f"{file}: written")
    if not await broker.has_password(user, password):
        await broker.set_password(user, password)
        click.echo(f"user {user}: got the password of {file}")


def _file(folder: Path, service: str) -> Path:
    return folder / f"broker-{service}"


def _password_in(file: Path) -> str | None:
    if not file.is_file():
        return None
    password = urlsplit(file.read_text().strip()).password
    if not password:
        raise ConfigurationError(f"{file}: not amqp(s)://USER:PASSWORD@HOST:PORT/VHOST")
    return unquote(password)
