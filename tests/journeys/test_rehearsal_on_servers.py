"""A campaign rehearsed in the production size: on servers of its own, a process for each service, behind the gateway."""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from services.cli.rehearsing.mails import MailFolder
from services.cli.rehearsing.many import ManySuite
from services.cli.rehearsing.servers import NotOurs, servers_of
from services.cli.rehearsing.suite import Silent
from services.cli.staff import staff_add
from services.contracts.actors import Role
from tests.cluster import SERVERS
from tests.processes import ROOT, free_ports
from tests.servers.mongodb import MongoDB
from tests.servers.nginx import Nginx
from tests.servers.rabbitmq import RabbitMQ4
from tests.servers.s3 import S3

LONG: Final = os.environ.get("PARVIS_TEST_LONG") == "1"
PEOPLE: Final = os.environ.get("PARVIS_TEST_PEOPLE", "60")
PROGRAMMES: Final = os.environ.get("PARVIS_TEST_PROGRAMMES", "4")

pytestmark = [pytest.mark.servers(*SERVERS), pytest.mark.xdist_group("cluster"), pytest.mark.timeout(7200)]


def servers_file(folder: Path, mail: int, rabbitmq: RabbitMQ4, mongodb: MongoDB, s3: S3) -> Path:
    """A file that names fresh places on real servers, called as a rehearsal insists on."""
    name = f"rehearsal-{uuid4().hex[:8]}"
    s3.client().make_bucket(name)
    named = {
        "STORE": urlsplit(mongodb.new_database())._replace(path=f"/{name}").geturl(),
        "BROKER": f"amqp://{urlsplit(rabbitmq.url).netloc.rpartition('@')[2]}/{name}",
        "BROKER_ADMIN": f"{rabbitmq.admin_url}/{name}",
        "OBJECTS": f"{s3.url}/{name}",
        "MAIL": f"smtp://127.0.0.1:{mail}",
        "MAILS": folder / "mail",
    }
    file = folder / "servers.env"
    file.write_text("".join(f"PARVIS_{name}={value}\n" for name, value in named.items()))
    return file


@pytest.fixture
async def file(tmp_path: Path, rabbitmq4: RabbitMQ4, mongodb: MongoDB, s3: S3) -> AsyncIterator[Path]:
    """The servers of a rehearsal, with a mail server that is there."""
    (mail,) = free_ports(1)
    caught = Controller(Mailbox(tmp_path / "mail"), hostname="127.0.0.1", port=mail)
    await asyncio.to_thread(caught.start)
    yield servers_file(tmp_path, mail, rabbitmq4, mongodb, s3)
    await asyncio.to_thread(caught.stop)


async def rehearse(folder: Path, *words: str) -> tuple[int, str]:
    """`parvis rehearse` as typed, in a shell whose settings are a live suite's."""
    given = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PARVIS_STORE": "mongodb://localhost:9/live",
        "PARVIS_ENV": "production",
    }
    given["PATH"] = f"{Path(Nginx.program()).parent}:{given['PATH']}"
    log = folder / "said"
    with log.open("wb") as out:
        ended = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services", "rehearse", *words, cwd=folder, env=given, stdout=out, stderr=out
        )
    code = await ended.wait()
    return code, log.read_text()


if LONG:  # minutes, as every moment is waited for in five processes

    async def test_the_production_size_begins_on_servers_that_are_then_no_others_rehearsals(
        tmp_path: Path, file: Path, s3: S3, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It starts behind its gateway, takes orders, mails by SMTP, comes back after a kill; then it is refused."""
        monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
        servers = servers_of(file)
        await servers.check()
        (tmp_path / "suite").mkdir()
        suite = ManySuite(tmp_path / "suite", "Europe/Paris", servers, nginx=Nginx.program())
        try:
            await suite.start()
            given = {"email": "ada@repetition.example", "role": Role.ADMIN, "centres": None, "commissions": None}
            assert (
                await staff_add.on(suite.settings, Silent(), given | {"until": None, "language": "fr", "ent": None})
                == 0
            )
            await suite.kill()
            await suite.start()
            mails = MailFolder(suite.mails)
            async with asyncio.timeout(120):
                while "ada@repetition.example" not in mails.tokens:
                    await suite.does_what_is_due()
                    await mails.look()
                    await asyncio.sleep(0.1)
            async with (
                aiohttp.ClientSession() as client,
                client.get(f"{suite.base}/api/documents/openapi.json") as answer,
            ):
                assert answer.status == 200
        finally:
            await suite.close()
        s3.client().put_object(servers.objects.rpartition("/")[2], "one", io.BytesIO(b"1"), 1)
        with pytest.raises(NotOurs) as raised:
            await servers.check()
        assert re.findall(r"PARVIS_(\w+): .* is not empty", str(raised.value)) == [
            *(["STORE"] * 5),
            *("BROKER", "OBJECTS", "MAILS"),
        ]

    async def test_a_whole_campaign_is_exact_in_the_production_size(tmp_path: Path, file: Path) -> None:
        """Opening to erasure, stops and kills of every process in between, `parvis verify all` content."""
        size = ("--people", PEOPLE, "--programmes", PROGRAMMES, "--keep", str(tmp_path / "kept"))
        code, said = await rehearse(tmp_path, "--servers", str(file), *size)
        log = tmp_path / "kept" / "suite.log"
        assert code == 0, said + (log.read_text()[-3000:] if log.exists() else "")
        print(said)
