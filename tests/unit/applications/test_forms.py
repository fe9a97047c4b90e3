"""A form that is filled in anew: before the submission the newest counts, after it both are kept (acceptance 64)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.applications.domain import forms
from services.applications.domain.asked import MOST_KNOWN, Delivery, FormAnswer
from services.applications.domain.events import FilledIn
from services.applications.domain.form_events import FormChanged
from services.applications.domain.model import Application
from services.applications.domain.review import lapse, mark, reopen
from services.applications.domain.states import FileState
from services.applications.domain.submission import freeze
from services.applications.repository.rows import filled_in, filled_out
from services.contracts.actors import Acting, Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import DEADLINE, OPENS, STEPS, asked, handed_over, offer, on

KIM, CLOCK = Acting("staff:kim"), Acting("service:applications")
NOW = on(OPENS)


def at(hours: int) -> datetime:
    return NOW.instant + timedelta(hours=hours)


def read(id: str, hours: int | None, answer: str, night: int = 24) -> Delivery:
    """A response as it is read in a night; without `hours` its server does not say when it was filled in."""
    when = at(night) if hours is None else at(hours)
    return Delivery(id, when, at(night), (FormAnswer("Où ?", answer),), read=True)


def told(id: str, hours: int, answer: str) -> Delivery:
    return Delivery(id, at(hours), at(hours), (FormAnswer("Où ?", answer),))


def after(*deliveries: Delivery, application: Application | None = None) -> tuple[Application, list[object]]:
    state, happened = application or asked("Pour la mer."), list[object]()
    for delivery in deliveries:
        state, facts = forms.fill_in(state, "plans", delivery, NOW)
        happened += facts
    return state, happened


def shown(application: Application) -> str | None:
    delivery = application.form("plans").delivery
    return delivery.answers[0].answer if delivery is not None else None


def beside(application: Application) -> str | None:
    filled = application.form("plans")
    return filled.since.answers[0].answer if filled.since is not None and filled.differs else None


def submitted() -> Application:
    return handed_over(after(read("r-1", 1, "En mer."))[0], NOW)[0]


@pytest.mark.parametrize(
    ("deliveries", "counts", "events"),
    [
        ([read("r-1", 1, "A"), read("r-1", 1, "A", 48)], "A", 1),  # read again
        ([read("r-1", 1, "A"), read("r-1", 3, "B", 48)], "B", 2),  # changed, and its server says when
        ([read("r-1", 1, "A"), read("r-1", 1, "B", 48)], "B", 2),  # changed, and it does not
        ([read("r-1", 1, "A"), read("r-1", 1, "B", 48), read("r-1", 1, "A", 72)], "A", 3),  # and changed back
        ([read("r-1", 1, "A"), read("r-1", 3, "A", 48)], "A", 1),  # sent off again as it was
        ([read("r-1", None, "A"), read("r-1", None, "B", 48), read("r-1", None, "B", 72)], "B", 2),
        ([read("r-1", 1, "A"), read("r-2", 2, "B"), read("r-1", 1, "A", 48), read("r-2", 2, "B", 48)], "B", 2),
        ([read("r-2", 2, "B"), read("r-1", 1, "A")], "B", 1),  # of two the one that was sent off last
        ([read("r-1", 1, "A"), read("r-2", 2, "B"), read("r-1", 3, "C", 48)], "C", 3),  # the first was changed later
        ([read("r-1", None, "A"), read("r-2", None, "B", 48), read("r-1", None, "A", 72)], "B", 2),
        ([read("r-9", None, "A"), read("r-10", None, "B"), read("r-9", None, "A")], "B", 2),  # all in one night
        ([told("m-1", 1, "A"), told("m-1", 1, "A"), told("m-2", 2, "B"), told("m-1", 1, "A")], "B", 2),
        ([told("m-1", 1, "A"), told("m-2", 2, "A")], "A", 1),  # told anew, and says the same
        ([told("m-1", 1, "A"), read("r-1", 2, "B"), told("m-3", 1, "C")], "B", 2),
    ],
)
def test_what_was_filled_in_last_counts_and_each_change_is_told_once(
    deliveries: list[Delivery], counts: str, events: int
) -> None:
    state, happened = after(*deliveries)
    assert (shown(state), happened) == (counts, [FilledIn("plans")] * events)
    again, more = after(deliveries[-1], application=state)
    assert (again, more) == (state, []), "twice"


def test_after_the_submission_what_was_submitted_stays_and_what_changed_stands_beside_it() -> None:
    """Once, one event per change; and no difference is said where they have changed it back."""
    state = submitted()
    changed, happened = after(read("r-1", 1, "À terre.", 48), read("r-1", 1, "À terre.", 72), application=state)
    assert (shown(changed), beside(changed), happened) == ("En mer.", "À terre.", [FormChanged("plans", "answers")])
    more, happened = after(told("m-1", 30, "Au lac."), told("m-1", 30, "Au lac."), application=changed)
    assert (shown(more), beside(more), happened) == ("En mer.", "Au lac.", [FormChanged("plans", "answers")])
    back, happened = after(told("m-2", 31, "En mer."), application=more)
    assert (shown(back), beside(back), happened) == ("En mer.", None, [FormChanged("plans", "answers")])
    assert replace(back, forms=state.forms) == state


def test_a_form_with_both_is_read_as_it_was_written() -> None:
    changed, _ = after(read("r-1", 1, "B", 48), application=submitted())
    both = replace(changed.form("plans"), gone_at=at(72))
    assert filled_in(filled_out(both)) == both
    none = replace(both, delivery=None)
    assert filled_in(filled_out(none)) == none


def test_where_the_file_is_given_back_the_newest_counts_and_if_it_is_not_handed_over_both_stand() -> None:
    changed, _ = after(read("r-1", 1, "À terre.", 48), application=submitted())
    reopened, _ = reopen(changed, "by mistake", None, NOW, role=Role.MANAGER, by=KIM)
    again, _ = mark(changed, FileState.INCOMPLETE, None, offer(), NOW, role=Role.MANAGER, by=KIM)
    for state in (reopened, again):
        assert (shown(state), beside(state)) == ("À terre.", None)
        frozen = freeze(state, STEPS, NOW)
        assert frozen is not None and frozen.forms["plans"][0].answer == "À terre."
        newer, happened = after(read("r-1", 1, "Au lac.", 72), application=state)
        assert (shown(newer), happened) == ("Au lac.", [FilledIn("plans")])
    first = freeze(after(read("r-1", 1, "En mer."))[0], STEPS, NOW)
    late = on(DEADLINE + timedelta(days=1))
    lapsed, _ = lapse(again, first, offer(), late, CLOCK)
    assert (shown(lapsed), beside(lapsed)) == ("En mer.", "À terre.")
    assert after(read("r-1", 1, "À terre.", 96), application=lapsed) == (lapsed, [])


def test_who_has_submitted_nothing_or_has_given_up_fills_in_nothing_any_more() -> None:
    for state in (replace(asked(), state=FileState.COMPLETE), replace(submitted(), state=FileState.CANCELLED)):
        with pytest.raises(RefusedError, match="file-frozen"):
            after(read("r-9", 9, "B"), application=state)
        assert not forms.takes(state)
    with pytest.raises(RefusedError, match="deadline-passed"):
        forms.fill_in(asked(), "plans", told("m-1", 1, "A"), on(DEADLINE + timedelta(days=1)))


def test_a_response_that_is_deleted_is_said_once_and_nothing_of_it_is_lost() -> None:
    for state in (after(read("r-1", 1, "En mer."))[0], submitted()):
        assert forms.lose(state, "plans", frozenset({"r-1"}), NOW) == (state, ())
        lost, happened = forms.lose(state, "plans", frozenset({"r-2"}), NOW)
        assert (shown(lost), lost.form("plans").gone_at) == ("En mer.", NOW.instant)
        assert happened == (FormChanged("plans", "deleted"),)
        assert forms.lose(lost, "plans", frozenset(), NOW) == (lost, ())
        found, more = after(read("r-1", 1, "En mer.", 72), application=lost)
        assert found.form("plans").gone_at is None and not more, "it is there again"
        newer, _ = after(read("r-3", 5, "Au lac.", 72), application=lost)
        assert newer.form("plans").gone_at is None, "another was sent off since"
    for state in (after(told("m-1", 1, "A"))[0], asked(), replace(submitted(), state=FileState.CANCELLED)):
        assert forms.lose(state, "plans", frozenset(), NOW) == (state, ()), "what was told is not looked for"


def test_no_more_messages_are_known_than_are_kept() -> None:
    state, _ = after(*(told(f"m-{each}", each, str(each)) for each in range(1, MOST_KNOWN + 2)))
    assert state.form("plans").known == tuple(f"m-{each}" for each in range(2, MOST_KNOWN + 2))


def test_of_more_undated_responses_than_are_known_the_last_counts_and_no_other_in_later_nights() -> None:
    several = range(1, MOST_KNOWN + 6)
    state, _ = after(*(read(f"r-{each}", None, f"{each}.") for each in several))
    assert shown(state) == f"{several[-1]}."
    state, facts = after(*(read(f"r-{each}", None, f"{each}.", night=48) for each in several), application=state)
    assert (shown(state), facts) == (f"{several[-1]}.", [])
    last = frozenset(f"r-{each}" for each in several[:-1])
    state, _ = forms.lose(state, "plans", last, NOW)
    state, _ = after(read("r-1", None, "Anew.", night=72), application=state)
    assert shown(state) == "Anew.", "a survey that was begun anew counts from one again"


@pytest.mark.parametrize(
    ("minutes", "answer", "counts"), [(0, "Brest", False), (10, "Brest", False), (11, "Brest", True), (1, "Lyon", True)]
)
def test_what_was_told_by_a_message_is_read_in_the_night_without_being_another(
    minutes: int, answer: str, counts: bool
) -> None:
    """Servers that do both date a response later than its message, and ask in other words."""
    said = Delivery("m1", at(1), at(1), (FormAnswer("city", "Brest"), FormAnswer("name", "Zoé")))
    (there,) = after(said)[0].forms
    answers = (FormAnswer("Quel est votre nom ?", "Zoé"), FormAnswer("Quelle ville ?", answer))
    response = Delivery("r1", at(1) + timedelta(minutes=minutes), at(2), answers, read=True)
    assert there.counts(response) is counts
