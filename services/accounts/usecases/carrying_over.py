"""Taking over what the person gave in the campaign before (ADR 126)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from services.accounts.domain.account import Account
from services.accounts.domain.carrying_over import (
    NOTHING,
    Carried,
    Part,
    Rules,
    carried,
    carry_over,
    is_same_person,
)
from services.accounts.domain.profile import StepName
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases.app import App
from services.accounts.usecases.reference import communes
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.contracts.refusals import NOT_FOUND

CAMPAIGNS: Final = 10
"""Those before this one in which an identity of the ENT is looked for, the latest first."""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to take over, and of which campaign; `campaign` is None where there is nobody to take it from."""

    campaign: str | None
    carried: Carried


async def look(app: App, actor: Actor, command: CommandContext) -> Found:
    """What who asks may take over; raises SESSION_ENDED."""
    saved = await require_live_session(app.accounts, app.sessions, actor, command.now)
    before = await _before(app, saved)
    if before is None:
        return Found(None, NOTHING)
    rules = Rules(app.today(command), await communes())
    return Found(before.state.campaign, carried(saved.state.profile, before.state.profile, rules))


async def take_over(app: App, actor: Actor, parts: Collection[Part], command: CommandContext) -> Outcome[Account]:
    """Take over the parts that are named; a second time changes nothing.

    Raises SESSION_ENDED, ACCOUNT_NOT_VALIDATED, NOT_FOUND where there is nobody to take it from.
    """
    saved = await require_live_session(app.accounts, app.sessions, actor, command.now)
    before = await _before(app, saved)
    if before is None:
        raise NOT_FOUND()
    rules, profile = Rules(app.today(command), await communes()), before.state.profile
    ids = {kind: [app.ids.new() for _ in rows] for kind, rows in profile.rows.items()}
    taken: list[StepName] = []

    def decide(account: Account) -> Decision[Account]:
        found = carried(account.profile, profile, rules)
        taken[:] = [step for step in found.steps if step in parts]
        fresh = {kind: ids[kind][: len(rows)] for kind, rows in found.rows.items()}
        return Decision(*carry_over(account, found, parts, fresh, from_year=app.rules.student_number_from))

    outcome = await app.accounts.change(actor.account, decide, replace(command, expected=None))
    if outcome is None:
        raise NOT_FOUND()
    for step in taken:  # what was begun of it before is older than what it says now
        await app.drafts.forget(actor.account, step)
    return outcome


async def _before(app: App, saved: Versioned[Account]) -> Versioned[Account] | None:
    """The account of the latest campaign before in which the person had one."""
    there, campaigns = saved.state, await app.campaigns.load()
    earlier = [code for code in reversed(campaigns.activated) if campaigns.is_over(code)][:CAMPAIGNS]
    for campaign in earlier if there.campaign == campaigns.active else ():
        by_address = await app.accounts.by_address(campaign, there.address)
        by_ent = None if there.ent is None else await app.accounts.by_ent(campaign, there.ent.subject)
        for before in (by_ent, by_address):
            if before is not None and is_same_person(there, before.state):
                return before
    return None
