"""What the institution sets while the suite runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.chassis.context import CommandContext, EventRef
from services.chassis.events.aggregates import Decision
from services.chassis.ports import DuplicateKey
from services.chassis.settings import UnusableSetting
from services.chassis.store.rows import UnreadableRow, tell
from services.contracts.parameters import INSTITUTION, Parameters, unfit_for_production, with_values
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.offers.domain.events import ParametersChanged
from services.offers.domain.parameters import Changed, ParameterSheet, begin, change
from services.offers.usecases.app import App

HELD: Final = "retention.held"
SAY_IT: Final = "parvis parameters set {key}=..., or before the first start PARVIS_INSTITUTION and PARVIS_CONTACT"


async def parameters(app: App) -> ParameterSheet:
    """What is in force, and how it came to be; of revision 0 as long as nothing was said."""
    sheet = await app.parameters.load()
    return sheet if sheet is not None and sheet.revision else _unsaid(app)


async def begin_parameters(app: App, command: CommandContext) -> None:
    """Begin with what this process is told by its environment, unless something was said already.

    Raises UnusableSetting in production as long as nobody has said whose suite this is. What was said and cannot be read
    is told of, and stays: the other services work by their copies.
    """
    try:
        sheet = await parameters(app)
    except UnreadableRow as error:
        tell("offers", error)
        return
    if app.in_production and (faults := unfit_for_production(sheet.parameters)):
        raise UnusableSetting(faults[0].field, f"production needs it: {SAY_IT.format(key=faults[0].field)}")
    if sheet.revision:
        return
    first = Decision(*begin(app.first, command.now, str(command.actor)))

    def decide(sheet: ParameterSheet) -> Decision[ParameterSheet]:
        return Decision(sheet) if sheet.revision else first

    if await app.parameters.change(INSTITUTION, decide, command) is None:
        with suppress(DuplicateKey):  # another process was first
            await app.parameters.add(INSTITUTION, first, command)


@dataclass(frozen=True, slots=True)
class Change:
    """What came of giving parameters other values; no events if nothing is different."""

    sheet: ParameterSheet
    events: Sequence[EventRef] = ()


async def change_parameters(
    app: App, given: Mapping[str, object], command: CommandContext, *, expected: int | None = None
) -> Change:
    """Give parameters other values, by key; sent twice they change once. Raises INVALID_FIELDS, STALE_VERSION."""
    await _require_campaigns(app, given)

    def decide(sheet: ParameterSheet) -> Decision[ParameterSheet]:
        return Decision(*_changed(app, sheet, given, command, expected))

    outcome = await app.parameters.change(INSTITUTION, decide, command)
    if outcome is None:
        decision = decide(_unsaid(app))
        if not decision.domain_events:
            return Change(decision.state)
        try:
            outcome = await app.parameters.add(INSTITUTION, decision, command)
        except DuplicateKey:  # another process was first
            return await change_parameters(app, given, command, expected=expected)
    return Change(outcome.saved.state, outcome.events)


async def preview_parameters(
    app: App, given: Mapping[str, object], command: CommandContext, *, expected: int | None = None
) -> Change:
    """What `change_parameters` would make of them, without doing it; raises the same refusals."""
    await _require_campaigns(app, given)
    return Change(_changed(app, await parameters(app), given, command, expected)[0])


async def announce_parameters(app: App, id: str, command: CommandContext) -> None:
    """Tell others anew what is in force, when they have missed it."""
    await app.parameters.change(id, lambda sheet: Decision(sheet, [ParametersChanged()]), command)


async def _require_campaigns(app: App, given: Mapping[str, object]) -> None:
    """Let nobody believe that a campaign is held whose code was mistyped; raises INVALID_FIELDS."""
    held = with_values(Parameters(), {HELD: given[HELD]} if HELD in given else {})[0].retention.held
    if held and not set(held) <= {campaign.code for campaign in (await app.campaigns.load()).all}:
        raise INVALID_FIELDS(fields=[FieldError(HELD, "not-a-choice")])


def _unsaid(app: App) -> ParameterSheet:
    return ParameterSheet(0, app.first)


def _changed(
    app: App, sheet: ParameterSheet, given: Mapping[str, object], command: CommandContext, expected: int | None
) -> Changed:
    return change(sheet, given, command.now, str(command.actor), expected=expected, in_production=app.in_production)
