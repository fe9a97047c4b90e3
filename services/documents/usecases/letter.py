"""Letters of admission and of rejection: made once in each language, and the same bytes for ever after (acceptance 86)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.http.places import Place, asker, network
from services.chassis.ports import DuplicateKey
from services.contracts.events.applications import FileChanged, ProfilePart
from services.contracts.events.letter_parts import LetterPart
from services.contracts.languages import Language
from services.contracts.refusals import BUSY, NOT_FOUND
from services.contracts.refusals.documents import NO_LETTER
from services.documents.domain import document as documents
from services.documents.domain.document import Document
from services.documents.domain.letter_proof import Proof, name_digest
from services.documents.domain.states import State
from services.documents.domain.uploads import PDF
from services.documents.usecases.app import App
from services.documents.usecases.letter_texts import counting
from services.documents.usecases.letter_words import LetterWords, names_of
from services.documents.usecases.retention import erase_with_owner
from services.documents.usecases.signing import signed_by
from services.documents.usecases.storing import RETRY_SECONDS, id_of, new_key, staged, take_back


@dataclass(frozen=True, slots=True)
class _Letter:
    """What a letter is made of, and the id under which it is kept."""

    id: str
    file: FileChanged
    part: LetterPart
    language: Language


async def letter(
    app: App, actor: Actor, id: str, language: Language, command: CommandContext, *, client: Client | None
) -> Versioned[Document]:
    """The letter that there is of an application that this person may read, as it was first made in this language.

    Raises NOT_FOUND; NO_LETTER before there is one, when there is none any more, and while its board gives none; BUSY,
    TOO_MANY_AT_ONCE beyond the places for papers; ObjectsUnavailable; and as the inspection does.
    """
    file = await app.papers.file(actor, id)
    if file is None:
        raise NOT_FOUND()

    def placed() -> Place:
        return app.paper_places.take(network(client), asker(actor))

    return await letter_of(app, file, language, command, actor.asker, placed=placed)


async def letter_of(
    app: App,
    file: FileChanged,
    language: Language,
    command: CommandContext,
    person: str,
    *,
    placed: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Versioned[Document]:
    """The letter of a file that is known to be within reach, made in the turn of this person if it has to be made.

    `placed` gives the place for that. Raises as `letter` does.
    """
    part = await given(app, file)
    if part is None:
        raise NO_LETTER()
    wanted = _Letter(letter_id(file, part, language), file, part, language)
    there = await app.documents.get(wanted.id)
    if there is None:
        with placed():
            there = await _made(app, wanted, person, replace(command, key=None, personal=False, expected=None))
    if there.state.state is not State.STORED:
        raise NOT_FOUND()
    return there


async def given(app: App, file: FileChanged) -> LetterPart | None:
    """What the letter of a file is made of, if there is one and its board gives it."""
    if file.letter is None or file.letter.kind not in (await app.boards.of_programme(file.programme)).kinds:
        return None
    return file.letter


async def _profile(app: App, file: FileChanged) -> ProfilePart:
    """The profile as it was submitted; as it stands where a place was offered without a submission (acceptance 47)."""
    if file.submission is not None:
        return file.submission.profile
    if (profile := await app.papers.profile(file.account)) is None:  # told already, and not heard yet
        raise BUSY(retry_after=RETRY_SECONDS)
    return profile


def letter_id(file: FileChanged, part: LetterPart, language: Language) -> str:
    """The id under which the letter of a decision is kept; it is the code that stands on the paper."""
    # Once all conditions are met there is another letter, which says so.
    final = "\nfinal" if part.conditions and part.final else ""
    named = f"{file.application}\n{part.decision}\n{part.kind}\n{language}{final}"
    return id_of(Actor(file.account), named, "letter")


async def _made(app: App, wanted: _Letter, person: str, command: CommandContext) -> Versioned[Document]:
    words, said = LetterWords(app, wanted.language), await counting(app, wanted.file, wanted.part.kind, wanted.language)
    signed = await signed_by(app, await app.boards.of_programme(wanted.file.programme))
    profile = await _profile(app, wanted.file)
    data = words.letter(wanted.file, wanted.part, profile, said.texts, signed, code=wanted.id)
    async with staged(app, json.dumps(data).encode()) as (stage, _):
        made = await app.inspectors.paper("letter", stage.path, app.rules, person)
    name, *shorter = (name_digest(wanted.id, each) for each in names_of(profile.identity))
    proof = Proof(wanted.language, tuple(data["facts"]), name, tuple(shorter)) if "check" in data else None
    return await _kept(app, wanted, made, words.filename(wanted.part, wanted.file), command, proof=proof)


async def _kept(
    app: App, wanted: _Letter, made: bytes, filename: str, command: CommandContext, *, proof: Proof | None
) -> Versioned[Document]:
    """First a note, then the bytes, then the row, as for what people send; of two who make it at once the first has."""
    async with staged(app, made) as (stage, came):
        key = new_key(app)
        await app.begun.note(key, command.now)
        await stage.commit(key, PDF)
    document = documents.archive(
        account=wanted.file.account,
        application=wanted.file.application,
        sha256=came.sha256,
        size=came.size,
        filename=filename,
        object=key,
        now=command.now,
        proof=proof,
    )
    try:
        saved = (await app.documents.add(wanted.id, Decision(document), command)).saved
    except DuplicateKey:
        await take_back(app, key)
        if (there := await app.documents.get(wanted.id)) is None:
            raise BUSY(retry_after=RETRY_SECONDS) from None
        return there
    if await app.gone.is_erased(wanted.file.account):  # while it was made; the note stays until all is gone
        await erase_with_owner(app, saved, command)
        await app.begun.end(key)
        raise NOT_FOUND()
    if not await app.begun.end(
        key
    ):  # it was held up for a day, and the sweep may have taken its bytes: nothing told of it
        await app.documents.remove(saved.id, saved.version)
        raise BUSY(retry_after=RETRY_SECONDS)
    return saved
