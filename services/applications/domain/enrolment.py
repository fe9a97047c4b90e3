"""How one enrols who has accepted a place: told once for each acceptance, whenever that is set (acceptance 86)."""

from __future__ import annotations

from dataclasses import replace

from services.applications.domain.conditions import is_final
from services.applications.domain.events import Change, EnrolmentInstructed
from services.applications.domain.model import Application
from services.applications.domain.states import PlaceState
from services.contracts.parameters import EnrolmentParameters


def enrols(application: Application) -> bool:
    """Whether its candidate has accepted a place, and keeps it."""
    return application.place is not None and application.place.state is PlaceState.ACCEPTED


def is_handed_over(application: Application) -> bool:
    """Whether its candidate is to be enrolled: under conditions once all of them are met, or at once (parameter)."""
    place = application.place
    return place is not None and enrols(application) and (place.at_once or is_final(application))


def may_enrol(application: Application) -> bool:
    """Whether a place is offered to its candidate, or they have accepted it: of enrolling nobody else is told."""
    return application.place is not None and application.place.state in (PlaceState.OFFERED, PlaceState.ACCEPTED)


def instruct(application: Application, enrolment: EnrolmentParameters) -> Change:
    """Tell once who has accepted a place how to enrol; nothing as long as it is not said where."""
    place = application.place
    if place is None or not is_handed_over(application) or place.instructed or not enrolment.link_fr:
        return application, ()
    instructed = EnrolmentInstructed(
        {language: enrolment.link_in(language) for language in ("fr", "en")},
        {language: enrolment.message_in(language) for language in ("fr", "en")},
    )
    return replace(application, place=replace(place, instructed=True)), (instructed,)
