"""A campaign rehearsed in the production size: on servers of its own, a process for each service, behind the gateway."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from tests.cluster import SERVERS
from tests.processes import ROOT, free_ports
from tests.servers.mongodb import MongoDB
from tests.servers.nginx import Nginx
from tests.servers.rabbitmq import RabbitMQ4
from tests.servers.s3 import S3

LONG: Final = os.environ.get("PARVIS_TEST_LONG") == "1"
PEOPLE: Final = os.environ.get("PARVIS_TEST_PEOPLE", "60" if LONG else "2")
PROGRAMMES: Final = os.environ.get("PARVIS_TEST_PROGRAMMES", "4" if LONG else "1")

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


async def test_a_campaign_is_exact_on_servers_which_are_then_refused(
    tmp_path: Path, rabbitmq4: RabbitMQ4, mongodb: MongoDB, s3: S3
) -> None:
    """Issue 11: opening to erasure in the production size, stops and kills of every process in between."""
    (mail,) = free_ports(1)
    caught = Controller(Mailbox(tmp_path / "mail"), hostname="127.0.0.1", port=mail)
    file = servers_file(tmp_path, mail, rabbitmq4, mongodb, s3)
    await asyncio.to_thread(caught.start)
    try:
        size = ("--people", PEOPLE, "--programmes", PROGRAMMES, "--keep", str(tmp_path / "kept"))
        code, said = await rehearse(tmp_path, "--servers", str(file), *size)
        log = tmp_path / "kept" / "suite.log"
        assert code == 0, said + (log.read_text()[-3000:] if log.exists() else "")
        assert "parvis verify all" in said
        print(said)
        code, said = await rehearse(tmp_path, "--servers", str(file))
    finally:
        await asyncio.to_thread(caught.stop)
    assert code == 1
    assert set(re.findall(r"PARVIS_(\w+): .* is not empty", said)) == {"STORE", "BROKER", "OBJECTS", "MAILS"}
