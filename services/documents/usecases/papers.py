"""Papers that a candidate takes home: what they say, in the person's language, made where files are looked into."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from services.chassis.clients import Client
from services.chassis.context import Actor
from services.chassis.http.places import asker, network
from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.api.applications import RECEIPT_PAGE
from services.contracts.events.applications import FileChanged, SlotPart, SubmittedPart
from services.contracts.events.offers import TextPart, UnitPart
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import NOT_SUBMITTED
from services.documents.usecases.app import App
from services.documents.usecases.storing import staged

CHUNK: Final = 65536


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF of so many bytes, and these in chunks, to be read to their end or closed."""

    size: int
    chunks: AsyncGenerator[bytes, None]


async def receipt(app: App, actor: Actor, id: str, language: Language, client: Client | None) -> Paper:
    """The receipt of what this person submitted last with an application, as PDF.

    Raises NOT_FOUND, NOT_SUBMITTED; BUSY, TOO_MANY_AT_ONCE beyond the places for papers; and as the inspection does.
    """
    async with _placed(app, actor, client) as held:
        file = await app.papers.file(actor, id)
        if file is None:
            raise NOT_FOUND()
        if file.submission is None:
            raise NOT_SUBMITTED()
        data = _Words(app, language).receipt(file, file.submission)
        async with staged(app, json.dumps(data).encode()) as (stage, _):
            made = await app.inspectors.paper("receipt", stage.path, app.rules, actor.account)
        return await _sent(made, held)


@asynccontextmanager
async def _placed(app: App, actor: Actor, client: Client | None) -> AsyncIterator[ExitStack]:
    """A place to make a paper, which whoever sends it takes over with what holds it."""
    with ExitStack() as held:
        held.enter_context(app.paper_places.take(network(client), asker(actor)))
        yield held


async def _sent(made: bytes, held: ExitStack) -> Paper:
    """The paper, whose place is held until it is read or closed: what is made stands in memory so long."""
    chunks = _chunks(made, held.pop_all())
    await anext(chunks)
    return Paper(len(made), chunks)


async def _chunks(made: bytes, held: ExitStack) -> AsyncGenerator[bytes, None]:
    with held:
        yield b""  # begun: what is begun lets go of its place however it ends
        for at in range(0, len(made), CHUNK):
            yield made[at : at + CHUNK]


class _Words:
    """What papers say, in one language, by the institution's clock."""

    def __init__(self, app: App, language: Language) -> None:
        self._app = app
        self._language = language

    def receipt(self, file: FileChanged, submission: SubmittedPart) -> Mapping[str, Any]:
        """The data of the template of that name. It names nobody: all that it says, the record can confirm."""
        address = f"{self._app.public_url}{RECEIPT_PAGE}/{submission.id}"
        return {
            "language": self._language,
            "title": self.said("receipt.title"),
            "institution": self._app.parameters.in_force.institution.name,
            "intro": self.said("receipt.intro"),
            "facts": [
                (self.said("programme"), self.of(file.title)),
                (self.said("centre"), f"{self.unit(file.diploma)}, {self.unit(file.centre)}"),
                (self.said("submitted_at"), self.moment(instant(submission.submitted_at))),
                (self.said("file_number"), file.file_number),
                (self.said("receipt.digest"), submission.receipt_sha256),
            ],
            "pieces": {
                "heading": self.said("receipt.pieces"),
                "none": self.said("receipt.no_pieces"),
                "items": [self._given(slot) for slot in submission.pieces],
            },
            "check": {
                "heading": self.said("receipt.check"),
                "text": self.said("receipt.how", site=urlsplit(address).netloc),
                "address": address,
                "alt": self.said("receipt.code", address=address),
            },
            "foot": f"{self.said('file_number')} {file.file_number}",
        }

    def _given(self, slot: SlotPart) -> Mapping[str, str]:
        return {"label": self.of(slot.label), "filename": "" if slot.document is None else slot.document.filename}

    def said(self, name: str, **values: Any) -> str:
        """One text of the papers."""
        return catalogues().text(f"documents.paper.{name}", self._language, **values)

    def of(self, text: TextPart) -> str:
        """A text of the institution's, in French where it has no other."""
        return getattr(text, self._language, None) or text.fr

    def unit(self, unit: UnitPart) -> str:
        """The name of a centre or diploma."""
        return getattr(unit, f"label_{self._language}", None) or unit.label

    def moment(self, at: datetime) -> str:
        """An instant with its hour, and whose hour that is."""
        return formats.moment(at, self._language, self._app.zone, catalogues().text(MOMENT, self._language))
