"""Carrying the programmes of a campaign into the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from services.chassis.context import CommandContext
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError
from services.contracts.refusals.offers import CAMPAIGN_NOT_ACTIVE, CAMPAIGN_OVER
from services.offers.domain.premises import premises
from services.offers.domain.programmes import Content, Programme
from services.offers.domain.rollover import Carried, Rollover, Shift, carried
from services.offers.domain.states import CampaignState
from services.offers.usecases.app import App
from services.offers.usecases.imports import Row, import_programmes


async def foresee(app: App, target: str, source: str, shift: Shift) -> Rollover:
    """What would come of each programme, and the digest that confirms it; nothing changes.

    Raises NOT_FOUND for an unknown target, CAMPAIGN_OVER for a closed one, INVALID_FIELDS for a source that is none.
    """
    campaigns = await app.campaigns.load()
    into, out_of = campaigns.get(target), campaigns.get(source)
    if into is None:
        raise NOT_FOUND()
    if into.state is CampaignState.CLOSED:
        raise CAMPAIGN_OVER()
    if out_of is None or out_of.code == into.code:
        raise INVALID_FIELDS(fields=[FieldError("source", "another-campaign")])
    good, bad, present = list[Carried](), list[Carried](), list[Programme]()
    async with aclosing(app.programmes.every()) as programmes:
        async for programme in programmes:
            if programme.content.campaign == into.code:
                present.append(programme)
            elif programme.content.campaign == out_of.code:
                each = await asyncio.to_thread(carried, programme, into, shift)
                (bad if each.faults else good).append(each)
    asked = f"{out_of.code} {into.code} {into.starts_on} {into.ends_on} {shift}"
    come = [(each.programme.code, each.programme.revision, bool(each.faults)) for each in (*good, *bad)]
    return Rollover(out_of, into, good, bad, present, premises(asked, come))


async def carry_over(
    app: App, target: str, source: str, shift: Shift, command: CommandContext, *, digest: str
) -> Rollover:
    """Put the programmes of a campaign into the active one, as was foreseen; twice is once.

    What is there already stays as it is. Raises PREMISES_CHANGED before anything is done if something else would come of
    it now, CAMPAIGN_NOT_ACTIVE for a target that has not begun, and what `foresee` does.
    """
    found = await foresee(app, target, source, shift)
    if found.target.state is not CampaignState.ACTIVE:
        raise CAMPAIGN_NOT_ACTIVE()
    found.premises.confirm(digest, done=not found.carried)
    report = await import_programmes(app, _rows(found, shift), command)
    done = {change.code for change in report.changes}
    return replace(found, carried=[each for each in found.carried if each.programme.code in done])


def _rows(found: Rollover, shift: Shift) -> Iterator[Row]:
    for number, each in enumerate(found.carried, 1):
        yield Row(number, each.programme.code, partial(_described, each, found, shift))


def _described(each: Carried, found: Rollover, shift: Shift, there: Content | None) -> Content:
    """What the programme is to be: what somebody wrote meanwhile is carried too, and what is no more of the source stays."""
    if there is None or there == each.programme.content:
        return each.content
    if there.campaign != found.source.code:
        return there
    now = carried(replace(each.programme, content=there), found.target, shift)
    return there if now.faults else now.content
