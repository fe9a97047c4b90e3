"""RabbitMQ 3.10 and 4 start with deploy/rabbitmq and the secrets; `topology apply` makes them what the suite needs."""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import pytest

from services import SERVICES
from services.chassis.broker.amqp import AmqpBroker
from services.chassis.ports import BrokerUnavailable
from tests.processes import ROOT
from tests.servers import docker
from tests.servers.place import Place
from tests.servers.ports import free_port
from tests.servers.rabbitmq import RabbitMQ, RabbitMQ3, RabbitMQ4
from tests.service.deploy.starting import parvis

OF_THE_TESTS = re.compile(r"^(listeners|management|total_memory|loopback)", re.MULTILINE)


def as_deployed(base: type[RabbitMQ], secrets: Path) -> Any:
    """A broker of that version with the files that docker-compose.yml mounts, on ports of the test's."""

    class Deployed(base):  # type: ignore[valid-type, misc]
        @classmethod
        def given(cls) -> str | None:
            return None  # one that runs already has been started otherwise

        def _create(self, image: str) -> tuple[str, dict[str, str]]:
            raise docker.ImageMissing(image)

        def _configure(self, place: Place, folder: Path) -> dict[str, str]:
            state: dict[str, str] = super()._configure(place, folder)
            definitions = folder / "definitions.d"
            definitions.mkdir()
            text = (ROOT / "deploy/rabbitmq/definitions.json").read_text(encoding="utf-8")
            (definitions / "10-suite.json").write_text(text)
            (definitions / "20-users.json").write_text((secrets / "broker-users.json").read_text())
            file = folder / "rabbitmq.conf"
            ports = [line for line in file.read_text().splitlines() if OF_THE_TESTS.match(line)]
            ours = (ROOT / "deploy/rabbitmq/rabbitmq.conf").read_text(encoding="utf-8")
            assert "/etc/rabbitmq/definitions.d" in ours
            ours = ours.replace("/etc/rabbitmq/definitions.d", place.inside(definitions))
            tls, port = folder / "tls", free_port()
            tls.mkdir()
            for name in ("fullchain.pem", "privkey.pem"):
                (tls / name).write_text((secrets / f"tls-{name}").read_text())
            ours = ours.replace("/etc/rabbitmq/tls", place.inside(tls))
            ours = ours.replace("listeners.ssl.default = 5671", f"listeners.ssl.1 = 127.0.0.1:{port}")
            state["amqps"] = f"amqps://localhost:{port}"
            file.write_text(ours + "\n".join(ports) + "\n")
            for path in (definitions, *definitions.iterdir(), tls, *tls.iterdir(), file):
                place.own(path)
            admin = urlsplit((secrets / "broker-admin").read_text())
            at = urlsplit(state["admin_url"]).netloc.rpartition("@")[2]
            return state | {"admin_url": f"http://{admin.username}:{admin.password}@{at}"}

        @property
        def amqps(self) -> str:
            """Where campus systems reach it."""
            return str(self._state["amqps"])

    return Deployed()


@pytest.fixture(params=["rabbitmq3", "rabbitmq4"])
async def broker(request: pytest.FixtureRequest, secrets: Path) -> AsyncIterator[Any]:
    async with as_deployed(RabbitMQ3 if request.param == "rabbitmq3" else RabbitMQ4, secrets) as server:
        yield server


def here(broker: RabbitMQ, url: str) -> str:
    """A URL of the containers', at the broker of this test."""
    return url.replace("@rabbitmq:5672", f"@{urlsplit(broker.url).netloc.rpartition('@')[2]}")


async def speaks(url: str) -> bool:
    """Whether the broker lets this user in."""
    line = AmqpBroker(url, timeout=30)
    try:
        await line.ping()
    except BrokerUnavailable:
        return False
    finally:
        await line.close()
    return True


@pytest.mark.servers("rabbitmq3", "rabbitmq4")
async def test_it_is_as_the_suite_needs_it_and_so_after_a_restart(broker: Any, secrets: Path, tmp_path: Path) -> None:
    """A password that was changed meanwhile stays so; the administrator's is that of the file."""
    own = tmp_path / "secrets"
    own.mkdir()
    for service in SERVICES:
        (own / f"broker-{service}").write_text(here(broker, (secrets / f"broker-{service}").read_text()))
    settings = {"PARVIS_BROKER_ADMIN": f"{broker.admin_url}/%2F"}
    at = f"amqp://{urlsplit(broker.url).netloc.rpartition('@')[2]}"
    for _ in ("made", "changed"):
        (own / "broker-accounts").unlink(missing_ok=True)
        applied = parvis("topology", "apply", "--secrets", str(own), "--amqp", at, settings=settings, folder=tmp_path)
        assert applied.returncode == 0, applied.stderr
    added = parvis(
        *("subscriber", "add", "crm", "--types", "applications.application.submitted.v1", "--amqp", broker.amqps),
        settings=settings,
        folder=tmp_path,
    )
    (partner,) = re.findall(r"amqps://\S+", added.stdout)[:1]
    for round in ("first start", "restart"):
        checked = parvis("topology", "check", "--secrets", str(own), settings=settings, folder=tmp_path)
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", ""), round
        for service in SERVICES:
            assert await speaks((own / f"broker-{service}").read_text()), f"{service}, {round}"
        assert not await speaks(here(broker, "amqp://guest:guest@rabbitmq:5672/")), round
        trusted = ssl.create_default_context(cafile=secrets / "tls-fullchain.pem")
        async with await aio_pika.connect(partner, ssl_context=trusted) as line:
            await (await line.channel()).get_queue("sub.crm.in", ensure=True)
        names = [user["name"] for user in await admin_list(broker, "/api/users")]
        assert sorted(names) == sorted(
            ["parvis-operations", "sub.crm", *(f"parvis-{service}" for service in SERVICES)]
        ), round
        if round == "first start":
            await broker.restart()


async def admin_list(broker: RabbitMQ, path: str) -> list[dict[str, Any]]:
    answer = broker.admin("GET", path)
    assert isinstance(answer, list)
    return answer
