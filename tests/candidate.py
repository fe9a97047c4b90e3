"""A candidate as the tests know one: asks in plain words, insists when the line breaks, remembers every answer given."""

from __future__ import annotations

import asyncio
import email
import email.policy
import hashlib
import os
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

IDENTITY = {
    "title": "mrs",
    "family_name": "Müller-L’Hôte",
    "given_name": "Zoé",
    "birth_date": "2003-05-17",
    "birth_country": "DE",
    "birth_place": "Freiburg",
    "nationality": "DE",
}
ADDRESS = {"lines": ["12 rue des Abeilles"], "postcode": "66000", "city": "Perpignan", "country": "FR"}
BACCALAUREATE = {"kind": "equivalent", "year": 2021, "country": "DE"}
BUSY = frozenset({502, 503, 504})
"""What the suite answers, or the gateway in its stead, to who shall come again."""
PASSWORD = "un chat sur un mur de pierre"
PATIENCE = 120.0
"""Seconds for a mail: one whose host was slow once is tried again after half a minute."""


@dataclass
class Answer:
    """What the suite answered."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def slug(self) -> str:
        """The slug of a refusal."""
        return str(self.body["slug"])


@dataclass
class Ledger:
    """Every answer that acknowledged something, to be found again whatever was killed meanwhile."""

    login: str = ""
    application: str = ""
    documents: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, str] = field(default_factory=dict)
    receipt: str = ""


@lru_cache(maxsize=10_000)
def _kept(path: Path) -> bytes:
    """A mail in a Maildir, which nobody ever writes again."""
    return path.read_bytes()


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:  # no Path for each of some hundred, many times a second
            return [entry.name for entry in entries]
    except FileNotFoundError:
        return []


class Mailbox:
    """The Maildir of a suite, as the candidates read it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._of_others: dict[str, set[str]] = defaultdict(set)

    def mails_to(self, address: str) -> list[email.message.EmailMessage]:
        """The mails to one address; those of others are looked at once, however often one asks for one's own."""
        found, of_others = [], self._of_others[address]
        there = [f"{part}/{name}" for part in ("new", "cur") for name in _names(self.folder / part)]
        for name in there:
            if name in of_others:
                continue
            content = _kept(self.folder / name)
            if address.encode() in content:
                message = email.message_from_bytes(content, policy=email.policy.default)
                if address in str(message["To"]):
                    found.append(message)
                    continue
            of_others.add(name)
        return found

    async def link(self, address: str, timeout: float = PATIENCE) -> str:
        """A link with a token that was mailed to the address, once there is one."""
        async with asyncio.timeout(timeout):
            while True:
                for message in await asyncio.to_thread(self.mails_to, address):
                    body = message.get_body(("plain",))
                    if body and (link := re.search(r"https?://\S+[?&]token=[\w.~-]+", str(body.get_content()))):
                        return link[0]
                await asyncio.sleep(0.05)

    async def link_token(self, address: str, timeout: float = PATIENCE) -> str:
        """The token of that link."""
        return (await self.link(address, timeout)).rpartition("token=")[2]


