"""A device is asked for by what the account is when it changes, not by what it was when somebody began."""

from __future__ import annotations

import pytest

from services.accounts.domain.account import Account, Person
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.second_factors import begin_enrolment, confirm_enrolment
from services.accounts.domain.states import State
from services.contracts.refusals import RefusedError
from services.contracts.refusals.accounts import CODE_WRONG
from tests.unit.accounts.builders import NOW


def test_another_secret_needs_a_code_once_there_is_a_device() -> None:
    account = Account(NO_CAMPAIGN, "K7P2M4QX", Person("", "", "ada@univ.test", "fr"), State.VALIDATED, NOW, NOW)
    begun, _ = begin_enrolment(account, "sealed", "session", proved=False, now=NOW)
    there, _ = confirm_enrolment(begun, "sealed", 1, (), now=NOW)
    with pytest.raises(RefusedError) as refused:
        begin_enrolment(there, "other", "session", proved=False, now=NOW)
    assert refused.value.slug is CODE_WRONG
    other, _ = begin_enrolment(there, "other", "session", proved=True, now=NOW)
    assert other.enrolment is not None
