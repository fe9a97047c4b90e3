"""`parvis demo` plays a candidate's whole way in both sizes: by TLS, and with the mails that a Mailpit has caught."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.journeys.conftest import Suite
from tests.processes import ROOT, SuiteProcess, parvis


def mailpit(folder: Path) -> web.Application:
    """Of Mailpit's HTTP API what `parvis demo` asks, on the mails of a Maildir."""

    def mails() -> dict[str, email.message.EmailMessage]:
        files = sorted(folder.glob("new/*"))
        return {file.name: email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files}

    def summary(id: str, mail: email.message.EmailMessage) -> dict[str, object]:
        name, address = parseaddr(str(mail["To"]))
        return {"ID": id, "To": [{"Name": name, "Address": address}], "Subject": str(mail["Subject"])}

    async def search(request: web.Request) -> web.Response:
        wanted = request.query["query"].removeprefix("to:")
        found = [summary(id, mail) for id, mail in mails().items() if wanted in str(mail["To"])]
        return web.json_response({"messages": found, "messages_count": len(found), "total": len(mails())})

    async def message(request: web.Request) -> web.Response:
        mail = mails()[request.match_info["id"]]
        text = mail.get_body(("plain",))
        assert text is not None
        return web.json_response(summary(request.match_info["id"], mail) | {"Text": text.get_content()})

    app = web.Application()
    app.router.add_get("/api/v1/search", search)
    app.router.add_get("/api/v1/message/{id}", message)
    return app


@asynccontextmanager
async def by_tls(base: str, secrets: Path) -> AsyncIterator[str]:
    """The suite behind the certificate that is shipped for rehearsals; its address."""
    at = urlsplit(base)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(secrets / "tls-fullchain.pem", secrets / "tls-privkey.pem")

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError):
            while some := await reader.read(65_536):
                writer.write(some)
                await writer.drain()
        writer.close()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection(at.hostname, at.port)
        await asyncio.gather(pipe(reader, behind[1]), pipe(behind[0], writer))

    server = await asyncio.start_server(joined, "localhost", 0, ssl=own)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    script = ROOT / "deploy/env/make_secrets.py"
    subprocess.run([sys.executable, script, str(tmp_path / "secrets")], check=True, capture_output=True)
    return tmp_path / "secrets"


async def test_with_mails_that_mailpit_has_caught(suite: Suite, tmp_path: Path, secrets: Path) -> None:
    ca = str(secrets / "tls-fullchain.pem")
    async with TestServer(mailpit(suite.data / "mail")) as caught, by_tls(suite.base, secrets) as url:
        words = ("demo", "--url", url, "--mail", f"mailpit:http://127.0.0.1:{caught.port}/", "--ca", ca)
        done = await parvis(*words, cwd=tmp_path, env=suite.environment(data=tmp_path / "of-nobody"))
        assert done.returncode == 0, done.stdout + done.stderr
        stranger = await parvis("demo", "--url", url, cwd=tmp_path, env=suite.environment())
    assert stranger.returncode == 1
    assert stranger.stderr == f"Nobody trusted vouches for {url}; say who does by --ca FILE\n"


async def test_where_mails_cannot_be_read_is_said(embedded: SuiteProcess) -> None:
    done = await embedded.parvis("demo", "--url", embedded.base, "--mail", "mailpit:http://127.0.0.1:1")
    assert (done.returncode, "mails cannot be read at http://127.0.0.1:1" in done.stderr) == (1, True), done.stderr
    wrong = await embedded.parvis("demo", "--url", embedded.base, "--mail", "imap://127.0.0.1")
    assert (wrong.returncode, "maildir:FOLDER or mailpit:URL" in wrong.stderr) == (2, True), wrong.stderr
