"""Registration, links and their ends, to the second."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from services.accounts.domain import events
from services.accounts.domain.account import (
    Account,
    Changed,
    expire,
    give_step,
    renew_link,
    reset_password,
    send_login,
    tell_that_it_exists,
    validate,
)
from services.accounts.domain.links import MAX_LINKS, PATHS, Link, added, closed, digest, find
from services.accounts.domain.logins import check_login
from services.accounts.domain.pacing import SPACING
from services.accounts.domain.states import State
from services.contracts.refusals import NOT_FOUND, STALE_VERSION
from services.contracts.refusals.accounts import (
    ACCOUNT_NOT_VALIDATED,
    ALREADY_VALIDATED,
    BAD_CREDENTIALS,
    CAMPAIGN_OVER,
    LINK_EXPIRED,
    LINK_USED,
)
from tests.unit.accounts.builders import (
    FROM_YEAR,
    GOOD_FOR,
    NOW,
    TOKEN,
    ZOE,
    address,
    baccalaureate,
    identity,
    pending,
    refused,
    validated,
)

END = NOW + GOOD_FOR
INSTANT = timedelta(milliseconds=1)
TWO_HOURS = timedelta(hours=2)


def follow(account: Account, token: str = TOKEN, **when: timedelta) -> Account:
    return validate(account, digest(token), "hash", now=NOW + when.get("after", timedelta()))[0]


# --- registration (acceptance 1, 4) ---------------------------------------------------------------------------------


def test_who_registers_gets_an_account_that_waits_and_one_link() -> None:
    account = pending()
    assert (account.state, account.address, account.deadline) == (State.PENDING, "zoe@etu.test", END)
    assert account.links == (Link(digest(TOKEN), "validation", END),)
    assert TOKEN not in repr(account)


def test_an_account_that_was_not_validated_in_time_counts_as_absent() -> None:
    assert not pending().has_lapsed(END - INSTANT)
    assert pending().has_lapsed(END)
    assert not validated().has_lapsed(END)
    assert expire(pending())[0].has_lapsed(NOW)


def test_expiring_takes_all_that_is_personal_away() -> None:
    account, said = expire(pending())
    assert said == (events.Expired(),)
    assert account.campaign == "2027"
    for personal in (ZOE.email, ZOE.family_name, ZOE.given_name, "AB12CD34"):
        assert personal not in repr(account)


def test_somebody_who_registers_again_gets_one_mail_in_five_minutes() -> None:
    account, said = tell_that_it_exists(validated(), "t1", now=NOW, good_for=TWO_HOURS)
    assert said == (events.LinkIssued("account-exists", PATHS["password-reset"], "t1", NOW + TWO_HOURS),)
    almost = NOW + SPACING - INSTANT
    assert tell_that_it_exists(account, "t2", now=almost, good_for=TWO_HOURS) == (account, ())
    _, said = tell_that_it_exists(account, "t2", now=NOW + SPACING, good_for=TWO_HOURS)
    assert len(said) == 1


# --- the validation link (acceptance 6, 7, 8, 18) ---------------------------------------------------------------------


def test_the_link_is_good_for_120_hours_to_the_instant() -> None:
    assert follow(pending(), after=GOOD_FOR - INSTANT).state is State.VALIDATED
    refused(LINK_EXPIRED, lambda: follow(pending(), after=GOOD_FOR))
    refused(LINK_EXPIRED, lambda: follow(pending(), after=GOOD_FOR + timedelta(seconds=1)))


def test_the_link_sets_the_password_and_says_so_once() -> None:
    account, said = validate(pending(), digest(TOKEN), "hash", now=NOW)
    assert (account.password, said) == ("hash", (events.Validated(),))
    refused(ALREADY_VALIDATED, lambda: follow(account))


def test_a_link_of_another_kind_or_of_nobody_is_unknown() -> None:
    account, _ = send_login(pending(), "reset", now=NOW, good_for=TWO_HOURS)
    refused(NOT_FOUND, lambda: follow(account, "forged"))
    refused(NOT_FOUND, lambda: follow(account, "reset"))
    refused(LINK_EXPIRED, lambda: follow(expire(account)[0]))


def test_a_new_link_lasts_as_long_and_leaves_the_old_ones_good_until_one_is_used() -> None:
    account, said = renew_link(pending(), "second", now=NOW + SPACING, good_for=GOOD_FOR)
    later = NOW + SPACING + GOOD_FOR
    assert said == (events.LinkIssued("link-resent", PATHS["validation"], "second", later),)
    assert validate(account, digest(TOKEN), "hash", now=END - INSTANT)[0].state is State.VALIDATED
    refused(LINK_EXPIRED, lambda: validate(account, digest(TOKEN), "hash", now=END))
    done, _ = validate(account, digest("second"), "hash", now=later - INSTANT)
    assert done.state is State.VALIDATED
    refused(ALREADY_VALIDATED, lambda: validate(done, digest(TOKEN), "hash", now=NOW))


def test_after_the_end_a_new_link_revives_what_waits() -> None:
    late = END + timedelta(seconds=1)
    account, said = renew_link(pending(), "second", now=late, good_for=GOOD_FOR)
    assert said
    refused(LINK_EXPIRED, lambda: validate(account, digest(TOKEN), "hash", now=late))
    assert validate(account, digest("second"), "hash", now=late)[0].state is State.VALIDATED


def asked_for_a_day(
    account: Account, ask: Callable[..., Changed], good_for: timedelta
) -> tuple[Account, list[datetime]]:
    """Somebody asks every minute; answers when mails left."""
    mailed = []
    for minute in range(24 * 60):
        now = NOW + timedelta(minutes=minute)
        account, said = ask(account, f"t{minute}", now=now, good_for=good_for)
        mailed += [now] * len(said)
    return account, mailed


def test_whoever_asks_all_day_the_first_link_stays_good_and_few_mails_leave() -> None:
    """Acceptance 109: a stranger's requests void nothing and do not mail for ever."""
    account, mailed = asked_for_a_day(pending(), renew_link, GOOD_FOR)
    assert len(mailed) == 6
    assert {later - earlier for earlier, later in pairwise(mailed[:5])} == {SPACING}
    assert follow(account, after=timedelta(days=1)).state is State.VALIDATED


