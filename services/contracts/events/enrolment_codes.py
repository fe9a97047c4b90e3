"""The event that tells the mailer of a code under which somebody enrols, which names them and is told to no other."""

from __future__ import annotations

from services.contracts.events.applications import PreEnrolmentEvent
from services.contracts.events.catalogue import Audience


class EnrolmentCodeChanged(
    PreEnrolmentEvent,
    type="applications.pre_enrolment.code_changed.v1",
    key="pre_enrolment",
    audience=Audience.INTERNAL,
):
    """Staff have changed the code under which somebody enrols, and have the candidate told so.

    `code` is empty once the person is forgotten.
    """

    code: str
