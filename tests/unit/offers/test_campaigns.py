"""Campaigns: exactly one is active."""

from datetime import date, timedelta

import pytest

from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, ErrorCode, RefusedError
from services.contracts.refusals.offers import CAMPAIGN_NOT_ACTIVE, CAMPAIGN_OVER, NO_ACTIVE_CAMPAIGN
from services.offers.domain.campaigns import (
    CAMPAIGN_CODE_LENGTH,
    MAX_CAMPAIGNS,
    Campaign,
    Campaigns,
    activate,
    begin,
    close,
    current,
    first_campaign,
    plan,
)
from services.offers.domain.events import CampaignActivated, CampaignClosed
from services.offers.domain.text import Text

DAY = date(2027, 10, 1)


def campaign(code: str = "2027-2028", **changes: object) -> Campaign:
    days = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)}
    return Campaign(code, Text(f"Campagne {code}"), **{**days, **changes})  # type: ignore[arg-type] # days


def planned(*codes: str) -> Campaigns:
    campaigns = Campaigns()
    for code in codes:
        campaigns = plan(campaigns, campaign(code))
    return campaigns


def test_a_planned_campaign_is_not_active() -> None:
    campaigns = planned("2027")
    assert campaigns.current is None
    with pytest.raises(RefusedError) as refused:
        current(campaigns)
    assert refused.value.slug == NO_ACTIVE_CAMPAIGN


def test_activating_a_campaign_closes_the_one_before() -> None:
    campaigns, facts = activate(planned("2027", "2028"), "2027", DAY)
    assert (current(campaigns).code, facts) == ("2027", (CampaignActivated("2027"),))
    campaigns, facts = activate(campaigns, "2028", DAY)
    assert facts == (CampaignClosed("2027"), CampaignActivated("2028"))
    assert [(one.code, one.state) for one in campaigns.all] == [("2027", "closed"), ("2028", "active")]


def test_activating_twice_changes_nothing() -> None:
    campaigns, _ = activate(planned("2027"), "2027", DAY)
    assert activate(campaigns, "2027", DAY) == (campaigns, ())


def test_closing_the_active_campaign_leaves_none_and_twice_is_once() -> None:
    campaigns, _ = activate(planned("2027", "2028"), "2027", DAY)
    closed, facts = close(campaigns, "2027", DAY)
    assert (closed.current, facts) == (None, (CampaignClosed("2027"),))
    assert close(closed, "2027", DAY) == (closed, ())


@pytest.mark.parametrize(("code", "slug"), [("2028", CAMPAIGN_NOT_ACTIVE), ("2029", NOT_FOUND)])
def test_what_is_not_active_cannot_be_closed(code: str, slug: ErrorCode) -> None:
    campaigns, _ = activate(planned("2027", "2028"), "2027", DAY)
    with pytest.raises(RefusedError) as refused:
        close(campaigns, code, DAY)
    assert refused.value.slug == slug


def test_a_closed_campaign_stays_closed() -> None:
    campaigns, _ = activate(planned("2027", "2028"), "2027", DAY)
    campaigns, _ = activate(campaigns, "2028", DAY)
    with pytest.raises(RefusedError) as refused:
        activate(campaigns, "2027", DAY)
    assert refused.value.slug == CAMPAIGN_OVER


def test_an_unknown_campaign_cannot_be_activated() -> None:
    with pytest.raises(RefusedError) as refused:
        activate(planned("2027"), "2028", DAY)
    assert refused.value.slug == NOT_FOUND


def test_planning_again_changes_days_and_not_the_state() -> None:
    campaigns, _ = activate(planned("2027"), "2027", DAY)
    campaigns = plan(campaigns, campaign("2027", ends_on=date(2028, 1, 31)))
    assert (current(campaigns).ends_on, len(campaigns.all)) == (date(2028, 1, 31), 1)


@pytest.mark.parametrize(
    ("faulty", "field"),
    [
        (campaign("20 27"), "code"),
        (campaign("2" * (CAMPAIGN_CODE_LENGTH + 1)), "code"),
        (Campaign("a", Text(""), date(2027, 1, 1), date(2027, 1, 1)), "label.fr"),
        (campaign(ends_on=date(2026, 12, 31)), "ends_on"),
    ],
)
def test_faulty_campaigns(faulty: Campaign, field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        plan(Campaigns(), faulty)
    assert refused.value.slug == INVALID_FIELDS
    assert [fault.field for fault in refused.value.fields] == [field]


def test_a_campaign_may_last_one_day_and_have_a_long_code() -> None:
    short = campaign("2" * CAMPAIGN_CODE_LENGTH, ends_on=date(2027, 1, 1))
    assert plan(Campaigns(), short).get(short.code) == short


def test_there_is_an_end_to_campaigns() -> None:
    campaigns = planned(*(str(number) for number in range(MAX_CAMPAIGNS)))
    assert len(plan(campaigns, campaign("0")).all) == MAX_CAMPAIGNS
    with pytest.raises(RefusedError) as refused:
        plan(campaigns, campaign("one-more"))
    assert [fault.slug for fault in refused.value.fields] == ["too-many"]


def test_an_institution_without_campaigns_begins_with_one() -> None:
    today = date(2026, 11, 22)
    campaigns, facts = begin(Campaigns(), today)
    assert facts == (CampaignActivated("2027-2028"),)
    assert current(campaigns).starts_on <= today <= current(campaigns).ends_on
    assert begin(campaigns, today + timedelta(days=400)) == (campaigns, ())


@pytest.mark.parametrize(
    ("today", "code"),
    [(date(2027, 8, 31), "2027-2028"), (date(2027, 9, 1), "2028-2029"), (date(2028, 1, 1), "2028-2029")],
)
def test_from_september_on_people_apply_to_the_next_year(today: date, code: str) -> None:
    assert first_campaign(today).code == code


def test_the_first_campaign_has_begun_and_lasts_a_year() -> None:
    first = first_campaign(date(2027, 9, 1))
    assert (first.starts_on, first.ends_on) == (date(2027, 6, 3), date(2028, 8, 31))
    assert first.label == Text(fr="Candidatures pour l’année 2028-2029", en="Applications for 2028-2029")
