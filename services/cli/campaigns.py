"""`parvis campaign`: the admission years, of which one is active."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date
from typing import Final, TypeVar

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.service.service import Ports
from services.cli.control import Output, Suite, writes
from services.cli.refusals import tell_refusal
from services.contracts.refusals import RefusedError
from services.offers.domain.campaigns import Campaign, Campaigns
from services.offers.domain.deadlines import Deadlines, Reach, Scope, scope_of
from services.offers.domain.text import Text

T = TypeVar("T")
_NAMED: Final = 3


@writes("offers", begins=True)
async def plan(
    suite: Suite, output: Output, *, code: str, label: str, label_en: str | None, starts_on: date, ends_on: date
) -> int:
    """Plan a campaign, or change the label and days of one."""
    from services.offers.wiring import plan_campaign

    ports = suite["offers"].ports
    campaign = Campaign(code, Text(label, label_en), starts_on, ends_on)
    return await _told(plan_campaign(ports, campaign, command=_command(ports)), output)


@writes("offers", begins=True)
async def activate(suite: Suite, output: Output, *, code: str) -> int:
    """Make a campaign the active one, which closes the one before it."""
    from services.offers.wiring import activate_campaign

    ports = suite["offers"].ports
    return await _told(activate_campaign(ports, code, command=_command(ports)), output)


@writes("offers")
async def close(suite: Suite, output: Output, *, code: str) -> int:
    """End the active campaign."""
    from services.offers.wiring import close_campaign

    ports = suite["offers"].ports
    return await _told(close_campaign(ports, code, command=_command(ports)), output)


@writes("offers")
async def move_deadline(
    suite: Suite, output: Output, *, day: date, centre: str | None, programme: str | None, reason: str
) -> int:
    """Move the submission deadline of all programmes, of those of a centre, or of one; say for which it shortens."""
    from services.offers.wiring import move_deadline, use_cases

    ports = suite["offers"].ports

    async def moving() -> Deadlines:
        return await move_deadline(ports, scope_of(centre, programme), day, reason, command=_command(ports))

    scope = Scope(Reach.CENTRE, centre) if centre else Scope(Reach.PROGRAMME, programme) if programme else Scope()
    app = use_cases(ports)
    active = (await app.campaigns.load()).current
    before = await app.deadlines.load(active.code if active else "")
    deadlines = await _unless_refused(moving(), output)
    if deadlines is None:
        return 1
    for move in deadlines.moves:
        whose = " ".join(filter(None, (move.scope.reach.value, move.scope.code)))
        output.line(f"{whose}: until {move.submission_deadline}, {move.reason}")
    programmes = [each async for each in app.programmes.every() if each.is_published]
    sooner = [each.code for each in programmes if deadlines.of(each) < before.of(each)]
    later = [each.code for each in programmes if deadlines.of(each) == before.of(each) > day and scope.covers(each)]
    if sooner:
        told = "who was told the later day keeps it, who opens an application from now on has the earlier one"
        output.line(f"Earlier than before for {_some(sooner)}: {told}.")
    if later:
        output.line(f"Nothing changes for {_some(later)}: a later day holds there.")
    return 0


def _some(codes: list[str]) -> str:
    """How many programmes, and the first of them by their codes."""
    named = ", ".join([*codes[:_NAMED], *(["..."] if len(codes) > _NAMED else [])])
    return f"{len(codes)} programme{'s' if len(codes) > 1 else ''} ({named})"


def _command(ports: Ports) -> CommandContext:
    return CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)


async def _unless_refused(changing: Awaitable[T], output: Output) -> T | None:
    """What a change came to; None when it was refused, after having said why."""
    try:
        return await changing
    except RefusedError as refusal:
        tell_refusal(output, "offers", refusal)
        return None


async def _told(changing: Awaitable[Campaigns], output: Output) -> int:
    """Say how all campaigns are now, or what cannot be."""
    campaigns = await _unless_refused(changing, output)
    if campaigns is None:
        return 1
    for each in campaigns.all:
        output.line(f"{each.code}: {each.state.value}, from {each.starts_on} to {each.ends_on}, {each.label.fr}")
    return 0
