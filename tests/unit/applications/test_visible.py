"""What candidates are told of is what they can see: each member is said to be that, or not to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, get_args, get_type_hints

import pytest

from services.applications.domain.model import Application, Milestone, Place
from services.applications.domain.states import PlaceState
from services.applications.domain.visible import SEEN, visible
from services.applications.repository.applications import ApplicationRepository
from services.contracts.actors import Acting
from tests.unit.applications.builders import on
from tests.unit.applications.test_decisions import TODAY, offered

UNSEEN: Final[dict[str, set[str]]] = {
    "Application": {
        *("account", "file_number", "slot", "reminded", "untold", "promotion", "waited_by", "was_accepted", "left"),
        *("conditions_untold", "passed_over", "reminded_on"),
    },
    "Programme": {"answer_delay_days"},
    "ReasonAsDecided": {"code"},
    "Piece": {"judged", "comment_code"},
    "Held": {"handed_over", "before", "file"},
    "Requirement": {"registrar_code"},
    "FilledForm": {"known"},
    "Delivery": {"id", "filled_in_at", "read"},
    "SubmissionRef": {"inline"},
    "Milestone": {"by", "on", "reason"},
    "ValidatedDecision": {"by", "told_on", "unreached"},
    "EnteredDecision": {"id", "at", "by"},
    "InPlace": {"untold"},
    "Act": {"by"},
    "Condition": {"code"},
    "Followed": {"at", "by", "told", "reminded"},
    "Place": {"at", "by", "reminded", "instructed", "put_back_on", "at_once", "group"},
}
DERIVED: Final = {
    *("opened_at", "acted", "untold_since", "active_key", "slot_key", "lapses_after", "unanswered_until"),
    *("conditions_untold_since", "conditions_due"),
    *("takes_place", "takes_group", "offers_place", "offers_group", "waits_for", "waiting_rank", "rank_key"),
}
"""Members of a stored application that follow from others, or say who has acted."""


def reached(kind: Any) -> Iterator[type]:
    """The dataclasses that what is seen of this one is made of, itself among them."""
    if not is_dataclass(kind):
        for each in get_args(kind):
            yield from reached(each)
        return
    assert isinstance(kind, type)
    yield kind
    hints = get_type_hints(kind)
    for name in SEEN.get(kind, ()):
        yield from reached(hints[name])


def test_each_member_is_seen_or_is_not() -> None:
    """Acceptance 46: who adds one says which; none is told of because nobody has thought of it."""
    kinds = set(reached(Application))
    assert kinds == set(SEEN)
    for kind in kinds:
        told, untold = set(SEEN[kind]), UNSEEN.get(kind.__name__, set())
        assert not told & untold, kind
        assert told | untold == {each.name for each in fields(kind)}, kind
    assert set(UNSEEN) <= {kind.__name__ for kind in kinds}
    repository = ApplicationRepository.__new__(ApplicationRepository)
    stored = set(repository.to_document(offered()))
    assert stored <= set(SEEN[Application]) | UNSEEN["Application"] | DERIVED


BY = Acting("staff:1")


@pytest.mark.parametrize(
    "mark", [{"reminded": True}, {"instructed": True}, {"at": on(TODAY).instant, "by": BY}, {"put_back_on": TODAY}]
)
def test_what_timers_and_staff_note_of_a_place_is_no_news(mark: dict[str, Any]) -> None:
    before = offered()
    assert before.place is not None
    assert visible(replace(before, place=replace(before.place, **mark))) == visible(before)
    assert visible(replace(before, place=Place(PlaceState.ACCEPTED))) != visible(before)


def test_who_has_acted_and_why_is_no_news_and_that_something_was_done_is() -> None:
    before = offered()
    last = before.history[-1]
    other = replace(last, by=BY, reason="Sur demande")
    assert visible(replace(before, history=(*before.history[:-1], other))) == visible(before)
    assert visible(replace(before, history=(*before.history, Milestone(last.at, last.state, BY)))) != visible(before)
