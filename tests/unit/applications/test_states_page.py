"""The page of states says truly what others hear of a transition, and which mail it sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from services.applications.domain.asked import AnswerAction, FormAnswer
from services.applications.domain.condition_states import ConditionAction, ConditionState
from services.applications.domain.conditioned import Condition
from services.applications.domain.conditions import mark as mark_condition
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import answer as answer_place
from services.applications.domain.decisions import lapse as lapse_place
from services.applications.domain.decisions import validate
from services.applications.domain.events import Change, Verdict
from services.applications.domain.forms import fill_in
from services.applications.domain.model import Application
from services.applications.domain.offering import take_back as take_back_offer
from services.applications.domain.opening import cancel, open_application, open_complete
from services.applications.domain.pieces import declare, deposit, remove
from services.applications.domain.places import Promotion, promote
from services.applications.domain.pre_enrolment_states import PreEnrolmentAction
from services.applications.domain.questions import answer, take_back
from services.applications.domain.review import extend, judge, lapse, mark, reopen
from services.applications.domain.states import (
    DecisionAction,
    DecisionKind,
    FileAction,
    FileState,
    PieceAction,
    PieceState,
    PlaceAction,
)
from services.applications.domain.waiting import leave
from services.applications.publications import application_events
from services.cli.mails_page import states
from services.cli.states_page import EVENTS, SAYS, Action
from services.contracts.actors import Role
from services.contracts.events.applications import FileChanged, PlaceFreed
from tests.unit.applications.builders import (
    DELIVERY,
    OPENS,
    ZOE,
    asked,
    card,
    document,
    draft,
    file_with,
    handed_over,
    offer,
    on,
)

TODAY, LATE = on(date(2027, 2, 1)), on(date(2027, 4, 16))
COMPLETE = file_with(FileState.COMPLETE, PieceState.AWAITING)


def marked(application: Application, state: FileState) -> Change:
    return mark(application, state, None, None, TODAY, role=Role.MANAGER, by=ZOE)


def judged(verdict: Verdict) -> Change:
    file = file_with(FileState.SUBMITTED, PieceState.DEPOSITED)
    return judge(file, "cv", verdict, "Illisible", TODAY, role=Role.MANAGER, by=ZOE)


def decided() -> Change:
    entered = EnteredDecision("d1", DecisionKind.FAVOURABLE, TODAY.instant, ZOE)
    return validate(COMPLETE, entered, "d1", None, TODAY, role=Role.MANAGER, by=ZOE, two_persons=False)


def found(state: ConditionState, *before: ConditionState) -> Change:
    """A condition of an admission is found to be so, `before` which it was found to be otherwise."""
    one = (Condition({"fr": "Obtenir la licence"}),)
    entered = EnteredDecision("d1", DecisionKind.FAVOURABLE, TODAY.instant, ZOE, conditions=one)
    file = validate(COMPLETE, entered, "d1", None, TODAY, role=Role.MANAGER, by=ZOE, two_persons=False)[0]
    for each in before:
        file = mark_condition(file, "d1", 1, each, TODAY, role=Role.MANAGER, by=ZOE)[0]
    return mark_condition(file, "d1", 1, state, TODAY, role=Role.MANAGER, by=ZOE, reason="Vu")


def ranked() -> Application:
    entered = EnteredDecision("d1", DecisionKind.RANKED_WAITLIST, TODAY.instant, ZOE, rank=1)
    return validate(COMPLETE, entered, "d1", None, TODAY, role=Role.MANAGER, by=ZOE, two_persons=False)[0]


def taken_back() -> Change:
    offered = open_complete(card(), offer(), "slot", TODAY, role=Role.MANAGER, by=ZOE)[0]
    entered = EnteredDecision("d1", DecisionKind.FAVOURABLE, TODAY.instant, ZOE)
    return take_back_offer(offered, entered, TODAY, role=Role.MANAGER, by=ZOE, id="d1")


def answered(action: PlaceAction) -> Change:
    return answer_place(decided()[0], action, TODAY, ZOE)


CHANGED = replace(DELIVERY, id="msg_2", filled_in_at=TODAY.instant, answers=(FormAnswer("Pourquoi ?", "Le lac"),))
DONE: Mapping[Action, Callable[[], Change]] = {
    FileAction.OPEN: lambda: open_application(card(), offer(), "zoe|2027|SEE|0", on(OPENS), ZOE),
    FileAction.SUBMIT: lambda: handed_over(draft(pieces=()), TODAY),
    FileAction.CANCEL: lambda: cancel(draft(), TODAY, ZOE),
    PieceAction.DEPOSIT: lambda: deposit(draft(), "cv", document(), TODAY),
    PieceAction.REMOVE: lambda: remove(file_with(FileState.DRAFT, PieceState.DEPOSITED), "cv", TODAY),
    PieceAction.DECLARE_NOT_APPLICABLE: lambda: declare(
        file_with(FileState.DRAFT, PieceState.AWAITING), "cv", TODAY, not_applicable=True
    ),
    AnswerAction.ANSWER: lambda: answer(asked(), "why", "Pour la mer.", TODAY),
    AnswerAction.FILL_IN: lambda: fill_in(asked(), "plans", DELIVERY, TODAY),
    AnswerAction.CHANGE_FORM: lambda: fill_in(
        handed_over(fill_in(asked("why"), "plans", DELIVERY, TODAY)[0], TODAY)[0], "plans", CHANGED, TODAY
    ),
    AnswerAction.TAKE_BACK: lambda: take_back(asked(given="Pour la mer."), "why", TODAY),
    PieceAction.DECLARE_APPLICABLE: lambda: declare(
        file_with(FileState.DRAFT, PieceState.NOT_APPLICABLE), "cv", TODAY, not_applicable=False
    ),
    FileAction.OFFER: lambda: open_complete(card(), offer(), "slot", TODAY, role=Role.MANAGER, by=ZOE),
    FileAction.TAKE_BACK: taken_back,
    FileAction.MARK_SUBMITTED: lambda: marked(COMPLETE, FileState.SUBMITTED),
    FileAction.MARK_INCOMPLETE: lambda: marked(COMPLETE, FileState.INCOMPLETE),
    FileAction.MARK_COMPLETE: lambda: marked(replace(COMPLETE, state=FileState.SUBMITTED), FileState.COMPLETE),
    FileAction.REOPEN: lambda: reopen(COMPLETE, "by mistake", None, TODAY, role=Role.MANAGER, by=ZOE),
    FileAction.EXTEND: lambda: extend(draft(), None, LATE.day, TODAY, role=Role.MANAGER),
    FileAction.LAPSE: lambda: lapse(
        replace(handed_over(draft(pieces=()), TODAY)[0], state=FileState.INCOMPLETE), None, None, LATE, ZOE
    ),
    PieceAction.VALIDATE: lambda: judged("validated"),
    PieceAction.REFUSE: lambda: judged("refused"),
    PieceAction.REMARK: lambda: judged("none"),
    DecisionAction.VALIDATE: decided,
    PlaceAction.ACCEPT: lambda: answered(PlaceAction.ACCEPT),
    PlaceAction.WITHDRAW: lambda: answered(PlaceAction.WITHDRAW),
    PlaceAction.LAPSE: lambda: lapse_place(decided()[0], on(date(2028, 1, 1)), ZOE),
    PlaceAction.LEAVE: lambda: leave(ranked(), TODAY, ZOE),
    ConditionAction.MEET: lambda: found(ConditionState.MET),
    ConditionAction.FAIL: lambda: found(ConditionState.NOT_MET),
    ConditionAction.REOPEN: lambda: found(ConditionState.OPEN, ConditionState.MET),
    PlaceAction.PROMOTE: lambda: promote(ranked(), Promotion("d2", "a1", "d1", ZOE), offer(), TODAY, least_days=7),
}
DECIDED = [
    f"[{kind}](../mails.md#{kind})"
    for kind in (
        *("decision-favourable", "decision-ranked-waitlist", "decision-shortlisted"),
        *("decision-unfavourable", "decision-waitlist", "decision-conditional"),
    )
]
"""The mails of decisions that staff validate."""
FREES = (PlaceAction.WITHDRAW, PlaceAction.LAPSE)
"""What makes room for somebody else, of which the service tells itself."""


def test_every_action_with_an_event_is_done_here_or_by_pre_enrolments() -> None:
    assert EVENTS.keys() == DONE.keys() | set(PreEnrolmentAction)


@pytest.mark.parametrize("action", DONE, ids=str)
def test_an_action_tells_the_event_that_the_page_names(action: Action) -> None:
    application, happened = DONE[action]()
    (domain_event,) = happened
    told, *freed, standing = application_events("a1", application, domain_event)
    assert type(told) is EVENTS[action]
    says = SAYS.get(action, {})
    assert {name: getattr(told, name) for name in says} == says
    assert [type(each) for each in freed] == ([PlaceFreed] if action in FREES else [])
    assert isinstance(standing, FileChanged)
    assert standing.state == application.state


def test_the_page_names_the_mail_of_each_transition_that_sends_one() -> None:
    rows = [line.split(" | ") for line in states().splitlines() if line.startswith("| ")]
    by_candidate = "[application-opened](../mails.md#application-opened)"
    assert [row[1] for row in rows if row[-1].startswith(by_candidate)] == ["candidate"], "who opens is told so"
    sent = {(row[0].removeprefix("| "), row[2]): row[-1].removesuffix(" |") for row in rows if "mails.md#" in row[-1]}
    assert sent == {
        ("open", "none yet"): "[application-opened-for](../mails.md#application-opened-for)",
        ("submit", "`draft`"): "[application-submitted](../mails.md#application-submitted)",
        ("submit", "`incomplete`"): "[application-submitted](../mails.md#application-submitted)",
        ("cancel", "`draft`"): "[application-cancelled](../mails.md#application-cancelled)",
        **dict.fromkeys(
            (
                ("mark_submitted", "`incomplete`"),
                ("mark_submitted", "`complete`"),
                ("lapse", "`incomplete`"),
                ("lapse", "`draft`"),
            ),
            "[application-marked-submitted](../mails.md#application-marked-submitted)<br>"
            "[application-received](../mails.md#application-received)",
        ),
        **dict.fromkeys(
            (("mark_incomplete", "`submitted`"), ("mark_incomplete", "`complete`")),
            "[application-incomplete](../mails.md#application-incomplete)",
        ),
        **dict.fromkeys(
            (("mark_complete", "`submitted`"), ("mark_complete", "`incomplete`")),
            "[application-complete](../mails.md#application-complete)",
        ),
        **dict.fromkeys(
            (("extend", "`draft`"), ("extend", "`incomplete`")),
            "[application-deadline](../mails.md#application-deadline)",
        ),
        **dict.fromkeys(
            (("reopen", "`submitted`"), ("reopen", "`complete`")),
            "[application-reopened](../mails.md#application-reopened)",
        ),
        ("promote", "`waiting`"): "[promotion](../mails.md#promotion)",
        ("validate_decision", "`draft`, `submitted`, `incomplete`, `complete`"): "<br>".join(DECIDED),
        **dict.fromkeys(
            (
                *(("meet_condition", before) for before in ("`open`", "`not_met`")),
                *(("fail_condition", before) for before in ("`open`", "`met`")),
                *(("reopen_condition", before) for before in ("`met`", "`not_met`")),
            ),
            "[conditions-told](../mails.md#conditions-told)",
        ),
        ("leave_waitlist", "`waiting`"): "[waitlist-left](../mails.md#waitlist-left)",
        ("accept", "`offered`"): "[place-accepted](../mails.md#place-accepted)",
        **dict.fromkeys(
            (("withdraw", "`offered`"), ("withdraw", "`accepted`")), "[place-withdrawn](../mails.md#place-withdrawn)"
        ),
        ("lapse_place", "`offered`"): "[place-lapsed](../mails.md#place-lapsed)",
    }
