"""Who may log in: asked once the password is known to be right."""

from __future__ import annotations

from services.accounts.domain.account import Account
from services.accounts.domain.states import Action
from services.contracts.refusals.accounts import ACCOUNT_CLOSED, BAD_CREDENTIALS, CAMPAIGN_OVER


def check_login(account: Account, *, campaign_is_over: bool) -> None:
    """Refuse a login whose password is right; raises CAMPAIGN_OVER (acceptance 19), ACCOUNT_CLOSED.

    Raises BAD_CREDENTIALS before the validation, as for somebody unknown: its text speaks of the mail (acceptance 5, 109).
    """
    if not account.allows(Action.LOG_IN):
        raise BAD_CREDENTIALS()
    if account.closed is not None:
        raise ACCOUNT_CLOSED()
    if campaign_is_over:
        raise CAMPAIGN_OVER()
