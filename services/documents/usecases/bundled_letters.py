"""Letters as bundles have them: those that candidates have, made where nobody has asked for one yet."""

from __future__ import annotations

from typing import Final

import structlog

from services.chassis.context import CommandContext
from services.chassis.objects.whole import DamagedObject, whole
from services.chassis.telemetry import metrics
from services.contracts.events.applications import FileChanged
from services.contracts.languages import Language
from services.contracts.refusals import NOT_FOUND
from services.documents.usecases.app import App
from services.documents.usecases.letter import given, letter_of
from services.documents.usecases.papers import profile_of

log = structlog.get_logger()

LETTERS: Final = ("letters", "letters-pdf")
"""Kinds of bundles that have the letter of each file."""


async def lacking(app: App, file: FileChanged) -> str | None:
    """Why a file that is within reach has no letter, if it has none; where there is no profile, none can be made yet."""
    if await given(app, file) is None:
        return "no-letter"
    return "letter-broken" if await profile_of(app, file) is None else None


async def letter_bytes(app: App, file: FileChanged, language: Language, command: CommandContext, person: str) -> bytes:
    """The bytes of a letter, made in the turn of this person; raises as `letter_of` does, DamagedObject also of none."""
    kept = (await letter_of(app, file, language, command.by_itself(), person)).state
    if kept.object is None:
        raise NOT_FOUND()
    try:
        chunks = whole(app.objects.read(kept.object), size=kept.size, sha256=kept.sha256)
        return b"".join([chunk async for chunk in chunks])
    except (KeyError, DamagedObject):
        log.critical("documents.bytes-damaged", document=kept.object)
        metrics.OBJECTS_DAMAGED.labels("documents").inc()
        raise DamagedObject(kept.object) from None
