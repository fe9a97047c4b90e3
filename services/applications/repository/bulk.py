"""What came of a bulk act, as it is remembered with its key, and the digest by which its preview is confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from services.applications.domain.bulk import BulkAct, BulkItem, DecisionInBrief, FileStatus, PieceStatus
from services.applications.domain.conditioned import SaidCondition
from services.applications.domain.decisions import Said
from services.applications.domain.model import Application
from services.applications.domain.receipts import digest_of
from services.applications.domain.states import DecisionKind, FileState, PieceState
from services.applications.repository.sheets import fees_in, fees_out
from services.chassis.events.aggregates import Versioned
from services.contracts.premises import PremisesOfEach

_DAYS: Final = ("on", "submission_deadline", "answer_deadline")


def remembered(item: BulkItem) -> dict[str, Any]:
    """What is kept with the key of the command, so that the same answer is given again."""
    return {
        "before": _status_out(item.before),
        "after": _status_out(item.after),
        "mails": list(item.mails),
        "changed": item.changed,
        **_decided_out(item),
        **_fees_out(item),
        **_assignee_out(item),
        **_pieces_out(item),
        **({"said": item.said} if item.said else {}),
    }


def done_before(saved: Versioned[Application], out: Mapping[str, Any]) -> BulkItem:
    """What `remembered` told of a file, whatever has become of it since."""
    decided = out.get("decided", {})
    fees, pieces = out.get("fees", {}), out.get("pieces", {})
    before = _with_fees(_status_in(out["before"], decided.get("before")), fees.get("before"))
    after = _with_fees(_status_in(out["after"], decided.get("after")), fees.get("after"))
    before, after = _with_piece(before, pieces.get("before")), _with_piece(after, pieces.get("after"))
    whose = out.get("assignee", {})
    before, after = _given_to(before, whose.get("before")), _given_to(after, whose.get("after"))
    mails, said = tuple(out["mails"]), out.get("said", 0)
    return BulkItem(saved.id, saved.version, saved.state, before, after, mails, out["changed"], said=said)


def premises(act: BulkAct, items: Sequence[BulkItem]) -> PremisesOfEach:
    """What a preview stands for: what is asked, and file by file how each stands and what comes of it."""
    return PremisesOfEach(_asked(act), [premise(item) for item in items])


def _asked(act: BulkAct) -> str:
    days = {name: day.isoformat() for name in _DAYS if (day := getattr(act, name)) is not None}
    decision = {} if act.decision is None else {"decision": _said(act.decision)}
    fees = {} if act.fees is None else {"fees": {name: getattr(act.fees, name) for name in sorted(act.fees.said)}}
    verdict = {} if (judged := act.verdict) is None else {"verdict": [judged.code, judged.verdict, judged.comment]}
    about = {} if act.about is None else {"about": act.about.value}
    whose = {} if act.assignee is None else {"assignee": act.assignee}
    more = {**days, **decision, **fees, **verdict, **about, **whose}
    return digest_of({"action": act.action.value, "reason": act.reason, **more})


def _said(said: Said) -> dict[str, Any]:
    where = said.appointment
    return {
        "kind": said.kind,
        "type": said.type,
        "reason": said.reason,
        "rank": said.rank,
        "comment": said.comment,
        "appointment": None if where is None else [where.place, where.day.isoformat(), where.time],
        **({"conditions": [_condition(each) for each in said.conditions]} if said.conditions else {}),
        **({} if said.group is None else {"group": said.group}),
    }


def _condition(said: SaidCondition) -> list[str | None]:
    return [said.code, said.text, None if said.until is None else said.until.isoformat()]


def premise(item: BulkItem) -> str:
    """How one file stands, and what comes of it: SHA-256 in hexadecimal."""
    slug = item.refusal and item.refusal.slug.name
    beside = [item.beside] if item.beside else []
    return digest_of([item.id, item.version, item.entered, remembered(item), slug, *beside])


def _fees_out(item: BulkItem) -> dict[str, Any]:
    """The fees, where the act is about them."""
    found = {
        name: fees_out(status.fees)
        for name, status in (("before", item.before), ("after", item.after))
        if status is not None and status.fees is not None
    }
    return {"fees": found} if found else {}


def _with_fees(status: FileStatus | None, fees: Mapping[str, Any] | None) -> FileStatus | None:
    return status if status is None or fees is None else replace(status, fees=fees_in(fees))


def _assignee_out(item: BulkItem) -> dict[str, Any]:
    """Who looks after the file, where the act is about that."""
    found = {
        name: status.assignee
        for name, status in (("before", item.before), ("after", item.after))
        if status is not None and status.assignee is not None
    }
    return {"assignee": found} if found else {}


def _given_to(status: FileStatus | None, assignee: str | None) -> FileStatus | None:
    return status if status is None or assignee is None else replace(status, assignee=assignee)


def _pieces_out(item: BulkItem) -> dict[str, Any]:
    """The piece, where the act is about one."""
    found = {
        name: {
            "label": dict(piece.label),
            "state": piece.state.value,
            "comment": piece.comment,
            **({} if piece.document is None else {"document": piece.document, "filename": piece.filename}),
        }
        for name, status in (("before", item.before), ("after", item.after))
        if status is not None and (piece := status.piece) is not None
    }
    return {"pieces": found} if found else {}


def _with_piece(status: FileStatus | None, piece: Mapping[str, Any] | None) -> FileStatus | None:
    if status is None or piece is None:
        return status
    found = PieceStatus(piece["label"], PieceState(piece["state"]), piece["comment"])
    return replace(status, piece=replace(found, document=piece.get("document"), filename=piece.get("filename")))


def _status_out(status: FileStatus | None) -> list[str] | None:
    return None if status is None else [status.state.value, status.submission_deadline.isoformat()]


def _status_in(out: Sequence[str] | None, decided: Mapping[str, Any] | None) -> FileStatus | None:
    if out is None:
        return None
    brief = None
    if decided is not None:
        kind = DecisionKind(decided["kind"])
        brief = DecisionInBrief(
            kind,
            decided.get("label"),
            decided.get("rank"),
            decided["counts"],
            decided.get("conditions", 0),
            decided.get("group"),
        )
    return FileStatus(FileState(out[0]), date.fromisoformat(out[1]), brief)


def _decided_out(item: BulkItem) -> dict[str, Any]:
    """The decisions, where the act is about them."""
    found = {
        name: {
            "kind": brief.kind.value,
            "label": None if brief.label is None else dict(brief.label),
            "rank": brief.rank,
            "counts": brief.counts,
            **({"conditions": brief.conditions} if brief.conditions else {}),
            **({} if brief.group is None else {"group": dict(brief.group)}),
        }
        for name, status in (("before", item.before), ("after", item.after))
        if status is not None and (brief := status.decided) is not None
    }
    return {"decided": found} if found else {}