def test_whoever_asks_for_resets_all_day_there_is_always_a_good_one_in_the_mailbox() -> None:
    account, mailed = asked_for_a_day(validated(), send_login, TWO_HOURS)
    assert len(mailed) == 28
    assert max(later - earlier for earlier, later in pairwise(mailed)) <= TWO_HOURS / 2
    last = f"t{int((mailed[-1] - NOW).total_seconds() // 60)}"
    changed, _ = reset_password(account, digest(last), "new", now=NOW + timedelta(days=1))
    assert send_login(changed, "at once", now=NOW + timedelta(days=1), good_for=TWO_HOURS)[1]


def test_no_link_that_is_good_is_forgotten_for_another() -> None:
    account, now = pending(), NOW
    while now < END:
        account, _ = renew_link(account, f"v{now}", now=now, good_for=GOOD_FOR)
        account, _ = send_login(account, f"r{now}", now=now, good_for=TWO_HOURS)
        assert follow(account, after=now - NOW).state is State.VALIDATED
        now += SPACING


# --- the reset link (acceptance 13) -------------------------------------------------------------------------------------


def test_a_reset_link_is_good_for_two_hours_once_and_ends_all_sessions() -> None:
    account, said = send_login(validated(), "reset", now=NOW, good_for=TWO_HOURS)
    assert said == (events.LinkIssued("identifiers-forgotten", PATHS["password-reset"], "reset", NOW + TWO_HOURS),)
    refused(LINK_EXPIRED, lambda: reset_password(account, digest("reset"), "new", now=NOW + TWO_HOURS))
    changed, said = reset_password(account, digest("reset"), "new", now=NOW + TWO_HOURS - INSTANT)
    told = events.NoticeDue("password-changed", account.person.email)
    assert (changed.password, changed.epoch, said) == ("new", account.epoch + 1, (told, events.SessionsEnded()))
    refused(LINK_USED, lambda: reset_password(changed, digest("reset"), "newer", now=NOW))


def test_one_reset_voids_the_other_links() -> None:
    account, _ = send_login(validated(), "one", now=NOW, good_for=TWO_HOURS)
    account, _ = send_login(account, "two", now=NOW + SPACING, good_for=TWO_HOURS)
    account, _ = reset_password(account, digest("two"), "new", now=NOW + SPACING)
    refused(LINK_EXPIRED, lambda: reset_password(account, digest("one"), "newer", now=NOW))


def test_a_reset_link_proves_the_address_but_not_after_the_deadline() -> None:
    late = END - timedelta(minutes=30)
    account, (said,) = send_login(pending(), "reset", now=late, good_for=TWO_HOURS)
    assert isinstance(said, events.LinkIssued)
    assert said.expires_at == END
    changed, told = reset_password(account, digest("reset"), "new", now=END - INSTANT)
    assert (changed.state, told) == (State.VALIDATED, (events.Validated(), events.SessionsEnded()))
    refused(LINK_EXPIRED, lambda: reset_password(account, digest("reset"), "new", now=END))
    assert send_login(pending(), "reset", now=END, good_for=TWO_HOURS) == (pending(), ())


