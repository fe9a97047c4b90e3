"""The states of a meeting of a board as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from babel import Locale

from services.applications.domain.meeting_states import TABLE, MeetingAction, MeetingState
from services.applications.views.wording import word
from services.contracts.events.meetings import MeetingClosed
from services.contracts.languages import LANGUAGES

MEETING_ROUTES: Final[Mapping[MeetingAction, str]] = {
    MeetingAction.PLAN: "POST /meetings",
    MeetingAction.CHANGE: "PUT /meetings/{meeting}",
    MeetingAction.ADD_FILES: "POST /meetings/{meeting}/files",
    MeetingAction.REMOVE_FILE: "DELETE /meetings/{meeting}/files/{file}",
    MeetingAction.HOLD: "POST /meetings/{meeting}/state",
    MeetingAction.RECUSE: "POST /meetings/{meeting}/recusals",
    MeetingAction.TAKE_BACK_RECUSAL: "DELETE /meetings/{meeting}/recusals/{file}/{member}",
    MeetingAction.VOTE: "PUT /meetings/{meeting}/files/{file}/vote",
    MeetingAction.CLOSE_VOTE: "POST /meetings/{meeting}/files/{file}/vote/closing",
    MeetingAction.ENTER_OUTCOME: "POST /meetings/{meeting}/outcome",
    MeetingAction.CLOSE: "POST /meetings/{meeting}/state",
}
"""By which route an action comes."""


def meetings_page() -> str:
    """The table of `services.applications.domain.meeting_states` as Markdown, with a diagram."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# States of a meeting of a board"
    yield ""
    yield "Written from `services/applications/domain/meeting_states.py` by `make docs`. What is not in this table is"
    yield "refused with 403 (`action-forbidden`) or 409, and changes nothing. Members recuse themselves, managers anybody"
    yield "who is convened; nobody takes back their own recusal. What a meeting has come to is entered as any decision is,"
    yield "and tells nobody anything ([states of an application](applications.md)). Votes are of who is convened, there"
    yield "and not recused; they enter nothing. Closed, it has its minutes, once."
    yield ""
    yield f"| state | {' | '.join(f'screens in {Locale(language).english_name}' for language in LANGUAGES)} |"
    yield "|---|" + "---|" * len(LANGUAGES)
    for state in MeetingState:
        yield f"| `{state}` | {' | '.join(word(f'meeting_{state}', language) for language in LANGUAGES)} |"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for row in TABLE:
        if row.before is not row.after:
            yield f"    {'[*]' if row.before is None else row.before.value} --> {row.after.value} : {row.action.value}"
    yield "```"
    yield ""
    yield "| action | who | before | after | route | event |"
    yield "|---|---|---|---|---|---|"
    for row in TABLE:
        before = "none yet" if row.before is None else f"`{row.before.value}`"
        closes = row.action is MeetingAction.CLOSE and row.before is not row.after
        told = f"[`{MeetingClosed.TYPE}`](../events/{MeetingClosed.TYPE}.md)" if closes else ""
        route = f"`{MEETING_ROUTES[row.action]}`"
        yield f"| {row.action.value} | {row.role} | {before} | `{row.after.value}` | {route} | {told} |"
