"""Until which day accounts of a campaign are kept, and from which instant they go (acceptance 99; product, section 7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.accounts.domain.campaigns import CampaignCopies
from services.accounts.domain.erasure_notices import ErasureNotice
from services.accounts.domain.retention import RetentionTerm, kept
from services.contracts.parameters import RetentionParameters

PARIS = ZoneInfo("Europe/Paris")
RULES = RetentionParameters()


def of(ended_on: date, rules: RetentionParameters = RULES) -> RetentionTerm:
    campaigns = CampaignCopies().with_activated("A").with_closed("A", ended_on, ended_on).with_activated("B")
    (found,) = kept(campaigns, rules)
    return found


def test_a_campaign_is_kept_for_a_year_and_half_of_one() -> None:
    """Days are counted and not years: of a leap year one less is left at the end."""
    plain, leap = of(date(2026, 9, 30)), of(date(2027, 9, 30))
    assert (plain.erased_on, leap.erased_on) == (date(2028, 4, 1), date(2029, 4, 1))


@pytest.mark.parametrize(
    ("erased_on", "erased_at"),
    [
        (date(2028, 1, 15), datetime(2028, 1, 15, 3, tzinfo=UTC)),
        (date(2028, 7, 15), datetime(2028, 7, 15, 2, tzinfo=UTC)),
        (date(2028, 3, 26), datetime(2028, 3, 26, 2, tzinfo=UTC)),  # summer time begins at two
        (date(2028, 10, 29), datetime(2028, 10, 29, 3, tzinfo=UTC)),  # and ends at three
        (date(2028, 2, 29), datetime(2028, 2, 29, 3, tzinfo=UTC)),
    ],
)
def test_its_accounts_go_at_four_in_the_morning_of_the_institution(erased_on: date, erased_at: datetime) -> None:
    """Not a second earlier; on both nights in which the clock changes as on any other."""
    campaign = of(erased_on - timedelta(days=RULES.kept_days + 1))
    assert (campaign.erased_on, campaign.erased_at(PARIS)) == (erased_on, erased_at)
    assert not campaign.is_over(erased_at - timedelta(seconds=1), PARIS)
    assert campaign.is_over(erased_at, PARIS)
    assert campaign.is_over(erased_at + timedelta(days=400), PARIS), "caught up after whatever stop"


def test_the_day_is_that_of_the_zone_of_the_institution() -> None:
    """It begins on Réunion when it is still the day before in Paris, and on Guadeloupe when it is no more night there."""
    campaign = of(date(2026, 9, 30))
    hours = {zone: campaign.erased_at(ZoneInfo(zone)) for zone in ("Indian/Reunion", "America/Guadeloupe")}
    assert hours["Indian/Reunion"] == datetime(2028, 4, 1, 0, tzinfo=UTC)
    assert hours["America/Guadeloupe"] == datetime(2028, 4, 1, 8, tzinfo=UTC)


def test_nothing_goes_of_a_campaign_that_is_held_or_active_or_of_whose_end_nothing_is_known() -> None:
    late = datetime(2090, 1, 1, tzinfo=UTC)
    held = of(date(2026, 9, 30), RetentionParameters(held=("A",)))
    assert held.held and not held.is_over(late, PARIS)
    assert of(date(2026, 9, 30), RetentionParameters(held=("B",))).is_over(late, PARIS)
    active = CampaignCopies().with_activated("A")
    unknown = CampaignCopies(("A", "B"), ("A",))
    assert not kept(active, RULES) and not kept(unknown, RULES)
    assert [each.campaign for each in kept(unknown.with_ends(date(2027, 1, 1)), RULES)] == ["A"]


def test_what_was_heard_first_of_the_end_of_a_campaign_stays() -> None:
    campaigns = CampaignCopies().with_closed("A", date(2026, 9, 30), date(2026, 9, 30))
    assert campaigns.with_closed("A", date(2027, 9, 30), date(2027, 9, 30)) == campaigns
    assert campaigns.with_ends(date(2028, 9, 30)) == campaigns


@pytest.mark.parametrize(("before", "near"), [(31, False), (30, True), (0, True), (-5, True)])
def test_it_is_told_of_thirty_days_before(before: int, near: bool) -> None:
    campaign = of(date(2026, 9, 30))
    assert campaign.is_near(campaign.erased_on - timedelta(days=before), RULES.warning_days) is near


def test_an_end_that_nobody_told_is_never_before_the_one_that_was_planned() -> None:
    """Whatever a slow clock says; what was told once stays."""
    planned, slow = CampaignCopies().with_activated("A", date(2027, 10, 31)), date(2020, 1, 1)
    unknown = replace(planned, closed=("A",))
    assert unknown.with_ends(slow).ended == planned.with_closed("A", None, slow).ended == {"A": date(2027, 10, 31)}
    assert unknown.with_ends(date(2028, 1, 1)).ended == {"A": date(2028, 1, 1)}
    assert unknown.with_activated("A", date(2029, 1, 1)) == unknown


def told(term: RetentionTerm, at: datetime) -> ErasureNotice:
    return term.notice(at, PARIS)


def test_who_is_told_a_minute_before_midnight_has_seven_whole_days() -> None:
    """However few days before the institution warns; who is told a minute later goes a day later."""
    term, late = of(date(2020, 9, 30)), datetime(2026, 11, 3, 22, 59, tzinfo=UTC)
    notice = told(term, late)
    assert notice.day == date(2026, 11, 11)
    gone = datetime(2026, 11, 11, 3, tzinfo=UTC)
    assert not term.may_go(notice, gone - timedelta(seconds=1), PARIS) and term.may_go(notice, gone, PARIS)
    assert told(term, late + timedelta(minutes=1)).day == date(2026, 11, 12)
    assert RetentionTerm.told_before(gone, PARIS) == datetime(2026, 11, 3, 23, tzinfo=UTC)
    assert RetentionTerm.told_before(gone - timedelta(seconds=1), PARIS) == datetime(2026, 11, 2, 23, tzinfo=UTC)


def test_a_notice_lapses_a_fortnight_after_the_day_that_was_told() -> None:
    """As after a restore, or a stop of months: who is still there is told another day first."""
    term = of(date(2026, 9, 30))
    notice = told(term, datetime(2028, 3, 2, tzinfo=UTC))
    last = datetime(2028, 4, 15, 21, 59, tzinfo=UTC)
    assert notice.day == date(2028, 4, 1) and term.may_go(notice, last, PARIS)
    assert term.is_told(notice, date(2028, 4, 15)) and not term.is_told(notice, date(2028, 4, 16))
    assert not term.may_go(notice, last + timedelta(minutes=1), PARIS)


def test_who_is_told_while_a_release_lies_ahead_of_the_clock_is_told_once() -> None:
    """The clock was set back since their campaign was freed: they count as told behind that."""
    now = datetime(2028, 4, 2, tzinfo=UTC)
    term = replace(of(date(2026, 9, 30)), freed=now + timedelta(days=30))
    notice = told(term, now)
    assert term.is_told(notice, date(2028, 4, 2)) and notice.day == date(2028, 5, 10)
    assert not term.may_go(notice, now + timedelta(days=30), PARIS) and term.may_go(
        notice, now + timedelta(days=40), PARIS
    )