class Candidate:
    """One person with a client; `insist` makes every request go on until it is answered by the suite itself.

    Who insists also signs in again when that has expired.
    """

    def __init__(self, client: aiohttp.ClientSession, base: str, mailbox: Mailbox, *, insist: bool = False) -> None:
        self.client = client
        self.base = base
        self.mailbox = mailbox
        self.insist = insist
        self.address = f"zoe.{secrets.token_hex(6)}@example.org"
        self.ledger = Ledger()
        self.token = ""
        self.loose = ""
        self.timeout = PATIENCE
        self.seen: list[str] = []
        self.pieces: list[dict[str, Any]] = []
        self.acknowledged = 0

    async def ask(self, method: str, path: str, **request: Any) -> Answer:
        """One request with what a client sends along; repeated, with the same Idempotency-Key, while nobody answers."""
        headers = {"Accept-Language": "en", **request.pop("headers", {})}
        if method == "POST" or "/uploads" in path:
            headers.setdefault("Idempotency-Key", secrets.token_hex(16))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.seen:
            headers["Parvis-Seen"] = ", ".join(self.seen)
        given = await self._answer(method, path, headers, request)
        while given is None:
            await asyncio.sleep(0.1)
            given = await self._answer(method, path, headers, request)
        if given.status in BUSY and self.insist:
            await asyncio.sleep(float(given.headers.get("Retry-After", 1)))
            return await self.ask(method, path, headers=headers, **request)
        if given.status == 401 and given.body["slug"] == "token-expired" and self.insist:
            await self.logs_in()
            return await self.ask(method, path, headers=headers, **request)
        if method != "GET" and given.status < 300:
            self.acknowledged += 1
        if "Parvis-Seen" in given.headers:
            self.seen = [*self.seen, given.headers["Parvis-Seen"]][-4:]
        return given

    async def _answer(self, method: str, path: str, headers: dict[str, str], request: dict[str, Any]) -> Answer | None:
        """What is answered; None if the line breaks and the person insists."""
        try:
            async with self.client.request(method, self.base + path, headers=headers, **request) as answer:
                json = answer.content_type.endswith("json")
                body = await (answer.json() if json else answer.read())
                return Answer(answer.status, body, dict(answer.headers))
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
            if not self.insist:
                raise
        return None

    async def get(self, path: str) -> Answer:
        """A question."""
        return await self.ask("GET", path)

    async def must(self, method: str, path: str, status: int, **request: Any) -> Any:
        """A request that is answered with this status; its body."""
        answer = await self.ask(method, path, **request)
        assert answer.status == status, (method, path, answer.status, answer.body)
        return answer.body

    # --- the way --------------------------------------------------------------------------------------------

    async def registers(self) -> None:
        """Ask for an account."""
        person = {"family_name": "Müller-L’Hôte", "given_name": "Zoé", "email": self.address}
        await self.must("POST", "/api/accounts/accounts", 202, json=person | {"email_confirmation": self.address})

    async def opens_the_link(self) -> str:
        """Read the mail; the token of its link."""
        return await self.mailbox.link_token(self.address, self.timeout)

    async def validates(self) -> None:
        """Press the button behind the link."""
        token = await self.opens_the_link()
        answer = await self.must("POST", "/api/accounts/validations", 200, json={"token": token, "password": PASSWORD})
        self.ledger.login = answer["login"]

    async def logs_in(self) -> None:
        """Get an access token."""
        session = await self.must(
            "POST", "/api/accounts/sessions", 200, json={"login": self.ledger.login, "password": PASSWORD}
        )
        self.token = session["access_token"]

    async def answers_the_profile(self) -> None:
        """Give the three required steps."""
        for step, content in (("identity", IDENTITY), ("address", ADDRESS), ("baccalaureate", BACCALAUREATE)):
            await self.must("PUT", f"/api/accounts/me/profile/{step}", 200, json=content)

    async def finds(self, words: str) -> str:
        """The code of the first open programme that answers to the words."""
        found = await self.must("GET", "/api/offers/programmes", 200, params={"q": words, "open": "true"})
        return str(found["items"][0]["code"])

    async def opens(self, programme: str) -> None:
        """Open an application."""
        opened = await self.must("POST", "/api/applications/applications", 201, json={"programme": programme})
        self.ledger.application = opened["id"]
        self.pieces = opened["pieces"]

    @property
    def place(self) -> str:
        """The path of the open application."""
        return f"/api/applications/applications/{self.ledger.application}"

    async def uploads(
        self, content: bytes, media_type: str = "application/pdf", name: str = "CV d'été.pdf", *, part: bool = False
    ) -> Answer:
        """Send the bytes of a document, or of a `part` of one."""
        headers = {"Content-Type": media_type, "X-Filename": f"UTF-8''{quote(name)}"}
        path = "/api/documents/uploads" + ("?use=part" if part else "")
        return await self.ask("PUT", path, data=content, headers=headers)

    async def deposits(self, piece: str, content: bytes | None = None) -> None:
        """Upload a document and attach it to a piece."""
        content = content or pdf()
        answer = await self.uploads(content)
        assert answer.status == 201, (answer.status, answer.body)
        assert answer.body["sha256"] == hashlib.sha256(content).hexdigest()
        await self._attaches(piece, answer.body)

    async def _attaches(self, piece: str, upload: dict[str, Any]) -> None:
        self.ledger.documents[upload["document"]] = upload["sha256"]
        await self.must("PUT", f"{self.place}/pieces/{piece}", 200, json={"receipt": upload["receipt"]})
        self.ledger.pieces[piece] = upload["document"]

    async def deposits_pages(self, piece: str, pages: int = 2) -> None:
        """Upload pages one by one, have one document made of them and attach it to a piece."""
        parts = []
        for _ in range(pages):
            # Of what makes two of these files different no more than the size of their page comes into what is made of them.
            page = pdf().replace(b"842]", b"842.%06d]" % secrets.randbelow(1_000_000))
            answer = await self.uploads(page, part=True)
            assert answer.status == 201, (answer.status, answer.body)
            parts.append(answer.body["document"])
        made = await self.must("POST", "/api/documents/uploads/assemble", 201, json={"documents": parts})
        await self._attaches(piece, made)

    async def completes_the_pieces(self, *, photographed: bool = False) -> None:
        """A document for each piece, the first page by page if `photographed`; conditional ones do not apply."""
        for piece in self.pieces:
            if piece["conditional"]:
                await self.must("PUT", f"{self.place}/pieces/{piece['code']}/not-applicable", 200)
            elif photographed and not self.ledger.pieces:
                await self.deposits_pages(piece["code"])
            else:
                await self.deposits(piece["code"])

    async def submits(self) -> None:
        """Submit the application."""
        submitted = await self.must("POST", f"{self.place}/submission", 200)
        self.ledger.receipt = submitted["receipt"]

    async def becomes_known(self) -> None:
        """From nothing to a logged-in candidate with a complete profile."""
        await self.registers()
        await self.validates()
        await self.logs_in()
        await self.answers_the_profile()

    async def goes_the_whole_way(self, words: str = "energie solaire") -> None:
        """From nothing to a submitted application."""
        await self.becomes_known()
        await self.opens(await self.finds(words))
        await self.completes_the_pieces()
        await self.submits()


def still_come(crowd: Iterable[asyncio.Task[None]]) -> None:
    """Raise what somebody of a crowd has met, instead of waiting for who will not come."""
    for task in crowd:
        if task.done():
            task.result()


def pdf(size: int = 0) -> bytes:
    """A PDF of one empty page, never twice the same, of exactly `size` bytes if that is more than it needs."""
    body = (
        b"%PDF-1.4\n% " + secrets.token_hex(8).encode() + b"\n"
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    )
    end = b"trailer<</Root 1 0 R>>\n%%EOF\n"
    padding = max(0, size - len(body) - len(end) - 3)
    return body + (b"% " + b"x" * padding + b"\n" if padding else b"") + end
