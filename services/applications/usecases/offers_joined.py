"""Who applies where a place is to be offered to them finds nothing of it: the decision goes over to their own file.

Acceptance 46, ADR 88.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.applications.domain import offering
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import pending
from services.applications.domain.model import Application
from services.applications.domain.states import FileState, PieceState
from services.applications.repository.decisions import Entry
from services.applications.usecases import listing
from services.applications.usecases.app import App
from services.applications.usecases.beside_joined import take_beside
from services.applications.usecases.changing import MAX_TRIES
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.contracts.events.applications import FileChanged
from services.contracts.refusals import BUSY


async def keep_file(app: App, event: FileChanged, command: CommandContext) -> None:
    """Have lists show a file as it stands now, and one that has just been opened take over what is offered to its person.

    It is done behind the opening, whose answer so takes no longer for somebody to whom a place is offered. Raises
    UnreadableRow, BUSY.
    """
    await listing.keep_file(app, event, command)
    untouched = all(piece.state == PieceState.AWAITING or piece.held is not None for piece in event.pieces)
    if event.state == FileState.DRAFT and untouched:
        await join(app, event.account, event.programme, event.campaign, command)


async def join(app: App, account: str, programme: str, campaign: str, command: CommandContext) -> None:
    """Enter the decision of a place that is offered on the file that its person has opened, in the place of the offer's.

    It is entered there first, under its own id and in the name of who has entered it; then the offer's file is given up:
    whatever stops in between is found and finished by who does the same again. What staff have entered on the person's file
    meanwhile stays, what they enter on the offer meanwhile goes over too, and no decision does of one that they take back.
    What they keep beside the offer's file comes along. Raises BUSY.
    """
    offer = await app.applications.offered(account, programme, campaign)
    own = None if offer is None else await app.applications.own(account, programme, campaign)
    if offer is None or own is None:
        return
    command = command.of_service("applications")
    given = pending(offer.state, await app.decisions.entered(offer.id))
    if given is not None:
        await _take_over(app, own, given, command)
    await take_beside(app, offer.id, own, command)
    moment = app.moment(command)
    gone = await app.applications.change(
        offer.id, lambda file: Decision(*offering.give_way(file, moment, command.acting)), command
    )
    if gone is None or offering.has_given_way(gone.saved.state, command.acting):
        await _clear(app, offer.id, own, given, command)
        await take_beside(app, offer.id, own, command)  # what came to it meanwhile
    elif given is not None:  # staff have taken the offer back since we looked

        def leave(entry: Entry) -> Decision[Entry]:
            came = entry.entered is not None and entry.entered.id == given.id
            return Decision(replace(entry, entered=None) if came else entry)

        await app.decisions.change(own.id, leave, command)
    await _keep(app, account, (offer.id, own.id), command)


async def join_beside(app: App, file: Versioned[Application], command: CommandContext) -> None:
    """Have what was kept beside a mere offer's `file`, as it was looked at, go over if its person has applied since.

    What staff keep beside a file that was given up before stays there. Raises BUSY.
    """
    if offering.is_mere_offer(file.state) and file.state.state is not FileState.CANCELLED:
        await join_late(app, file.id, command)


async def join_late(app: App, id: str, command: CommandContext) -> None:
    """Have what was entered on an offer, or kept beside it, while its file was given up go over too. Raises BUSY."""
    command, offer = command.of_service("applications"), await app.applications.get(id)
    if offer is None or not offering.has_given_way(offer.state, command.acting):
        return
    of = offer.state
    own = await app.applications.own(of.account, of.programme.code, of.campaign)
    if own is not None:
        await _clear(app, id, own, None, command)
        await take_beside(app, id, own, command)
        await _keep(app, of.account, (id, own.id), command)


async def _take_over(app: App, own: Versioned[Application], given: EnteredDecision, command: CommandContext) -> None:
    def take(entry: Entry) -> Decision[Entry]:
        taken = offering.is_taken_over(pending(own.state, entry.entered), entry.adopted, given)
        return Decision(replace(entry, entered=given, adopted=given.id) if taken else entry)

    await app.decisions.change_or_add(own.id, Entry(own.state.account), take, command)


async def _clear(
    app: App, offer: str, own: Versioned[Application], taken: EnteredDecision | None, command: CommandContext
) -> None:
    """Leave nothing entered on the offer; what is newer than what was `taken` over goes over first."""

    def clear(entry: Entry) -> Decision[Entry]:
        is_newer = entry.entered is not None and (taken is None or entry.entered.id != taken.id)
        return Decision(entry if is_newer else replace(entry, entered=None))

    for _ in range(MAX_TRIES):
        outcome = await app.decisions.change(offer, clear, command)
        if outcome is None or outcome.saved.state.entered is None:
            return
        taken = outcome.saved.state.entered
        await _take_over(app, own, taken, command)
    raise BUSY(retry_after=1)


async def _keep(app: App, account: str, ids: Sequence[str], command: CommandContext) -> None:
    if await app.cards.is_erased(account):  # since we looked; what is entered goes with the rest
        await app.cards.erase(account, command.now)
    for id in ids:
        await listing.keep_readable(app, id)
