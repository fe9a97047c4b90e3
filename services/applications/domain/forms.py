"""Forms that are filled in elsewhere (product, section 4: Submit; acceptance 64, 67)."""

from __future__ import annotations

from dataclasses import replace

from services.applications.domain.asked import HANDED_OVER, AnswerAction, Delivery, FilledForm, answer_after
from services.applications.domain.deadline import check_in_time
from services.applications.domain.events import Change, FilledIn
from services.applications.domain.form_events import FormChanged
from services.applications.domain.model import Application, Moment
from services.applications.domain.states import CANDIDATE


def fill_in(application: Application, code: str, delivery: Delivery, moment: Moment) -> Change:
    """Keep what was filled in; a message that came before, or an older one, changes nothing, nor is one told of that says
    the same. After the submission it is kept beside what was submitted.

    Raises NOT_FOUND, FILE_FROZEN, DEADLINE_PASSED.
    """
    there = application.form(code)
    if not there.counts(delivery):
        return application, ()
    if application.state in HANDED_OVER and application.submissions:
        answer_after(application.state, there.state, AnswerAction.CHANGE_FORM, CANDIDATE)
        after, fact = there.changed(delivery), FormChanged(code, "answers")
        return application.with_form(after), (fact,) if there.says_otherwise(delivery) else ()
    answer_after(application.state, there.state, AnswerAction.FILL_IN, CANDIDATE)
    check_in_time(application, moment)
    told = (FilledIn(code),) if there.says_otherwise(delivery) else ()
    return application.with_form(there.filled_in(delivery)), told


def takes(application: Application) -> bool:
    """Whether anything that is filled in is kept."""
    return application.is_editable or (application.state in HANDED_OVER and bool(application.submissions))


def is_lost(filled: FilledForm, there: frozenset[str]) -> bool:
    """Whether what was filled in last was read at its server, whose responses are now these, and is not among them."""
    latest = filled.latest
    return latest is not None and latest.read and filled.gone_at is None and latest.id not in there


def lose(application: Application, code: str, there: frozenset[str], moment: Moment) -> Change:
    """Note that its server has what was filled in last no more; what was filled in is kept. Raises NOT_FOUND."""
    filled = application.form(code)
    if not takes(application) or not is_lost(filled, there):
        return application, ()
    after = application.with_form(replace(filled, gone_at=moment.instant))
    return after, (FormChanged(code, "deleted"),)
