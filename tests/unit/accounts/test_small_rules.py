"""File numbers, campaigns, failures, registrations."""

import string
from datetime import date, timedelta
from itertools import permutations

import pytest

from services.accounts.domain.campaigns import CampaignCopies
from services.accounts.domain.registration import registration_faults
from services.accounts.domain.text import bare, folded
from services.contracts.file_numbers import ALPHABET, LENGTH, as_typed

INSTANT = timedelta(milliseconds=1)


# --- file numbers (acceptance 20) -------------------------------------------------------------------------------------


def test_a_file_number_is_eight_figures_and_capitals_none_of_them_misread() -> None:
    assert LENGTH == 8
    assert set(ALPHABET) < set(string.digits + string.ascii_uppercase)
    assert not set(ALPHABET) & set("ILOU")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("AB12CD34", "AB12CD34"),
        (" ab12 cd34 ", "AB12CD34"),
        ("AB-12-CD-34", "AB12CD34"),
        ("ABI2CDE0", "AB12CDE0"),
        ("OLIVU000", "011VV000"),
        ("AB12CD3", None),
        ("AB12CD345", None),
        ("eS-AB12 CD34", "ESAB12CD34"),
        ("ESAB12CD345", None),
        ("AB12CD3é", None),
        ("", None),
    ],
)
def test_what_was_meant_is_understood(typed: str, number: str | None) -> None:
    assert as_typed(typed) == number


# --- campaigns (acceptance 19) ------------------------------------------------------------------------------------------


ENDED = date(2026, 9, 30)


def test_news_of_campaigns_may_come_in_any_order() -> None:
    news = [("activated", "2026"), ("closed", "2026"), ("activated", "2027")]
    for order in permutations([*news, *news]):
        campaigns = CampaignCopies()
        for kind, code in order:
            campaigns = (
                campaigns.with_activated(code) if kind == "activated" else campaigns.with_closed(code, ENDED, ENDED)
            )
        assert campaigns.active == "2027"
        assert campaigns.is_over("2026")
        assert not campaigns.is_over("2027")


def test_before_the_first_and_between_two_nothing_is_active_and_nobody_is_sent_away() -> None:
    assert CampaignCopies().active is None
    between = CampaignCopies().with_activated("2026").with_closed("2026", ENDED, ENDED)
    assert between.active is None
    assert not between.is_over("2026")


# --- registration (acceptance 2, 3, 4) ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        (("Durand", "Zoé", "zoe@etu.test", "Zoe@Etu.test"), []),
        (("Durand", "Zoé", "zoe@etu.test", "zoe@etu.tests"), [("email_confirmation", "confirmation-differs")]),
        (
            ("", "", "", ""),
            [
                ("family_name", "required"),
                ("given_name", "required"),
                ("email", "required"),
                ("email_confirmation", "required"),
            ],
        ),
        (("...", "Zoé", "z@e.fr", "z@e.fr"), [("family_name", "not-a-name")]),
    ],
)
def test_all_that_is_wrong_with_a_registration(
    values: tuple[str, str, str, str], faults: list[tuple[str, str]]
) -> None:
    assert [(fault.field, fault.slug) for fault in registration_faults(*values)] == faults


def test_what_rests_on_another_field_says_on_which() -> None:
    given, confirmation = registration_faults("Durand", "", "zoe@etu.test", "zoe@etu.tests")
    assert (given.field, given.given) == ("given_name", ("single_name",))
    assert (confirmation.field, confirmation.given) == ("email_confirmation", ("email",))


def test_addresses_are_compared_without_case_and_names_without_accents() -> None:
    assert folded(" ZOE@ÉCOLE.FR ") == folded("zoe@e\u0301cole.fr")
    assert folded("zoe@straße.de") != folded("zoe@strasse.de")
    assert bare("Élise d’Œuvre-2") == "elisedœuvre2"
