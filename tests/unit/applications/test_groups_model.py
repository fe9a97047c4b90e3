"""A place of a group goes to the best rank of that group, within its places and the programme's, whatever happens (ADR 114).

Two groups and who waits in none; decisions, answers, programmes that change, and a service that stops anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.applications.domain import decisions, passing_on, places, waiting
from services.applications.domain.copies import ListGroup, ProgrammeCopy
from services.applications.domain.decided import TypesInForce
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import Said
from services.applications.domain.events import Decided, Withdrawn
from services.applications.domain.model import Application
from services.applications.domain.places import First, Occupancy, Places, Promotion
from services.applications.domain.states import DecisionKind, FileState, PieceState, PlaceAction
from services.contracts.actors import Acting, Role
from services.contracts.decision_types import SHIPPED, active_types
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import ZOE, file_with, offer, on

DAY = date(2027, 5, 3)
KIM, SERVICE = Acting("staff:kim"), Acting("service:applications")
PEOPLE, GROUPS = range(7), ("A", "B")
TYPES = TypesInForce(active_types(SHIPPED))
people, groups = st.sampled_from(PEOPLE), st.sampled_from(GROUPS)
numbers = st.sampled_from([0, 1, 2, 3, None])


def grouped(a: int | None, b: int | None) -> tuple[ListGroup, ...]:
    return tuple(ListGroup(code, {"fr": code}, count) for code, count in zip(GROUPS, (a, b), strict=True))


class Grouped(RuleBasedStateMachine):
    """Candidates, managers, and a service that does everything again."""

    files: dict[int, Application]
    places: Places
    offer: ProgrammeCopy
    number: int
    unheard: list[tuple[str | None, bool]]
    freed: int
    given: int
    used: Counter[str | None]

    @initialize(capacity=numbers, a=numbers, b=numbers, passes_on=st.booleans(), late=st.booleans())
    def begin(self, capacity: int | None, a: int | None, b: int | None, passes_on: bool, late: bool) -> None:
        """The programme has its groups from the beginning, or gets them `late`, while people wait and have places."""
        self.files = {each: file_with(FileState.COMPLETE, PieceState.VALIDATED) for each in PEOPLE}
        whole = replace(offer(), places=capacity, groups=grouped(a, b), passes_on=passes_on)
        self.offer = replace(whole, groups=()) if late else whole
        self.places, self.number, self.unheard, self.freed, self.given = Places("2027", "M1-MER"), 0, [], 0, 0
        self.used = Counter()
        for who, kind, group, rank in (
            (0, DecisionKind.FAVOURABLE, "A", None),
            (1, DecisionKind.FAVOURABLE, "B", None),
            (2, DecisionKind.RANKED_WAITLIST, "A", 2),
            (3, DecisionKind.RANKED_WAITLIST, "A", 1),
            (4, DecisionKind.RANKED_WAITLIST, "B", 3 if late else 1),
        ):
            self.decide(who, kind, None if late else group, rank)
        self.offer = whole

    # --- what is asked -----------------------------------------------------------------------------------------------

    def taken(self, group: str | None = None) -> int:
        """By everybody, or of a group's places."""
        having = (file.place for file in self.files.values() if waiting.takes_place(file))
        return sum(group is None or (place is not None and place.group == group) for place in having)

    def waiting_list(self, group: str | None) -> list[tuple[int, int, str]]:
        found = []
        for who, file in self.files.items():
            if waiting.is_ranked(file) and file.decision is not None and file.decision.entered.group_code == group:
                found.append((file.decision.entered.rank or 0, who, file.decision.entered.id))
        return sorted(found)

    def lists(self) -> list[Occupancy]:
        found = []
        for group in (*self.offer.groups, None):
            listed = self.waiting_list(None if group is None else group.code)
            first = First(str(listed[0][1]), listed[0][2]) if listed else None
            stands = Occupancy(self.offer.places, self.taken(), first)
            if group is not None:
                more: dict[str, Any] = {"group_places": group.places, "group_taken": self.taken(group.code)}
                stands = replace(stands, group=group.code, **more)
            found.append(stands)
        return found

    def new_id(self) -> str:
        self.number += 1
        return f"d{self.number}"

    def done(self, who: int, change: tuple[Application, tuple[Any, ...]]) -> tuple[Any, ...]:
        before, (self.files[who], happened) = self.files[who].place, change
        for each in happened:
            if isinstance(each, Withdrawn):
                assert before is not None
                self.unheard.append((before.group, False))
            if isinstance(each, Decided) and each.frees:
                self.unheard.append((each.had, waiting.is_ranked(self.files[who])))
        return happened

    # --- what people do ----------------------------------------------------------------------------------------------

    @rule(
        who=people, kind=st.sampled_from(list(DecisionKind)), group=st.one_of(st.none(), groups), rank=st.integers(1, 4)
    )
    def decide(self, who: int, kind: DecisionKind, group: str | None, rank: int | None) -> None:
        """A decision that names no group where it should, or one where it should not, is refused."""
        said = Said(kind, rank=rank if kind is DecisionKind.RANKED_WAITLIST else None, group=group)
        should = kind in (DecisionKind.FAVOURABLE, DecisionKind.RANKED_WAITLIST) and bool(self.offer.groups)
        try:
            entered, _ = said.entered(self.new_id(), on(DAY), KIM, TYPES, groups=self.offer.groups)
        except RefusedError:
            assert group not in {each.code for each in self.offer.groups} if should else group is not None
            return
        assert (entered.group is not None) is should
        self.validated(who, entered)

    def validated(self, who: int, entered: EnteredDecision) -> None:
        same = (rank for rank, other, _ in self.waiting_list(entered.group_code) if other != who)
        if entered.rank is not None and entered.rank in same:
            return  # a unique index refuses it
        try:
            change = decisions.validate(
                self.files[who], entered, entered.id, self.offer, on(DAY), role=Role.MANAGER, by=KIM, two_persons=False
            )
        except RefusedError:
            return
        self.done(who, change)

    @rule(who=people, action=st.sampled_from([PlaceAction.ACCEPT, PlaceAction.WITHDRAW]))
    def answer(self, who: int, action: PlaceAction) -> None:
        try:
            self.done(who, decisions.answer(self.files[who], action, on(DAY), ZOE))
        except RefusedError:
            return

    @rule(data=st.data())
    def somebody_gives_up(self, data: st.DataObject) -> None:
        having = [who for who, file in self.files.items() if waiting.takes_place(file)]
        if having:
            self.answer(data.draw(st.sampled_from(having)), PlaceAction.WITHDRAW)

    @rule(who=people)
    def leave(self, who: int) -> None:
        try:
            self.done(who, waiting.leave(self.files[who], on(DAY), ZOE))
        except RefusedError:
            return

    @rule(group=groups)
    def a_place_is_given_up_in_a_group_in_which_nobody_waits(self, group: str) -> None:
        for _, who, _ in self.waiting_list(group):
            self.leave(who)
        for who, file in self.files.items():
            if waiting.takes_place(file) and file.place is not None and file.place.group == group:
                self.answer(who, PlaceAction.WITHDRAW)
                break
        self.the_service_goes_on()

    @rule(capacity=numbers, a=numbers, b=numbers, passes_on=st.booleans(), keeps=st.sampled_from([2, 2, 1, 0]))
    def the_programme_changes(
        self, capacity: int | None, a: int | None, b: int | None, passes_on: bool, keeps: int
    ) -> None:
        """It may lose groups that are in use, and get them back."""
        waited = {who: file for who, file in self.files.items() if waiting.is_ranked(file)}
        after = grouped(a, b)[:keeps]
        known = replace(self.places, capacity=self.offer.places, told=max(self.places.told, 1))
        self.number += 1
        for _ in range(2):
            known = places.capacity_told(known, capacity, self.number + 1, self.offer.groups, after)
        self.freed += self.owed(known) - self.owed(self.places)
        self.places, self.offer = known, replace(self.offer, places=capacity, groups=after, passes_on=passes_on)
        assert waited == {who: file for who, file in self.files.items() if waiting.is_ranked(file)}, "nothing is lost"

    # --- what the service does, a step at a time ----------------------------------------------------------------------

    def owed(self, known: Places) -> int:
        return sum(each.freed + each.taken_away for each in known.pools)

    @precondition(lambda self: self.unheard)
    @rule()
    def hear(self) -> None:
        group, put_back = self.unheard.pop(0)
        self.freed += 1
        self.places = (places.place_taken_away if put_back else places.place_freed)(self.places, group)

    @rule()
    def note(self) -> None:
        """As the service does: the place is first one of the group that is to have it."""
        if self.places.promotion is not None or not self.places.pools:
            return
        pool, lists, before = self.places.pools[0], self.lists(), self.places
        if (assigned := passing_on.assigned(before, pool, lists)) is not None:
            assert self.owed(assigned) == self.owed(before), "no place is lost, and none is made"
            self.places = assigned
            return
        stands = passing_on.place_of(pool.group, lists, passes_on=self.offer.passes_on)
        self.places = places.offer_next(before, stands, on(DAY), id=self.new_id(), by=SERVICE, automatic=True)
        if (promotion := self.places.promotion) is None:
            return
        assert promotion.group == pool.group
        own = self.waiting_list(pool.group)
        if own:
            assert int(promotion.application) == own[0][1], "the best rank of that very group"
            return
        assert self.offer.passes_on
        others = [listed for each in lists if (listed := self.waiting_list(each.group))]
        assert int(promotion.application) == others[0][0][1], "the best rank of the first of the other groups"

    @precondition(lambda self: self.places.promotion is None)
    @rule(who=people)
    def note_by_hand(self, who: int) -> None:
        stands = passing_on.free_place_for(str(who), self.lists(), passes_on=self.offer.passes_on)
        try:
            self.places = places.offer_by_hand(
                self.places, stands, on(DAY), id=self.new_id(), by=KIM, application=str(who)
            )
        except RefusedError:
            return
        assert any(listed[0][1] == who for each in self.lists() if (listed := self.waiting_list(each.group)))

    @precondition(lambda self: self.places.promotion is not None)
    @rule(stops=st.booleans())
    def carry_out(self, stops: bool) -> None:
        promotion = self.places.promotion
        assert promotion is not None
        who = int(promotion.application)
        stands = next((each for each in self.lists() if each.group == promotion.group), None)
        if stands is not None and places.still_offers(self.places, stands, on(DAY)):
            self.promoted(who, promotion)
        came = self.files[who].promotion == promotion.id
        if not stops:
            self.places = places.carried_out(self.places, promotion, promoted=came)
            self.used[promotion.group] += came and not promotion.by_hand

    def promoted(self, who: int, promotion: Promotion) -> None:
        waited = self.files[who].decision
        change = places.promote(self.files[who], promotion, self.offer, on(DAY), least_days=7)
        if not self.done(who, change):
            return
        file = self.files[who]
        assert waited is not None and file.decision is not None and file.place is not None
        assert file.decision.entered.group == waited.entered.group, "in the group in which one waited"
        assert file.place.group == promotion.group, "by a place of that one"
        self.given += not promotion.by_hand
        assert self.given <= self.freed, "one place is given once"
        assert self.offer.places is None or self.taken() <= self.offer.places
        own = next((each for each in self.offer.groups if each.code == promotion.group), None)
        assert own is None or own.places is None or self.taken(own.code) <= own.places, "not more than the group has"
        assert places.promote(file, promotion, self.offer, on(DAY), least_days=7) == (file, ())

    @rule()
    def the_service_goes_on(self) -> None:
        """All that is to be done, without a stop; it comes to an end."""
        while self.unheard:
            self.hear()
        free = {each.group: each.freed + each.taken_away for each in self.places.pools}
        self.used.clear()
        for _ in range(200):
            if self.places.is_settled:
                self.nobody_waits_for_a_place_that_was_dropped(free)
                return
            if self.places.promotion is None:
                self.note()
            else:
                self.carry_out(stops=False)
        raise AssertionError("the service never settles")

    def nobody_waits_for_a_place_that_was_dropped(self, free: Mapping[str | None, int]) -> None:
        """Where somebody waits and there is room, only a group's own place is left that it passes on to nobody."""
        dropped = sum(free.values()) - self.used.total()
        kept = sum(max(0, free.get(each.code, 0) - self.used[each.code]) for each in self.offer.groups)
        if dropped > (0 if self.offer.passes_on else kept):
            assert not [each for each in self.lists() if each.first is not None and each.has_room]

    @invariant()
    def nothing_is_owed_to_nobody(self) -> None:
        for each in getattr(self, "places", Places("", "")).pools:
            assert each.freed >= 0 and each.taken_away >= 0


TestGrouped = Grouped.TestCase
TestGrouped.settings = settings(max_examples=40, stateful_step_count=30, deadline=None, derandomize=True)


def test_a_place_of_a_group_and_one_of_none_that_are_free_at_once_both_find_somebody() -> None:
    """That of the group first: whoever waits there needs none of the other, which is for the next group."""
    programme = Grouped()
    programme.begin(capacity=2, a=3, b=None, passes_on=False, late=False)
    programme.leave(2)
    programme.answer(0, PlaceAction.WITHDRAW)
    programme.the_programme_changes(3, 3, None, False, 2)
    programme.the_service_goes_on()
    assert [waiting.is_ranked(programme.files[who]) for who in (3, 4)] == [False, False]
