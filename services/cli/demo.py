"""`parvis demo`: a candidate's whole way through the public API of a running suite, each step asked and answered."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp
import click

from services.chassis.settings import Settings
from services.cli import receipts
from services.cli.caught_mails import CaughtMails, caught_mails

TIMEOUT: Final = 60.0
"""Seconds for a mail to come; it is there at once but where the suite has much to do."""

PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
    b"4 0 obj<</Length 0>>stream\n\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


class Unexpected(Exception):
    """The suite answered something else than the way foresees."""


class DemoCandidate:
    """A person with a client: asks, shows, remembers what the answers said of events (`Parvis-Seen`)."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client
        self._seen: list[str] = []
        self.token = ""

    async def ask(self, method: str, path: str, expect: int, **request: Any) -> Any:
        """One request, shown with its answer; raises Unexpected on another status."""
        headers = dict(request.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self._seen:
            headers["Parvis-Seen"] = ", ".join(self._seen)
        shown = re.sub(r"/validations/([^/]{6})[^/]+", r"/validations/\1…", path)
        click.secho(f"→ {method} {shown}", bold=True)
        if "json" in request:
            click.echo(f"    {_shown(request['json'])}")
        async with self._client.request(method, path, headers=headers, **request) as answer:
            body = await answer.json() if answer.content_type.endswith("json") else await answer.read()
            colour = "green" if answer.status == expect else "red"
            click.secho(f"← {answer.status} {answer.reason}", fg=colour)
            click.echo(f"    {_shown(body)}")
            if "Parvis-Seen" in answer.headers:
                self._seen = [*self._seen, answer.headers["Parvis-Seen"]][-3:]
            if answer.status != expect:
                raise Unexpected(f"{method} {path}: {answer.status} instead of {expect}")
            return body


def _shown(body: Any) -> str:
    """A body for the terminal: secrets shortened, long texts cut."""
    if isinstance(body, bytes):
        return f"({len(body)} bytes)"
    text = json.dumps(body, ensure_ascii=False)
    text = re.sub(r'("(?:password|token|access_token|refresh_token|receipt)": ")([^"]{6})[^"]*', r"\1\2…", text)
    return text if len(text) < 600 else text[:600] + " …"


async def demo(*, url: str | None, mail: str | None, ca: Path | None) -> int:
    """Play the way; 0 if it ends with a receipt that verifies offline.

    `mail` is where mails are caught, `ca` certificates of who vouches for the suite's.
    """
    settings = Settings()
    base = (url or settings.base_url).rstrip("/")
    try:
        trusted = await asyncio.to_thread(ssl.create_default_context, cafile=ca)
    except ssl.SSLError:
        raise click.BadParameter("holds no certificate in PEM", param_hint="--ca") from None
    click.echo(f"A candidate's way through {base}\n")
    try:
        async with (
            aiohttp.ClientSession(
                base, connector=aiohttp.TCPConnector(ssl=trusted), timeout=aiohttp.ClientTimeout(60)
            ) as client,
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trusted), timeout=aiohttp.ClientTimeout(60)
            ) as catcher,
        ):
            mails = caught_mails(mail, settings.data / "mail", catcher)
            receipt, keys = await _way(DemoCandidate(client), mails)
    except aiohttp.ClientConnectorCertificateError:
        click.echo(f"Nobody trusted vouches for {base}; say who does by --ca FILE", err=True)
        return 1
    except aiohttp.ClientConnectionError:
        click.echo(f"Nothing answers at {base}; start the suite first: make run", err=True)
        return 1
    except Unexpected as error:
        click.echo(str(error), err=True)
        return 1
    click.secho("\nNow offline: the receipt against the public keys", bold=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "jwks.json"
        file.write_text(json.dumps(keys))
        return await receipts.verify(receipt=receipt, jwks=str(file))


async def _way(candidate: DemoCandidate, mails: CaughtMails) -> tuple[str, dict[str, Any]]:
    """From nothing to a receipt."""
    password = secrets.token_urlsafe(16)
    address = f"zoe.demo.{secrets.token_hex(4)}@example.org"
    _say("An account, validated by the link of a mail")
    person = {"family_name": "Müller-L’Hôte", "given_name": "Zoé", "email": address, "email_confirmation": address}
    await candidate.ask("POST", "/api/accounts/accounts", 202, json=person)
    token = await _token_from_mail(mails, address)
    await candidate.ask("GET", f"/api/accounts/validations/{token}", 200)
    validated = await candidate.ask(
        "POST", "/api/accounts/validations", 200, json={"token": token, "password": password}
    )
    login = {"login": validated["login"], "password": password}
    session = await candidate.ask("POST", "/api/accounts/sessions", 200, json=login)
    candidate.token = session["access_token"]
    _say("The three steps of the profile")
    for step, content in PROFILE.items():
        await candidate.ask("PUT", f"/api/accounts/me/profile/{step}", 200, json=content)
    _say("A programme, found without its accents, and an application to it")
    found = await candidate.ask("GET", "/api/offers/programmes?q=energie+solaire&open=true", 200)
    if not found["items"]:
        raise Unexpected("no open programme answers to “energie solaire”: is the sample catalogue loaded?")
    programme = found["items"][0]["code"]
    application = await candidate.ask("POST", "/api/applications/applications", 201, json={"programme": programme})
    place = f"/api/applications/applications/{application['id']}"
    _say("A document for each piece, or the word that it does not apply")
    for piece in application["pieces"]:
        if piece["conditional"]:
            await candidate.ask("PUT", f"{place}/pieces/{piece['code']}/not-applicable", 200)
            continue
        headers = {"Content-Type": "application/pdf", "X-Filename": f"UTF-8''{piece['code']}%20d%27%C3%A9t%C3%A9.pdf"}
        stored = await candidate.ask("PUT", "/api/documents/uploads", 201, data=_pdf(), headers=headers)
        await candidate.ask("PUT", f"{place}/pieces/{piece['code']}", 200, json={"receipt": stored["receipt"]})
    _say("Submission, twice as on a bad line: once is what counts")
    submitted = await candidate.ask("POST", f"{place}/submission", 200)
    again = await candidate.ask("POST", f"{place}/submission", 200)
    if submitted["receipt"] != again["receipt"]:
        raise Unexpected("a second submission gave another receipt")
    return submitted["receipt"], await candidate.ask("GET", "/api/applications/jwks.json", 200)


PROFILE: Final[Mapping[str, Mapping[str, Any]]] = {
    "identity": {
        "title": "mrs",
        "family_name": "Müller-L’Hôte",
        "given_name": "Zoé",
        "birth_date": "2003-05-17",
        "birth_country": "DE",
        "birth_place": "Freiburg",
        "nationality": "DE",
    },
    "address": {"lines": ["12 rue des Abeilles"], "postcode": "66000", "city": "Perpignan", "country": "FR"},
    "baccalaureate": {"kind": "equivalent", "year": 2021, "country": "DE"},
}


def _say(text: str) -> None:
    click.secho(f"\n— {text}", fg="blue", bold=True)


def _pdf() -> bytes:
    """A PDF of one empty page, never twice the same bytes."""
    return PDF.replace(b"%PDF-1.4\n", b"%PDF-1.4\n% " + secrets.token_hex(8).encode() + b"\n")


async def _token_from_mail(mails: CaughtMails, address: str) -> str:
    """Wait for the mail to the address and take the link's token from its text."""
    try:
        async with asyncio.timeout(TIMEOUT):
            while True:
                for text in await mails.texts(address):
                    if found := re.search(r"https?://\S+[?&]token=([\w.~-]+)", text):
                        click.echo(f"✉ {found.group().replace(found[1], found[1][:6] + '…')}")
                        return found[1]
                await asyncio.sleep(0.1)
    except aiohttp.ClientError as error:
        raise Unexpected(f"mails cannot be read at {mails.where}: {error}") from error
    except TimeoutError:
        raise Unexpected(f"no mail with a link came to {mails.where} within {TIMEOUT:g} s") from None
