"""What is foreseen of withdrawals comes, and nobody whose account is closed is promoted, whatever came before (ADR 103)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from services.applications.domain import decisions, foreseeing, places
from services.applications.domain.conditioned import Condition
from services.applications.domain.conditions import standing
from services.applications.domain.foreseeing import Listed, Waitlisted
from services.applications.domain.places import Promotion
from services.applications.domain.states import DecisionKind, PlaceAction
from services.applications.domain.waiting import Passed, is_ranked, pass_over
from tests.unit.applications.builders import on
from tests.unit.applications.test_places_model import LEAST, PEOPLE, SERVICE, Programme, people


class Foreseeing(Programme):
    """The same programme, where accounts are closed, ranks bear conditions, and managers look ahead."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = dict[int, datetime]()
        self.passed = Counter[tuple[int, datetime]]()

    def waiting_list(self) -> list[tuple[int, int]]:
        """By rank, who waits and is not passed over."""
        return [(rank, who) for rank, who in super().waiting_list() if who not in self.closed]

    def said(self, kind: DecisionKind, rank: int) -> dict[str, Any]:
        """A rank bears conditions whose days are before and after any answer, or none."""
        more = super().said(kind, rank)
        if kind is DecisionKind.RANKED_WAITLIST and rank % 2:
            days = (None, self.day + timedelta(days=1), self.day + timedelta(days=60))
            more["conditions"] = tuple(Condition({"fr": f"{day}"}, day) for day in days)
        return more

    def validated(self, who: int) -> None:
        """A rank is held also by who is passed over; a condition may have passed since it was entered."""
        entered = self.entered[who]
        held = [self.rank(each) for each in self.closed if each != who and is_ranked(self.files[each])]
        late = any(each.until is not None and each.until < self.day for each in entered.conditions)
        if entered.rank not in held and not late:
            super().validated(who)

    def note(self, automatic: bool) -> None:
        """Before anything is noted it is said of whom a place goes by."""
        known, stands = self.places, self.occupancy()
        if automatic and known.promotion is None and known.freed:
            stands = replace(stands, passed=self.passed_over())
            for passed in places.passes_over(known, stands, on(self.day)):
                who = int(passed.application)
                self.files[who], happened = pass_over(self.files[who], passed)
                self.passed[who, passed.since] += len(happened)
                assert pass_over(self.files[who], passed) == (self.files[who], ())
        super().note(automatic)

    def passed_over(self) -> tuple[Passed, ...]:
        """Those of the list who are closed, by the decision by which they wait."""
        decided = {who: self.files[who].decision for who in self.closed if is_ranked(self.files[who])}
        return tuple(
            Passed(str(who), decision.entered.id, self.closed[who])
            for who, decision in decided.items()
            if decision is not None
        )

    def carried(self, promotion: Promotion, *, stops: bool = False) -> None:
        """Who was closed behind the note is passed over."""
        if int(promotion.application) not in self.closed:
            super().carried(promotion, stops=stops)
        elif not stops:
            self.places = places.carried_out(self.places, promotion, promoted=self.came_by(promotion))

    @rule(who=people)
    def an_account_is_closed_or_opened(self, who: int) -> None:
        if self.closed.pop(who, None) is None:
            self.number += 1
            self.closed[who] = on(self.day).instant + timedelta(seconds=self.number)

    @rule(most=st.integers(1, 3), full=st.booleans(), who=people, rank=st.integers(1, 9))
    def what_is_foreseen_comes(self, most: int, full: bool, who: int, rank: int) -> None:
        """Also where every place is taken, and somebody has just been put on the list."""
        self.decide(who, DecisionKind.RANKED_WAITLIST, rank)
        self.the_service_goes_on()
        if full:
            self.capacity_changes(self.taken())
            self.the_service_goes_on()
        free = [who for who in PEOPLE if PlaceAction.WITHDRAW in decisions.answers(self.files[who], on(self.day))][
            :most
        ]
        waiting = [Waitlisted(str(who), rank, self.files[who]) for rank, who in self.waiting_list()]
        found = foreseeing.foresee(
            self.places,
            [Listed(self.occupancy(), waiting)],
            self.offer,
            on(self.day),
            withdrawals=[None] * len(free),
            automatic=True,
            by=SERVICE,
            least_days=LEAST,
        )
        noted = len(self.notes)
        for each in free:
            self.answer(each, PlaceAction.WITHDRAW)
        self.the_service_goes_on()
        came = [(each.application, self.files[int(each.application)].decision) for each in self.notes[noted:]]
        assert [(id, d and (d.answer_deadline, d.entered.conditions)) for id, d in came] == [
            (who.id, (d.answer_deadline, d.entered.conditions)) for who, d in found.promoted
        ]
        assert found.left == len(free) - len(came) and (found.because is None) == (not found.left)
        for _, decision in found.promoted:
            day = decision.answer_deadline
            assert day is not None and day >= self.day + timedelta(days=LEAST)
            assert all(each.until is None or each.until >= day for each in decision.entered.conditions)

    @invariant()
    def of_nobody_is_said_twice_that_a_place_goes_by(self) -> None:
        assert all(times <= 1 for times in self.passed.values())

    @invariant()
    def conditions_are_of_a_place(self) -> None:
        for file in getattr(self, "files", {}).values():
            assert not is_ranked(file) or standing(file) is None


TestForeseeing = Foreseeing.TestCase
TestForeseeing.settings = settings(max_examples=40, stateful_step_count=40, deadline=None, derandomize=True)
