"""A fresh link in place of one whose mail could not leave within the hour (acceptance 116)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.accounts.domain.account import Account
from services.accounts.domain.events import LinkIssued
from services.accounts.domain.late_links import PURPOSES, renew_late_link
from services.accounts.domain.links import digest
from tests.unit.accounts.builders import GOOD_FOR, NOW, pending, validated

LATE = NOW + timedelta(hours=3)
RESETS = [kind for kind, purpose in PURPOSES.items() if purpose == "password-reset"]
VALIDATIONS = [kind for kind, purpose in PURPOSES.items() if purpose == "validation"]


@pytest.mark.parametrize("kind", VALIDATIONS)
def test_who_waits_gets_the_same_mail_with_a_link_of_full_length_that_counts_for_nothing(kind: str) -> None:
    account, said = renew_late_link(pending(), kind, "fresh", now=LATE, good_for=GOOD_FOR)
    assert said == (LinkIssued(kind, "/validation", "fresh", LATE + GOOD_FOR),)  # type: ignore[arg-type]
    assert account.links[-1].digest == digest("fresh")
    assert account.deadline == LATE + GOOD_FOR
    assert account.asked == pending().asked


@pytest.mark.parametrize("kind", RESETS)
@pytest.mark.parametrize(
    ("account", "ends"), [(validated(), LATE + 2 * GOOD_FOR), (pending(), NOW + GOOD_FOR)], ids=["validated", "pending"]
)
def test_a_reset_link_outlives_no_account_that_waits(kind: str, account: Account, ends: object) -> None:
    changed, (said,) = renew_late_link(account, kind, "fresh", now=LATE, good_for=2 * GOOD_FOR)
    assert isinstance(said, LinkIssued)
    assert (said.path, said.expires_at) == ("/reinitialisation", ends)
    assert changed.deadline == account.deadline


@pytest.mark.parametrize(
    ("account", "kind", "late"),
    [
        (validated(), "account-created", timedelta(hours=3)),
        (pending(), "email-changed", timedelta(hours=3)),
        (pending(), "account-created", GOOD_FOR),
    ],
    ids=["validated by another link", "a link that is made otherwise", "not validated in time"],
)
def test_nothing_is_mailed_that_nobody_needs_any_more(account: Account, kind: str, late: timedelta) -> None:
    assert renew_late_link(account, kind, "fresh", now=NOW + late, good_for=GOOD_FOR) == (account, ())
