"""All that the tests can be given, by name."""

from collections.abc import Mapping
from typing import Final

from tests.servers import chromium, examples, verapdf
from tests.servers.clamd import Clamd
from tests.servers.dovecot import Dovecot
from tests.servers.ent import MamaCas, OidcProvider
from tests.servers.mongodb import MongoDB
from tests.servers.nginx import NewerNginx, Nginx
from tests.servers.rabbitmq import RabbitMQ3, RabbitMQ4
from tests.servers.s3 import S3
from tests.servers.server import Server

SERVERS: Final[Mapping[str, type[Server]]] = {
    kind.name: kind
    for kind in (RabbitMQ4, MongoDB, RabbitMQ3, S3, Clamd, Dovecot, Nginx, NewerNginx, MamaCas, OidcProvider)
}


def make(name: str) -> str:
    """Prepare one, without starting it; returns where it comes from. Raises `NotAvailable`, `KeyError`."""
    if name == chromium.NAME:
        return f"installed: {chromium.make()}"
    if name == verapdf.NAME:
        return f"made: {verapdf.make().folder}"
    if name in examples.NAMES:
        return f"made: {examples.make(name)[0]}"
    return SERVERS[name].make()


def origin(name: str) -> str:
    """Where it would come from, one line for people."""
    if name in examples.NAMES:
        return "made from packages by its language's own tools"
    if name == verapdf.NAME:
        return f"made: {made}" if (made := verapdf.find()) else "to be made from packages"
    if name != chromium.NAME:
        return SERVERS[name].origin()
    return f"installed: {found}" if (found := chromium.find()) else "to be made from packages"


NAMES: Final = (*SERVERS, chromium.NAME, verapdf.NAME, *examples.NAMES)
