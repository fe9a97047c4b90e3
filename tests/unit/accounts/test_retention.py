"""Until which day accounts of a campaign are kept, and from which instant they go (acceptance 99; product, section 7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.accounts.domain.campaigns import CampaignCopies
from services.accounts.domain.retention import RetentionTerm, kept
from services.contracts.parameters import RetentionParameters

PARIS = ZoneInfo("Europe/Paris")
RULES = RetentionParameters()


def of(ended_on: date, rules: RetentionParameters = RULES) -> RetentionTerm:
    campaigns = CampaignCopies().with_activated("A").with_closed("A", ended_on).with_activated("B")
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
    campaigns = CampaignCopies().with_closed("A", date(2026, 9, 30))
    assert campaigns.with_closed("A", date(2027, 9, 30)) == campaigns
    assert campaigns.with_ends(date(2028, 9, 30)) == campaigns


@pytest.mark.parametrize(("before", "near"), [(31, False), (30, True), (0, True), (-5, True)])
def test_it_is_told_of_thirty_days_before(before: int, near: bool) -> None:
    campaign = of(date(2026, 9, 30))
    assert campaign.is_near(campaign.erased_on - timedelta(days=before), RULES.warning_days) is near
