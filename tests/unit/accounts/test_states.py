"""The table of an account's life holds, for every state and action, inside it and outside."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from services.accounts.domain.account import (
    Account,
    Changed,
    change_password,
    erase,
    expire,
    give_step,
    renew_link,
    reset_password,
    send_login,
    validate,
)
from services.accounts.domain.email_changes import ask_email_change
from services.accounts.domain.erasure_notices import ErasureNotice
from services.accounts.domain.links import Link, digest
from services.accounts.domain.logins import check_login
from services.accounts.domain.retention import announce_erasure
from services.accounts.domain.states import TABLE, Action, State
from services.contracts.refusals import RefusedError
from tests.unit.accounts.builders import FROM_YEAR, GOOD_FOR, NOW, TOKEN, address, pending, validated

RESET = Link(digest("reset"), "password-reset", NOW + timedelta(hours=2))


def _log_in(account: Account) -> Changed:
    check_login(account, campaign_is_over=False)
    return account, ()


ACTS: dict[Action, Callable[[Account], Changed]] = {
    Action.VALIDATE: lambda account: validate(account, digest(TOKEN), "hash", now=NOW),
    Action.RENEW_LINK: lambda account: renew_link(account, "new", now=NOW, good_for=GOOD_FOR),
    Action.RESET_PASSWORD: lambda account: reset_password(account, digest("reset"), "hash", now=NOW),
    Action.CHANGE_PASSWORD: lambda account: change_password(account, "hash"),
    Action.SEND_LOGIN: lambda account: send_login(account, "new", now=NOW, good_for=GOOD_FOR),
    Action.CHANGE_ADDRESS: lambda account: ask_email_change(account, "n@etu.test", now=NOW, good_for=GOOD_FOR),
    Action.LOG_IN: _log_in,
    Action.CHANGE_PROFILE: lambda account: give_step(account, "address", address(), expected=None, from_year=FROM_YEAR),
    Action.EXPIRE: expire,
    Action.ANNOUNCE_ERASURE: lambda account: announce_erasure(account, ErasureNotice(NOW.date(), NOW.date(), NOW)),
    Action.ERASE: erase,
}


def _account(state: State) -> Account:
    if state is State.EXPIRED:
        return expire(pending())[0]
    if state is State.ERASED:
        return erase(validated())[0]
    account = pending() if state is State.PENDING else validated()
    return replace(account, links=(*account.links, RESET))


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_what_the_table_has_leads_where_it_says_and_nothing_else_does(state: State, action: Action) -> None:
    account = _account(state)
    if (state, action) in TABLE:
        changed, _ = ACTS[action](account)
        assert changed.state is TABLE[state, action]
        return
    with suppress(RefusedError):
        assert ACTS[action](account) == (account, ())
