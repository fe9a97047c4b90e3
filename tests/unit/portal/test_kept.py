"""What the portal keeps: no more than it may, nothing of a person, and never in place of what is new."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from services.contracts.api.endpoints import accounts, offers
from services.portal.kept import Answers, AskedLast, Pages

CAMPAIGN = b'{"code": "2027", "label": "%s", "state": "active", "starts_on": "2026-11-01", "ends_on": "2027-10-31"}'


def test_as_many_bytes_as_there_may_be_are_kept_and_one_more_puts_the_oldest_out() -> None:
    kept = AskedLast[str](10)
    kept.put("a", "A", 4)
    kept.put("b", "B", 6)
    assert (kept.get("a"), kept.get("b"), kept.bytes) == ("A", "B", 10)
    kept.put("a", "A", 5)
    assert (kept.get("b"), kept.get("a"), kept.bytes) == (None, "A", 5)
    kept.put("c", "C", 11)
    assert (kept.get("c"), kept.get("a"), kept.bytes) == (None, "A", 5)


def test_as_many_things_as_there_may_be_are_kept_and_one_more_puts_out_what_was_asked_for_longest_ago() -> None:
    kept = AskedLast[str](1000, 2)
    for name in "ab":
        kept.put(name, name, 1)
    assert kept.get("a") == "a"
    kept.put("c", "c", 1)
    assert [kept.get(name) for name in "abc"] == ["a", None, "c"]
    assert (len(kept), kept.bytes) == (2, 2)


def test_the_same_bytes_of_what_everybody_may_keep_are_read_once() -> None:
    answers = Answers()
    first = answers.read(offers.CURRENT_CAMPAIGN, CAMPAIGN % b"2027")
    assert answers.read(offers.CURRENT_CAMPAIGN, CAMPAIGN % b"2027") is first
    other = answers.read(offers.CURRENT_CAMPAIGN, CAMPAIGN % b"2028")
    assert (first is not other, len(answers.kept)) == (True, 2)
    with pytest.raises(ValueError, match="JSON"):
        answers.read(offers.CURRENT_CAMPAIGN, b"[")
    assert len(answers.kept) == 2


def test_nothing_of_a_person_is_kept() -> None:
    answers = Answers()
    endpoint = accounts.ME
    assert not endpoint.access.public
    with pytest.raises(ValueError, match="validation"):
        answers.read(endpoint, b"{}")
    assert len(answers.kept) == 0


def test_a_page_is_made_once_for_its_answers_and_filled_in_for_each() -> None:
    pages, made = Pages(), list[Mapping[str, str]]()

    def render(values: Mapping[str, str]) -> str:
        made.append(values)
        return f"é {values['form_token']} and {values['key']}, {values['form_token']}"

    about, answer, same = ("page", "fr"), ["answer"], ["answer"]
    assert pages.page(about, (answer,), render, {"form_token": "T1", "key": "K1"}) == "é T1 and K1, T1".encode()
    assert pages.page(about, (answer,), render, {"form_token": "T2", "key": "K2"}) == "é T2 and K2, T2".encode()
    assert len(made) == 1
    for other, of in ((("page", "en"), answer), (about, same), (about, None)):
        pages.page(other, (of,), render, {"form_token": "T", "key": "K"})
    assert len(made) == 4, "another language, and another answer though it says the same"
    assert not {"T1", "T2", "K1", "K2"} & {value for values in made for value in values.values()}


def test_what_a_page_is_made_of_stays_as_long_as_the_page() -> None:
    """Else another answer could come to lie where it was, and be taken for it."""
    pages = Pages()
    for number in range(300):
        assert pages.page(("page",), ([number],), lambda _, n=number: str(n), {}) == b"%d" % number  # type: ignore[misc] # bound by default
