"""Places that staff offer to who has not applied: of the file nothing is seen before its decision counts (ADR 78, 88)."""

from __future__ import annotations

from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import delete
from services.applications.domain.events import Change, OfferTakenBack
from services.applications.domain.model import Application, Moment
from services.applications.domain.states import CLOCK, FileAction, FileState, Party, file_after
from services.contracts.actors import Acting
from services.contracts.refusals.applications import DECISION_CHANGED


def is_mere_offer(application: Application) -> bool:
    """Whether staff opened it to offer a place, and that is all: nobody has been told of it."""
    told = application.submissions or application.decision is not None or len(application.history) > 1
    return application.was_made_complete and not told


def take_back(
    application: Application, there: EnteredDecision | None, moment: Moment, *, role: Party, by: Acting, id: str | None
) -> Change:
    """Give a mere offer up with the decision that is entered on it; its person may apply. Raises as `delete` does."""
    delete(application, there, role=role, id=id)
    after = file_after(application.state, FileAction.TAKE_BACK, role)
    if not is_mere_offer(application):
        raise DECISION_CHANGED()  # since it was looked at
    return application.moved_to(after, moment.instant, by), (OfferTakenBack(),)


def is_taken_over(there: EnteredDecision | None, adopted: str | None, given: EnteredDecision) -> bool:
    """Whether what is entered on an offer goes over to the file of its person.

    On that `there` is entered, and `adopted` came over last: it stays away where staff have taken it away since, a newer
    one takes its place, and what staff have entered there themselves stays.
    """
    return adopted != given.id and (there is None or there.id == adopted)


def has_given_way(application: Application, by: Acting) -> bool:
    """Whether it was given up for the file of its person, `by` the service, and not taken back by staff."""
    return application.state is FileState.CANCELLED and application.history[-1].by == by


def give_way(application: Application, moment: Moment, by: Acting) -> Change:
    """Give a mere offer up for the file that its person has opened; what is entered goes over to that (ADR 88)."""
    if not is_mere_offer(application) or application.state is FileState.CANCELLED:
        return application, ()
    after = file_after(application.state, FileAction.TAKE_BACK, CLOCK)
    return application.moved_to(after, moment.instant, by), (OfferTakenBack(),)
