"""What the registrar holds of somebody stands in their files, from when it is known; they ask nobody (ADR 93)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from services.applications.domain.copies import HeldDocument, ProfileCopy
from services.applications.domain.held import brought, follow
from services.applications.domain.model import Application, Document
from services.applications.usecases.app import App
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import MAX_TRIES, Decision, Outcome, Versioned
from services.chassis.store.rows import UnreadableRow, tell
from services.contracts.events.registrar_files import RegistrarFileKept
from services.contracts.refusals import BUSY, RefusedError
from services.contracts.refusals.applications import MANAGED_BY_REGISTRAR


async def follow_card(app: App, account: str, command: CommandContext) -> None:
    """Have all files that are in this person's hands show what the registrar holds by now; raises BUSY.

    One that cannot be read is told of, and stops none of the others.
    """
    card = await app.cards.of(account)
    if card is None:
        return
    for saved in await app.applications.active_of(Actor(account), readable=True):
        try:
            await _follow(app, saved, card, command)
        except UnreadableRow as error:
            tell("applications", error)


async def bring(app: App, event: RegistrarFileKept, command: CommandContext) -> None:
    """What came of a document that the registrar holds stands in all files of this person that name it; raises BUSY."""
    document = Document(event.document, event.sha256, event.size, event.media_type, event.filename)

    def decide(application: Application) -> Decision[Application]:
        return Decision(*brought(application, event.file, document))

    for saved in await app.applications.active_of(Actor(event.account), readable=True):
        await app.applications.change(saved.id, decide, command.of_service("applications"))


async def follow_since(
    app: App, outcome: Outcome[Application], held: Sequence[HeldDocument] | None, command: CommandContext
) -> Outcome[Application]:
    """The same for a file that has just come into its person's hands with what was `held`, if a card came meanwhile.

    None: what it came with is not known any more.
    """
    card = await app.cards.of(outcome.saved.state.account)
    if card is None or card.held == held:
        return outcome
    saved = await _follow(app, outcome.saved, card, command)
    return outcome if saved is None else replace(outcome, saved=saved)


async def given_of(app: App, application: Application) -> Mapping[str, Document]:
    """The documents of the submission that counts, where its file is in the candidate's hands; raises UnreadableRow."""
    if not application.is_editable or not application.submissions:
        return {}
    return (await app.submissions.of(Actor(application.account), application.submissions[-1])).pieces


async def _follow(
    app: App, saved: Versioned[Application], card: ProfileCopy, command: CommandContext
) -> Versioned[Application] | None:
    """What it is by then; None if it stays as it is: most news of a card are of something else.

    A card that came while this was written did not find the file as it is now: it is followed too.
    """
    moment, done, of_service = app.moment(command), None, command.of_service("applications")
    for _ in range(MAX_TRIES):
        after, happened = follow(saved.state, card.held, moment, await given_of(app, saved.state))
        if not happened:
            return done
        outcome = await app.applications.save(saved, Decision(after, happened), of_service)
        if outcome is None:
            found = await app.applications.get(saved.id)
            if found is None:
                return done
            saved = found
        else:
            saved = done = outcome.saved
        card = await app.cards.of(card.account) or card
    raise BUSY(retry_after=1)


@contextmanager
def naming_registrar(app: App, application: Application) -> Iterator[None]:
    """Says whom to write to where a piece is managed by the registrar (acceptance 26)."""
    try:
        yield
    except RefusedError as refusal:
        if refusal.slug != MANAGED_BY_REGISTRAR:
            raise
        institution = app.parameters.in_force.institution
        raise MANAGED_BY_REGISTRAR(contact=institution.registrar_of(application.programme.centre["code"])) from None
