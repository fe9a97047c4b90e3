"""A device is asked for by what the account is when it changes, not by what it was when somebody began."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.accounts.domain.account import Account, EntIdentity, Person
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.events import SecondFactorChanged, SessionsEnded
from services.accounts.domain.second_factors import (
    ENROLMENT_TIME,
    accept_code,
    accept_recovery,
    begin_enrolment,
    check_enrolment,
    confirm_enrolment,
    recovery_codes,
    recovery_digest,
    renew_recovery,
    reset,
)
from services.accounts.domain.states import State
from services.contracts.refusals import RefusedError
from services.contracts.refusals.accounts import CODE_WRONG, ENROLMENT_OVER, ENT_SESSION_NEEDED
from tests.unit.accounts.builders import NOW

ADA = Account(NO_CAMPAIGN, "K7P2M4QX", Person("", "", "ada@univ.test", "fr"), State.VALIDATED, NOW, NOW)
BEGUN, _ = begin_enrolment(ADA, "sealed", "session", proved=False, now=NOW)
THERE, TOLD = confirm_enrolment(BEGUN, "sealed", 7, ("a", "b"), now=NOW)


def test_another_secret_needs_a_code_once_there_is_a_device() -> None:
    with pytest.raises(RefusedError) as refused:
        begin_enrolment(THERE, "other", "session", proved=False, now=NOW)
    assert refused.value.slug is CODE_WRONG
    other, _ = begin_enrolment(THERE, "other", "session", proved=True, now=NOW)
    assert other.enrolment is not None


def test_a_secret_is_confirmed_in_its_own_session_within_half_an_hour_and_once() -> None:
    last = NOW + ENROLMENT_TIME - timedelta(microseconds=1)
    assert check_enrolment(BEGUN, "session", last) == BEGUN.enrolment
    for account, session, now in (
        (BEGUN, "session", NOW + ENROLMENT_TIME),
        (BEGUN, "other", NOW),
        (ADA, "session", NOW),
        (THERE, "session", NOW),
    ):
        with pytest.raises(RefusedError) as refused:
            check_enrolment(account, session, now)
        assert refused.value.slug is ENROLMENT_OVER
    assert (THERE.enrolment, TOLD) == (None, (SecondFactorChanged("set"),))


@pytest.mark.parametrize(("account", "sealed"), [(BEGUN, "older"), (ADA, "sealed"), (THERE, "sealed")])
def test_a_secret_that_is_not_the_one_shown_last_is_not_confirmed(account: Account, sealed: str) -> None:
    with pytest.raises(RefusedError) as refused:
        confirm_enrolment(account, sealed, 8, (), now=NOW)
    assert refused.value.slug is ENROLMENT_OVER


@pytest.mark.parametrize(
    ("account", "step", "read"),
    [(THERE, 7, "sealed"), (THERE, 6, "sealed"), (THERE, None, "sealed"), (THERE, 8, "older"), (ADA, 8, "sealed")],
    ids=["shown before", "earlier", "no code", "of an older device", "no device"],
)
def test_a_code_is_good_once_and_of_the_device_that_is_there(account: Account, step: int | None, read: str) -> None:
    accepted, told = accept_code(THERE, 8, "sealed", "anew")
    assert accepted.second_factor is not None and THERE.second_factor is not None and told == ()
    assert accepted.second_factor == replace(THERE.second_factor, step=8, sealed="anew")
    with pytest.raises(RefusedError) as refused:
        accept_code(account, step, read, "anew")
    assert refused.value.slug is CODE_WRONG


def test_a_recovery_code_is_good_once_and_its_person_is_told() -> None:
    used, told = accept_recovery(THERE, "a")
    assert used.second_factor is not None and used.second_factor.recovery == ("b",)
    assert told == (SecondFactorChanged("recovery-used"),)
    renewed, _ = renew_recovery(used, ["c"])
    assert renewed.second_factor is not None and renewed.second_factor.recovery == ("c",)
    for account, digest in ((used, "a"), (renewed, "b"), (ADA, "a")):
        with pytest.raises(RefusedError) as refused:
            accept_recovery(account, digest)
        assert refused.value.slug is CODE_WRONG
    with pytest.raises(RefusedError):
        renew_recovery(ADA, ["c"])


def test_recovery_codes_are_ten_different_ones_of_a_seed_and_taken_however_they_are_typed() -> None:
    codes = recovery_codes("secret", "seed")
    assert codes == recovery_codes("secret", "seed") and len({*codes}) == 10
    assert not {*codes} & ({*recovery_codes("secret", "other")} | {*recovery_codes("other", "seed")})
    assert {tuple(map(len, code.split("-"))) for code in codes} == {(4, 4, 4, 4)}
    typed = codes[0].upper().replace("-", " ")
    assert recovery_digest(typed) == recovery_digest(codes[0]) != recovery_digest(codes[1])


def test_a_reset_ends_the_sessions_and_tells_only_of_a_device_that_there_was() -> None:
    assert reset(ADA) == (ADA, ())
    for before, told in ((BEGUN, ()), (THERE, (SecondFactorChanged("reset"),))):
        after, happened = reset(before)
        assert after == replace(ADA, epoch=ADA.epoch + 1)
        assert happened == (*told, SessionsEnded())


def test_who_comes_in_by_the_ent_sets_their_first_device_in_a_session_of_the_ent() -> None:
    known = replace(ADA, ent=EntIdentity("ada"))
    with pytest.raises(RefusedError) as refused:
        begin_enrolment(known, "sealed", "session", proved=True, now=NOW)
    assert refused.value.slug is ENT_SESSION_NEEDED
    begun, _ = begin_enrolment(known, "sealed", "session", proved=False, by_ent=True, now=NOW)
    there, _ = confirm_enrolment(begun, "sealed", 7, (), now=NOW)
    assert begin_enrolment(there, "other", "session", proved=True, now=NOW)[0].enrolment is not None
    assert begin_enrolment(ADA, "sealed", "session", proved=False, now=NOW) == (BEGUN, ()), "where there is no ENT"
