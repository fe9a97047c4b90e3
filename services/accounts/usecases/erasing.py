"""Forgetting a person: here at once, everywhere else by the event that is told (acceptance 21)."""

from __future__ import annotations

from services.accounts.domain import file_numbers
from services.accounts.domain.account import erase
from services.accounts.domain.text import folded
from services.accounts.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision


async def erase_accounts(app: App, login: str, command: CommandContext) -> list[str]:
    """Erase the account of a file number, or those that an address has in all campaigns; answers their ids.

    Sessions end with the account; what was told of it within the suite is rewritten by the clean-up.
    """
    if "@" in login:
        found = await app.accounts.all_by_address(folded(login))
    else:
        one = await app.accounts.by_file_number(file_numbers.as_typed(login) or "")
        found = [] if one is None else [one]
    for saved in found:
        await app.accounts.change(saved.id, lambda account: Decision(*erase(account)), command)
    return [saved.id for saved in found]
