"""The stores of a suite that has stopped, compared with what an evening's people were told."""

from __future__ import annotations

import email
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Final

from services.applications.domain.receipts import receipt_digest
from services.applications.usecases.app import App as Applications
from services.applications.wiring import use_cases as applications_of
from services.chassis.context import Actor
from services.chassis.events.journal import Journal
from services.chassis.objects.whole import DamagedObject, whole
from services.cli.offline import opened
from services.contracts.events.catalogue import Audience
from services.documents.usecases.app import App as Documents
from services.documents.wiring import use_cases as documents_of
from tests.load.evening import Evening

MAIL: Final = "application-submitted"
SUBMITTED: Final = "applications.application.submitted.v1"
PAGE: Final = 500


async def differences(evening: Evening) -> Sequence[str]:
    """What is otherwise than it was told: submissions, uploads to the last byte, events, mails."""
    async with opened(evening.settings, ("applications", "documents")) as suite:
        applications, documents = suite["applications"].ports, suite["documents"].ports
        return [
            *[line async for line in _submissions(evening, applications_of(applications))],
            *[line async for line in _uploads(evening, documents_of(documents))],
            *[line async for line in _events(evening, Journal(applications.store, Audience.PUBLIC))],
            *_mails(evening),
        ]


def _is_so_often(evening: Evening, application: str, number: int) -> bool:
    """Once where it was acknowledged, never where it was refused; where nothing was told, either."""
    return number == 1 if application in evening.receipts else number <= (application in evening.unknown)


async def _submissions(evening: Evening, app: Applications) -> AsyncIterator[str]:
    for person in evening.crowd:
        saved = await app.applications.of(Actor(person.account), person.application)
        there = [] if saved is None else [ref.receipt_sha256 for ref in saved.state.submissions]
        receipt = evening.receipts.get(person.application)
        if not _is_so_often(evening, person.application, len(there)) or (
            receipt and there != [receipt_digest(receipt)]
        ):
            yield f"{person.application}: not as it was told"


async def _uploads(evening: Evening, app: Documents) -> AsyncIterator[str]:
    """All that is kept beside the documents that were there from the beginning."""
    settled = {person.application for person in evening.crowd}
    missing, more = dict(evening.digests), 0
    after: tuple[str, ...] | None = None
    while page := await app.documents.find({}, limit=PAGE, after=after):
        after = (page[-1].id,)
        for saved in page:
            if any(place.application in settled for place in saved.state.attachments):
                continue
            digest = missing.pop(saved.id, None)
            if digest is None:
                more += 1
            elif digest != saved.state.sha256 or not await _is_whole(app, saved.state.object, digest, saved.state.size):
                yield f"document {saved.id}: not as it was told"
    for id in missing:
        yield f"document {id}: not there"
    if more > evening.uploads_unknown:
        yield f"{more} documents of which nobody was told, {evening.uploads_unknown} of which nobody was answered"


async def _is_whole(app: Documents, object: str | None, digest: str, size: int) -> bool:
    try:
        async for _ in whole(app.objects.read(object or ""), size=size, sha256=digest):
            pass
    except (KeyError, DamagedObject):
        return False
    return True


async def _events(evening: Evening, journal: Journal) -> AsyncIterator[str]:
    told: Counter[str] = Counter()
    position = 0
    while rows := await journal.read(position):
        position = rows[-1].position
        told.update(row.key.rpartition(":")[2] for row in rows if row.type == SUBMITTED)
    for person in evening.crowd:
        if not _is_so_often(evening, person.application, told[person.application]):
            yield f"{person.application}: {told[person.application]} events"


def _mails(evening: Evening) -> Sequence[str]:
    there = mails(evening.settings.data / "mail" / "new")
    return [
        f"{person.account}: {number} mails"
        for person in evening.crowd
        if not _is_so_often(evening, person.application, number := there[f"{person.account}@example.org"])
    ]


def mails(folder: Path) -> Counter[str]:
    """How many mails of submissions went to each address."""
    found: Counter[str] = Counter()
    for path in folder.glob("*"):
        head = email.message_from_bytes(path.read_bytes().partition(b"\n\n")[0])
        if head["X-Parvis-Kind"] == MAIL:
            found[parseaddr(str(head["To"]))[1]] += 1
    return found
