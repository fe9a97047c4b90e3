"""What support does for people, and how it finds them: the rules, to the second and to the sign."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.accounts.domain.account import EntIdentity
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.events import LinkIssued, SessionsEnded
from services.accounts.domain.finding import LONGEST, is_found_before, keys_of, starts
from services.accounts.domain.helps import MOST_HELPS, Help
from services.accounts.domain.pacing import MAILS, SPACING, wait
from services.accounts.domain.support import end_sessions, mail_reset, mail_validation
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.accounts import BY_ENT_ALONE, HELPED_LATELY, PERSON_WRONG_STATE
from tests.unit.accounts.builders import GOOD_FOR, NOW, pending, refused, validated

HELP = Help("sessions-ended", "staff:sam", NOW)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a", {}),
        ("ÉL", {"family_key": "el", "given_key": "el", "address": "él"}),
        ("abc", {"family_key": "abc", "given_key": "abc", "address": "abc"}),
        ("ab1o", {"file_number": "AB10", "family_key": "ab1o", "given_key": "ab1o", "address": "ab1o"}),
        ("ab12 cd34", {"file_number": "AB12CD34", "family_key": "ab12 cd34", "given_key": "ab12 cd34"}),
        (
            "ab12cd3456",
            {"file_number": "AB12CD3456"} | dict.fromkeys(("family_key", "given_key", "address"), "ab12cd3456"),
        ),
        ("ab12cd34567", dict.fromkeys(("family_key", "given_key", "address"), "ab12cd34567")),
        ("zoe@", {"address": "zoe@"}),
        ("--", {"address": "--"}),
    ],
)
def test_what_is_typed_may_be_the_beginning_of_this(typed: str, found: dict[str, str]) -> None:
    assert starts(typed) == found


def test_nobody_is_found_twice_and_whom_no_key_finds_is_found_by_another() -> None:
    wanted = starts("zo")
    kept = keys_of("Durand", "Zoé") | {"address": "zoe@etu.test"}
    assert not is_found_before(kept, "given_key", wanted)
    assert is_found_before(kept, "address", wanted)
    assert not is_found_before(kept | {"given_key": "lea durand"}, "address", wanted), "of another name"
    assert not is_found_before({"address": "zoe@etu.test"}, "address", wanted), "of an earlier release"


def test_of_a_long_name_the_beginning_is_looked_at() -> None:
    kept, wanted = keys_of("x" * 300, "y"), starts("x" * 254)
    assert kept["family_key"] == wanted["family_key"] == "x" * LONGEST
    assert keys_of("x" * (LONGEST - 1), "y") == {
        "family_key": "x" * (LONGEST - 1) + " ",
        "given_key": f"y {'x' * (LONGEST - 2)}",
    }


def test_a_link_is_mailed_again_after_the_pause_and_not_before() -> None:
    account, events = mail_validation(pending(), "t1", HELP, good_for=GOOD_FOR)
    assert [type(each) for each in events] == [LinkIssued]
    assert account.helps == (HELP,)
    almost = replace(HELP, at=NOW + SPACING - timedelta(seconds=1))
    assert wait(account.asked, "link-resent", "validation", almost.at) == 1
    refused(HELPED_LATELY, lambda: mail_validation(account, "t2", almost, good_for=GOOD_FOR))
    again, _ = mail_validation(account, "t2", replace(HELP, at=NOW + SPACING), good_for=GOOD_FOR)
    assert len(again.helps) == 2
    at = NOW
    for number in range(2, MAILS["validation"].burst + 1):
        at += SPACING
        account, _ = mail_validation(account, f"t{number}", replace(HELP, at=at), good_for=GOOD_FOR)
    refused(HELPED_LATELY, lambda: mail_validation(account, "more", replace(HELP, at=at + SPACING), good_for=GOOD_FOR))


def test_staff_are_invited_again_after_the_pause_and_not_before() -> None:
    waiting = replace(pending(), campaign=NO_CAMPAIGN)
    invited, events = mail_validation(waiting, "t1", HELP, good_for=GOOD_FOR)
    assert [type(each) for each in events] == [LinkIssued]
    almost = replace(HELP, at=NOW + SPACING - timedelta(seconds=1))
    refused(HELPED_LATELY, lambda: mail_validation(invited, "t2", almost, good_for=GOOD_FOR))
    mail_validation(invited, "t2", replace(HELP, at=NOW + SPACING), good_for=GOOD_FOR)


def test_who_is_at_another_stage_or_gone_is_helped_otherwise_or_not_at_all() -> None:
    refused(PERSON_WRONG_STATE, lambda: mail_validation(validated(), "t", HELP, good_for=GOOD_FOR))
    refused(PERSON_WRONG_STATE, lambda: end_sessions(pending(), HELP))
    late = replace(HELP, at=pending().deadline)
    refused(NOT_FOUND, lambda: mail_validation(pending(), "t", late, good_for=GOOD_FOR))
    refused(NOT_FOUND, lambda: mail_reset(pending(), "t", late, good_for=GOOD_FOR))
    refused(NOT_FOUND, lambda: end_sessions(pending(), late))
    staff = replace(validated(), campaign=NO_CAMPAIGN, password="", ent=EntIdentity("cas:kim"))
    refused(BY_ENT_ALONE, lambda: mail_reset(staff, "t", HELP, good_for=GOOD_FOR))


def test_all_logins_end_and_the_oldest_help_of_the_kind_goes() -> None:
    """Who has changed an address washes no trail away by closing logins."""
    changed = Help("email-change", "staff:sam", NOW, "why")
    account = replace(validated(), helps=(changed,))
    for number in range(MOST_HELPS + 1):
        account, events = end_sessions(account, replace(HELP, reason=str(number)))
        assert events == (SessionsEnded(),)
    assert account.epoch == validated().epoch + MOST_HELPS + 1
    assert account.helps[0] == changed
    assert [each.reason for each in account.helps[1:]] == [str(number) for number in range(1, MOST_HELPS + 1)]
