"""What staff keep beside a file for themselves, and the trail of what was done to it; no candidate is shown any of it."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError

from services.contracts.actors import ID_PATTERN
from services.contracts.api.basics import Body, Instant, View
from services.contracts.api.texts import LINES, one_line_end, tidied


def _written_as_day(value: Any) -> Any:
    """Numbers are no days, though pydantic takes them for seconds."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise PydanticKnownError("date_parsing", {"error": "it is not YYYY-MM-DD"})
    return value


# --- asked ------------------------------------------------------------------------------------------------------

LINE = LINES.replace("\\x0b", "\\x0a")
Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=LINE), tidied(40)]


class NewNote(Body):
    """What is written down."""

    text: Annotated[
        str,
        Field(min_length=1, max_length=2000, pattern=LINES, description="For staff alone."),
        tidied(2000),
        BeforeValidator(one_line_end),
    ]


class TagSet(Body):
    """The tags of a file, in place of those it has."""

    tags: Annotated[
        list[Tag], Field(max_length=20, description="Of two that differ in capitals alone the first stays.")
    ]


class Assignment(Body):
    """Who looks after a file."""

    assignee: Annotated[
        str | None,
        Field(pattern=ID_PATTERN, description="Account of a member of staff; null: nobody. `not-staff` of any other."),
    ]


class AuditPage(BaseModel):
    """Which entries of the trail, and which page of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 50
    after: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=128,
            pattern=r"^[0-9TZ:.-]+~[a-z]+:[0-9a-z]{26}\.[0-9]{6,9}$",
            description="The `next` of the page before.",
        ),
    ] = None
    at: Annotated[
        date | None,
        Field(description="A day of the institution's: what had been done when it ended."),
        BeforeValidator(_written_as_day),
    ] = None


# --- shown ------------------------------------------------------------------------------------------------------


class NoteView(View):
    """What somebody of staff wrote down."""

    id: str
    text: str
    at: Instant
    by: Annotated[str, Field(description="Kind and id.")]
    by_name: Annotated[str | None, Field(description="How they are known; null where that is not known any more.")] = (
        None
    )


class AuditEntry(View):
    """One change: who made it, in whose place, and what was before and after it, of what has changed alone."""

    at: Instant
    actor: Annotated[str, Field(description="Kind and id.")]
    actor_name: Annotated[str | None, Field(description="How one of staff is known.")] = None
    on_behalf_of: str | None = None
    on_behalf_of_name: str | None = None
    action: Annotated[str, Field(description="As in the tables of states where it stands there.")]
    before: dict[str, Any]
    after: dict[str, Any]
    mail: Annotated[bool, Field(description="Whether a mail to the candidate was set off.")]


class AuditList(View):
    """One page of the trail, the first entry first."""

    items: list[AuditEntry]
    next: Annotated[str | None, Field(description="What to send as `after` for the page behind; null at the end.")] = (
        None
    )
