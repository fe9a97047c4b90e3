"""The whole life of an application's file and of its pieces: two tables, and what lies outside them is refused.

`docs/states/applications.md` is made of this module; the labels are those of the screens (product, sections 1 and 4).
A draft is « En attente » there, as candidates know it. What nobody has decided yet is « Pas encore de décision », so that
the two cannot be confused; so is a decision that is entered and not validated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from services.contracts.actors import IN_PLACE, Role
from services.contracts.refusals import ErrorCode
from services.contracts.refusals.applications import (
    ACTION_FORBIDDEN,
    FILE_FROZEN,
    NO_DECISION,
    NO_PLACE,
    PIECE_ALREADY_DEPOSITED,
    PIECE_NOT_APPLICABLE,
    PIECE_VALIDATED,
    PIECE_WITHOUT_DOCUMENT,
    WRONG_STATE,
)

CANDIDATE: Final = "candidate"
"""Whose file it is."""
CLOCK: Final = "clock"
"""Nobody: a day has passed."""
Party = Literal["candidate", "clock"] | Role
"""Who acts on a file: its candidate, staff in a role (product, section 2), or the passing of time."""


class FileState(StrEnum):
    """The state of the file."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


class PieceState(StrEnum):
    """The state of one piece of the file."""

    AWAITING = "awaiting"
    DEPOSITED = "deposited"
    VALIDATED = "validated"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"


class ProgrammeState(StrEnum):
    """Whether a programme is in the catalogue, as offers told it last; what becomes of what is in the table of offers."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class DecisionKind(StrEnum):
    """What is decided on an application."""

    FAVOURABLE = "favourable"
    UNFAVOURABLE = "unfavourable"
    RANKED_WAITLIST = "ranked_waitlist"
    WAITLIST = "waitlist"
    SHORTLISTED = "shortlisted"


class DecisionState(StrEnum):
    """How far a decision is: staff alone know of one that is entered (acceptance 46, 78)."""

    ENTERED = "entered"
    VALIDATED = "validated"


class PlaceState(StrEnum):
    """What has become of the place that a decision offers, or may offer to who waits for one."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    WITHDRAWN = "given_up"
    WAITING = "waiting"
    LEFT = "left"


class LetterKind(StrEnum):
    """Which letter a candidate can have."""

    ADMISSION = "admission"
    REJECTION = "rejection"


class DecisionAction(StrEnum):
    """What can be done to a decision."""

    ENTER = "enter"
    DELETE = "delete"
    VALIDATE = "validate_decision"


class PlaceAction(StrEnum):
    """What can be answered to a place that is offered, what comes of no answer, and what of waiting for one."""

    ACCEPT = "accept"
    WITHDRAW = "withdraw"
    LAPSE = "lapse_place"
    LEAVE = "leave_waitlist"
    PROMOTE = "promote"


class FileAction(StrEnum):
    """What can be done to the file as a whole."""

    OPEN = "open"
    OFFER = "offer"
    SUBMIT = "submit"
    CANCEL = "cancel"
    MARK_SUBMITTED = "mark_submitted"
    MARK_INCOMPLETE = "mark_incomplete"
    MARK_COMPLETE = "mark_complete"
    REOPEN = "reopen"
    EXTEND = "extend"
    LAPSE = "lapse"
    TAKE_BACK = "take_back_offer"


class PieceAction(StrEnum):
    """What can be done to a piece."""

    DEPOSIT = "deposit"
    REMOVE = "remove"
    DECLARE_NOT_APPLICABLE = "declare_not_applicable"
    DECLARE_APPLICABLE = "declare_applicable"
    VALIDATE = "validate"
    REFUSE = "refuse"
    REMARK = "remark"


Label = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """`role` may do `action` to a file in state `before` (None: there is none yet); then it is in state `after`.

    Where both are the same, the action has been done already: its answer is given again and nothing changes; unless it is
    one of `STAYING`.
    """

    action: FileAction
    role: Party
    before: FileState | None
    after: FileState


@dataclass(frozen=True, slots=True)
class PieceRow:
    """`role` may do `action` to a piece in state `before` while its file is in one of `within`."""

    action: PieceAction
    role: Party
    within: tuple[FileState, ...]
    before: PieceState
    after: PieceState


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """`role` may do `action` to a decision in state `before` (None: there is none) while its file is in one of `within`."""

    action: DecisionAction
    role: Party
    within: tuple[FileState, ...]
    before: DecisionState | None
    after: DecisionState | None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """`role` may answer `action` where the place is in state `before`."""

    action: PlaceAction
    role: Party
    before: PlaceState
    after: PlaceState


