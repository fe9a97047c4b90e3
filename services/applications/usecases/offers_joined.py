"""Who applies where a place is to be offered to them finds nothing of it: the decision goes over to their own file.

Acceptance 46, ADR 88.
"""

from __future__ import annotations

from dataclasses import replace

from services.applications.domain import offering
from services.applications.domain.decisions import pending
from services.applications.domain.states import FileState, PieceState
from services.applications.repository.decisions import Entry
from services.applications.usecases import listing
from services.applications.usecases.app import App
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.aggregates import Decision
from services.contracts.events.applications import FileChanged


async def keep_file(app: App, event: FileChanged, command: CommandContext) -> None:
    """Have lists show a file as it stands now, and one that has just been opened take over what is offered to its person.

    It is done behind the opening, whose answer so takes no longer for somebody to whom a place is offered. Raises
    UnreadableRow, BUSY.
    """
    await listing.keep_file(app, event, command)
    if event.state == FileState.DRAFT and all(piece.state == PieceState.AWAITING for piece in event.pieces):
        await join(app, event.account, event.programme, event.campaign, command)


async def join(app: App, account: str, programme: str, campaign: str, command: CommandContext) -> None:
    """Enter the decision of a place that is offered on the file that its person has opened, in the place of the offer's.

    It is entered there first, under its own id and in the name of who has entered it; then the offer's file is given up:
    whatever stops in between is found and finished by who does the same again. What staff have entered on the person's file
    meanwhile stays. Raises BUSY.
    """
    offer = await app.applications.offered(account, programme, campaign)
    own = None if offer is None else await app.applications.own(account, programme, campaign)
    if offer is None or own is None:
        return
    command = replace(
        command,
        actor=acting_service("applications"),
        on_behalf_of=None,
        key=None,
        digest=None,
        expected=None,
        event=None,
        personal=False,
        sequence=0,
        source="",
    )
    given = pending(offer.state, await app.decisions.entered(offer.id))

    def take(entry: Entry) -> Decision[Entry]:
        stands = pending(own.state, entry.entered) is not None or given is None
        return Decision(entry if stands else replace(entry, entered=given))

    await app.decisions.change_or_add(own.id, Entry(account), take, command)
    moment = app.moment(command)
    await app.applications.change(
        offer.id, lambda file: Decision(*offering.give_way(file, moment, command.acting)), command
    )
    await app.decisions.change(offer.id, lambda entry: Decision(replace(entry, entered=None)), command)
    if await app.cards.is_erased(account):  # since we looked; what is entered goes with the rest
        await app.cards.erase(account, command.now)
    for id in (offer.id, own.id):
        await listing.keep_readable(app, id)
