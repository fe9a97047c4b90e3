"""Student records of the tests' own to which those are handed over who have accepted a place; and what lies in a folder."""

from __future__ import annotations

import asyncio
import base64
import csv
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from services.chassis.security.webhooks import Unsigned, signed
from services.contracts.pre_enrolment_documents import DOCUMENT_HEADER, DocumentEntry, held_document_line
from services.contracts.pre_enrolments import (
    MOST_HELD_AT_ONCE,
    HeldDigest,
    HeldEntries,
    HeldEntry,
    HeldQuestion,
    PreEnrolmentEntry,
    digest_of_held,
)
from tests.ents import served

SECRET = "Kp7wZq2nX4s8-pre-enrolment"


def entry(code: str = "ECAB12CD34", revision: int = 1, **said: Any) -> PreEnrolmentEntry:
    """Somebody who is handed over."""
    members: dict[str, Any] = {
        "reference": f"01JD5W8Q3V7M2C9K{code}",
        "action": "request",
        "file_number": code.removeprefix("EC"),
        "campaign": "2027",
        "programme": "M1-MER",
        "programme_title": "Sciences de la mer",
        "centre": "SEE",
        "asked_at": "2027-02-01T11:00:00.000Z",
        "family_name": "Müller-L’Hôte",
        "birth_place": 'Saint-Jean;"d’Angély"\nNord',
        **said,
    }
    return PreEnrolmentEntry(code=code, revision=revision, **members)


CONTENT = b"%PDF-1.7 some bytes"


def document_entry(revision: int = 1, content: bytes = CONTENT, **said: Any) -> DocumentEntry:
    """A document of hers."""
    members: dict[str, Any] = {
        "reference": "01JD5W8Q3V7M2C9KECAB12CD34",
        "document": "01jd5w8q3v7m2c9kdocument01",
        "action": "put",
        "campaign": "2027",
        "programme": "M1-MER",
        "file_number": "AB12CD34",
        "piece": "bac",
        "piece_label": "Relevé de notes;\ndu baccalauréat",
        "filename": "=relevé.pdf",
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        **said,
    }
    if members["action"] == "drop":
        members = {name: members[name] for name in ("reference", "document", "action", "campaign", "programme")}
    return DocumentEntry(revision=revision, **members)


def rows_in(folder: Path) -> list[dict[str, str]]:
    """All lines of all files that are there, by their revisions."""
    found: list[dict[str, str]] = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            found += list(csv.DictReader(lines, delimiter=";", strict=True))
    return sorted(found, key=lambda row: (row["reference"], int(row["revision"])))


