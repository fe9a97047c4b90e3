"""Ids keep the form and the order that they have had since 0.1.0."""

from __future__ import annotations

import re
import time
from itertools import pairwise

from ulid import ULID

from services.chassis.ids import RandomIds


def test_an_id_is_a_ulid_in_lower_case_of_the_time_at_which_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = RandomIds().new()
    after = time.time_ns() // 1_000_000
    assert re.fullmatch(r"[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}", made)
    assert before <= ULID.from_str(made.upper()).milliseconds <= after


def test_ids_are_in_the_order_of_the_milliseconds_behind_those_of_earlier_releases() -> None:
    first = RandomIds().new()
    began = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 <= began:
        pass
    assert "01m8gawksh3m5wy1rrgdvkqwzb" < first < RandomIds().new()


def test_nobody_can_guess_an_id_from_another_of_the_same_millisecond() -> None:
    chance = [ULID.from_str(RandomIds().new().upper()).bytes[6:] for _ in range(1000)]
    numbers = sorted(int.from_bytes(one) for one in chance)
    assert min(later - earlier for earlier, later in pairwise(numbers)) > 2**40
