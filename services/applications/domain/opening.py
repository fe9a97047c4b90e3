"""Opening an application and giving a draft up (product, section 4: Open, Cancel; acceptance 23, 38-41, 45, 47)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from enum import StrEnum
from itertools import count
from typing import Final

from services.applications.domain.asked import FilledForm, QuestionAnswer
from services.applications.domain.copies import ProfileCopy, ProgrammeCopy
from services.applications.domain.events import Cancelled, Change, Opened, OpenedComplete
from services.applications.domain.held import follow
from services.applications.domain.model import Application, Milestone, Moment, Piece
from services.applications.domain.review import check_last_day
from services.applications.domain.states import CANDIDATE, FileAction, Party, ProgrammeState, file_after
from services.contracts.actors import Acting
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.applications import (
    DECISION_STANDS,
    PROFILE_INCOMPLETE,
    PROGRAMME_CLOSED,
    TOO_MANY_APPLICATIONS,
)

REQUIRED_STEPS: Final = ("identity", "address", "baccalaureate")
"""The steps of the profile without which nobody applies, in their order."""


class Scope(StrEnum):
    """Among which applications of a person the maximum counts."""

    CENTRE = "centre"
    ESTABLISHMENT = "establishment"


def check_opening(card: ProfileCopy | None, offer: ProgrammeCopy, moment: Moment) -> ProfileCopy:
    """The candidate's card if this person may apply to this programme today.

    Raises as `check_outside_dates` does, and PROGRAMME_CLOSED with `not-yet-open` (`opens_on`), `closed` (`closes_on`).
    """
    card = check_outside_dates(card, offer)
    if moment.day < offer.opens_on:
        raise PROGRAMME_CLOSED(reason="not-yet-open", opens_on=offer.opens_on)
    if moment.day > offer.closes_on:
        raise PROGRAMME_CLOSED(reason="closed", closes_on=offer.closes_on)
    return card


def check_outside_dates(card: ProfileCopy | None, offer: ProgrammeCopy) -> ProfileCopy:
    """The candidate's card if staff may open an application to this programme for this person, on whatever day.

    Raises PROFILE_INCOMPLETE with the missing steps in order, PROGRAMME_CLOSED with its reason: `withdrawn`,
    `other-campaign`, `not-offered`.
    """
    missing = REQUIRED_STEPS if card is None else card.missing
    if card is None or missing:
        raise PROFILE_INCOMPLETE(missing=list(missing))
    if offer.state is ProgrammeState.WITHDRAWN:
        raise PROGRAMME_CLOSED(reason="withdrawn")
    if offer.campaign != card.campaign:
        raise PROGRAMME_CLOSED(reason="other-campaign")
    if not offer.offered:
        raise PROGRAMME_CLOSED(reason="not-offered")
    return card


def slots_of(card: ProfileCopy, offer: ProgrammeCopy, scope: Scope) -> str:
    """The prefix of the slots that this application competes for; a slot is the prefix and a number."""
    among = offer.programme.centre["code"] if scope is Scope.CENTRE else "*"
    return f"{card.account}|{card.campaign}|{among}|"


def free_slot(
    card: ProfileCopy, offer: ProgrammeCopy, active: Collection[Application], maximum: int | None, scope: Scope
) -> str:
    """The first slot that none of the person's active applications of this campaign has.

    Raises TOO_MANY_APPLICATIONS with `max` and among which (`scope`); without a `maximum`, which binds candidates, never.
    All of them count, also those that were opened when the maximum was another one or counted otherwise; a unique index on
    the slot makes it hold whatever happens at the same time, since all who see the same applications choose the same slot.
    """
    centre = offer.programme.centre["code"]
    among = sum(scope is Scope.ESTABLISHMENT or each.programme.centre["code"] == centre for each in active)
    if maximum is not None and among >= maximum:
        raise TOO_MANY_APPLICATIONS(max=maximum, scope=scope)
    prefix, taken = slots_of(card, offer, scope), {each.slot for each in active}
    return next(slot for number in count() if (slot := f"{prefix}{number}") not in taken)


def offer_slot(card: ProfileCopy, offer: ProgrammeCopy, scope: Scope) -> str:
    """The slot of a place that is offered: none that a candidate competes for, who must not miss one (acceptance 46)."""
    return f"{slots_of(card, offer, scope)}offer-{offer.programme.code}"


def open_application(card: ProfileCopy, offer: ProgrammeCopy, slot: str, moment: Moment, by: Acting) -> Change:
    """A new draft that keeps the programme's requirements and days as they are now; what the registrar holds is there."""
    state = file_after(None, FileAction.OPEN, CANDIDATE)
    begun = _begun(card, offer, slot, Milestone(moment.instant, state, by))
    return follow(begun, card.held, moment, {})[0], (Opened(),)


def open_for(
    card: ProfileCopy, offer: ProgrammeCopy, slot: str, moment: Moment, *, role: Party, by: Acting, until: date | None
) -> Change:
    """A draft that staff open for somebody, who can give what is asked for `until` a day, and at least the programme's.

    Where the programme's has passed they name one. Raises ACTION_FORBIDDEN, INVALID_FIELDS.
    """
    state, day = file_after(None, FileAction.OPEN, role), offer.submission_deadline
    if until is not None:
        check_last_day(until, moment)
        day = max(day, until)
    elif day < moment.day:
        raise INVALID_FIELDS(fields=[FieldError("submission_deadline", "required")])
    begun = _begun(card, offer, slot, Milestone(moment.instant, state, by))
    return follow(replace(begun, submission_deadline=day), card.held, moment, {})[0], (Opened("staff"),)


def open_complete(
    card: ProfileCopy, offer: ProgrammeCopy, slot: str, moment: Moment, *, role: Party, by: Acting
) -> Change:
    """A complete file that staff open to offer a place; raises ACTION_FORBIDDEN."""
    state = file_after(None, FileAction.OFFER, role)
    return _begun(card, offer, slot, Milestone(moment.instant, state, by)), (OpenedComplete(),)


def _begun(card: ProfileCopy, offer: ProgrammeCopy, slot: str, first: Milestone) -> Application:
    return Application(
        account=card.account,
        file_number=card.file_number,
        campaign=card.campaign,
        programme=offer.programme,
        state=first.state,
        submission_deadline=offer.submission_deadline,
        slot=slot,
        pieces=tuple(Piece(requirement) for requirement in offer.requirements),
        forms=tuple(map(FilledForm, offer.forms)),
        answers=tuple(map(QuestionAnswer, offer.questions)),
        history=(first,),
    )


def cancel(application: Application, moment: Moment, by: Acting) -> Change:
    """Give a draft up; its programme and its slot are free again. Raises WRONG_STATE, DECISION_STANDS (acceptance 45)."""
    after = file_after(application.state, FileAction.CANCEL, CANDIDATE)
    if after is application.state:
        return application, ()
    if application.decision is not None:
        raise DECISION_STANDS()
    return application.moved_to(after, moment.instant, by), (Cancelled(),)
