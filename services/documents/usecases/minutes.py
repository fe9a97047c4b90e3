"""Minutes of meetings: made once in each language, and the same bytes until somebody is forgotten of whom they tell.

They belong to no account but to their meeting; as letters do, what they say of a person goes with that person (ADR 102).
"""

from __future__ import annotations

import json
from typing import Final

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.http.places import asker, network
from services.chassis.ports import Document as Row
from services.chassis.ports import DuplicateKey
from services.chassis.store.rows import each_of
from services.contracts.events.meetings import MeetingClosed
from services.contracts.languages import LANGUAGES, Language
from services.contracts.refusals import BUSY, NOT_FOUND
from services.contracts.refusals.documents import RECUSED
from services.documents.domain import document as documents
from services.documents.domain.document import MEETING, Document
from services.documents.domain.states import State
from services.documents.domain.uploads import PDF
from services.documents.usecases.app import App
from services.documents.usecases.minutes_words import MinutesWords
from services.documents.usecases.retention import erase_with_owner
from services.documents.usecases.storing import RETRY_SECONDS, id_of, new_key, staged, take_back

_KIND: Final = "minutes"


async def keep(app: App, event: MeetingClosed, command: CommandContext) -> None:
    """Keep what minutes say; papers of before that say more than is to be said now go."""
    await app.minutes.keep(event)
    told = await app.minutes.of(event.meeting)
    current = {_id(told, language) for language in LANGUAGES} if told is not None else set()

    async def erase(row: Row) -> None:
        if row["_id"] not in current:
            await erase_with_owner(app, app.documents.loaded(row), command)

    await each_of(app.documents.of_account(f"{MEETING}{event.meeting}"), erase)


async def minutes(
    app: App, actor: Actor, meeting: str, language: Language, command: CommandContext, *, client: Client | None
) -> Versioned[Document]:
    """The minutes of a meeting of which this member of staff reaches all programmes, as first made in this language.

    Raises NOT_FOUND, also before it is closed; RECUSED for who has no part in a file of which they tell; BUSY,
    TOO_MANY_AT_ONCE beyond the places for papers; and as the inspection does.
    """
    told = await app.minutes.of(meeting)
    if told is None or not await app.papers.reaches_all(actor, [each.code for each in told.programmes]):
        raise NOT_FOUND()
    if any(each.member == actor.id and each.numbers for each in told.recusals):
        raise RECUSED()
    there = await app.documents.get(_id(told, language))
    if there is None:
        with app.paper_places.take(network(client), asker(actor)):
            made = await _made(app, told, language, actor)
            there = await _kept(app, told, language, made, command.by_itself())
    if there.state.state is not State.STORED:
        raise NOT_FOUND()
    return there


def _id(told: MeetingClosed, language: Language) -> str:
    return id_of(Actor(f"{MEETING}{told.meeting}"), f"{told.version}\n{language}", _KIND)


async def _made(app: App, told: MeetingClosed, language: Language, actor: Actor) -> bytes:
    data = MinutesWords(app, language).minutes(told, await app.boards.named(told.commission))
    async with staged(app, json.dumps(data).encode()) as (stage, _):
        return await app.inspectors.paper("minutes", stage.path, app.rules, actor.asker)


async def _kept(
    app: App, told: MeetingClosed, language: Language, made: bytes, command: CommandContext
) -> Versioned[Document]:
    """First a note, then the bytes, then the row, as for letters; of two who make it at once the first has."""
    async with staged(app, made) as (stage, came):
        key = new_key(app)
        await app.begun.note(key, command.now)
        await stage.commit(key, PDF)
    document = documents.archive(
        account=f"{MEETING}{told.meeting}",
        application=told.meeting,
        sha256=came.sha256,
        size=came.size,
        filename=MinutesWords(app, language).filename(told),
        object=key,
        now=command.now,
    )
    id = _id(told, language)
    try:
        saved = (await app.documents.add(id, Decision(document), command)).saved
    except DuplicateKey:
        await take_back(app, key)
        if (there := await app.documents.get(id)) is None:
            raise BUSY(retry_after=RETRY_SECONDS) from None
        return there
    fresh = await app.minutes.of(told.meeting)
    if fresh is None or fresh.version != told.version:  # somebody was forgotten while it was made
        await erase_with_owner(app, saved, command)
        await app.begun.end(key)
        raise BUSY(retry_after=RETRY_SECONDS)
    if not await app.begun.end(key):  # held up for a day, and the sweep may have taken its bytes: nothing told of it
        await app.documents.remove(saved.id, saved.version)
        raise BUSY(retry_after=RETRY_SECONDS)
    return saved
