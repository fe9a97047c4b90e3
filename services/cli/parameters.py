"""`parvis parameters`: what the institution sets while the suite runs."""

from __future__ import annotations

from typing import Any, Final

import click
import structlog

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.control import Output, Suite, writes
from services.cli.inspection import tell
from services.cli.offline import opened_to_read
from services.cli.refusals import tell_refusal
from services.contracts.decision_rules import Conditions, DecisionReasons, DecisionTypes, PieceComments
from services.contracts.fee_rules import FeeItems
from services.contracts.instants import instant_text
from services.contracts.parameter_rules import Value
from services.contracts.parameters import RULES, value_of
from services.contracts.refusals import RefusedError
from services.offers.domain.parameters import ParameterSheet, differences

log = structlog.get_logger()

Given = bool | int | float | str | list[str]

SHOWN: Final = ("key", "value")
HISTORY: Final = ("version", "at", "actor", "key", "before", "after")


async def parameters_show(*, as_json: bool) -> int:
    """Every parameter with its value."""
    sheet = await _sheet()
    tell([{"key": key, "value": _shown(key, value_of(sheet.parameters, key))} for key in RULES], SHOWN, as_json=as_json)
    if not as_json:
        click.echo(f"version {sheet.revision}")
    return 0


async def parameters_history(*, limit: int, as_json: bool) -> int:
    """Who changed what and when, the newest first."""
    revisions = (await _sheet()).history[::-1][:limit]
    rows: list[dict[str, Any]] = []
    for revision in revisions:
        said = {"version": revision.number, "at": instant_text(revision.at), "actor": revision.actor}
        changed = [
            {"key": each.key, "before": _shown(each.key, each.before), "after": _shown(each.key, each.after)}
            for each in revision.differences
        ]
        rows += [said | each for each in changed or [{"key": "", "before": "", "after": ""}]]
    tell(rows, HISTORY, as_json=as_json)
    return 0


@writes("offers", begins=True)
async def parameters_set(
    suite: Suite, output: Output, *, given: dict[str, Given], expected: int | None, dry_run: bool
) -> int:
    """Give parameters other values and say which are others now; exit code 1 and no change if one cannot be had."""
    from services.offers.wiring import set_parameters

    ports = suite["offers"].ports
    command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
    try:
        before, after = await set_parameters(ports, given, command=command, expected=expected, dry_run=dry_run)
    except RefusedError as refusal:
        tell_refusal(output, "offers", refusal)
        return 1
    for each in differences(before.parameters, after.parameters):
        output.line(f"{each.key}: {_shown(each.key, each.before)} -> {_shown(each.key, each.after)}")
    changed = after.revision != before.revision
    if changed and not dry_run:
        log.warning("parameters.changed", revision=after.revision)
    output.line(
        f"{'would be ' if changed and dry_run else ''}version {after.revision}{'' if changed else ', as before'}"
    )
    return 0


def _shown(key: str, value: Value) -> str:
    """A value as it may be typed."""
    joint = (
        "; "
        if isinstance(RULES.get(key), Conditions | DecisionReasons | DecisionTypes | FeeItems | PieceComments)
        else ","
    )
    return joint.join(value) if isinstance(value, tuple) else str(value)


async def _sheet() -> ParameterSheet:
    from services.offers.wiring import parameters

    settings = Settings()
    configure_logging(settings)
    async with opened_to_read(settings, ["offers"]) as suite:
        ports = suite["offers"].ports
        return await parameters(ports, command=CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR))