@dataclass
class SampleSis:
    """Believes what is signed and keeps the newest of each reference; a message that it knows has the answer of before.

    It may be `down`, `silent`, say no to those in `refuses` (a reason by code), or for one reason to `everybody`, or do what
    is asked and `lose` so many of its answers. It `tells` whom it holds, on pages of `page`.
    """

    now: Callable[[], datetime] = field(default=partial(datetime.now, UTC))
    host: str = ""
    down: bool = False
    silent: bool = False
    refuses: dict[str, str] = field(default_factory=dict)
    everybody: str = ""
    lose: int = 0
    tells: bool = True
    page: int = MOST_HELD_AT_ONCE
    pages: int = 0
    failing: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    unsigned: int = 0
    known: dict[str, tuple[int, str]] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[tuple[str, str], tuple[dict[str, Any], bytes]] = field(default_factory=dict)
    asked_documents: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}/opi"

    @property
    def codes(self) -> list[str]:
        """Who is to come, by code."""
        return sorted(each["code"] for each in self.people.values() if each["action"] == "request")

    async def take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            message = signed(request.headers, body, [SECRET], self.now())
        except Unsigned:
            self.unsigned += 1
            return web.Response(status=401)
        told = json.loads(body)
        self.asked.append(message.id)
        assert request.headers["Idempotency-Key"] == message.id
        if self.silent:
            await asyncio.sleep(3600)
        if self.down or told["code"] in self.failing:
            return web.Response(status=503)
        if message.id not in self.known:
            self.known[message.id] = self._done(told)
        if self.lose:
            self.lose -= 1
            assert request.transport is not None
            request.transport.abort()
        status, answer = self.known[message.id]
        return web.Response(status=status, text=answer, content_type="application/json")

    def held(self, campaign: str) -> list[HeldEntry]:
        """Who is to come, in order of references."""
        there = [each for each in self.people.values() if (each["action"], each["campaign"]) == ("request", campaign)]
        entries = [HeldEntry(reference=each["reference"], revision=each["revision"]) for each in there]
        return sorted(entries, key=lambda entry: entry.reference)

    async def tell(self, request: web.Request) -> web.StreamResponse:
        """Answer whom it holds, to a signed question."""
        body = await request.read()
        try:
            signed(request.headers, body, [SECRET], self.now())
        except Unsigned:
            self.unsigned += 1
            return web.Response(status=401)
        if self.down:
            return web.Response(status=503)
        if not self.tells:
            return web.Response(status=404)
        question = HeldQuestion.model_validate_json(body)
        there = self.held(question.campaign)
        if request.path.endswith("/digest"):
            return web.json_response(digest_of_held(there).model_dump())
        self.pages += 1
        assert question.limit is not None
        page = [each for each in there if each.reference > (question.after or "")][: min(question.limit, self.page)]
        return web.json_response(HeldEntries(items=page).model_dump())

    async def take_document(self, request: web.Request) -> web.StreamResponse:
        """Believe what is signed, and the bytes if they are those that it names; keep the newest of each."""
        said = base64.b64decode(request.headers[DOCUMENT_HEADER], validate=True)
        try:
            message = signed(request.headers, said, [SECRET], self.now())
        except Unsigned:
            self.unsigned += 1
            return web.Response(status=401)
        told = json.loads(said)
        assert (told["reference"], told["document"]) == (
            request.match_info["reference"],
            request.match_info["document"],
        )
        assert request.headers["Idempotency-Key"] == message.id == DocumentEntry.model_validate(told).key
        self.asked_documents.append(f"{told['action']} {message.id}")
        content = await request.read()
        if self.down:
            return web.Response(status=503)
        if told["action"] == "put":
            assert hashlib.sha256(content).hexdigest() == told["sha256"]
            assert request.headers["Content-Digest"] == (
                f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
            )
        if reason := self.refuses.get(told.get("piece", "")):
            return web.json_response({"reason": reason}, status=422)
        there = self.documents.get((told["reference"], told["document"]))
        if there is None or there[0]["revision"] < told["revision"]:
            self.documents[told["reference"], told["document"]] = (told, content)
        if self.lose:
            self.lose -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({})

    @property
    def held_documents(self) -> dict[str, bytes]:
        """The bytes that are there, by piece."""
        return {told["piece"]: content for told, content in self.documents.values() if told["action"] == "put"}

    async def tell_documents(self, request: web.Request) -> web.StreamResponse:
        """Answer how many documents it holds, to a signed question."""
        body = await request.read()
        signed(request.headers, body, [SECRET], self.now())
        if not self.tells:
            return web.Response(status=404)
        campaign, digest, count = json.loads(body)["campaign"], hashlib.sha256(), 0
        for (reference, document), (told, _) in sorted(self.documents.items()):
            if (told["action"], told["campaign"]) == ("put", campaign):
                count += 1
                digest.update(held_document_line(reference, document, told["revision"]))
        return web.json_response(HeldDigest(count=count, sha256=digest.hexdigest()).model_dump())

    def _done(self, told: dict[str, Any]) -> tuple[int, str]:
        if reason := self.refuses.get(told["code"], self.everybody):
            return 422, json.dumps({"reason": reason})
        there = self.people.get(told["reference"])
        if there is None or there["revision"] < told["revision"]:
            self.people[told["reference"]] = told
        return 200, "{}"


@asynccontextmanager
async def sample_sis() -> AsyncIterator[SampleSis]:
    """A running one."""
    sis = SampleSis()
    async with served(
        {
            ("POST", "/opi"): sis.take,
            ("POST", "/opi/digest"): sis.tell,
            ("POST", "/opi/entries"): sis.tell,
            ("PUT", "/opi/documents/{reference}/{document}"): sis.take_document,
            ("DELETE", "/opi/documents/{reference}/{document}"): sis.take_document,
            ("POST", "/opi/documents/digest"): sis.tell_documents,
        }
    ) as host:
        sis.host = host
        yield sis
