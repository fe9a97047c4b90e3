"""Staff fill in a candidate's file in their place: by the candidate's own use cases, within reach (ADR 83)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from services.applications.domain import in_place
from services.applications.domain.concealing import is_concealed
from services.applications.domain.hands import Hand
from services.applications.domain.model import Application
from services.applications.domain.reach import Reach, is_reached
from services.applications.repository.taking_part import taking_part
from services.applications.usecases.app import App
from services.applications.usecases.review import reached_within
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.ports import Document as Row
from services.contracts import file_numbers
from services.contracts.actors import IN_PLACE, Role
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError
from services.contracts.refusals.applications import CANDIDATE_ACCOUNT_CLOSED

GATHERED: Final = timedelta(minutes=15)
"""How long after the first of them acts are gathered into one mail: somebody who brings paper brings several."""


@dataclass(frozen=True, slots=True)
class InPlace:
    """Whose file it is, with who acts in their place; by which hand, and the command as staff give it."""

    whose: Actor
    hand: Hand
    command: CommandContext


async def whose(app: App, actor: Actor, id: str) -> Actor:
    """The candidate of a file that this member of staff may fill in; raises NOT_FOUND, CANDIDATE_ACCOUNT_CLOSED.

    Support, who examine nothing, see it while there is something to be filled in.
    """
    saved, reach = await _reached(app, actor, id)
    if reach.role is Role.SUPPORT and not saved.state.is_editable:
        raise NOT_FOUND()
    await check_open(app, saved.state.account)
    return Actor(saved.state.account, deputy=actor)


async def account_of(app: App, account: str | None, file_number: str | None) -> str | None:
    """Whom an account or a number, however it is typed, names; None for nobody. Raises INVALID_FIELDS unless it is one."""
    if (account is None) == (file_number is None):
        raise INVALID_FIELDS(fields=[FieldError("file_number", "required" if account is None else "repeated")])
    if file_number is None:
        return account
    number = file_numbers.as_typed(file_number)
    card = None if number is None else await app.cards.numbered(number)
    return None if card is None else card.account


async def fillable(app: App, actor: Actor, account: str) -> list[Versioned[Application]]:
    """A person's files within reach that are in their hands; none of which they do not know, none of a closed account."""
    if await app.closed_accounts.of(account) is not None:
        return []
    reaches = await app.programmes.reaches(actor, IN_PLACE)
    return [
        saved
        for saved in await app.applications.active_of(Actor(account))
        if saved.state.is_editable
        and not is_concealed(saved.state)
        and is_reached(reaches, saved.state.programme.code, saved.state.state)
    ]


async def standing_in(app: App, actor: Actor, id: str, command: CommandContext, reason: str) -> InPlace:
    """What the candidate's use cases ask for when staff give a command in their place.

    Unless that command was carried out before, it raises RECUSED, CANDIDATE_ACCOUNT_CLOSED; NOT_FOUND, and as any change.
    """
    saved, reach = await _reached(app, actor, id)
    candidate = Actor(saved.state.account, deputy=actor)
    # The candidate's day of commands is not theirs.
    given = replace(taking_part(command, id, reach), personal=False, on_behalf_of=Actor(candidate.account))
    if app.applications.repeated(saved, given) is None:
        await check_open(app, candidate.account)
    return InPlace(candidate, Hand(reach.role, reason), given)


async def check_open(app: App, account: str) -> None:
    """Raises CANDIDATE_ACCOUNT_CLOSED where a person goes on with another account: nothing is added to this one (ADR 92)."""
    if await app.closed_accounts.of(account) is not None:
        raise CANDIDATE_ACCOUNT_CLOSED()


async def _reached(app: App, actor: Actor, id: str) -> tuple[Versioned[Application], Reach]:
    return await reached_within(app, await app.programmes.reaches(actor, IN_PLACE), id)


async def untold(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Files whose candidates have waited long enough for what was done in their place."""
    async for row in app.applications.acts_untold(command.now - GATHERED):
        yield row


async def tell(app: App, row: Row, command: CommandContext) -> int:
    """Tell one candidate in one what was done in their place."""
    before = command.now - GATHERED
    outcome = await app.applications.change(
        row["_id"], lambda file: Decision(*in_place.tell(file, before), silent=True), command
    )
    return outcome is not None and bool(outcome.events)
