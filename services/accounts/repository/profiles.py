"""The profile of an account as a part of its document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.accounts.domain.profile import KINDS, Profile, SavedStep, plain, step_of
from services.accounts.domain.profile_rows import ROW_KINDS, SavedRow, plain_row, row_of
from services.accounts.domain.registrar import HeldDocument, RegistrarRecord, plain_studies, studies_of
from services.chassis.ports import Document


def profile_document(profile: Profile) -> Document:
    """The profile as it is kept."""
    steps = {name: {"version": given.version, "data": plain(given.data)} for name, given in profile.steps.items()}
    rows = {
        step: [{"id": row.id, "version": row.version, "data": plain_row(row.data)} for row in given]
        for step, given in profile.rows.items()
        if given
    }
    document: Document = {"version": profile.version, "completed": profile.completed, "steps": steps}
    if profile.registrar is not None:
        document["registrar"] = _registrar_document(profile.registrar)
    return document | {"rows": rows} if rows else document


def profile_of(row: Mapping[str, Any]) -> Profile:
    """The profile of a document."""
    steps = {
        name: SavedStep(step_of(name, given["data"]), given["version"])
        for name, given in row["steps"].items()
        if name in KINDS
    }
    rows = {
        step: tuple(SavedRow(each["id"], row_of(step, each["data"]), each["version"]) for each in given)
        for step in ROW_KINDS
        if (given := row.get("rows", {}).get(step))
    }
    return Profile(steps, row["version"], row["completed"], rows, _registrar(row.get("registrar")))


def _registrar_document(record: RegistrarRecord) -> Document:
    document: Document = {
        "student_number": record.student_number,
        "centre": record.centre,
        "managed": list(record.managed),
        "studies": [plain_studies(studies) for studies in record.studies],
    }
    return document | ({"documents": [_held_row(held) for held in record.documents]} if record.documents else {})


def _registrar(row: Mapping[str, Any] | None) -> RegistrarRecord | None:
    if row is None:
        return None
    studies = tuple(studies_of(each) for each in row["studies"])
    documents = tuple(_held(each) for each in row.get("documents", ()))
    return RegistrarRecord(row["student_number"], row["centre"], tuple(row["managed"]), studies, documents)


def _held_row(held: HeldDocument) -> Document:
    days = {"on": held.on, "expires_on": held.expires_on}
    said = {"code": held.code, "label": held.label} | {name: day.isoformat() for name, day in days.items() if day}
    return said if held.file is None else said | {"file": held.file}


def _held(row: Mapping[str, Any]) -> HeldDocument:
    days = {name: date.fromisoformat(row[name]) for name in ("on", "expires_on") if name in row}
    return HeldDocument(row["code"], row["label"], **days, file=row.get("file"))
