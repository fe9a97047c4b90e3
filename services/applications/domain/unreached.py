"""A decision whose mail has not arrived: staff see it, and the last day for an answer may wait (ADR 108)."""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from services.applications.domain.bulk import CONDITIONAL, DECISION_MAILS
from services.applications.domain.decision_model import Unreached, ValidatedDecision
from services.applications.domain.events import AnswerDue, Change, Decided
from services.applications.domain.mail_lost import MailLost, MailSentAgain, ToldAnew
from services.applications.domain.model import Application, Moment
from services.applications.domain.states import FileState, PlaceState

PROMOTION: Final = "promotion"
"""The kind of the mail that tells of a place by rank."""


def lose(application: Application, told: AnyOf[str], why: str, moment: Moment, *, holds: bool) -> Change:
    """Note, once for each decision, that its mail came back or never left; `told` are the kinds of what was in that mail.

    A mail of an earlier decision, which may come back days after another one counts, says nothing of this one.
    `holds`: the last day for an answer waits, if there is one that is not over and a place that is not answered.
    """
    decision, place = application.decision, application.place
    if decision is None or decision.unreached is not None or _mails(application, decision).isdisjoint(told):
        return application, ()
    day = decision.answer_deadline
    offered = place is not None and place.state is PlaceState.OFFERED
    waits = holds and offered and day is not None and not moment.is_past(day)
    lost = Unreached(moment.instant, why, holds=waits)
    return replace(application, decision=replace(decision, unreached=lost)), (MailLost(why, held=waits),)


def reach(application: Application, moment: Moment) -> Change:
    """The address is another one by now: tell the decision anew, unless what it says is over.

    A last day that has waited is at least as far from now as it was when the decision was told last.
    """
    decision, place = application.decision, application.place
    if decision is None or (lost := decision.unreached) is None or application.state is FileState.CANCELLED:
        return application, ()
    day, told_on = decision.answer_deadline, decision.told_on
    if place is not None and place.state is PlaceState.OFFERED and day is not None:
        if lost.holds:
            day, told_on = _anew(day, decision, moment), moment.day
            place = replace(place, reminded=False)
        elif moment.is_past(day):
            return application, ()
    elif place is not None and place.state not in (PlaceState.OFFERED, PlaceState.WAITING):
        return application, ()  # it is answered, or gone: nobody is offered it once more
    told = replace(decision, answer_deadline=day, unreached=None, told_on=told_on)
    anew = Decided(told, "rank") if decision.entered.id == application.promotion else Decided(told)
    return replace(application, decision=told, place=place), (anew, ToldAnew())


def resend(application: Application, told: AnyOf[str], moment: Moment) -> Change:
    """A mail of the decision that counts was sent once more: nothing waits for it any longer.

    A last day that has waited is as far from now as `reach` has it, and is told where that mail says an earlier one.
    """
    decision, place = application.decision, application.place
    if decision is None or (lost := decision.unreached) is None or _mails(application, decision).isdisjoint(told):
        return application, ()
    day, after = decision.answer_deadline, replace(decision, unreached=None)
    offered = place is not None and place.state is PlaceState.OFFERED and application.state is not FileState.CANCELLED
    later = _anew(day, decision, moment) if lost.holds and offered and day is not None else day
    if place is None or day is None or later is None or later <= day:
        return replace(application, decision=after), (MailSentAgain(),)
    after, place = replace(after, answer_deadline=later, told_on=moment.day), replace(place, reminded=True)
    return replace(application, decision=after, place=place), (AnswerDue(later), MailSentAgain())


def _anew(day: date, decision: ValidatedDecision, moment: Moment) -> date:
    """The last day in place of one that has waited: as many days from now as there were when it was told last."""
    told = decision.told_on or decision.at.date()
    return max(moment.last(day), moment.day + max(timedelta(days=1), day - told))


def _mails(application: Application, decision: ValidatedDecision) -> frozenset[str]:
    """By mails of which kinds the decision that counts is told."""
    entered = decision.entered
    own = PROMOTION if entered.id == application.promotion else DECISION_MAILS[entered.kind]
    return frozenset((own, CONDITIONAL) if entered.conditions else (own,))
