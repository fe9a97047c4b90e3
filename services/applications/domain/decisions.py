"""Decisions in two steps, and what the candidate answers (product, section 4; acceptance 45, 46, 78-85)."""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from services.applications.domain import conditions, grouping
from services.applications.domain.conditioned import Condition, SaidCondition
from services.applications.domain.copies import ListGroup, ProgrammeCopy
from services.applications.domain.decided import TypesInForce
from services.applications.domain.decision_model import Appointment, EnteredDecision, ValidatedDecision
from services.applications.domain.events import Accepted, AnswerDue, Change, Decided, Withdrawn
from services.applications.domain.model import Application, Moment, Place
from services.applications.domain.review import FARTHEST
from services.applications.domain.states import (
    CANDIDATE,
    CLOCK,
    DecisionAction,
    DecisionKind,
    DecisionState,
    FileState,
    LetterKind,
    Party,
    PlaceAction,
    PlaceState,
    decision_after,
    place_after,
)
from services.contracts.actors import Acting
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.applications import (
    ANSWER_LATE,
    CONDITION_PAST,
    DECISION_CHANGED,
    LEFT_WAITLIST,
    SECOND_PERSON,
)

_OF_KIND: Final = {
    DecisionKind.UNFAVOURABLE: "reason",
    DecisionKind.RANKED_WAITLIST: "rank",
    DecisionKind.SHORTLISTED: "appointment",
}
"""What a decision of a kind must say, and no other may."""
WAITING: Final = (DecisionKind.RANKED_WAITLIST, DecisionKind.WAITLIST)
"""By these one waits for a place."""
TAKEN: Final = (PlaceState.OFFERED, PlaceState.ACCEPTED)
"""A place that nobody else can have."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a member of staff says of a decision: of which type, or of which kind, and what goes with it.

    `reason` is the code of one of the institution's reasons, where it has such a list, and words where it has none. Without
    `conditions` said, one that may have any has those that are `kept`. `group` is the code of one of the programme's.
    """

    kind: DecisionKind | None = None
    type: str | None = None
    reason: str | None = None
    rank: int | None = None
    comment: str | None = None
    appointment: Appointment | None = None
    conditions: tuple[SaidCondition, ...] = ()
    kept: tuple[Condition, ...] = ()
    group: str | None = None

    def entered(
        self,
        id: str,
        moment: Moment,
        by: Acting,
        types: TypesInForce,
        there: EnteredDecision | None = None,
        *,
        groups: Sequence[ListGroup] | None = (),
        counting: EnteredDecision | None = None,
    ) -> tuple[EnteredDecision, bool]:
        """The decision, and whether its type asks for a reason whatever its kind; raises INVALID_FIELDS.

        Conditions of the decision that is `there` are chosen again by their codes, whatever became of the list. `groups` are
        those of the programme; None: not known, and one of what is there or counts is kept.
        """
        of = types.chosen(self.type, self.kind)
        listed, kind = types.listed(self.reason, of.kind), DecisionKind(of.kind)
        told = conditions.conditions_of(self.conditions, types.conditions, () if there is None else there.conditions)
        given = EnteredDecision(
            id=id,
            kind=kind,
            at=moment.instant,
            by=by,
            reason=self.reason if listed is None else listed.label["fr"],
            listed=listed,
            rank=self.rank,
            comment=self.comment,
            appointment=self.appointment,
            type=types.as_decided(of),
            conditions=told or (self.kept if kind in conditions.CONDITIONAL else ()),
            group=grouping.chosen(self.group, kind, groups, (there, counting)),
        )
        return given, of.reasoned


def pending(application: Application, entered: EnteredDecision | None) -> EnteredDecision | None:
    """The decision that is entered and not validated; none on an application that was given up (acceptance 46)."""
    if entered is None or application.state is FileState.CANCELLED:
        return None
    done = application.decision
    validated = (None if done is None else done.entered.id, application.waited_by)
    return None if entered.id in validated else entered


def enter(
    application: Application,
    there: EnteredDecision | None,
    given: EnteredDecision,
    moment: Moment,
    *,
    role: Party,
    instead_of: str | None,
    reasoned: bool = False,
) -> EnteredDecision:
    """Enter a decision in the place of the one that is entered, if any; the same again changes nothing.

    `instead_of` is the id of the one that was seen, where it was said; one that is `reasoned` says why, whatever its kind.
    Raises ACTION_FORBIDDEN, WRONG_STATE, INVALID_FIELDS,
    DECISION_CHANGED.
    """
    there = pending(application, there)
    decision_after(application.state, _state_of(there), DecisionAction.ENTER, role)
    if faults := [
        *_faults(given, moment, reasoned=reasoned),
        *conditions.faults_of(given.conditions, given.kind, moment),
    ]:
        raise INVALID_FIELDS(fields=faults)
    if there is not None and replace(given, id=there.id, at=there.at, by=there.by) == there:
        return there
    if instead_of is not None and instead_of != (there.id if there is not None else ""):
        raise DECISION_CHANGED()
    return given


