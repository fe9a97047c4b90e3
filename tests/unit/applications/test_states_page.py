"""The page of states says truly what others hear of a transition, and which mail it sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from services.applications.domain.asked import AnswerAction
from services.applications.domain.events import Change
from services.applications.domain.opening import cancel, open_application
from services.applications.domain.pieces import declare, deposit, remove
from services.applications.domain.questions import answer, take_back
from services.applications.domain.states import FileAction, FileState, PieceAction, PieceState
from services.applications.publications import application_events
from services.applications.views.states import EVENTS
from services.cli.mails_page import states
from tests.unit.applications.builders import OPENS, ZOE, asked, card, document, draft, file_with, handed_over, offer, on

TODAY = on(date(2027, 2, 1))
DONE: Mapping[FileAction | PieceAction | AnswerAction, Callable[[], Change]] = {
    FileAction.OPEN: lambda: open_application(card(), offer(), "zoe|2027|SEE|0", on(OPENS), ZOE),
    FileAction.SUBMIT: lambda: handed_over(draft(pieces=()), TODAY),
    FileAction.CANCEL: lambda: cancel(draft(), TODAY, ZOE),
    PieceAction.DEPOSIT: lambda: deposit(draft(), "cv", document(), TODAY),
    PieceAction.REMOVE: lambda: remove(file_with(FileState.DRAFT, PieceState.DEPOSITED), "cv", TODAY),
    PieceAction.DECLARE_NOT_APPLICABLE: lambda: declare(
        file_with(FileState.DRAFT, PieceState.AWAITING), "cv", TODAY, not_applicable=True
    ),
    AnswerAction.ANSWER: lambda: answer(asked(), "why", "Pour la mer.", TODAY),
    AnswerAction.TAKE_BACK: lambda: take_back(asked(given="Pour la mer."), "why", TODAY),
    PieceAction.DECLARE_APPLICABLE: lambda: declare(
        file_with(FileState.DRAFT, PieceState.NOT_APPLICABLE), "cv", TODAY, not_applicable=False
    ),
}


@pytest.mark.parametrize("action", EVENTS, ids=str)
def test_an_action_tells_the_event_that_the_page_names(action: FileAction | PieceAction | AnswerAction) -> None:
    application, happened = DONE[action]()
    (domain_event,) = happened
    (told,) = application_events("a1", application, domain_event)
    assert type(told) is EVENTS[action]


def test_the_page_names_the_mail_of_each_transition_that_sends_one() -> None:
    rows = [line.split(" | ") for line in states().splitlines() if line.startswith("| ")]
    sent = {(row[0].removeprefix("| "), row[2]): row[-1].removesuffix(" |") for row in rows if "mails.md#" in row[-1]}
    assert sent == {
        ("open", "none yet"): "[application-opened](../mails.md#application-opened)",
        ("submit", "`draft`"): "[application-submitted](../mails.md#application-submitted)",
        ("submit", "`incomplete`"): "[application-submitted](../mails.md#application-submitted)",
        ("cancel", "`draft`"): "[application-cancelled](../mails.md#application-cancelled)",
    }
