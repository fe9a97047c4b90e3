"""What applications keep of pieces, milestones and submissions, as parts of their documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.applications.domain.concealing import concealed
from services.applications.domain.hands import Act, InPlace
from services.applications.domain.model import Held, Judgement, Milestone, Piece, Reminder, SubmissionRef
from services.applications.domain.reminded import ReminderKind
from services.applications.domain.states import FileState, PieceState
from services.applications.repository.rows import (
    document_in,
    document_out,
    fields,
    requirement_in,
    requirement_out,
    submission_in,
    submission_out,
)
from services.chassis import ports
from services.chassis.store.evolution import members
from services.contracts.actors import Acting
from services.contracts.instants import instant, instant_text


def instant_in(text: str | None) -> datetime | None:
    """An instant that may not be there."""
    return None if text is None else instant(text)


def is_concealed(row: ports.Document) -> bool:
    """Whether the candidate of a stored application knows nothing of it (ADR 88)."""
    return concealed([state for _, state in row["history"]], told=bool(row["submissions"]) or "decision" in row)


def unconcealed(row: ports.Document | None) -> ports.Document | None:
    """A stored application as its candidate sees it: not at all if it is concealed."""
    return None if row is not None and is_concealed(row) else row


def piece_out(piece: Piece) -> dict[str, Any]:
    """A piece as an object; what is not there has no member."""
    out: dict[str, Any] = {"requirement": requirement_out(piece.requirement), "state": piece.state.value}
    if piece.document is not None:
        out["document"] = document_out(piece.document)
    if piece.comment is not None:
        out["comment"] = piece.comment
    if piece.comment_code is not None:
        out["comment_code"] = piece.comment_code
    if piece.judged is not None:
        out["judged"] = fields(piece.judged.by) | {"at": instant_text(piece.judged.at)}
    if piece.held is not None:
        out["held"] = _held_out(piece.held)
    return out


def piece_in(out: Mapping[str, Any]) -> Piece:
    """What `piece_out` wrote."""
    document, judged = out.get("document"), out.get("judged")
    return Piece(
        requirement_in(out["requirement"]),
        PieceState(out["state"]),
        document_in(document) if document is not None else None,
        out.get("comment"),
        Judgement(instant(judged["at"]), Acting(**members(Acting, judged))) if judged is not None else None,
        _held_in(out.get("held")),
        out.get("comment_code"),
    )


def _held_out(held: Held) -> dict[str, Any]:
    days = {"on": held.on, "expires_on": held.expires_on}
    said: dict[str, Any] = {"label": held.label, "before": held.before.value}
    if held.handed_over:
        said["handed_over"] = True
    if held.file is not None:
        said["file"] = held.file
    if held.document is not None:
        said["document"] = document_out(held.document)
    return said | {name: day.isoformat() for name, day in days.items() if day is not None}


def _held_in(out: Mapping[str, Any] | None) -> Held | None:
    if out is None:
        return None
    days = {name: date.fromisoformat(out[name]) for name in ("on", "expires_on") if name in out}
    document = out.get("document")
    return Held(
        out["label"],
        PieceState(out["before"]),
        **days,
        handed_over=out.get("handed_over", False),
        file=out.get("file"),
        document=None if document is None else document_in(document),
    )


def in_place_out(in_place: InPlace) -> dict[str, Any]:
    """What staff did in the candidate's place; no members where they did nothing."""
    out: dict[str, Any] = {}
    if in_place.acts:
        out["acts"] = [_act_out(act) for act in in_place.acts]
    if in_place.untold is not None:
        out["acts_untold_since"] = instant_text(in_place.untold)
    return out


def _act_out(act: Act) -> dict[str, Any]:
    out = {"at": instant_text(act.at), "action": act.action, "what": act.what, "reason": act.reason, **fields(act.by)}
    return out | ({"document": act.document} if act.document else {})


def _act_in(out: Mapping[str, Any]) -> Act:
    by = Acting(**members(Acting, out))
    return Act(instant(out["at"]), by, out["action"], out["what"], out["reason"], out.get("document", ""))


def in_place_in(document: Mapping[str, Any]) -> InPlace:
    """What `in_place_out` wrote."""
    untold = document.get("acts_untold_since")
    acts = tuple(_act_in(out) for out in document.get("acts", ()))
    return InPlace(acts, instant(untold) if untold is not None else None)


def reminder_in(out: Mapping[str, Any] | None) -> Reminder | None:
    """The last reminder, if there was one."""
    return None if out is None else Reminder(date.fromisoformat(out["deadline"]), out["days"])


def reminders_out(reminded_on: Mapping[ReminderKind, date]) -> dict[str, Any]:
    """The days of the last reminders of each kind, where there were any."""
    days = {about.value: day.isoformat() for about, day in reminded_on.items()}
    return {"reminded_on": days} if days else {}


def reminders_in(document: Mapping[str, Any]) -> dict[ReminderKind, date]:
    """What `reminders_out` wrote; kinds of a newer release are none of ours."""
    days = document.get("reminded_on", {})
    return {about: date.fromisoformat(days[about.value]) for about in ReminderKind if about.value in days}


def doing(milestone: Milestone) -> dict[str, Any]:
    """What a milestone says beside its instant and its state, for which 0.1.0 has no room."""
    said = {"on": milestone.on and milestone.on.isoformat(), "reason": milestone.reason}
    return fields(milestone.by) | {name: value for name, value in said.items() if value}


def milestone_in(at: str, state: str, doing: Mapping[str, Any]) -> Milestone:
    """A milestone of what a document says of it in two places."""
    on = doing.get("on")
    return Milestone(
        instant(at),
        FileState(state),
        Acting(**members(Acting, doing)),
        date.fromisoformat(on) if on else None,
        doing.get("reason", ""),
    )


def ref_out(ref: SubmissionRef) -> dict[str, Any]:
    """Where a submission is kept; `inline` where 0.1.0 made it."""
    out = fields(ref) | {"submitted_at": instant_text(ref.submitted_at)}
    del out["inline"]
    return out if ref.inline is None else out | {"inline": submission_out(ref.inline)}


def ref_in(out: Mapping[str, Any]) -> SubmissionRef:
    """What `ref_out` wrote."""
    inline = out.get("inline")
    known = members(SubmissionRef, out)
    return SubmissionRef(
        **{
            **known,
            "submitted_at": instant(known["submitted_at"]),
            "inline": None if inline is None else submission_in(inline),
        }
    )