EDITABLE: Final = (FileState.DRAFT, FileState.INCOMPLETE)
"""The file is in the candidate's hands."""
EXAMINED: Final = (FileState.SUBMITTED, FileState.INCOMPLETE, FileState.COMPLETE)
"""The file has been handed over; a draft is never examined."""
STANDING: Final = (FileState.DRAFT, *EXAMINED)
"""The file was not given up: something may be decided on it, also before it was handed over (acceptance 46, 47)."""
STAYING: Final = frozenset({FileAction.EXTEND})
"""Actions that change something beside the state, which they leave as it is."""
JUDGES: Final = (Role.MANAGER, Role.COMMISSION)
"""Who gives verdicts on pieces, and enters decisions."""
FILLING: Final[tuple[Party, ...]] = (CANDIDATE, *IN_PLACE)
"""By whose hands a file is filled in, as long as it is in the candidate's."""


def _file_rows() -> Iterator[FileRow]:
    draft, submitted, incomplete, complete, cancelled = FileState
    manager = Role.MANAGER
    yield FileRow(FileAction.OPEN, CANDIDATE, None, draft)
    yield FileRow(FileAction.OPEN, manager, None, draft)
    yield FileRow(FileAction.OFFER, manager, None, complete)
    # Nothing of it was told to anybody: its person may apply.
    yield FileRow(FileAction.TAKE_BACK, manager, complete, cancelled)
    # They have applied, not knowing of it.
    yield FileRow(FileAction.TAKE_BACK, CLOCK, complete, cancelled)
    for role in FILLING:
        yield FileRow(FileAction.SUBMIT, role, draft, submitted)
        yield FileRow(FileAction.SUBMIT, role, incomplete, submitted)
        yield FileRow(FileAction.SUBMIT, role, submitted, submitted)
        yield FileRow(FileAction.SUBMIT, role, complete, complete)
    yield FileRow(FileAction.CANCEL, CANDIDATE, draft, cancelled)
    yield FileRow(FileAction.CANCEL, CANDIDATE, cancelled, cancelled)
    for before in EXAMINED:
        yield FileRow(FileAction.MARK_SUBMITTED, manager, before, submitted)
        yield FileRow(FileAction.MARK_INCOMPLETE, manager, before, incomplete)
        yield FileRow(FileAction.MARK_COMPLETE, manager, before, complete)
    yield FileRow(FileAction.REOPEN, manager, submitted, draft)
    yield FileRow(FileAction.REOPEN, manager, complete, draft)
    for before in EDITABLE:
        yield FileRow(FileAction.EXTEND, manager, before, before)
    # Not handed over anew by the last day: what was submitted last counts. A draft of which nothing was stays one.
    yield FileRow(FileAction.LAPSE, CLOCK, incomplete, submitted)
    yield FileRow(FileAction.LAPSE, CLOCK, draft, submitted)


def _piece_rows() -> Iterator[PieceRow]:
    awaiting, deposited, validated, refused, not_applicable = PieceState
    for role in FILLING:
        yield PieceRow(PieceAction.DEPOSIT, role, EDITABLE, awaiting, deposited)
        yield PieceRow(PieceAction.REMOVE, role, EDITABLE, deposited, awaiting)
        yield PieceRow(PieceAction.REMOVE, role, EDITABLE, refused, awaiting)
        yield PieceRow(PieceAction.REMOVE, role, EDITABLE, awaiting, awaiting)
        yield PieceRow(PieceAction.DECLARE_NOT_APPLICABLE, role, EDITABLE, awaiting, not_applicable)
        yield PieceRow(PieceAction.DECLARE_NOT_APPLICABLE, role, EDITABLE, not_applicable, not_applicable)
        yield PieceRow(PieceAction.DECLARE_APPLICABLE, role, EDITABLE, not_applicable, awaiting)
        yield PieceRow(PieceAction.DECLARE_APPLICABLE, role, EDITABLE, awaiting, awaiting)
    for judge in JUDGES:
        for before in (deposited, validated, refused):
            yield PieceRow(PieceAction.VALIDATE, judge, EXAMINED, before, validated)
            yield PieceRow(PieceAction.REFUSE, judge, EXAMINED, before, refused)
            yield PieceRow(PieceAction.REMARK, judge, EXAMINED, before, deposited)


def _decision_rows() -> Iterator[DecisionRow]:
    entered, validated = DecisionState
    for role in JUDGES:
        yield DecisionRow(DecisionAction.ENTER, role, STANDING, None, entered)
        yield DecisionRow(DecisionAction.ENTER, role, STANDING, entered, entered)
        yield DecisionRow(DecisionAction.DELETE, role, STANDING, entered, None)
    yield DecisionRow(DecisionAction.VALIDATE, Role.MANAGER, STANDING, entered, validated)


