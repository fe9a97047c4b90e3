"""What accounts promises of its data: one account per address and campaign, no file number twice, nobody lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.accounts.domain.states import State
from services.accounts.repository.accounts import ACCOUNTS
from services.accounts.repository.file_numbers import FILE_NUMBERS
from services.accounts.usecases.app import App
from services.chassis.events.record import Record, Told, every
from services.chassis.ports import Document, Range, Sort, Store
from services.chassis.service.service import Ports
from services.contracts.events.accounts import AccountErased, AccountExpired, AccountRegistered, AccountValidated

BY_ADDRESS: Sort = (("address", 1), ("created_at", 1), ("_id", 1))
BY_FILE_NUMBER: Sort = (("file_number", 1), ("_id", 1))


async def violations(ports: Ports, app: App, record: Record) -> AsyncIterator[str]:
    """The promises that do not hold; takes memory for each account, some hundred bytes."""
    async for line in _doubles(ports.store, app):
        yield line
    async for line in _repeated_file_numbers(ports.store):
        yield line
    async for line in _lost(ports.store, record):
        yield line


async def _doubles(store: Store, app: App) -> AsyncIterator[str]:
    """Acceptance 4: accounts of one address stand side by side in this order, so that two need not be searched for."""
    group: list[Document] = []
    async for row in every(store, ACCOUNTS.name, sort=BY_ADDRESS):
        if "address" not in row:
            continue  # the person is gone
        if row["address"] != app.accounts.loaded(row).state.address:
            yield f"account {row['_id']} is filed under another address than its own"
        if group and group[0]["address"] != row["address"]:
            group.clear()
        if any(other["campaign"] == row["campaign"] for other in group):
            yield f"account {row['_id']} is a second one of its address in campaign {row['campaign']}"
        group.append(row)


async def _repeated_file_numbers(store: Store) -> AsyncIterator[str]:
    """Acceptance 20."""
    before = ""
    async for row in every(store, ACCOUNTS.name, {"file_number": Range(gt="")}, BY_FILE_NUMBER):
        number = row["file_number"]
        if number == before:
            yield f"account {row['_id']} has the file number of another"
        if await store.get(FILE_NUMBERS.name, number) is None:
            yield f"account {row['_id']} has a file number that is not in the ledger of those given"
        before = number


async def _lost(store: Store, record: Record) -> AsyncIterator[str]:
    """Who was told to be registered or validated is so still, unless they were told to be gone."""
    ended: Told[AccountExpired | AccountErased] = record.events(AccountExpired, AccountErased)
    gone = {event.account async for _, event in ended}
    begun: Told[AccountRegistered | AccountValidated] = record.events(AccountRegistered, AccountValidated)
    async for _, event in begun:
        if event.account in gone:
            continue
        row = await store.get(ACCOUNTS.name, event.account)
        if row is None or row["state"] == State.EXPIRED.value:
            yield f"account {event.account} was registered and is not there"
        elif isinstance(event, AccountValidated) and row["state"] != State.VALIDATED.value:
            yield f"account {event.account} was validated and is {row['state']}"
