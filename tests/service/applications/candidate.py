"""Who speaks to applications in these tests: candidates over HTTP, and the services whose events it hears."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from multidict import CIMultiDictProxy

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from services.contracts.events.accounts import CardChanged
from services.contracts.events.catalogue import Audience
from services.contracts.events.offers import ProgrammeChanged, ProgrammePart, ProgrammePublished, ProgrammeWithdrawn

BASE = "/api/applications"
LIMIT = 2_000_000
STEPS: dict[str, dict[str, Any]] = {
    "identity": {
        "title": "mx",
        "family_name": "Müller-L’Hôte",
        "given_name": "Zoé",
        "birth_date": "2003-05-17",
        "birth_country": "DE",
        "birth_place": "Freiburg",
        "nationality": "DE",
    },
    "address": {"lines": ["12 rue des Abeilles"], "city": "Perpignan", "country": "FR"},
    "baccalaureate": {"kind": "bac", "year": 2021},
}


def piece(code: str, *, conditional: bool = False, common: bool = False) -> dict[str, Any]:
    return {
        "code": code,
        "label": {"fr": f"Pièce {code}", "en": f"Piece {code}"},
        "conditional": conditional,
        "common": common,
        "max_bytes": LIMIT,
        "media_types": ["application/pdf", "image/jpeg"],
        "model_document": f"/api/offers/models/{code}.pdf" if code == "letter" else None,
    }


PIECES = (piece("cv", common=True), piece("letter"), piece("b2", conditional=True))


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: Any
    headers: CIMultiDictProxy[str]

    @property
    def slug(self) -> str:
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.body
        assert self.body["status"] == self.status
        return str(self.body["slug"])


class Candidate:
    """One person's client."""

    def __init__(self, suite: Suite, account: str) -> None:
        self.suite = suite
        self.account = account

    async def ask(self, method: str, path: str, **request: Any) -> Reply:
        headers = self.suite.bearer(self.account) | request.pop("headers", {})
        async with self.suite.client.request(method, BASE + path, headers=headers, **request) as answer:
            return Reply(answer.status, await answer.json(content_type=None), answer.headers)

    async def apply(self, programme: str = "M1-MER", **headers: str) -> Reply:
        return await self.ask("POST", "/applications", json={"programme": programme}, headers=headers)

    async def opened(self, programme: str = "M1-MER") -> str:
        reply = await self.apply(programme)
        assert reply.status == 201, reply.body
        return str(reply.body["id"])

    def receipt(self, document: str, **claims: Any) -> str:
        """What documents would sign for an upload of this person."""
        now = int(self.suite.clock.now().timestamp())
        said = {
            "sub": self.account,
            "document": document,
            "sha256": "ab" * 32,
            "size": 1000,
            "media_type": "application/pdf",
            "filename": "Relevé d’été.pdf",
            "iat": now,
            "exp": now + 3600,
        }
        return self.suite.elsewhere.sign("documents", said | claims, typ="parvis-upload+jwt")

    async def deposit(self, id: str, code: str, document: str = "doc-1", **claims: Any) -> Reply:
        receipt = self.receipt(document, **claims)
        return await self.ask("PUT", f"/applications/{id}/pieces/{code}", json={"receipt": receipt})

    async def get(self, id: str, **headers: str) -> Any:
        reply = await self.ask("GET", f"/applications/{id}", headers=headers)
        assert reply.status == 200, reply.body
        return reply.body

    async def ready(self, programme: str = "M1-MER") -> str:
        """An application that lacks nothing."""
        id = await self.opened(programme)
        for code, document in (("cv", "doc-cv"), ("letter", "doc-letter")):
            assert (await self.deposit(id, code, document)).status == 200
        assert (await self.ask("PUT", f"/applications/{id}/pieces/b2/not-applicable")).status == 200
        return id

    async def submit(self, id: str, **headers: str) -> Reply:
        return await self.ask("POST", f"/applications/{id}/submission", headers=headers)


class PeerServices:
    """The suite with the other services' voices."""

    def __init__(self, suite: Suite, clock: FixedClock) -> None:
        self.suite = suite
        self.clock = clock

    async def candidate(self, account: str, *, missing: Sequence[str] = (), version: int = 1, **card: Any) -> Candidate:
        """A person whose card applications has applied."""
        fields: dict[str, Any] = {"campaign": "2027", "file_number": "AB12CD34", "steps": STEPS, **card}
        event = CardChanged(account=account, version=version, missing=list(missing), **fields)  # type: ignore[arg-type]
        await self.suite.publish(event, "accounts")
        await self.suite.settle()
        return Candidate(self.suite, account)

    def programme(self, code: str = "M1-MER", *, version: int = 1, **part: Any) -> ProgrammePart:
        """A programme as offers would publish it: open from 10 January to 31 March, deadline 15 April."""
        fields: dict[str, Any] = {
            "campaign": "2027",
            "title": {"fr": "Sciences de la mer", "en": "Marine science"},
            "centre": {"code": "SEE", "label": "UFR SEE"},
            "diploma": {"code": "M1", "label": "Master 1"},
            "route": "controlled",
            "opens_on": "2027-01-10",
            "closes_on": "2027-03-31",
            "submission_deadline": "2027-04-15",
            "answer_deadline": "2027-07-01",
            "capacity": 24,
            "contact": {"email": "see@example.org"},
            "requirements": list(PIECES),
            **part,
        }
        return ProgrammePart.model_validate({"code": code, "version": version, **fields})

    async def publish_programme(self, code: str = "M1-MER", *, changed: bool = False, **part: Any) -> None:
        """A programme that applications has applied."""
        event = ProgrammeChanged if changed else ProgrammePublished
        await self.suite.publish(event(code=code, programme=self.programme(code, **part)), "offers")
        await self.suite.settle()

    async def withdraw_programme(self, code: str = "M1-MER", *, version: int = 2) -> None:
        await self.suite.publish(ProgrammeWithdrawn(code=code, campaign="2027", version=version), "offers")
        await self.suite.settle()

    async def events(self) -> list[dict[str, Any]]:
        """What applications has told the public, in order."""
        await self.suite.settle()
        entries = await self.suite.service("applications").journals[Audience.PUBLIC].read(0, 1000)
        return [json.loads(entry.body) for entry in entries]

    async def told(self, type: str) -> list[dict[str, Any]]:
        """The data of the events of one type."""
        name = f"applications.application.{type}.v1"
        return [event["data"] for event in await self.events() if event["type"] == name]
