"""Admission under conditions, each followed by itself; nothing follows from one that is not met but what staff decide.

The admission is final once every condition is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.applications.domain.condition_states import ACTIONS, MARKING, ConditionState, condition_after
from services.applications.domain.conditioned import Condition, Followed, SaidCondition
from services.applications.domain.decision_model import ValidatedDecision
from services.applications.domain.events import Change, ConditionMarked, ConditionsDue, ConditionsTold
from services.applications.domain.model import Application, Moment
from services.applications.domain.review import FARTHEST
from services.applications.domain.states import DecisionKind, Label, Party, PlaceState
from services.contracts.actors import Acting
from services.contracts.conditions import MOST_CONDITIONS, ListedCondition
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, STALE_VERSION, FieldError
from services.contracts.refusals.applications import ACTION_FORBIDDEN, DECISION_CHANGED, NO_PLACE
from services.contracts.text_folding import fold

CONDITIONAL = (DecisionKind.FAVOURABLE, DecisionKind.RANKED_WAITLIST)
"""Under conditions one is admitted, or will be by the place that one waits for by rank."""
HELD = (PlaceState.OFFERED, PlaceState.ACCEPTED)
"""Where a place is theirs, or may be: its conditions matter."""
EARLIEST = timedelta(days=10 * 365)
"""Before its decision something may have been fulfilled: a year that is mistyped lies farther back."""


def conditions_of(
    said: Sequence[SaidCondition], listed: Sequence[ListedCondition], there: Sequence[Condition] = ()
) -> tuple[Condition, ...]:
    """The conditions that are meant, with what the institution calls its own; those that are `there` already stay as they
    were entered, whatever became of the list.

    Raises INVALID_FIELDS for one that is not in the list, or says neither or both.
    """
    known: dict[str, Label] = {each.code: each.label for each in listed}
    known |= {each.code: each.label for each in there if each.code is not None}
    found, faults = list[Condition](), list[FieldError]()
    for number, each in enumerate(said):
        if (each.code is None) is (each.text is None):
            faults.append(FieldError(f"conditions.{number}.text", "required" if each.code is None else "not-of-kind"))
        elif each.text is not None:
            found.append(Condition({"fr": each.text}, each.until))
        elif each.code in known:
            found.append(Condition(known[each.code], each.until, each.code))
        else:
            faults.append(FieldError(f"conditions.{number}.code", "unknown-condition"))
    if faults:
        raise INVALID_FIELDS(fields=faults)
    return tuple(found)


def faults_of(conditions: Sequence[Condition], kind: DecisionKind, moment: Moment) -> Iterator[FieldError]:
    """What is wrong with the conditions of a decision that is entered."""
    if conditions and kind not in CONDITIONAL:
        yield FieldError("conditions", "not-of-kind")
    if len(conditions) > MOST_CONDITIONS:
        yield FieldError("conditions", "too-many", {"max": MOST_CONDITIONS})
    seen = set[str]()
    for number, each in enumerate(conditions):
        if not seen.isdisjoint(names := {fold(text) or text for text in each.label.values()}):
            yield FieldError(f"conditions.{number}.text", "repeated")
        seen |= names
        if each.until is not None and each.until < moment.day:
            yield FieldError(f"conditions.{number}.until", "day-past")
        if each.until is not None and each.until > moment.day + FARTHEST:
            yield FieldError(f"conditions.{number}.until", "day-too-far")


def carried_over(conditions: Sequence[Condition], day: date) -> tuple[Condition, ...]:
    """The conditions of who waited for a place that is to be answered by a `day`: none is to be met before that."""
    return tuple(each if each.until is None else replace(each, until=max(each.until, day)) for each in conditions)


def begun(conditions: Sequence[Condition]) -> tuple[Followed, ...]:
    """How the conditions of a decision stand that has just begun to count."""
    return tuple(Followed(number) for number in range(1, len(conditions) + 1))


def state_in(decision: ValidatedDecision | None) -> ConditionState | None:
    """How they stand together: one that is not met says so, else one that is open; None: there are none."""
    states = set[ConditionState]() if decision is None else {each.state for each in decision.followed}
    worst = (ConditionState.NOT_MET, ConditionState.OPEN, ConditionState.MET)
    return next((each for each in worst if each in states), None)


def is_final(application: Application) -> bool:
    """Whether nothing is lacking any more: the place is taken and every condition is met, or there never was one."""
    place, state = application.place, state_in(application.decision)
    taken = place is not None and place.state is PlaceState.ACCEPTED
    return state is None or (state is ConditionState.MET and taken)


def standing(application: Application) -> ConditionState | None:
    """How the conditions stand together of a place that is theirs, or may be; None of any other."""
    place = application.place
    return state_in(application.decision) if place is not None and place.state in HELD else None


def can_be_marked(application: Application, role: Party) -> bool:
    """Whether somebody may say now which conditions are met."""
    return standing(application) is not None and role in MARKING


def mark(
    application: Application,
    decision: str,
    number: int,
    state: ConditionState,
    moment: Moment,
    *,
    role: Party,
    by: Acting,
    on: date | None = None,
    reason: str | None = None,
    seen: Callable[[datetime | None], bool] | None = None,
) -> Change:
    """Say that a condition is met or not met, or take that back; the same again changes nothing.

    `decision` is the id of the one that was seen, `on` the day of which that is: where none is said the one that was said
    of this state, else today. Who says that one is not met says why. `seen` says whether it was
    seen as it was marked last, at an instant or never.

    Raises ACTION_FORBIDDEN, NO_PLACE, DECISION_CHANGED, NOT_FOUND, INVALID_FIELDS, STALE_VERSION.
    """
    if role not in MARKING:
        raise ACTION_FORBIDDEN()
    there = application.decision
    if there is None or standing(application) is None:
        raise NO_PLACE()
    if there.entered.id != decision:
        raise DECISION_CHANGED()
    before = next((each for each in there.followed if each.number == number), None)
    if before is None:
        raise NOT_FOUND()
    after = condition_after(before.state, ACTIONS[state], role)
    if faults := list(_faults(state, on, reason, there, moment)):
        raise INVALID_FIELDS(fields=faults)
    if after is before.state and on in (None, before.on) and reason == before.reason:
        return application, ()
    if seen is not None and not seen(before.at):
        raise STALE_VERSION()
    kept = before.on if after is before.state else None
    day = None if after is ConditionState.OPEN else on or kept or moment.day
    marked = replace(before, state=after, on=day, reason=reason, at=moment.instant, by=by)
    # Of two that were said at once the later one may be kept first.
    untold = min(application.conditions_untold or moment.instant, moment.instant)
    changed = replace(application, decision=_with(there, marked), conditions_untold=untold)
    return changed, (ConditionMarked(decision, number, after, final=is_final(changed)),)


def gather(application: Application, before: datetime) -> Change:
    """Tell the candidate in one what staff have found, if its first was said at this instant or earlier.

    What was taken back before it was told is not told; nor is what no place depends on any more.
    """
    since, there = application.conditions_untold, application.decision
    if since is None or since > before:
        return application, ()
    told = replace(application, conditions_untold=None)
    if there is None or standing(application) is None:
        return told, ()
    changed = tuple(each for each in there.followed if each.state is not each.told)
    if not changed:
        return told, ()
    followed = tuple(replace(each, told=each.state) for each in there.followed)
    by_state = {state: _conditions(there, changed, state) for state in ConditionState}
    met, not_met, again = (
        by_state[state] for state in (ConditionState.MET, ConditionState.NOT_MET, ConditionState.OPEN)
    )
    left = _conditions(there, there.followed, ConditionState.OPEN)
    unanswered = application.place is not None and application.place.state is PlaceState.OFFERED
    happened = ConditionsTold(
        met=met,
        not_met=not_met,
        again=again,
        left=left,
        final=is_final(application),
        unanswered=unanswered,
        until=there.answer_deadline if unanswered else None,
    )
    return replace(told, decision=replace(there, followed=followed)), (happened,)


def due_on(application: Application) -> date | None:
    """The next day by which a condition is to be met of which nobody has been reminded; None: there is none."""
    if (there := application.decision) is None or standing(application) is None:
        return None
    return min((day for each in there.followed if (day := _awaited(there, each)) is not None), default=None)


def remind(application: Application, moment: Moment, days: int) -> Change:
    """Remind once of each condition whose day is at most so many `days` away; 0: not.

    The mail that tells the conditions says their days too, so that nobody is reminded on the very day of it; of a day that
    has passed nobody is.
    """
    there, day = application.decision, due_on(application)
    if there is None or day is None:
        return application, ()
    near = moment.day + timedelta(days=days)
    awaited = [(each, until) for each in there.followed if (until := _awaited(there, each)) is not None]
    past = [each for each, until in awaited if until < moment.day]
    told_lately = moment.instant - there.at < timedelta(days=1)
    due = [] if told_lately or not days else [each for each, until in awaited if moment.day <= until <= near]
    if not past and not due:
        return application, ()
    done = {each.number for each in (*past, *due)}
    followed = tuple(replace(each, reminded=True) if each.number in done else each for each in there.followed)
    happened = (ConditionsDue(_conditions(there, due, ConditionState.OPEN)),) if due else ()
    return replace(application, decision=replace(there, followed=followed)), happened


def _awaited(decision: ValidatedDecision, each: Followed) -> date | None:
    if each.state is not ConditionState.OPEN or each.reminded:
        return None
    return decision.entered.conditions[each.number - 1].until


def _conditions(
    decision: ValidatedDecision, followed: Sequence[Followed], state: ConditionState
) -> tuple[Condition, ...]:
    return tuple(decision.entered.conditions[each.number - 1] for each in followed if each.state is state)


def _with(decision: ValidatedDecision, changed: Followed) -> ValidatedDecision:
    followed = tuple(changed if each.number == changed.number else each for each in decision.followed)
    return replace(decision, followed=followed)


def _faults(
    state: ConditionState, on: date | None, reason: str | None, decision: ValidatedDecision, moment: Moment
) -> Iterator[FieldError]:
    if on is not None and state is ConditionState.OPEN:
        yield FieldError("on", "not-of-kind")
    elif on is not None and on > moment.day:
        yield FieldError("on", "day-in-future")
    elif on is not None and on < decision.at.date() - EARLIEST:
        yield FieldError("on", "day-too-early")
    if reason is None and state is ConditionState.NOT_MET:
        yield FieldError("reason", "required")