# --- what is remembered of links ----------------------------------------------------------------------------------------


def test_links_are_remembered_up_to_a_bound_closed_ones_forgotten_first() -> None:
    links: tuple[Link, ...] = (Link("used", "validation", END, "used"),)
    for number in range(MAX_LINKS - 1):
        links = added(links, Link(f"open{number}", "password-reset", END), NOW)
    assert len(links) == MAX_LINKS
    assert find(links, "used")
    links = added(links, Link("more", "password-reset", END), NOW)
    assert len(links) == MAX_LINKS
    assert not find(links, "used")
    assert not find(added(links, Link("even-more", "password-reset", END), NOW), "open0")


def test_what_a_link_says_of_itself() -> None:
    link = Link("d", "validation", END)
    assert link.status(END - INSTANT) == "pending"
    assert link.status(END) == "expired"
    assert closed((link,), "validation", used="d")[0].status(NOW) == "used"
    assert closed((link,), "validation")[0].status(NOW) == "expired"
    assert closed((link,), "password-reset") == (link,)


# --- logging in (acceptance 5, 19) ----------------------------------------------------------------------------------------


def test_who_has_not_validated_and_whose_campaign_is_over_does_not_log_in() -> None:
    check_login(validated(), campaign_is_over=False)
    refused(BAD_CREDENTIALS, lambda: check_login(pending(), campaign_is_over=False))
    refused(CAMPAIGN_OVER, lambda: check_login(validated(), campaign_is_over=True))


# --- the profile (acceptance 24, 25, 35) ----------------------------------------------------------------------------------


def test_steps_are_given_one_by_one_and_the_last_completes_the_profile_once() -> None:
    account = validated()
    account, said = give_step(account, "identity", identity(), expected=None, from_year=FROM_YEAR)
    assert said == (events.CardChanged(("address", "baccalaureate")),)
    account, said = give_step(account, "baccalaureate", baccalaureate(), expected=None, from_year=FROM_YEAR)
    assert said == (events.CardChanged(("address",)),)
    account, said = give_step(account, "address", address(), expected=None, from_year=FROM_YEAR)
    assert said == (events.CardChanged(()), events.ProfileCompleted())
    account, said = give_step(account, "address", address(city="Elne"), expected=None, from_year=FROM_YEAR)
    assert said == (events.CardChanged(()),)
    assert (account.profile.version, account.profile.version_of("address")) == (4, 2)


def test_the_same_step_again_changes_nothing_whatever_was_expected() -> None:
    account, _ = give_step(validated(), "address", address(), expected=0, from_year=FROM_YEAR)
    assert give_step(account, "address", address(), expected=0, from_year=FROM_YEAR) == (account, ())


def test_two_tabs_the_second_is_told_what_stands_there_now() -> None:
    account, _ = give_step(validated(), "address", address(), expected=0, from_year=FROM_YEAR)
    other = address(city="Elne")
    refusal = refused(STALE_VERSION, lambda: give_step(account, "address", other, expected=0, from_year=FROM_YEAR))
    assert refusal.members["version"] == 1
    assert refusal.members["current"]["city"] == "Perpignan"
    account, _ = give_step(account, "address", other, expected=1, from_year=FROM_YEAR)
    assert account.profile.data("address") == other
    refusal = refused(
        STALE_VERSION, lambda: give_step(account, "identity", identity(), expected=3, from_year=FROM_YEAR)
    )
    assert refusal.members["current"] is None


def test_the_name_of_the_identity_is_the_name_on_mails() -> None:
    account, said = give_step(
        validated(), "identity", identity(family_name="Durand-Roux"), expected=None, from_year=FROM_YEAR
    )
    assert account.person == replace(ZOE, family_name="Durand-Roux")
    assert said[0] == events.AddressChanged()


def test_who_has_one_name_is_written_to_by_that_one() -> None:
    one_name = identity(family_name="Suharto", given_name=None)
    account, said = give_step(validated(), "identity", one_name, expected=None, from_year=FROM_YEAR)
    assert account.person == replace(ZOE, family_name="Suharto", given_name="")
    assert said[0] == events.AddressChanged()
    again, said = give_step(
        account, "identity", replace(one_name, birth_place="Solo"), expected=None, from_year=FROM_YEAR
    )
    assert again.person == account.person
    assert events.AddressChanged() not in said


def test_who_has_not_validated_has_no_profile() -> None:
    refused(
        ACCOUNT_NOT_VALIDATED,
        lambda: give_step(pending(), "address", address(), expected=None, from_year=FROM_YEAR),
    )
