"""Forms that are filled in elsewhere (product, section 4: Submit; acceptance 64, 67)."""

from __future__ import annotations

from services.applications.domain.asked import AnswerAction, Delivery, answer_after
from services.applications.domain.deadline import check_in_time
from services.applications.domain.events import Change, FilledIn
from services.applications.domain.model import Application, Moment
from services.applications.domain.states import CANDIDATE


def fill_in(application: Application, code: str, delivery: Delivery, moment: Moment) -> Change:
    """Keep what was filled in; a message that came before, or an older one, changes nothing.

    Raises NOT_FOUND, FILE_FROZEN, DEADLINE_PASSED.
    """
    there = application.form(code)
    if not there.counts(delivery):
        return application, ()
    answer_after(application.state, there.state, AnswerAction.FILL_IN, CANDIDATE)
    check_in_time(application, moment)
    return application.with_form(there.filled_in(delivery)), (FilledIn(code),)
