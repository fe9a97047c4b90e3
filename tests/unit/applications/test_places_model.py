"""Nobody is promoted beyond capacity, out of order, or twice, whatever happens to a programme in whatever order.

Decisions, answers, places and days, step by step (acceptance 46, 78, 80, 83, 84, 88-91).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.applications.domain import decisions, places, waiting
from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.decision_model import Appointment, EnteredDecision
from services.applications.domain.events import Decided, LeftWaitlist, Withdrawn
from services.applications.domain.model import Application
from services.applications.domain.places import First, Occupancy, Places, Promotion
from services.applications.domain.states import DecisionKind, FileState, PieceState, PlaceAction, PlaceState
from services.applications.views.decisions import decided
from services.contracts.actors import Acting, Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import ZOE, file_with, offer, on

START = date(2027, 5, 3)
KIM, SERVICE = Acting("staff:kim"), Acting("service:applications")
LEAST = 7
PEOPLE = range(6)
people, kinds = st.sampled_from(PEOPLE), st.sampled_from(list(DecisionKind))


class Programme(RuleBasedStateMachine):
    """Candidates, managers, time, and a service that stops anywhere and does everything again."""

    files: dict[int, Application]
    places: Places
    offer: ProgrammeCopy
    day: date
    number: int
    left: set[int]
    entered: dict[int, EnteredDecision]
    counts: dict[int, str]
    mails: Counter[tuple[int, str]]
    unheard: list[int]
    notes: list[Promotion]
    freed: int
    given: int

    @initialize(capacity=st.sampled_from([0, 1, 2, None]), until=st.sampled_from([None, START + timedelta(days=20)]))
    def begin(self, capacity: int | None, until: date | None) -> None:
        self.files = {each: file_with(FileState.COMPLETE, PieceState.VALIDATED) for each in PEOPLE}
        self.offer = replace(offer(), places=capacity, list_deadline=START + timedelta(days=3))
        self.places = Places("2027", "M1-MER", until=until)
        self.day, self.number = START, 0
        self.freed = self.given = 0
        self.left, self.mails, self.unheard, self.notes = set(), Counter(), [], []
        self.entered, self.counts = {}, {}
        for who in (0, 1):
            self.decide(who, DecisionKind.FAVOURABLE, 1)
        for who, rank in ((2, 5), (3, 2), (4, 8)):
            self.decide(who, DecisionKind.RANKED_WAITLIST, rank)

    # --- what is asked -----------------------------------------------------------------------------------------------

    def taken(self) -> int:
        return sum(waiting.takes_place(file) for file in self.files.values())

    def waiting_list(self) -> list[tuple[int, int]]:
        """By rank, who waits."""
        return sorted((self.rank(who), who) for who, file in self.files.items() if waiting.is_ranked(file))

    def rank(self, who: int) -> int:
        decision = self.files[who].decision
        assert decision is not None and decision.entered.rank is not None
        return decision.entered.rank

    def occupancy(self) -> Occupancy:
        listed, first = self.waiting_list(), None
        if listed:
            decision = self.files[listed[0][1]].decision
            assert decision is not None
            first = First(str(listed[0][1]), decision.entered.id)
        return Occupancy(self.offer.places, self.taken(), first)

    def said(self, kind: DecisionKind, rank: int) -> dict[str, Any]:
        """What goes with a decision of a kind."""
        more: dict[DecisionKind, dict[str, Any]] = {
            DecisionKind.RANKED_WAITLIST: {"rank": rank},
            DecisionKind.UNFAVOURABLE: {"reason": "Erreur"},
            DecisionKind.SHORTLISTED: {"appointment": Appointment("Salle A", self.day, "09:00")},
        }
        return more.get(kind, {})

    def seen(self, who: int) -> dict[str, Any]:
        """What the candidate is shown of the decision."""
        return decided(self.files[who], on(self.day), "fr", None, ())

    def new_id(self) -> str:
        self.number += 1
        return f"d{self.number}"

    def do(self, who: int, command: Callable[[Application], tuple[Application, tuple[Any, ...]]]) -> tuple[Any, ...]:
        """What is done to a file, and done again: the second time nothing happens."""
        try:
            after, happened = command(self.files[who])
        except RefusedError:
            return ()
        self.files[who] = after
        for each in happened:
            if isinstance(each, Decided):
                self.counts[who] = each.decision.entered.id
            fact = "" if isinstance(each, Decided | LeftWaitlist) else type(each).__name__
            self.mails[who, "left" if isinstance(each, LeftWaitlist) else f"{fact} {self.counts[who]}"] += 1
            if isinstance(each, Withdrawn) or (isinstance(each, Decided) and each.frees):
                self.unheard.append(who)
        return happened

    # --- what people do ----------------------------------------------------------------------------------------------

    @rule(who=people, kind=kinds, rank=st.integers(1, 9))
    def enter(self, who: int, kind: DecisionKind, rank: int) -> None:
        """The candidate sees nothing of it, nor can do anything else than before."""
        given = EnteredDecision(self.new_id(), kind, on(self.day).instant, KIM, **self.said(kind, rank))
        before = self.seen(who)
        self.entered[who] = decisions.enter(
            self.files[who], self.entered.get(who), given, on(self.day), role=Role.MANAGER, instead_of=None
        )
        assert self.seen(who) == before

    @precondition(lambda self: self.entered)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.entered)))
        try:
            decisions.delete(self.files[who], self.entered[who], role=Role.MANAGER, id=None)
        except RefusedError:
            assert (who, f" {self.entered[who].id}") in self.mails, "only what was validated cannot be taken back"
            return
        del self.entered[who]

    @precondition(lambda self: self.entered)
    @rule(data=st.data())
    def validate(self, data: st.DataObject) -> None:
        self.validated(data.draw(st.sampled_from(sorted(self.entered))))

    @rule(who=people, kind=kinds, rank=st.integers(1, 9))
    def decide(self, who: int, kind: DecisionKind, rank: int) -> None:
        self.enter(who, kind, rank)
        self.validated(who)

    def validated(self, who: int) -> None:
        """What is entered counts from now on; the second time nothing happens."""
        entered = self.entered[who]
        if entered.rank is not None and any(entered.rank == rank for rank, each in self.waiting_list() if each != who):
            return  # a unique index refuses it

        def validate(file: Application) -> tuple[Application, tuple[Any, ...]]:
            moment = on(self.day)
            return decisions.validate(
                file, entered, entered.id, self.offer, moment, role=Role.MANAGER, by=KIM, two_persons=False
            )

        for each in self.do(who, validate):
            day = each.decision.answer_deadline
            assert day is None or day >= self.day, "nobody is offered a place that is over at once"
            assert not (entered.kind in decisions.WAITING and who in self.left)
        assert self.do(who, validate) == ()

    @rule(who=people, action=st.sampled_from([PlaceAction.ACCEPT, PlaceAction.WITHDRAW]))
    def answer(self, who: int, action: PlaceAction) -> None:
        for _ in range(2):
            self.do(who, lambda file: decisions.answer(file, action, on(self.day), ZOE))

    @rule(who=people)
    def leave(self, who: int) -> None:
        self.number += 1
        happened = self.do(who, lambda file: waiting.leave(file, on(self.day), ZOE))
        if happened:
            self.left.add(who)
        assert self.do(who, lambda file: waiting.leave(file, on(self.day), ZOE)) == ()

    @rule(who=people, after=st.integers(-3, 1))
    def a_last_day_comes(self, who: int, after: int) -> None:
        last = decisions.unanswered_until(self.files[who])
        if last is not None and (days := (last - self.day).days + after) > 0:
            self.time_passes(days)

    @rule(days=st.sampled_from([1, 7, 8]))
    def time_passes(self, days: int) -> None:
        """The clock may come late; who is reminded or withdrawn once is not again for that place."""
        self.day += timedelta(days=days)
        for who in (*PEOPLE, *PEOPLE):
            last = decisions.unanswered_until(self.files[who])
            reminded = self.do(who, lambda file: decisions.remind(file, on(self.day), 2))
            lapsed = self.do(who, lambda file: decisions.lapse(file, on(self.day), SERVICE))
            assert not reminded or (last is not None and timedelta(0) <= last - self.day <= timedelta(days=2))
            assert bool(lapsed) == (last is not None and last < self.day), "the place is free on the day after"

    @rule(capacity=st.sampled_from([0, 1, 2, 3, None]))
    def capacity_changes(self, capacity: int | None) -> None:
        self.number += 1
        known = replace(self.places, capacity=self.offer.places, told=max(self.places.told, 1))
        for _ in range(2):
            known = places.capacity_told(known, capacity, self.number + 1)
        self.freed += known.freed - self.places.freed
        self.places, self.offer = known, replace(self.offer, places=capacity)

    # --- what the service does, a step at a time ----------------------------------------------------------------------

    @rule(data=st.data())
    def somebody_gives_up(self, data: st.DataObject) -> None:
        having = [who for who, file in self.files.items() if waiting.takes_place(file)]
        if having:
            self.answer(data.draw(st.sampled_from(having)), PlaceAction.WITHDRAW)

    @rule()
    def the_service_goes_on(self) -> None:
        """All that is to be done, without a stop."""
        while self.unheard:
            self.hear()
        while not self.places.is_settled:
            if self.places.promotion is None:
                self.note(True)
            else:
                self.carried(self.places.promotion)

    @rule(fewer=st.booleans())
    def the_service_stops_behind_a_note(self, fewer: bool) -> None:
        """Whatever happens now happens before it is carried out; there may be `fewer` places then."""
        while self.unheard:
            self.hear()
        self.note(True)
        if fewer:
            self.capacity_changes(self.taken())

    @precondition(lambda self: self.notes)
    @rule(data=st.data(), rank=st.integers(1, 9))
    def somebody_waits_again(self, data: st.DataObject, rank: int) -> None:
        """By another decision: what somebody who was overtaken knows of the first is nothing."""
        self.decide(int(data.draw(st.sampled_from(self.notes)).application), DecisionKind.RANKED_WAITLIST, rank)

    @precondition(lambda self: self.unheard)
    @rule()
    def hear(self) -> None:
        self.unheard.pop(0)
        self.freed += 1
        self.places = places.place_freed(self.places)

    @rule(automatic=st.sampled_from([True, True, False]))
    def note(self, automatic: bool) -> None:
        before, stands = self.places, self.occupancy()
        self.places = places.offer_next(before, stands, on(self.day), id=self.new_id(), by=SERVICE, automatic=automatic)
        self.noted(before, stands)

    @precondition(lambda self: self.places.promotion is None)
    @rule(guess=st.one_of(st.none(), people))
    def note_by_hand(self, guess: int | None) -> None:
        before, stands = self.places, self.occupancy()
        if guess is None and stands.first is not None:
            guess = int(stands.first.application)
        try:
            self.places = places.offer_by_hand(
                before, stands, on(self.day), id=self.new_id(), by=KIM, application=str(guess)
            )
        except RefusedError:
            return
        self.noted(before, stands)

    def noted(self, before: Places, stands: Occupancy) -> None:
        """Whom it is noted for is next, there is room, and nobody has stopped it."""
        promotion = self.places.promotion
        if promotion is None or promotion == before.promotion:
            return
        assert before.promotion is None
        assert stands.first is not None and promotion.application == stands.first.application
        assert int(promotion.application) == self.waiting_list()[0][1]
        assert stands.capacity is None or stands.taken < stands.capacity
        assert before.until is None or self.day <= before.until
        self.notes.append(promotion)

    @precondition(lambda self: self.notes)
    @rule(data=st.data(), stops=st.booleans())
    def carry_out(self, data: st.DataObject, stops: bool) -> None:
        """The note that is there; or, by a process that was overtaken, one that is not there any more."""
        promotion = self.places.promotion
        if promotion is None or data.draw(st.booleans()):
            promotion = data.draw(st.sampled_from(self.notes))
        self.carried(promotion, stops=stops)

    def carried(self, promotion: Promotion, *, stops: bool = False) -> None:
        if not places.still_offers(self.places, self.occupancy(), on(self.day)):
            if not stops:
                self.places = places.carried_out(self.places, promotion, promoted=self.came_by(promotion))
            return
        current = promotion == self.places.promotion
        who, waited = int(promotion.application), waiting.waits(self.files[int(promotion.application)])
        happened = self.do(
            who, lambda file: places.promote(file, promotion, self.offer, on(self.day), least_days=LEAST)
        )
        if happened:
            assert current and waited and who not in self.left, "nobody is promoted but by the note that is there"
            (decided,) = happened
            self.given += not promotion.by_hand
            assert self.given <= self.freed, "one place is given once"
            assert self.offer.places is None or self.taken() <= self.offer.places, "not one more than there are"
            assert self.places.until is None or self.day <= self.places.until
            assert decided.decision.answer_deadline >= self.day + timedelta(days=LEAST)
        again = lambda file: places.promote(file, promotion, self.offer, on(self.day), least_days=LEAST)  # noqa: E731
        assert self.do(who, again) == ()
        if not stops:
            self.places = places.carried_out(self.places, promotion, promoted=self.came_by(promotion))

    def came_by(self, promotion: Promotion) -> bool:
        return self.files[int(promotion.application)].promotion == promotion.id

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_said_twice(self) -> None:
        assert all(times == 1 for times in getattr(self, "mails", {}).values())

    @invariant()
    def nothing_counts_but_what_was_validated(self) -> None:
        for who, file in getattr(self, "files", {}).items():
            assert (None if file.decision is None else file.decision.entered.id) == self.counts.get(who)

    @invariant()
    def what_was_validated_is_not_to_be_validated_again(self) -> None:
        for who, entered in getattr(self, "entered", {}).items():
            done = (who, f" {entered.id}") in self.mails
            assert not done or decisions.pending(self.files[who], entered) is None

    @invariant()
    def nobody_who_left_waits(self) -> None:
        for who, file in getattr(self, "files", {}).items():
            if file.place is not None and file.place.state is PlaceState.LEFT:
                assert not waiting.waits(file), who

    @invariant()
    def nothing_is_owed_to_nobody(self) -> None:
        assert not hasattr(self, "places") or self.places.freed >= 0


TestProgramme = Programme.TestCase
TestProgramme.settings = settings(max_examples=50, stateful_step_count=40, deadline=None, derandomize=True)
