"""The words of letters: those that are shipped, and those that the institution writes in their place."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.http.places import asker, network
from services.contracts.languages import Language
from services.contracts.refusals import STALE_VERSION
from services.documents.domain.letter import LetterSheet, LetterTexts, check
from services.documents.domain.signing import Signed
from services.documents.usecases.app import App
from services.documents.usecases.letter_words import LetterWords
from services.documents.usecases.storing import staged

KINDS: Final = ("admission", "rejection")


@dataclass(frozen=True, slots=True)
class InForce:
    """The words of a letter as they are in force; `sheet` is who has written them and when, `version` 0 where nobody has."""

    texts: LetterTexts
    sheet: LetterSheet
    version: int


async def in_force(app: App, kind: str, language: Language) -> InForce:
    """The institution's words, else those that are shipped."""
    saved = await app.letter_texts.get(_id(kind, language))
    sheet = LetterSheet() if saved is None else saved.state
    texts = sheet.texts or LetterWords(app, language).shipped(kind)
    return InForce(texts, sheet, 0 if saved is None else saved.version)


async def write(
    app: App,
    kind: str,
    language: Language,
    texts: LetterTexts | None,
    command: CommandContext,
    *,
    client: Client | None,
) -> InForce:
    """Write other words, which are tried first; None goes back to those that are shipped. Letters made before stay.

    Raises INVALID_FIELDS, STALE_VERSION; and as `preview` does.
    """
    if texts is not None:
        await preview(app, command.actor, kind, language, texts, client=client)
    id, command = _id(kind, language), replace(command, personal=False)
    if await app.letter_texts.get(id) is None:
        if command.expected not in (None, 0):
            raise STALE_VERSION(version=0)
        if texts is None:
            return await in_force(app, kind, language)

    def decide(sheet: LetterSheet) -> Decision[LetterSheet]:
        if sheet.texts == texts:
            return Decision(sheet)
        return Decision(LetterSheet(texts, command.now, str(command.actor)))

    await app.letter_texts.change_or_add(id, LetterSheet(), decide, command)
    return await in_force(app, kind, language)


async def preview(
    app: App, actor: Actor, kind: str, language: Language, texts: LetterTexts, *, client: Client | None
) -> bytes:
    """The letter that these words would make, to a person who is made up.

    Raises INVALID_FIELDS; BUSY, TOO_MANY_AT_ONCE beyond the places for papers; and as the inspection does.
    """
    check(texts)
    data = LetterWords(app, language).sample(kind, texts, Signed())
    with app.paper_places.take(network(client), asker(actor)):
        async with staged(app, json.dumps(data).encode()) as (stage, _):
            return await app.inspectors.paper("letter", stage.path, app.rules, actor.asker)


def _id(kind: str, language: Language) -> str:
    return f"{kind}.{language}"
