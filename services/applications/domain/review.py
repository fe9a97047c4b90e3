"""What staff do with a file that was handed over (product, section 4: Review; acceptance 55, 57, 72-75, 115).

Days that are wrong are faults of the body's field: `day-past`, `day-too-far`, `day-in-future`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from services.applications.domain.concealing import is_concealed
from services.applications.domain.copies import HeldDocument, ProgrammeCopy
from services.applications.domain.deadline import effective_deadline, extended, later_day
from services.applications.domain.events import (
    Change,
    DeadlineExtended,
    Judged,
    MarkedComplete,
    MarkedIncomplete,
    MarkedSubmitted,
    Reopened,
    Verdict,
    VerdictsGathered,
)
from services.applications.domain.held import check_own, follow
from services.applications.domain.in_place import check_handed_over
from services.applications.domain.model import Application, Judgement, Moment, Piece, Submission
from services.applications.domain.restoring import as_submitted
from services.applications.domain.states import (
    CLOCK,
    FileAction,
    FileState,
    Party,
    PieceAction,
    PieceState,
    file_after,
    piece_after,
)
from services.contracts.actors import Acting
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.applications import DOCUMENT_CHANGED, WRONG_STATE

ANEW: Final = timedelta(days=7)
"""How long a file is open again where its programme's last day has passed."""
FARTHEST: Final = timedelta(days=366)
"""How far from today staff may set a last day: it is never taken back, so that a slip of the pen must not stand."""

_VERDICTS: Final[Mapping[Verdict, PieceAction]] = {
    "validated": PieceAction.VALIDATE,
    "refused": PieceAction.REFUSE,
    "none": PieceAction.REMARK,
}
_MARKS: Final[Mapping[FileState, FileAction]] = {
    FileState.SUBMITTED: FileAction.MARK_SUBMITTED,
    FileState.INCOMPLETE: FileAction.MARK_INCOMPLETE,
    FileState.COMPLETE: FileAction.MARK_COMPLETE,
}


def judge(
    application: Application,
    code: str,
    verdict: Verdict,
    comment: str | None,
    moment: Moment,
    *,
    role: Party,
    by: Acting,
    document: str | None = None,
    comment_code: str | None = None,
) -> Change:
    """Say of a piece what is thought of it, or of that `document` in it; the same again changes nothing.

    `comment_code` is that of the institution's comment with which this one begins.

    Raises NOT_FOUND, MANAGED_BY_REGISTRAR, ACTION_FORBIDDEN, FILE_FROZEN, PIECE_WITHOUT_DOCUMENT, PIECE_NOT_APPLICABLE,
    DOCUMENT_CHANGED.
    """
    piece = application.piece(code)
    check_own(piece)
    after = piece_after(application.state, piece.state, _VERDICTS[verdict], role)
    if document is not None and (piece.document is None or piece.document.id != document):
        raise DOCUMENT_CHANGED()
    if (after, comment, comment_code) == (piece.state, piece.comment, piece.comment_code):
        return application, ()
    judged = replace(
        piece, state=after, comment=comment, comment_code=comment_code, judged=Judgement(moment.instant, by)
    )
    # Of two that were given at once the later one may be kept first.
    untold = min(application.untold or moment.instant, moment.instant)
    return replace(application, untold=untold).with_piece(judged), (Judged(code, verdict),)


def gather(application: Application, before: datetime) -> Change:
    """Tell the candidate in one what staff have said of pieces, if its first was said at this instant or earlier.

    What was taken back, and left no comment, is not told (acceptance 114).
    """
    if application.untold is None or application.untold > before:
        return application, ()
    return _told(application)


def _told(application: Application) -> tuple[Application, tuple[VerdictsGathered, ...]]:
    """The application of which all is told that staff have said of pieces, and that, where there is something."""
    if (since := application.untold) is None:
        return application, ()
    said = [
        piece
        for piece in application.pieces
        if piece.held is None and piece.judged is not None and piece.judged.at >= since
    ]
    gathered = VerdictsGathered(
        validated=_codes(said, PieceState.VALIDATED),
        refused=_codes(said, PieceState.REFUSED),
        remarked=_codes([piece for piece in said if piece.comment], PieceState.DEPOSITED),
    )
    happened = (gathered,) if gathered.validated or gathered.refused or gathered.remarked else ()
    return replace(application, untold=None), happened


