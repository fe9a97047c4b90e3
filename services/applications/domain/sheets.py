"""What staff keep beside a file for themselves, and its candidate never sees: notes, tags, whose it is, fees (acceptance
44).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.applications.domain import fees
from services.applications.domain.fees import NOTHING, FeeLists, Fees, FeesSaid
from services.contracts.actors import Acting
from services.contracts.refusals import STALE_VERSION
from services.contracts.refusals.applications import TOO_MANY_NOTES

MAX_NOTES: Final = 200


@dataclass(frozen=True, slots=True)
class Note:
    """Something that staff wrote down."""

    id: str
    text: str
    at: datetime
    by: Acting


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet beside one file of an `account`; `assignee` is the account of who looks after the file."""

    account: str
    notes: tuple[Note, ...] = ()
    tags: tuple[str, ...] = ()
    assignee: str | None = None
    fees: Fees = NOTHING
    fees_version: int = 0
    """Grows with the fees alone."""
    assignee_version: int = 0
    """Grows with the assignee alone."""


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """Staff wrote something down for themselves; `note` is its id."""

    note: str


@dataclass(frozen=True, slots=True)
class TagsChanged:
    """Staff put other tags on a file."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A file is somebody's of staff to look after now, or nobody's."""


@dataclass(frozen=True, slots=True)
class FeesSet:
    """Staff said under which regime somebody pays fees, from what they are exempt, or how much."""


SheetEvent = NoteAdded | TagsChanged | Assigned | FeesSet
"""What staff keep beside a file, of which nobody is told."""

Changed = tuple[Sheet, tuple[SheetEvent, ...]]
"""A sheet after a command, and what has happened."""


def add_note(sheet: Sheet, note: Note) -> Changed:
    """Write a note behind the others; raises TOO_MANY_NOTES behind the 200th."""
    if len(sheet.notes) >= MAX_NOTES:
        raise TOO_MANY_NOTES(limit=MAX_NOTES)
    return replace(sheet, notes=(*sheet.notes, note)), (NoteAdded(note.id),)


def set_tags(sheet: Sheet, tags: tuple[str, ...]) -> Changed:
    """Put these tags in place of others; of two that differ in capitals alone the first stays."""
    once = {tag.casefold(): tag for tag in reversed(tags)}
    ordered = tuple(sorted(once.values(), key=str.casefold))
    if ordered == sheet.tags:
        return sheet, ()
    return replace(sheet, tags=ordered), (TagsChanged(),)


def assign(sheet: Sheet, assignee: str | None) -> Changed:
    """Say who of staff looks after the file, or that nobody does."""
    if assignee == sheet.assignee:
        return sheet, ()
    return replace(sheet, assignee=assignee, assignee_version=sheet.assignee_version + 1), (Assigned(),)


def take_over(sheet: Sheet, of: Sheet) -> Changed:
    """Have on this sheet what stands on that `of` an offer, as far as staff have not said it here themselves.

    Notes come to those that are there, none being lost for their number. The same again changes nothing.
    """
    known = {note.id for note in sheet.notes}
    came = tuple(note for note in of.notes if note.id not in known)
    happened: list[SheetEvent] = [NoteAdded(note.id) for note in came]
    if came:
        sheet = replace(sheet, notes=tuple(sorted((*sheet.notes, *came), key=lambda note: note.at)))
    sheet, tagged = set_tags(sheet, sheet.tags or of.tags)
    sheet, assigned = assign(sheet, sheet.assignee or of.assignee)
    happened += (*tagged, *assigned)
    if not sheet.fees_version and of.fees != NOTHING:
        sheet = replace(sheet, fees=of.fees, fees_version=1)
        happened.append(FeesSet())
    return sheet, tuple(happened)


def set_fees(sheet: Sheet, said: FeesSaid, lists: FeeLists, *, seen: int | None = None) -> Changed:
    """Say something of the fees, over those of the version that was `seen`; raises INVALID_FIELDS, STALE_VERSION."""
    if seen not in (None, sheet.fees_version):
        raise STALE_VERSION(version=sheet.fees_version)
    after = fees.set_fees(sheet.fees, said, lists)
    if after == sheet.fees:
        return sheet, ()
    return replace(sheet, fees=after, fees_version=sheet.fees_version + 1), (FeesSet(),)
