"""Moving submission deadlines, for everybody, for a centre or for a programme."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.contracts.api.identity import Grant
from services.contracts.refusals import NOT_FOUND
from services.offers.domain.campaigns import Campaign
from services.offers.domain.deadlines import Deadlines, Move, Reach, Scope, move
from services.offers.domain.reach import reaches
from services.offers.usecases.app import App
from services.offers.usecases.campaigns import current_campaign

EVERYWHERE = (Grant(role="operator"),)
"""The right of whoever types a command at the machine."""


async def move_deadline(
    app: App, scope: Scope, day: date, reason: str, command: CommandContext, *, grants: Iterable[Grant]
) -> Outcome[Deadlines]:
    """Let people of the active campaign submit until that day, inclusive.

    Raises NOT_FOUND for what is not in the active campaign or lies outside all `grants`, NO_ACTIVE_CAMPAIGN, and what the
    domain raises.
    """
    campaign = await current_campaign(app, command)
    if not any([await _covers(app, grant, campaign, scope) for grant in grants]):
        raise NOT_FOUND()
    wanted = Move(scope, day, command.now, str(command.actor), reason)
    today = app.today(command)

    def decide(there: Deadlines) -> Decision[Deadlines]:
        return Decision(*move(there, campaign, wanted, today))

    return await app.deadlines.change_or_add(campaign.code, Deadlines(campaign.code), decide, command)


async def deadlines_moved(app: App, command: CommandContext) -> Deadlines:
    """What is moved in the active campaign; raises NO_ACTIVE_CAMPAIGN."""
    return await app.deadlines.load((await current_campaign(app, command)).code)


async def _covers(app: App, grant: Grant, campaign: Campaign, scope: Scope) -> bool:
    """Whether the scope is there, and within a right for some centres and commissions."""
    match scope.reach:
        case Reach.ALL:
            return grant.centres is None and grant.commissions is None
        case Reach.CENTRE:
            mine = grant.commissions is None and (grant.centres is None or scope.code in grant.centres)
            return mine and await app.programmes.any_of(campaign.code, scope.code)
        case Reach.PROGRAMME:
            saved = await app.programmes.get(scope.code)
            if saved is None or saved.state.content.campaign != campaign.code:
                return False
            return reaches(grant, saved.state.content)
