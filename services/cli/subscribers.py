"""`parvis subscriber`: campus systems that get public events in a queue of their own."""

from __future__ import annotations

from collections.abc import Sequence

import click

from services.chassis.broker.admin.management import Management, subscribers
from services.chassis.broker.admin.topology import DesiredState, Resource, Resources, subscriber_queue, subscriber_user
from services.cli.topology import address, fresh_password, management
from services.contracts.events.all import CATALOGUE

EXAMPLE = """
Connect as {user} and read the queue {queue}: {types}.
The password is shown this once. A working example, one of four languages in docs/subscribers, prints every event:

  python docs/subscribers/subscriber.py {url} {queue}
"""


async def add(*, name: str, types: Sequence[str], new_password: bool, amqp: str | None) -> int:
    """Make a subscriber, or change what it gets; its password is printed when it is made, or when asked for."""
    async with management() as broker:
        wanted = _table(broker.vhost, name, types).things()
        user, queue = subscriber_user(name, broker.vhost), subscriber_queue(name)
        where = address(broker, amqp)
        found = await broker.things()
        if Resource("exchange", (next(iter(_bindings(wanted))).name[0],)) not in found:
            raise click.ClickException("the broker has no exchanges yet: run parvis topology apply first")
        is_new = Resource("user", (user,)) not in found
        for thing, members in wanted.items():
            if found.get(thing) != members:
                await broker.put(thing, members)
        for binding in _bindings(found):
            if binding.name[1] == queue and binding not in wanted:
                await broker.unbind(binding)
        if not is_new and not new_password:
            click.echo(f"{user} now gets: {', '.join(types)}. Its password is as it was.")
            return 0
        url = await _give_password(broker, user, where)
    click.echo(EXAMPLE.format(user=user, queue=queue, url=url, types=", ".join(types)).strip())
    return 0


async def show() -> int:
    """A line for each subscriber."""
    async with management() as broker:
        found = await broker.things()
        for name in sorted(subscribers(found)):
            queue = subscriber_queue(name)
            row = await broker.ask("GET", "queues", broker.vhost, queue) or {}
            types = sorted(binding.name[2] for binding in _bindings(found) if binding.name[1] == queue)
            waits, readers = row.get("messages", 0), row.get("consumers", 0)
            click.echo(f"{name}: {waits} events wait, {readers} readers; {', '.join(types)}")
    return 0


async def remove(*, name: str) -> int:
    """Take a subscriber away."""
    async with management() as broker:
        try:
            user, queue = subscriber_user(name, broker.vhost), subscriber_queue(name)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        gone = [await broker.remove("users", user), await broker.remove("queues", queue)]
    if not any(gone):
        raise click.ClickException(f"there is no subscriber {name}")
    click.echo(f"{user} is gone, with all that waited in {queue}")
    return 0


def _table(vhost: str, name: str, types: Sequence[str]) -> DesiredState:
    if unknown := [type for type in types if type not in CATALOGUE]:
        raise click.UsageError(f"no such type of event: {', '.join(unknown)}")
    try:
        return DesiredState(vhost, (), (), frozenset(), (), ()).with_subscriber(
            name, [CATALOGUE[type] for type in types]
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _bindings(things: Resources) -> list[Resource]:
    return [thing for thing in things if thing.kind == "binding"]


async def _give_password(broker: Management, user: str, where: str) -> str:
    password = fresh_password()
    await broker.set_password(user, password)
    return where.format(user=f"{user}:{password}@")
