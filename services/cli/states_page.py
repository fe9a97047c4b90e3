"""The states of files and pieces as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from babel import Locale

from services.applications.domain.asked import ANSWER_TABLE, AnswerAction, AnswerRow, AnswerState
from services.applications.domain.condition_states import TABLE as CONDITION_TABLE
from services.applications.domain.condition_states import ConditionAction, ConditionRow, ConditionState
from services.applications.domain.pre_enrolment_states import (
    TABLE,
    PreEnrolmentAction,
    PreEnrolmentRow,
    PreEnrolmentState,
)
from services.applications.domain.states import (
    CANDIDATE,
    DECISION_TABLE,
    FILE_TABLE,
    PIECE_TABLE,
    PLACE_TABLE,
    STAYING,
    DecisionAction,
    DecisionKind,
    DecisionRow,
    DecisionState,
    FileAction,
    FileRow,
    FileState,
    PieceAction,
    PieceRow,
    PieceState,
    PlaceAction,
    PlaceRow,
    PlaceState,
)
from services.applications.views.wording import word
from services.contracts.events.applications import (
    ApplicationAccepted,
    ApplicationCancelled,
    ApplicationDecided,
    ApplicationLeftWaitlist,
    ApplicationOpened,
    ApplicationReopened,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    DeadlineExtended,
    FormFilledIn,
    MarkedComplete,
    MarkedIncomplete,
    MarkedSubmitted,
    OfferTakenBack,
    OpenedComplete,
    PieceDeposited,
    PieceJudged,
    PieceMarked,
    PieceRemoved,
    PreEnrolmentCancelled,
    PreEnrolmentCompleted,
    PreEnrolmentRefused,
    PreEnrolmentRequested,
    QuestionAnswered,
)
from services.contracts.events.catalogue import Event
from services.contracts.events.conditions import ConditionMarked, ConditionsSet, ConditionsTold
from services.contracts.events.forms import FormChanged
from services.contracts.languages import LANGUAGES
from services.contracts.undoing import UNDOES

State = FileState | PieceState | AnswerState | DecisionKind | PlaceState | PreEnrolmentState | ConditionState
Row = FileRow | PieceRow | AnswerRow | DecisionRow | PlaceRow | PreEnrolmentRow | ConditionRow
Action = FileAction | PieceAction | AnswerAction | DecisionAction | PlaceAction | PreEnrolmentAction | ConditionAction

BULK: Final = ("POST /review/bulk", "POST /review/bulk/runs")
UNDO: Final = "POST /review/bulk/runs/{run}/undo"
DECLARED: Final = "PUT /review/{id}/on-behalf/pieces/{code}/not-applicable"
ANSWERED: Final = "PUT /review/{id}/on-behalf/answers/{question}"

ROUTES: Final[Mapping[Action, tuple[str, ...]]] = {
    FileAction.OPEN: ("POST /applications", "POST /review/applications"),
    FileAction.OFFER: ("POST /review/applications",),
    FileAction.TAKE_BACK: ("DELETE /review/{id}/decision",),
    FileAction.SUBMIT: ("POST /applications/{id}/submission", "POST /review/{id}/on-behalf/submission"),
    FileAction.CANCEL: ("POST /applications/{id}/cancellation",),
    PieceAction.DEPOSIT: (
        "PUT /applications/{id}/pieces/{code}",
        "PUT /applications/{id}/pieces/{code}/reuse",
        "PUT /review/{id}/on-behalf/pieces/{code}",
    ),
    PieceAction.REMOVE: (
        "DELETE /applications/{id}/pieces/{code}",
        "POST /review/{id}/on-behalf/pieces/{code}/removal",
    ),
    PieceAction.DECLARE_NOT_APPLICABLE: ("PUT /applications/{id}/pieces/{code}/not-applicable", DECLARED),
    PieceAction.DECLARE_APPLICABLE: ("DELETE /applications/{id}/pieces/{code}/not-applicable", DECLARED),
    AnswerAction.ANSWER: ("PUT /applications/{id}/answers/{question}", ANSWERED),
    AnswerAction.TAKE_BACK: ("DELETE /applications/{id}/answers/{question}", ANSWERED),
    **dict.fromkeys((FileAction.MARK_SUBMITTED, FileAction.MARK_COMPLETE), ("POST /review/{id}/state", *BULK, UNDO)),
    FileAction.MARK_INCOMPLETE: ("POST /review/{id}/state", *BULK),
    FileAction.REOPEN: ("POST /review/{id}/reopening", *BULK),
    FileAction.EXTEND: ("PUT /review/{id}/deadlines", *BULK),
    **dict.fromkeys(
        (PieceAction.VALIDATE, PieceAction.REFUSE, PieceAction.REMARK),
        ("POST /review/{id}/pieces/{code}/verdict", "POST /review/{id}/verdicts"),
    ),
    **dict.fromkeys((AnswerAction.FILL_IN, AnswerAction.CHANGE_FORM), ("POST /forms/callback",)),
    DecisionAction.ENTER: ("POST /review/{id}/decision", "POST /review/deliberation"),
    DecisionAction.DELETE: ("DELETE /review/{id}/decision",),
    DecisionAction.VALIDATE: ("POST /review/{id}/decision/validation",),
    **dict.fromkeys((PlaceAction.ACCEPT, PlaceAction.WITHDRAW), ("POST /applications/{id}/answer",)),
    PlaceAction.LEAVE: ("POST /applications/{id}/leave-waitlist",),
    PlaceAction.PROMOTE: ("POST /places/{programme}/promotion",),
    **dict.fromkeys(ConditionAction, ("POST /review/{id}/conditions/{number}",)),
    PreEnrolmentAction.REQUEST: ("POST /applications/{id}/answer", "POST /review/{id}/conditions/{number}"),
    PreEnrolmentAction.RETRY: ("POST /review/{id}/pre-enrolment/retry", "POST /review/pre-enrolments/retries"),
    PreEnrolmentAction.CANCEL: (
        "POST /applications/{id}/answer",
        "POST /review/{id}/decision/validation",
        "POST /review/{id}/conditions/{number}",
    ),
}
"""By which route an action comes; what time does comes by none."""


EVENTS: Final[Mapping[Action, type[Event]]] = {
    FileAction.OPEN: ApplicationOpened,
    FileAction.OFFER: OpenedComplete,
    FileAction.TAKE_BACK: OfferTakenBack,
    FileAction.SUBMIT: ApplicationSubmitted,
    FileAction.CANCEL: ApplicationCancelled,
    PieceAction.DEPOSIT: PieceDeposited,
    PieceAction.REMOVE: PieceRemoved,
    PieceAction.DECLARE_NOT_APPLICABLE: PieceMarked,
    PieceAction.DECLARE_APPLICABLE: PieceMarked,
    AnswerAction.ANSWER: QuestionAnswered,
    AnswerAction.TAKE_BACK: QuestionAnswered,
    FileAction.MARK_SUBMITTED: MarkedSubmitted,
    FileAction.MARK_INCOMPLETE: MarkedIncomplete,
    FileAction.MARK_COMPLETE: MarkedComplete,
    FileAction.REOPEN: ApplicationReopened,
    FileAction.EXTEND: DeadlineExtended,
    FileAction.LAPSE: MarkedSubmitted,
    PieceAction.VALIDATE: PieceJudged,
    PieceAction.REFUSE: PieceJudged,
    PieceAction.REMARK: PieceJudged,
    AnswerAction.FILL_IN: FormFilledIn,
    AnswerAction.CHANGE_FORM: FormChanged,
    DecisionAction.VALIDATE: ApplicationDecided,
    PlaceAction.ACCEPT: ApplicationAccepted,
    PlaceAction.WITHDRAW: ApplicationWithdrawn,
    PlaceAction.LAPSE: ApplicationWithdrawn,
    PlaceAction.LEAVE: ApplicationLeftWaitlist,
    PlaceAction.PROMOTE: ApplicationDecided,
    **dict.fromkeys(ConditionAction, ConditionMarked),
    PreEnrolmentAction.REQUEST: PreEnrolmentRequested,
    PreEnrolmentAction.COMPLETE: PreEnrolmentCompleted,
    PreEnrolmentAction.REFUSE: PreEnrolmentRefused,
    PreEnrolmentAction.RETRY: PreEnrolmentRequested,
    PreEnrolmentAction.CANCEL: PreEnrolmentCancelled,
}
"""What others are told when an action has changed something."""

LEADS_TO: Final[Mapping[Action, type[Event]]] = {
    DecisionAction.VALIDATE: ConditionsSet,
    **dict.fromkeys(ConditionAction, ConditionsTold),
}
"""What is told beside the event of an action, or gathered of it, so that a mail answers to that."""

UNTOLD: Final = frozenset({DecisionAction.ENTER, DecisionAction.DELETE})
"""Of these nobody is told anything, now or ever (acceptance 46, 78)."""

OF_ANSWERS: Final = """\
Answered otherwise, or filled in anew, it is answered still, and that is told too.
The server of the form speaks for the candidate."""
OF_DECISIONS: Final = """\
One that is entered is in the place of the one entered before; nobody is told of it, and of nothing that the
candidate can see does it change anything. A validated one stands until another one is. What is entered on an
application is void once that is cancelled."""
OF_PLACES: Final = """\
It is offered by a favourable decision, until the end of its last day for an answer. By the decisions of waiting
lists one waits for it, and from the ranked one is promoted to a place that has become free."""
OF_CONDITIONS: Final = """\
Of a favourable decision that counts, as long as its place is offered or accepted. What is found is told at once,
and mailed in one with what else is found meanwhile. The admission is final once every condition is met. Of one
that is not met nothing follows by itself: staff decide anew, or let the place stand."""
OF_PRE_ENROLMENTS: Final = """\
Of who accepts a place, one for each application; under conditions once all of them are met, unless the
institution wants it at once (parameter). Staff see why it was refused, and have it tried anew."""

Mails = Mapping[str, Sequence[tuple[str, Mapping[str, object]]]]
"""Type of an event to the kinds of mail that answer to it, each with what the event must say for that."""

SAYS: Final[Mapping[Action, Mapping[str, object]]] = {
    FileAction.EXTEND: {"because": "staff"},
    DecisionAction.VALIDATE: {"because": "staff"},
    PlaceAction.WITHDRAW: {"because": "candidate"},
    PlaceAction.LAPSE: {"because": "day"},
    PlaceAction.PROMOTE: {"because": "rank", "decision": DecisionKind.FAVOURABLE},
}
"""What of its event is the same whenever an action comes, so that others of its mails are not sent."""


def states_page(mails: Mails) -> str:
    """The tables of `services.applications.domain.states` as Markdown, with a diagram of each."""
    return "\n".join(_lines(mails)) + "\n"


def _lines(mails: Mails) -> Iterator[str]:
    yield "# States of an application"
    yield ""
    yield "Written from `services/applications/domain/states.py` by `make docs`. What is not in these tables is refused with"
    yield "403 (`action-forbidden`) or 409, and changes nothing. Where the state after is the state before, the action has"
    yield "been done already: the same answer is given again, and nothing happens a second time: no event, no mail. Only"
    yield "what is said anew while the state stays, a later last day and another comment on a piece, is told each time."
    yield "What the [mails](../mails.md) are is written there."
    yield from _life("The file", "", FileState, FILE_TABLE, mails)
    yield from _life("A piece", "", PieceState, PIECE_TABLE, mails)
    yield from _life("A question, a form", OF_ANSWERS, AnswerState, ANSWER_TABLE, mails)
    yield from _life("A decision", OF_DECISIONS, DecisionKind, DECISION_TABLE, mails)
    yield from _life("A place that is offered, or waited for", OF_PLACES, PlaceState, PLACE_TABLE, mails)
    yield from _life(
        "A condition of an admission", OF_CONDITIONS, ConditionState, CONDITION_TABLE, mails, prefix="condition_"
    )
    yield from _life("A pre-enrolment", OF_PRE_ENROLMENTS, PreEnrolmentState, TABLE, mails, prefix="pre_enrolment_")
    yield from _undoing()


def _undoing() -> Iterator[str]:
    """Which act on many files undoes which."""
    yield ""
    yield "## What is done to many files, and undone"
    yield ""
    yield f"By `{UNDO}`, once, on files that stand as the act has left them; what somebody has changed since is left alone."
    yield ""
    yield "| act on many files | undone by | on which of them, or why not |"
    yield "|---|---|---|"
    for act, undoing in UNDOES.items():
        by = "nothing" if undoing.by is None else f"`{undoing.by}`"
        yield f"| `{act}` | {by} | {undoing.condition or (f'`{undoing.why_not}`' if undoing.why_not else 'all')} |"


def _life(
    title: str, said: str, states: Iterable[State], rows: Sequence[Row], mails: Mails, *, prefix: str = ""
) -> Iterator[str]:
    """The section of one thing that has states: `said` of it, its states in words, its moves, and who makes them."""
    yield ""
    yield f"## {title}"
    yield ""
    if said:
        yield said
        yield ""
    yield from _labels(states, prefix)
    yield ""
    yield from _diagram([(_or_none(row.before), _or_none(row.after), row.action.value) for row in rows])
    yield ""
    parts = [row for row in rows if isinstance(row, PieceRow | AnswerRow | DecisionRow)]
    while_ = "while the file is | " if parts else ""
    yield f"| action | who | {while_}before | after | route | event | mail |"
    yield "|---" * (8 if parts else 7) + "|"
    for row in rows:
        yield _part_row(row, mails) if isinstance(row, PieceRow | AnswerRow | DecisionRow) else _file_row(row, mails)


def _or_none(state: State | DecisionState | None) -> str:
    return "[*]" if state is None else state.value


def _labels(states: Iterable[State], prefix: str) -> Iterator[str]:
    yield f"| state | {' | '.join(f'screens in {Locale(language).english_name}' for language in LANGUAGES)} |"
    yield "|---|" + "---|" * len(LANGUAGES)
    for state in states:
        yield f"| `{state}` | {' | '.join(word(f'{prefix}{state}', language) for language in LANGUAGES)} |"


def _diagram(moves: list[tuple[str, str, str]]) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for before, after, action in moves:
        if before != after:
            yield f"    {before} --> {after} : {action}"
    yield "```"


def _file_row(row: FileRow | PlaceRow | PreEnrolmentRow | ConditionRow, mails: Mails) -> str:
    before = f"`{row.before.value}`" if row.before else "none yet"
    told = _told(row, mails) if row.before != row.after or row.action in STAYING else " | "
    return f"| {row.action.value} | {row.role} | {before} | `{row.after.value}` | {_routes(row.action)} | {told} |"


def _part_row(row: PieceRow | AnswerRow | DecisionRow, mails: Mails) -> str:
    within = ", ".join(f"`{state.value}`" for state in row.within)
    before, after = (f"`{state.value}`" if state else "none" for state in (row.before, row.after))
    moves = f"{before} | {after}"
    changes = row.before != row.after or row.action is AnswerAction.CHANGE_FORM
    told = _told(row, mails) if changes and row.action not in UNTOLD else " | "
    return f"| {row.action.value} | {row.role} | {within} | {moves} | {_routes(row.action)} | {told} |"


def _told(row: Row, mails: Mails) -> str:
    event = EVENTS.get(row.action)
    if event is None:
        return "none yet | "
    types = (event.TYPE, LEADS_TO[row.action].TYPE) if row.action in LEADS_TO else (event.TYPE,)
    says = _says(row)
    kinds = (
        kind
        for each in types
        for kind, when in mails.get(each, ())
        if all(says.get(name, value) == value for name, value in when.items())
    )
    sent = "<br>".join(f"[{kind}](../mails.md#{kind})" for kind in kinds)
    return f"[`{event.TYPE}`](../events/{event.TYPE}.md) | {sent}"


def _says(row: Row) -> Mapping[str, object]:
    """What the event of this row says in any case."""
    says = SAYS.get(row.action, {})
    if row.action is FileAction.OPEN:
        return {**says, "by": CANDIDATE if row.role == CANDIDATE else "staff"}
    return says


def _routes(action: Action) -> str:
    return "<br>".join(f"`{route}`" for route in ROUTES.get(action, ())) or "none yet"
