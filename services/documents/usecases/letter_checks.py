"""Whether a letter is genuine: what its code leads to, for whoever holds the paper."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.context import Actor, CommandContext
from services.contracts.languages import LANGUAGES
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import TOO_MANY_NAMES
from services.documents.domain.document import Document
from services.documents.domain.letter_proof import Proof, is_named
from services.documents.domain.states import State
from services.documents.usecases.app import App
from services.documents.usecases.letter import letter_id


@dataclass(frozen=True, slots=True)
class Checked:
    """A letter that was made here, what it proves, and whether it still is the one of its application."""

    document: Document
    proof: Proof
    counts: bool


async def checked(app: App, code: str) -> Checked:
    """The letter of this code; raises NOT_FOUND, also of one whose person is gone."""
    document, proof = await _found(app, code)
    file = await app.papers.file(Actor(document.account), document.submitted[0])
    part = None if file is None else file.letter
    counts = file is not None and part is not None and code in {letter_id(file, part, each) for each in LANGUAGES}
    return Checked(document, proof, counts)


async def named(app: App, code: str, name: str, command: CommandContext) -> bool:
    """Whether the letter of this code was made for this name; raises NOT_FOUND, TOO_MANY_NAMES."""
    _, proof = await _found(app, code)
    if wait := await app.letter_tries.count(code, command.now):
        raise TOO_MANY_NAMES(retry_after=wait, seconds=wait)
    return is_named(proof, code, name)


async def sweep(app: App, command: CommandContext) -> int:
    """Forget when names were tried on letters, once that bounds nothing any more."""
    return await app.letter_tries.sweep(command.now)


async def _found(app: App, code: str) -> tuple[Document, Proof]:
    saved = await app.documents.get(code)
    if saved is None or saved.state.state is not State.STORED or saved.state.proof is None:
        raise NOT_FOUND()
    return saved.state, saved.state.proof