def delete(application: Application, there: EnteredDecision | None, *, role: Party, id: str | None) -> None:
    """Whether the decision of that `id` that is entered may be taken away again.

    Raises ACTION_FORBIDDEN, WRONG_STATE, NO_DECISION, DECISION_CHANGED.
    """
    there = pending(application, there)
    decision_after(application.state, _state_of(there), DecisionAction.DELETE, role)
    if there is not None and id is not None and id != there.id:
        raise DECISION_CHANGED()


def validate(
    application: Application,
    entered: EnteredDecision | None,
    id: str,
    offer: ProgrammeCopy | None,
    moment: Moment,
    *,
    role: Party,
    by: Acting,
    two_persons: bool,
    until: date | None = None,
) -> Change:
    """Let the decision of that `id` that is entered count; one that offers a place may be answered `until` a day.

    Without that the programme says until when: by a day, or by how many days from now. A place offered anew is unanswered.
    Raises ACTION_FORBIDDEN, WRONG_STATE, NO_DECISION, DECISION_CHANGED, SECOND_PERSON (acceptance 81), INVALID_FIELDS,
    LEFT_WAITLIST, GROUP_UNFIT, CONDITION_PAST.
    """
    there = pending(application, entered)
    decision_after(application.state, _state_of(there), DecisionAction.VALIDATE, role)
    if there is None or there.id != id:
        raise DECISION_CHANGED()
    if two_persons and there.by.actor == by.actor:
        raise SECOND_PERSON()
    before = application.place
    if there.kind in WAITING and application.left:
        raise LEFT_WAITLIST()
    offers_a_place = there.kind is DecisionKind.FAVOURABLE
    grouping.check(there, application, offer)
    day = _answer_deadline(application, offer, moment, until) if offers_a_place else None
    if any(each.until is not None and each.until < moment.day for each in there.conditions):
        raise CONDITION_PAST()
    begun = conditions.begun(there.conditions)
    decision = ValidatedDecision(there, moment.instant, by, day, begun, told_on=moment.day_told)
    had = before.group if before is not None and before.state in TAKEN else None
    place = Place(PlaceState.OFFERED, group=_group_of_place(application, there, had)) if offers_a_place else None
    moves = place is not None and had is not None and place.group not in (None, had)
    frees = before is not None and before.state in TAKEN and (moves or not offers_a_place)
    if there.kind in WAITING:
        was_put_back_on = None if before is None else before.put_back_on
        place = Place(PlaceState.WAITING, put_back_on=moment.day if frees else was_put_back_on)
    return replace(application, decision=decision, place=place), (Decided(decision, frees=frees, had=had),)


def answer(
    application: Application, action: PlaceAction, moment: Moment, by: Acting, *, at_once: bool = False
) -> Change:
    """Take the place that is offered, or withdraw from it; the same again changes nothing.

    `at_once`: who accepts under conditions is enrolled at once, whatever the institution wants later.
    Raises NO_PLACE, ANSWER_LATE.
    """
    place = application.place
    after = place_after(None if place is None else place.state, action, CANDIDATE)
    if place is not None and after is place.state:
        return application, ()
    if not _in_time(application, moment):
        raise ANSWER_LATE()
    accepts = after is PlaceState.ACCEPTED
    was = application.was_accepted or accepts
    taken = Place(after, moment.instant, by, at_once=accepts and at_once, group=None if place is None else place.group)
    answered = replace(application, place=taken, was_accepted=was)
    return answered, (Accepted() if accepts else Withdrawn("candidate"),)


def remind(application: Application, moment: Moment, days: int) -> Change:
    """Remind once of a place whose last day is at most so many `days` away (acceptance 88); 0: not.

    The mail that offers it says the last day, so that nobody is reminded on the very day of it.
    """
    place, decision, day = application.place, application.decision, unanswered_until(application)
    if place is None or decision is None or day is None or place.reminded or not days:
        return application, ()
    if moment.last(day) != day:  # an incident has moved it: who is told of that is reminded by it
        return application, ()
    if not moment.day <= day <= moment.day + timedelta(days=days) or moment.instant - decision.at < timedelta(days=1):
        return application, ()
    return replace(application, place=replace(place, reminded=True)), (AnswerDue(day),)