def _place_rows() -> Iterator[PlaceRow]:
    offered, accepted, withdrawn, waiting, left = PlaceState
    yield PlaceRow(PlaceAction.ACCEPT, CANDIDATE, offered, accepted)
    yield PlaceRow(PlaceAction.ACCEPT, CANDIDATE, accepted, accepted)
    yield PlaceRow(PlaceAction.WITHDRAW, CANDIDATE, offered, withdrawn)
    yield PlaceRow(PlaceAction.WITHDRAW, CANDIDATE, accepted, withdrawn)
    yield PlaceRow(PlaceAction.WITHDRAW, CANDIDATE, withdrawn, withdrawn)
    # Not answered by the last day: the place goes to somebody else.
    yield PlaceRow(PlaceAction.LAPSE, CLOCK, offered, withdrawn)
    yield PlaceRow(PlaceAction.LEAVE, CANDIDATE, waiting, left)
    yield PlaceRow(PlaceAction.LEAVE, CANDIDATE, left, left)
    # A place has become free, or staff say that it is to be offered.
    yield PlaceRow(PlaceAction.PROMOTE, CLOCK, waiting, offered)
    yield PlaceRow(PlaceAction.PROMOTE, Role.MANAGER, waiting, offered)


FILE_TABLE: Final = tuple(_file_rows())
PIECE_TABLE: Final = tuple(_piece_rows())
DECISION_TABLE: Final = tuple(_decision_rows())
PLACE_TABLE: Final = tuple(_place_rows())

_FILE: Final = {(row.action, row.role, row.before): row.after for row in FILE_TABLE}
_PIECE: Final = {(row.action, row.role, file, row.before): row.after for row in PIECE_TABLE for file in row.within}
_FILE_ROLES: Final = frozenset((row.action, row.role) for row in FILE_TABLE)
_DECISION: Final = {
    (row.action, row.role, file, row.before): row.after for row in DECISION_TABLE for file in row.within
}
_DECISION_ROLES: Final = frozenset((row.action, row.role) for row in DECISION_TABLE)
_PLACE: Final = {(row.action, row.role, row.before): row.after for row in PLACE_TABLE}
_PIECE_FILES: Final = {(row.action, row.role): row.within for row in PIECE_TABLE}

_PIECE_REFUSALS: Final[Mapping[PieceState, ErrorCode]] = {
    PieceState.AWAITING: PIECE_WITHOUT_DOCUMENT,
    PieceState.DEPOSITED: PIECE_ALREADY_DEPOSITED,
    PieceState.VALIDATED: PIECE_VALIDATED,
    PieceState.REFUSED: PIECE_ALREADY_DEPOSITED,
    PieceState.NOT_APPLICABLE: PIECE_NOT_APPLICABLE,
}


def file_after(state: FileState | None, action: FileAction, role: Party) -> FileState:
    """The state of a file after an action; raises ACTION_FORBIDDEN, WRONG_STATE."""
    after = _FILE.get((action, role, state))
    if after is not None:
        return after
    if (action, role) not in _FILE_ROLES:
        raise ACTION_FORBIDDEN()
    raise WRONG_STATE(state=state)


def piece_after(file: FileState, state: PieceState, action: PieceAction, role: Party) -> PieceState:
    """The state of a piece after an action; raises ACTION_FORBIDDEN, FILE_FROZEN, or what the piece's state says."""
    after = _PIECE.get((action, role, file, state))
    if after is not None:
        return after
    within = _PIECE_FILES.get((action, role))
    if within is None:
        raise ACTION_FORBIDDEN()
    if file not in within:
        raise FILE_FROZEN(state=file)
    raise _PIECE_REFUSALS[state](state=state)


def decision_after(
    file: FileState, state: DecisionState | None, action: DecisionAction, role: Party
) -> DecisionState | None:
    """The state of a decision after an action; raises ACTION_FORBIDDEN, WRONG_STATE, NO_DECISION."""
    if (action, role) not in _DECISION_ROLES:
        raise ACTION_FORBIDDEN()
    if file not in STANDING:
        raise WRONG_STATE(state=file)
    if (action, role, file, state) not in _DECISION:
        raise NO_DECISION()
    return _DECISION[action, role, file, state]


def place_after(state: PlaceState | None, action: PlaceAction, role: Party) -> PlaceState:
    """What becomes of a place by an answer; raises NO_PLACE, also where it was withdrawn from (acceptance 85)."""
    after = None if state is None else _PLACE.get((action, role, state))
    if after is None:
        raise NO_PLACE()
    return after
