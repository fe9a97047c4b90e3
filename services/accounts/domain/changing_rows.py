"""Adding, changing and taking away rows of the profile; each row has a version of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.accounts.domain.account import Account, Changed
from services.accounts.domain.events import CardChanged
from services.accounts.domain.profile import missing
from services.accounts.domain.profile_rows import MAX_ROWS, ProfileRow, RowsStep, SavedRow, plain_row
from services.accounts.domain.states import Action
from services.contracts.refusals import NOT_FOUND, STALE_VERSION
from services.contracts.refusals.accounts import ACCOUNT_NOT_VALIDATED, TOO_MANY_ROWS


def add_row(account: Account, step: RowsStep, id: str, data: ProfileRow, *, from_year: int) -> Changed:
    """Add a row behind the others; raises TOO_MANY_ROWS."""
    rows = account.profile.rows_of(step)
    if len(rows) >= MAX_ROWS:
        raise TOO_MANY_ROWS(max=MAX_ROWS)
    return _changed(account, step, [*rows, SavedRow(id, data, 1)], from_year)


def change_row(
    account: Account, step: RowsStep, id: str, data: ProfileRow, *, expected: int | None, from_year: int
) -> Changed:
    """Give a row anew; the same again changes nothing. Raises NOT_FOUND, STALE_VERSION with what stands there now."""
    there = account.profile.row(step, id)
    if there is None:
        raise NOT_FOUND()
    if there.data == data:
        return account, ()
    _check_version(there, expected)
    changed = SavedRow(id, data, there.version + 1)
    rows = [changed if row.id == id else row for row in account.profile.rows_of(step)]
    return _changed(account, step, rows, from_year)


def remove_row(account: Account, step: RowsStep, id: str, *, expected: int | None, from_year: int) -> Changed:
    """Take a row away; one that is not there is away already. Raises STALE_VERSION."""
    there = account.profile.row(step, id)
    if there is None:
        return account, ()
    _check_version(there, expected)
    rows = [row for row in account.profile.rows_of(step) if row.id != id]
    return _changed(account, step, rows, from_year)


def _check_version(there: SavedRow, expected: int | None) -> None:
    if expected is not None and expected != there.version:
        raise STALE_VERSION(version=there.version, current=plain_row(there.data))


def _changed(account: Account, step: RowsStep, rows: Sequence[SavedRow], from_year: int) -> Changed:
    if not account.allows(Action.CHANGE_PROFILE):
        raise ACCOUNT_NOT_VALIDATED()
    profile = account.profile.with_rows(step, rows)
    return replace(account, profile=profile), (CardChanged(missing(profile, from_year)),)