def mark(
    application: Application,
    state: FileState,
    submitted: Submission | None,
    offer: ProgrammeCopy | None,
    moment: Moment,
    *,
    role: Party,
    by: Acting,
    on: date | None = None,
    until: date | None = None,
    held: Sequence[HeldDocument] = (),
) -> Change:
    """Put the file into a state of its examination; one that it is in already changes nothing but a later last day.

    A file that leaves the candidate's hands is as it was `submitted` last, but for what staff have validated since; None
    where it is in nobody's. What was said of pieces is told with it. `until` is the last day of one that is given back,
    `on` the day of which the state is, `held` what the registrar holds of its candidate by now. One that is concealed stays
    so until its decision counts.
    Raises ACTION_FORBIDDEN, WRONG_STATE, INVALID_FIELDS, FILLED_IN_NOT_SUBMITTED.
    """
    after = file_after(application.state, _MARKS[state], role)
    if on is not None and on > moment.day:
        raise INVALID_FIELDS(fields=[FieldError("on", "day-in-future")])
    if after is application.state:
        return _longer(application, until, moment)
    _check_known(application)
    if after is FileState.INCOMPLETE:
        day = _last_day(application, offer, until, moment)
        # The mail that gives the file back says which pieces are refused, and leads to the rest.
        told = replace(application, untold=None, submission_deadline=day)
        moved, news = _given_back(told.moved_to(after, moment.instant, by, on=on), held, moment)
        return moved, (*news, MarkedIncomplete(day, _codes(moved.pieces, PieceState.REFUSED)))
    told, verdicts = _told(application)
    back, undone = as_submitted(told, submitted)
    if submitted is not None:
        check_handed_over(application, undone, submitted.submitted_at)
    said: MarkedComplete | MarkedSubmitted = MarkedComplete()
    if after is FileState.SUBMITTED:
        was_there = any(past.state is FileState.SUBMITTED for past in application.history)
        said = MarkedSubmitted("staff", "again" if was_there else "first")
    return back.moved_to(after, moment.instant, by, on=on), (*verdicts, *undone, said)


def reopen(
    application: Application,
    reason: str,
    offer: ProgrammeCopy | None,
    moment: Moment,
    *,
    role: Party,
    by: Acting,
    until: date | None = None,
    held: Sequence[HeldDocument] = (),
) -> Change:
    """Give a file back that was submitted by mistake, with what the registrar has `held` since.

    Raises ACTION_FORBIDDEN, WRONG_STATE, INVALID_FIELDS.
    """
    after = file_after(application.state, FileAction.REOPEN, role)
    _check_known(application)
    day = _last_day(application, offer, until, moment)
    back = replace(application, submission_deadline=day).moved_to(after, moment.instant, by, reason=reason)
    moved, news = _given_back(back, held, moment)
    told, verdicts = _told(moved)
    return told, (*verdicts, *news, Reopened(day))


def extend(application: Application, offer: ProgrammeCopy | None, day: date, moment: Moment, *, role: Party) -> Change:
    """Give this application a later last day; one that is no later has no effect.

    Raises ACTION_FORBIDDEN, WRONG_STATE, INVALID_FIELDS.
    """
    file_after(application.state, FileAction.EXTEND, role)
    if day <= effective_deadline(application, offer):
        return application, ()
    return _longer(application, day, moment)


def lapse(
    application: Application, submitted: Submission | None, offer: ProgrammeCopy | None, moment: Moment, by: Acting
) -> Change:
    """Let what was submitted last count, where a file that was given back was not handed over anew by its last day.

    A programme's day that was moved to a later one is taken over instead.
    """
    if not application.is_editable or not application.submissions:
        return application, ()
    day = effective_deadline(application, offer)
    if not moment.is_past(day):
        return extended(application, day, moment)
    after = file_after(application.state, FileAction.LAPSE, CLOCK)
    told, verdicts = _told(application)
    back, undone = as_submitted(told, submitted)
    return back.moved_to(after, moment.instant, by), (*verdicts, *undone, MarkedSubmitted("day"))


def _given_back(application: Application, held: Sequence[HeldDocument], moment: Moment) -> Change:
    """A file that comes back into its candidate's hands as it was handed over, with what the registrar has told since."""
    given = {piece.requirement.code: piece.given for piece in application.pieces if piece.given is not None}
    return follow(application, held, moment, given)


def _check_known(application: Application) -> None:
    """Raises WRONG_STATE where the candidate would learn by it that a place is to be offered (acceptance 46, ADR 88)."""
    if is_concealed(application):
        raise WRONG_STATE(state=application.state)


def _codes(pieces: Sequence[Piece], state: PieceState) -> tuple[str, ...]:
    return tuple(piece.requirement.code for piece in pieces if piece.state is state)


def _last_day(application: Application, offer: ProgrammeCopy | None, asked: date | None, moment: Moment) -> date:
    """The last day of a file that is given back: never past, and never before its programme's.

    One that the file alone had before it was handed over stands if no other is `asked`.
    """
    if asked is not None:
        check_last_day(asked, moment)
        return later_day(asked, application.campaign, offer)
    usual = effective_deadline(application, offer)
    return usual if usual >= moment.day else moment.day + ANEW


def _longer(application: Application, day: date | None, moment: Moment) -> Change:
    if day is None:
        return application, ()
    check_last_day(day, moment)
    if not application.is_editable or day <= application.submission_deadline:
        return application, ()
    return replace(application, submission_deadline=day), (DeadlineExtended(day, "staff"),)


def check_last_day(day: date, moment: Moment, field: str = "submission_deadline") -> None:
    """Raises INVALID_FIELDS for a last day that staff cannot give: one that is past, or too far away."""
    if day < moment.day:
        raise INVALID_FIELDS(fields=[FieldError(field, "day-past")])
    if day > moment.day + FARTHEST:
        raise INVALID_FIELDS(fields=[FieldError(field, "day-too-far")])
