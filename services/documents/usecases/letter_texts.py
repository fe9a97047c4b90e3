"""The words of letters: those that are shipped, those that the institution writes in their place, those of a centre."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final, Literal

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.http.places import asker, network
from services.contracts.events.applications import FileChanged
from services.contracts.languages import Language
from services.contracts.refusals import STALE_VERSION
from services.contracts.refusals.documents import TOO_MANY_LETTER_TEXTS
from services.documents.domain.letter import MOST, LetterSheet, LetterTexts, check
from services.documents.domain.signing import Signed
from services.documents.usecases.app import App
from services.documents.usecases.letter_words import SAMPLE_FILE, LetterWords
from services.documents.usecases.storing import staged

KINDS: Final = ("admission", "rejection")
Level = Literal["centre", "institution", "shipped"]
"""Who has written the words that count."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The words of a letter as they are in force, and whose they are.

    `sheet` is who has written those that were asked for and when, `version` 0 where nobody has.
    """

    texts: LetterTexts
    sheet: LetterSheet
    version: int
    level: Level


async def in_force(app: App, kind: str, language: Language, centre: str = "") -> InForce:
    """The words of the centre, if one is named and has written any; else the institution's, else those that are shipped."""
    ids = [_id(kind, language, owner) for owner in dict.fromkeys((centre, ""))]
    rows = [row and app.letter_texts.loaded(row) for row in await app.letter_texts.documents(*ids)]
    sheet, version = (rows[0].state, rows[0].version) if rows[0] else (LetterSheet(), 0)
    if centre and sheet.texts is not None:
        return InForce(sheet.texts, sheet, version, "centre")
    if (all := rows[-1]) and all.state.texts is not None:
        return InForce(all.state.texts, sheet, version, "institution")
    return InForce(LetterWords(app, language).shipped(kind), sheet, version, "shipped")


async def counting(app: App, file: FileChanged, kind: str, language: Language) -> InForce:
    """The words of the letter of a file: those of the centre to which its programme belongs today, as staff's reach goes."""
    centre = await app.programmes.centre_of(file.programme)
    return await in_force(app, kind, language, file.centre.code if centre is None else centre)


async def write(
    app: App,
    kind: str,
    language: Language,
    texts: LetterTexts | None,
    command: CommandContext,
    *,
    client: Client | None,
    centre: str = "",
) -> InForce:
    """Write other words, of all letters or of a centre's, which are tried first; None goes back to those that count then.

    Letters made before stay. Raises INVALID_FIELDS, STALE_VERSION, TOO_MANY_LETTER_TEXTS; and as `preview` does.
    """
    id, command = _id(kind, language, centre), replace(command, personal=False)
    is_new = await app.letter_texts.get(id) is None
    if is_new and centre and texts is not None and await app.letter_texts.count(MOST) >= MOST:
        raise TOO_MANY_LETTER_TEXTS(max=MOST)
    if texts is not None:
        await preview(app, command.actor, kind, language, texts, client=client, centre=centre)
    if is_new:
        if command.expected not in (None, 0):
            raise STALE_VERSION(version=0)
        if texts is None:
            return await in_force(app, kind, language, centre)

    def decide(sheet: LetterSheet) -> Decision[LetterSheet]:
        if sheet.texts == texts:
            return Decision(sheet)
        return Decision(LetterSheet(texts, command.now, str(command.actor)))

    await app.letter_texts.change_or_add(id, LetterSheet(), decide, command)
    return await in_force(app, kind, language, centre)


async def preview(
    app: App,
    actor: Actor,
    kind: str,
    language: Language,
    texts: LetterTexts,
    *,
    client: Client | None,
    centre: str = "",
) -> bytes:
    """The letter that these words would make, to a person who is made up, of a centre for a programme of its own.

    Raises INVALID_FIELDS; BUSY, TOO_MANY_AT_ONCE beyond the places for papers; and as the inspection does.
    """
    check(texts)
    data = LetterWords(app, language).sample(kind, texts, Signed(), await sample_file(app, centre))
    with app.paper_places.take(network(client), asker(actor)):
        async with staged(app, json.dumps(data).encode()) as (stage, _):
            return await app.inspectors.paper("letter", stage.path, app.rules, actor.asker)


async def sample_file(app: App, centre: str) -> FileChanged:
    """The file of a person who is made up: of a programme of this centre, if one is named."""
    return (
        FileChanged.model_validate(SAMPLE_FILE.model_dump() | await app.programmes.one_of(centre))
        if centre
        else SAMPLE_FILE
    )


def _id(kind: str, language: Language, centre: str = "") -> str:
    return f"{kind}.{language}.{centre}" if centre else f"{kind}.{language}"