def prolong(application: Application, moment: Moment) -> Change:
    """Take a later last day of a place that nobody has answered over, where an incident has moved it; who is told of it is
    reminded by that."""
    place, decision, day = application.place, application.decision, unanswered_until(application)
    if place is None or decision is None or day is None or not day < moment.last(day) >= moment.day:
        return application, ()
    later = replace(decision, answer_deadline=moment.last(day))
    after = replace(application, decision=later, place=replace(place, reminded=True), prolonged=True)
    return after, (AnswerDue(moment.last(day), outage=True),)


def lapse(application: Application, moment: Moment, by: Acting) -> Change:
    """Withdraw from the place that nobody has answered by its last day (acceptance 89)."""
    place = application.place
    if place is None or place.state is not PlaceState.OFFERED or _in_time(application, moment):
        return application, ()
    after = place_after(place.state, PlaceAction.LAPSE, CLOCK)
    return replace(application, place=replace(place, state=after, at=moment.instant, by=by)), (Withdrawn("day"),)


def answers(application: Application, moment: Moment) -> tuple[PlaceAction, ...]:
    """What the candidate can answer at a moment."""
    if application.place is None or not _in_time(application, moment):
        return ()
    state = application.place.state
    return {
        PlaceState.OFFERED: (PlaceAction.ACCEPT, PlaceAction.WITHDRAW),
        PlaceState.ACCEPTED: (PlaceAction.WITHDRAW,),
    }.get(state, ())


def letter_given(application: Application, given: AnyOf[LetterKind]) -> LetterKind | None:
    """The letter that there is, if it is among those that its board gives."""
    kind = letter(application)
    return kind if kind in given else None


def letter(application: Application) -> LetterKind | None:
    """Which letter there is: of admission once the place is accepted and as long as it is, of rejection (acceptance 86).

    What is entered and not validated counts for nothing here, and what its board gives neither.
    """
    if application.decision is None:
        return None
    match application.decision.entered.kind:
        case DecisionKind.FAVOURABLE:
            accepted = application.place is not None and application.place.state is PlaceState.ACCEPTED
            return LetterKind.ADMISSION if accepted else None
        case DecisionKind.UNFAVOURABLE:
            return LetterKind.REJECTION
        case _:
            return None


def unanswered_until(application: Application) -> date | None:
    """The last day of a place that is not answered; None where there is no such place, it has no such day, or that waits."""
    place, decision = application.place, application.decision
    if place is None or decision is None or place.state is not PlaceState.OFFERED or _is_held(decision):
        return None
    return decision.answer_deadline


def _group_of_place(application: Application, there: EnteredDecision, had: str | None) -> str | None:
    """Of which group the place is: who is decided anew in the same group keeps the one they `had`, also one passed on."""
    same = application.decision is not None and application.decision.entered.group_code == there.group_code
    return had if same and had is not None else there.group_code


def _state_of(there: EnteredDecision | None) -> DecisionState | None:
    return None if there is None else DecisionState.ENTERED


def _in_time(application: Application, moment: Moment) -> bool:
    decision = application.decision
    day = None if decision is None else decision.answer_deadline
    return decision is None or day is None or _is_held(decision) or not moment.is_past(day)


def _is_held(decision: ValidatedDecision) -> bool:
    return decision.unreached is not None and decision.unreached.holds


def _faults(given: EnteredDecision, moment: Moment, *, reasoned: bool) -> Iterator[FieldError]:
    for kind, name in _OF_KIND.items():
        said = getattr(given, name) is not None
        if said is not (given.kind is kind or (reasoned and name == "reason")):
            yield FieldError(name, "not-of-kind" if said else "required")
    if given.appointment is not None and given.appointment.day < moment.day:
        yield FieldError("appointment.day", "day-past")
    if given.appointment is not None and given.appointment.day > moment.day + FARTHEST:
        yield FieldError("appointment.day", "day-too-far")


def _answer_deadline(
    application: Application, offer: ProgrammeCopy | None, moment: Moment, asked: date | None
) -> date | None:
    """Until when a place may be answered: never a day that is past, which would withdraw it at once.

    A programme that has gone on into the next campaign says nothing of this one (ADR 99).
    """
    programme = application.programme if offer is None or offer.campaign != application.campaign else offer.programme
    day = asked
    if day is None and programme.answer_delay_days is not None:
        day = moment.day + timedelta(days=programme.answer_delay_days)
    elif day is None:
        day = programme.answer_deadline
    if day is not None and day < moment.day:
        raise INVALID_FIELDS(fields=[FieldError("answer_deadline", "day-past")])
    if asked is not None and asked > moment.day + FARTHEST:
        raise INVALID_FIELDS(fields=[FieldError("answer_deadline", "day-too-far")])
    return day
