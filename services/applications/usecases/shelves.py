"""How a member of staff arranges lists: which columns they have, and which views are kept, for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from services.applications.domain import shelves
from services.applications.domain.shelves import SavedView, Shelf
from services.applications.repository.shelves import CENTRE, COMMISSION, PERSON
from services.applications.usecases.app import App
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.contracts.actors import Role
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError


class Place(NamedTuple):
    """A shelf by its id, and whether one may touch what others have put there."""

    id: str
    rules: bool


async def choose_columns(
    app: App, actor: Actor, command: CommandContext, *, columns: Sequence[str]
) -> Versioned[Shelf]:
    """Have one's lists show these columns, each once; raises STALE_VERSION, BUSY."""
    chosen = tuple(dict.fromkeys(columns))

    def decide(shelf: Shelf) -> Decision[Shelf]:
        return Decision(replace(shelf, columns=chosen))

    outcome = await app.shelves.change_or_add(PERSON + actor.id, Shelf(), decide, replace(command, personal=False))
    return outcome.saved


async def write_view(app: App, actor: Actor, command: CommandContext, view: SavedView, place: Place) -> SavedView:
    """Keep a view under its name; raises TOO_MANY_VIEWS, NOT_YOUR_VIEW, NOT_FOUND, STALE_VERSION, BUSY."""

    def decide(shelf: Shelf) -> Decision[Shelf]:
        return Decision(shelves.put(shelf, view, expected=command.expected, rules=place.rules))

    # The version that is expected is the view's, and not that of the shelf on which others stand.
    outcome = await app.shelves.change_or_add(
        place.id, Shelf(), decide, replace(command, personal=False, expected=None)
    )
    kept = outcome.saved.state.named(view.name)
    if kept is None:  # taken away between two tries of the same command
        raise NOT_FOUND()
    return kept


async def take_away(app: App, actor: Actor, command: CommandContext, name: str, place: Place) -> None:
    """Take a view away; raises NOT_FOUND, NOT_YOUR_VIEW, STALE_VERSION, BUSY."""

    def decide(shelf: Shelf) -> Decision[Shelf]:
        return Decision(shelves.take_away(shelf, name, actor.id, expected=command.expected, rules=place.rules))

    done = await app.shelves.change(place.id, decide, replace(command, personal=False, expected=None))
    if done is None:
        raise NOT_FOUND()


async def place_of(app: App, actor: Actor, *, centre: str | None, commission: str | None) -> Place:
    """The shelf of a centre, of a commission, or one's own; raises INVALID_FIELDS for one beyond one's reach."""
    if centre is not None and commission is not None:
        raise INVALID_FIELDS(fields=[FieldError("commission", "repeated")])
    if centre is None and commission is None:
        return Place(PERSON + actor.id, rules=True)
    if centre is not None:
        codes, id, field = await app.programmes.within({centre}, None), CENTRE + centre, "centre"
    else:
        codes, id, field = (
            await app.programmes.within(None, {str(commission)}),
            f"{COMMISSION}{commission}",
            "commission",
        )
    roles = {reach.role for reach in await app.programmes.reaches(actor) if any(reach.holds(code) for code in codes)}
    if not roles:
        raise INVALID_FIELDS(fields=[FieldError(field, "beyond-reach")])
    return Place(id, rules=Role.MANAGER in roles)
